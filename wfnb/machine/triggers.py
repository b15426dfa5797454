"""What is wrong with triggers, inclusive forks, partial joins, spawning edges and groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.graph import Graph
from wfnb.machine.regions import around, branch, group_regions
from wfnb.machine.shape import listed
from wfnb.model.workflow import (
    Approval,
    Call,
    Edge,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Task,
    Wait,
    Workflow,
)


def diagnose(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
    """Every such problem."""
    for index, edge in enumerate(workflow.edges):
        yield from _trigger(index, edge, drawn.nodes[drawn.source[index]])
        if edge.spawn:
            yield from _spawn(index, edge, drawn)
    for number, node in enumerate(drawn.nodes):
        match node:
            case Fork() if node.join:
                yield from _inclusive(node, number, drawn)
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
            case _:
                pass
    yield from _groups(workflow, drawn)


def _trigger(index: int, edge: Edge, source: Node) -> Iterator[Diagnostic]:
    given = [name for name in ("error", "after", "until", "on") if getattr(edge, name) is not None]
    where = f"the edge from {source.kind} '{source.id}' to '{edge.target}'"
    if len(given) > 1:
        what = f"{where} has {len(given)} triggers: {listed(given)}"
        yield Diagnostic("WF119", "error", what, "keep one; draw an edge for each", (), (index,), given[1])
    if not given and isinstance(source, Wait) and edge.when is None:
        cure = "give it a signal, a timer or a condition"
        yield Diagnostic("WF119", "error", f"{where} has no trigger", cure, (), (index,), "on")
    may_have = isinstance(source, Task | Approval | Map | Call | Group) or (
        isinstance(source, Wait) and given != ["error"]
    )
    if given and not may_have:
        cure = (
            "a wait runs nothing that could fail"
            if isinstance(source, Wait)
            else "only tasks, approvals, maps, calls, waits and groups can be interrupted"
        )
        yield Diagnostic("WF119", "error", f"{where} has the trigger '{given[0]}'", cure, (), (index,), given[0])
    if given and edge.otherwise:
        cure = "drop one of the two"
        yield Diagnostic("WF111", "error", f"{where} has a trigger and is otherwise", cure, (), (index,), "when")


def _spawn(index: int, edge: Edge, drawn: Graph) -> Iterator[Diagnostic]:
    target = drawn.nodes[drawn.target[index]]
    where = f"the edge from '{edge.source}' to '{edge.target}' spawns"
    if not isinstance(target, Task):
        what = f"{where}, and '{target.id}' is a {target.kind}"
        yield Diagnostic("WF122", "error", what, "lead it to a task", (), (index,), "spawn")
        return
    inside = drawn.reachable([drawn.target[index]])
    for other, source in enumerate(drawn.source):
        entered = drawn.target[other]
        if entered in inside and source not in inside and not drawn.edges[other].spawn:
            what = f"{where}, and '{drawn.nodes[entered].id}' after it is reached without spawning, too"
            cure = "give what is spawned nodes of its own, up to an end"
            yield Diagnostic("WF122", "error", what, cure, (drawn.nodes[entered].id,), (index, other), "spawn")
            return


def _inclusive(node: Fork, number: int, drawn: Graph) -> Iterator[Diagnostic]:
    join = drawn.number.get(node.join, -1)
    paired = drawn.nodes[join] if join >= 0 else None
    if not isinstance(paired, Join) or paired.need != "all":
        what = f"fork '{node.id}' is paired with '{node.join}', which is no join of all branches"
        yield Diagnostic("WF120", "error", what, "name the join where its branches meet", (node.id,), field="join")
        return
    ends: Counter[int] = Counter()
    for edge in drawn.out[number]:
        inside, others = branch(drawn, edge, join)
        into = [e for e in drawn.into[join] if e == edge or drawn.source[e] in inside]
        ends.update(into)
        leaves = {n for n in inside if not drawn.out[n]}
        if len(into) != 1 or others or leaves:
            target = drawn.nodes[drawn.target[edge]].id
            why = (
                f"comes to '{node.join}' along {len(into)} edges"
                if len(into) != 1
                else f"can be entered at '{drawn.nodes[min(others)].id}' from elsewhere"
                if others
                else f"ends at '{drawn.nodes[min(leaves)].id}'"
            )
            yield Diagnostic(
                "WF120",
                "error",
                f"the branch from fork '{node.id}' to '{target}' {why}",
                "lead each branch to the join along one edge of its own, and nothing else into it",
                (node.id,),
                (edge,),
            )
            return
    strange = [e for e in drawn.into[join] if ends[e] != 1]
    if strange:
        what = f"join '{node.join}' has an edge that is not the end of one branch of fork '{node.id}'"
        cure = "lead each branch to the join along one edge of its own, and nothing else into it"
        yield Diagnostic("WF120", "error", what, cure, (node.join,), tuple(strange))


def _groups(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
    known = {node.id for node in workflow.nodes}
    regions = group_regions(drawn)
    for number, node in enumerate(drawn.nodes):
        if not isinstance(node, Group):
            continue
        for id in node.members:
            if id not in known:
                what = f"group '{node.id}' has the member '{id}', which is no node"
                yield Diagnostic("WF124", "error", what, "take it out of the group", (node.id,), field="members")
        if node.lock:
            yield from _entry(node, regions[number].nodes, drawn)
    for number, node in enumerate(drawn.nodes):
        crossing = [g for g in around(regions, number) if isinstance(drawn.nodes[g], Group)]
        for one, other in zip(crossing, crossing[1:], strict=False):
            if not regions[one].nodes <= regions[other].nodes:
                names = f"'{drawn.nodes[one].id}' and '{drawn.nodes[other].id}'"
                what = f"groups {names} overlap at '{node.id}'"
                cure = "put one group into the other, or take the node out of one"
                ids = (drawn.nodes[one].id, drawn.nodes[other].id)
                yield Diagnostic("WF124", "error", what, cure, ids, field="members")
                return


def _entry(group: Group, inside: frozenset[int], drawn: Graph) -> Iterator[Diagnostic]:
    """A group with a lock is entered at one node, which waits for the lock before it starts."""
    entries = {
        drawn.target[e] for e, source in enumerate(drawn.source) if drawn.target[e] in inside and source not in inside
    }
    cure = "let the group begin with one task, map or call"
    if len(entries) != 1:
        names = listed(repr(drawn.nodes[entry].id) for entry in sorted(entries))
        what = f"group '{group.id}' has a lock and {len(entries)} entries: {names}"
        yield Diagnostic("WF125", "error", what, cure, (group.id,), field="lock")
        return
    entry = drawn.nodes[entries.pop()]
    if not isinstance(entry, Task | Map | Call) or (isinstance(entry, Task) and entry.lock):
        own = " with a lock of its own" if isinstance(entry, Task) else ""
        what = f"group '{group.id}' has a lock and begins with {entry.kind} '{entry.id}'{own}"
        yield Diagnostic("WF125", "error", what, cure, (group.id, entry.id), field="lock")
