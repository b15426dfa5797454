"""What is wrong with triggers, inclusive forks, partial joins, spawning edges and groups."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from wfnb.errors import did_you_mean, listed
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.graph import MAX_NESTING, Effort, Graph, cycles
from wfnb.machine.regions import Branch, around, branches, group_regions
from wfnb.model.strategy import limit_of
from wfnb.model.workflow import (
    Approval,
    Call,
    Edge,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Start,
    Task,
    Wait,
    Workflow,
)


def diagnose(drawn: Graph) -> Iterator[Diagnostic]:
    """Every such problem.

    Raises:
        TooEntangled: the parts that edges spawn, or the branches of inclusive forks, overlap too much.
    """
    effort = Effort()
    waits = set(drawn.of(Wait))
    from_waits = {index for number in waits for index in drawn.out[number]}
    spawning: dict[int, int] = {}
    for index in sorted({*drawn.triggered, *from_waits}) if from_waits else drawn.triggered:
        edge = drawn.edges[index]
        yield from _trigger(index, edge, drawn.nodes[drawn.source[index]])
        if edge.spawn:
            spawning.setdefault(drawn.target[index], index)
    for index in spawning.values():
        yield from _spawn(index, drawn, effort)
    for number in drawn.of(Fork, Join, Map, Call):
        node = drawn.nodes[number]
        match node:
            case Fork() if node.join:
                yield from _inclusive(node, number, drawn, effort)
            case Join() if isinstance(node.need, int) and node.need > len(drawn.into[number]) > 0:
                yield Diagnostic(
                    "WF121",
                    "error",
                    f"join '{node.id}' needs {node.need} branches and has {len(drawn.into[number])}",
                    "lead more branches to it, or let it need fewer",
                    (node.id,),
                    field="need",
                )
            case Map() if bool(node.activity) == bool(node.workflow):
                both = "both an activity and a workflow" if node.activity else "no body"
                cure = "keep one of the two" if node.activity else "name an activity or a workflow"
                what = f"map '{node.id}' has {both}"
                yield Diagnostic("WF123", "error", what, cure, (node.id,), field="activity")
            case Call() if not node.workflow:
                what = f"call '{node.id}' has no workflow yet"
                yield Diagnostic(
                    "WF123", "error", what, "choose the workflow that it runs", (node.id,), field="workflow"
                )
            case _:
                pass


def _trigger(index: int, edge: Edge, source: Node) -> Iterator[Diagnostic]:
    given = [name for name in ("error", "after", "until", "on") if getattr(edge, name) is not None]
    where = f"the edge from {source.kind} '{source.id}' to '{edge.target}'"
    if len(given) > 1:
        what = f"{where} has {len(given)} triggers: {listed(given)}"
        yield Diagnostic("WF119", "error", what, "keep one, and draw an edge for each other", (), (index,), given[1])
    if isinstance(source, Wait) and not given:
        if edge.otherwise:
            cure = "a wait has no otherwise: give the edge a signal, a timer or a condition"
            yield Diagnostic("WF119", "error", f"{where} is otherwise", cure, (), (index,), "otherwise")
        elif edge.when is None:
            cure = "give it a signal, a timer or a condition"
            yield Diagnostic("WF119", "error", f"{where} has no trigger", cure, (), (index,), "on")
    if not given:
        return
    if isinstance(source, Wait) and "error" in given:
        cure = "a wait runs nothing that could fail: lead the edge from what can"
        yield Diagnostic("WF119", "error", f"{where} has the trigger 'error'", cure, (), (index,), "error")
    if not isinstance(source, Task | Approval | Map | Call | Group | Wait):
        cure = "only tasks, approvals, maps, calls, waits and groups have edges with triggers"
        yield Diagnostic("WF119", "error", f"{where} has the trigger '{given[0]}'", cure, (), (index,), given[0])
    if edge.otherwise:
        cure = "drop one of the two"
        yield Diagnostic("WF111", "error", f"{where} has a trigger and is otherwise", cure, (), (index,), "otherwise")


def _spawn(index: int, drawn: Graph, effort: Effort) -> Iterator[Diagnostic]:
    """What an edge spawns runs on its own: nothing else leads into it, and it does not spawn itself."""
    edge, target = drawn.edges[index], drawn.nodes[drawn.target[index]]
    where = f"the edge from '{edge.source}' to '{edge.target}' spawns"
    if not isinstance(target, Task):
        article = "an" if target.kind[0] in "aeiou" else "a"
        what = f"{where}, and '{target.id}' is {article} {target.kind}"
        yield Diagnostic("WF122", "error", what, "lead it to a task", (target.id,), (index,), "spawn")
        return
    inside = drawn.reachable([drawn.target[index]])
    if drawn.source[index] in inside:
        what = f"{where} itself: '{edge.source}' comes after '{edge.target}'"
        cure = "call a workflow of its own for each instead"
        yield Diagnostic("WF122", "error", what, cure, (target.id,), (index,), "spawn")
        return
    for node in sorted(inside):
        effort.spend(1 + len(drawn.into[node]))
        for other in drawn.into[node]:
            if drawn.source[other] not in inside and not drawn.edges[other].spawn:
                met = drawn.nodes[node].id
                what = f"{where}, and '{met}', which follows, is reached from '{drawn.edges[other].source}' too"
                cure = "give what is spawned nodes of its own, up to an end"
                yield Diagnostic("WF122", "error", what, cure, (met,), (index, other), "spawn")
                return


def _inclusive(node: Fork, number: int, drawn: Graph, effort: Effort) -> Iterator[Diagnostic]:
    """Each branch of an inclusive fork comes to the paired join along an edge of its own."""
    join = drawn.number.get(node.join, -1)
    paired = drawn.nodes[join] if join >= 0 else None
    if not isinstance(paired, Join) or paired.need != "all":
        what = f"fork '{node.id}' is paired with '{node.join}', which is no join that waits for all branches"
        yield Diagnostic("WF120", "error", what, "name the join where its branches meet", (node.id,), field="join")
        return
    cure = "lead each branch to the join along one edge of its own, and nothing else into it"
    ends: set[int] = set()
    before: set[int] = set()
    for edge, branch in branches(drawn, number, join):
        effort.spend(1 + len(branch.nodes))
        why = _strange_branch(drawn, branch, paired)
        if not why and not before.isdisjoint(branch.nodes):
            why = f"meets another branch at '{drawn.nodes[min(before & branch.nodes)].id}'"
        if why:
            what = f"the branch from fork '{node.id}' to '{drawn.edges[edge].target}' {why}"
            yield Diagnostic("WF120", "error", what, cure, (node.id,), (edge,))
            return
        ends.update(branch.ends)
        before |= branch.nodes
    strange = tuple(edge for edge in drawn.into[join] if edge not in ends)
    if strange:
        what = f"join '{node.join}' has an edge that is not the end of one branch of fork '{node.id}'"
        yield Diagnostic("WF120", "error", what, cure, (node.join,), strange)


def _strange_branch(drawn: Graph, branch: Branch, join: Join) -> str:
    """What keeps a branch from being one way from the fork to the join; empty where nothing does."""
    if len(branch.ends) != 1:
        many = f"comes to '{join.id}' along {len(branch.ends)} edges"
        return many if branch.ends else f"does not come to '{join.id}'"
    if branch.entered:
        return f"can be entered at '{drawn.nodes[min(branch.entered)].id}' from elsewhere"
    ends = [node for node in branch.nodes if not drawn.out[node]]
    return f"ends at '{drawn.nodes[min(ends)].id}'" if ends else ""


def groups(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
    """What is wrong with groups."""
    if not drawn.of(Group):
        return
    known = {node.id for node in workflow.nodes}
    for number in drawn.of(Group):
        node = drawn.nodes[number]
        assert isinstance(node, Group)
        for id in node.members:
            if id not in known:
                what = f"group '{node.id}' has the member '{id}', which is no node"
                cure = f"take it out of the group.{did_you_mean(id, known)}"
                yield Diagnostic("WF124", "error", what, cure, (node.id,), field="members")
        try:
            limit_of(node.strategy)
        except ValueError:
            what = f"group '{node.id}' has the strategy {node.strategy!r}, which is none"
            cure = "known: sequential, parallel(n) for n tasks at once, concurrent"
            yield Diagnostic("WF128", "error", what, cure, (node.id,), field="strategy")
    inside = group_regions(drawn)
    begun: dict[int, str] = {}
    for number in drawn.of(Group):
        node = drawn.nodes[number]
        if isinstance(node, Group) and node.lock:
            yield from _entry(node, inside[number].nodes, drawn, begun)
    within = around(inside)
    right: set[tuple[int, int]] = set()
    for number in sorted(within):
        for one, other in pairwise(within[number]):
            if (one, other) not in right and inside[one].nodes <= inside[other].nodes:
                right.add((one, other))
            elif (one, other) not in right:
                names = f"'{drawn.nodes[one].id}' and '{drawn.nodes[other].id}'"
                what = f"groups {names} overlap at '{drawn.nodes[number].id}'"
                cure = "put one group into the other, or take the node out of one"
                ids = (drawn.nodes[one].id, drawn.nodes[other].id)
                yield Diagnostic("WF124", "error", what, cure, ids, field="members")
                return


def nesting(drawn: Graph) -> Iterator[Diagnostic]:
    """Groups that contain themselves, and nodes in more groups than anybody can see."""
    all_groups = drawn.of(Group)
    place = {number: index for index, number in enumerate(all_groups)}
    rings = cycles([[place[outer] for outer in drawn.parents.get(number, ())] for number in all_groups])
    for ring in rings:
        ids = tuple(drawn.nodes[all_groups[index]].id for index in ring)
        what, cure = f"group '{ids[0]}' contains itself", "take it out of its own members"
        if len(ids) > 1:
            what, cure = f"groups {listed(map(repr, ids))} contain each other", "take one of them out of another"
        yield Diagnostic("WF124", "error", what, cure, ids, field="members")
    if rings:
        return
    depth: dict[int, int] = {}
    for number in drawn.parents:
        work = [number]
        while work:
            outer = drawn.parents.get(work[-1], ())
            missing = [group for group in outer if group not in depth]
            if missing:
                work.extend(missing)
                continue
            depth[work.pop()] = sum(1 + depth[group] for group in outer)
        if depth[number] > MAX_NESTING:
            what = f"'{drawn.nodes[number].id}' is in more than {MAX_NESTING} groups"
            cure = "nest groups less deep"
            yield Diagnostic("WF124", "error", what, cure, (drawn.nodes[number].id,), field="members")
            return


def _entry(group: Group, inside: frozenset[int], drawn: Graph, begun: dict[int, str]) -> Iterator[Diagnostic]:
    """A group with a lock is entered at one node, which waits for the lock before it starts.

    Args:
        group: the group.
        inside: what is in it.
        drawn: the drawing.
        begun: the groups with a lock that were looked at before, by the node that they begin with.
    """
    entries = sorted({n for n in inside if any(drawn.source[edge] not in inside for edge in drawn.into[n])})
    cure = "let the group begin with one task, map or call"
    if len(entries) != 1:
        names = listed(f"'{drawn.nodes[entry].id}'" for entry in entries)
        what = f"group '{group.id}' has a lock and {len(entries)} entries: {names}"
        if not entries:
            what = f"group '{group.id}' has a lock, and no edge leads into it"
        yield Diagnostic("WF125", "error", what, cure, (group.id,), field="lock")
        return
    starts = [number for number in drawn.of(Start) if number in inside]
    if starts:
        what = f"group '{group.id}' has a lock, and the start is in it"
        ids = (group.id, drawn.nodes[starts[0]].id)
        yield Diagnostic("WF125", "error", what, "take the start out of the group", ids, field="lock")
        return
    entry = drawn.nodes[entries[0]]
    other = begun.setdefault(entries[0], group.id)
    if other != group.id:
        what = f"groups '{other}' and '{group.id}' have locks and begin with the same node, '{entry.id}'"
        cure = "let one of them begin with a task before it, or leave one lock out"
        yield Diagnostic("WF125", "error", what, cure, (other, group.id, entry.id), field="lock")
        return
    if not isinstance(entry, Task | Map | Call) or (isinstance(entry, Task) and entry.lock):
        own = ", which has a lock of its own" if isinstance(entry, Task) else ""
        what = f"group '{group.id}' has a lock and begins with {entry.kind} '{entry.id}'{own}"
        yield Diagnostic("WF125", "error", what, cure, (group.id, entry.id), field="lock")
