"""The shape of a drawing: ids, starts and ends, what can be reached, and which edges a node may have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from wfnb.errors import did_you_mean, listed
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.graph import Graph, cycles
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Note,
    Start,
    Task,
    Wait,
    Workflow,
)

MAX_ID = 200
"""Longest id of a node, in characters."""
MAX_SHOWN = 20
"""How many edges one problem shows that is the same for each."""


def identity(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
    """Ids that are none or not unique, and edges from or to what no edge may have there.

    Nearly every drawing is right, and is told from the others without a look at each node and edge.
    """
    ids = drawn.number.keys() if len(drawn.nodes) == len(workflow.nodes) else {node.id for node in workflow.nodes}
    text = "".join(ids)
    if len(ids) < len(workflow.nodes) or "" in ids or not text.isprintable() or max(map(len, ids), default=0) > MAX_ID:
        yield from _ids([node.id for node in workflow.nodes])
    groups = drawn.of(Group)
    if -1 in drawn.source or -1 in drawn.target or any(drawn.into[group] or drawn.out[group] for group in groups):
        known = {node.id: node for node in workflow.nodes}
        for index, edge in enumerate(workflow.edges):
            yield from _end(index, edge, edge.source, "from", known)
            yield from _end(index, edge, edge.target, "to", known)
    many = len(drawn.nodes)
    if len({a * many + b for a, b in zip(drawn.source, drawn.target, strict=True)}) < len(workflow.edges):
        yield from _equal_edges(workflow)


def _ids(ids: list[str]) -> Iterator[Diagnostic]:
    for id, count in Counter(ids).items():
        if count > 1:
            yield Diagnostic("WF105", "error", f"{count} nodes have the id '{id}'", "give each its own id", (id,))
        if not id or not id.isprintable():
            yield Diagnostic("WF114", "error", f"{id!r} is no node id", "an id is printable text", (id,))
        elif len(id) > MAX_ID:
            what = f"the node id '{id[:40]}...' has {len(id)} characters, more than {MAX_ID}"
            yield Diagnostic("WF114", "error", what, "write what people read into the label", (id,))


def _end(index: int, edge: Edge, end: str, word: str, known: Mapping[str, Node]) -> Iterator[Diagnostic]:
    """What is wrong with the node that an edge comes from or goes to."""
    node = known.get(end)
    if node is None:
        yield Diagnostic(
            "WF104",
            "error",
            f"an edge goes {word} '{end}', which is no node",
            f"known nodes: {listed(known)}.{did_you_mean(end, known)}",
            edges=(index,),
        )
    elif isinstance(node, Note):
        yield Diagnostic("WF115", "error", f"an edge goes {word} note '{end}'", "a note is text only", (end,), (index,))
    elif isinstance(node, Group) and word == "to":
        what = f"the edge from '{edge.source}' goes into group '{end}'"
        yield Diagnostic("WF117", "error", what, "lead it to a member of the group", (end,), (index,))
    elif isinstance(node, Group) and not edge.trigger:
        what = f"the edge from group '{end}' to '{edge.target}' has no trigger"
        cure = "give it a signal, a timer or an error, or draw it from a member of the group"
        yield Diagnostic("WF117", "error", what, cure, (end,), (index,))


def _equal_edges(workflow: Workflow) -> Iterator[Diagnostic]:
    places: dict[Edge, list[int]] = {}
    for index, edge in enumerate(workflow.edges):
        places.setdefault(edge, []).append(index)
    for edge, found in places.items():
        if len(found) > 1:
            what = f"{len(found)} equal edges go from '{edge.source}' to '{edge.target}'"
            cure = "delete all but one"
            if len(found) > MAX_SHOWN:
                cure += f"; the first {MAX_SHOWN} are shown, and {len(found) - MAX_SHOWN} more are alike"
            yield Diagnostic("WF112", "error", what, cure, edges=tuple(found[:MAX_SHOWN]))


def ends(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
    """Where a drawing begins and ends."""
    starts = [drawn.nodes[number].id for number in drawn.of(Start)]
    if not starts:
        yield Diagnostic("WF101", "error", f"workflow '{workflow.name}' has no start", "add a start node")
    if len(starts) > 1:
        names = listed((f"'{id}'" for id in starts), last=" and ")
        all_ = "both" if len(starts) == 2 else "all"
        yield Diagnostic("WF101", "error", f"{names} are {all_} starts", "keep one start, with a fork", tuple(starts))
    if not drawn.of(End):
        yield Diagnostic("WF106", "error", f"workflow '{workflow.name}' has no end", "add an end node")
    for number in drawn.of(Start, End):
        node = drawn.nodes[number]
        if isinstance(node, Start) and drawn.into[number]:
            edges = drawn.into[number]
            yield Diagnostic(
                "WF110", "error", f"an edge goes into start '{node.id}'", "loop to the node after it", (node.id,), edges
            )
        if isinstance(node, End) and drawn.out[number]:
            edges = drawn.out[number]
            yield Diagnostic("WF110", "error", f"an edge leaves end '{node.id}'", "delete the edge", (node.id,), edges)


def reachability(drawn: Graph) -> Iterator[Diagnostic]:
    """Nodes that no token can reach, or from which none can come to an end."""
    starts, ends = drawn.of(Start), drawn.of(End)
    from_start, to_end = drawn.reachable(starts), drawn.reachable(ends, backward=True)
    if len(from_start) == len(to_end) == len(drawn.nodes):
        return
    for number, node in enumerate(drawn.nodes):
        if isinstance(node, Group):
            continue
        if starts and number not in from_start:
            yield Diagnostic(
                "WF102",
                "error",
                f"node '{node.id}' can never run: no path from '{drawn.nodes[starts[0]].id}'",
                f"draw an edge into '{node.id}', or delete it",
                (node.id,),
            )
        elif ends and number not in to_end:
            yield Diagnostic(
                "WF103",
                "error",
                f"node '{node.id}' has no path to an end",
                f"draw an edge from '{node.id}' towards an end",
                (node.id,),
            )


_ONE_WAY_ON: tuple[type[Node], ...] = (Start, Task, Join, Approval, Map, Call)
"""Kinds with one edge at most that is taken when they complete."""


def shapes(drawn: Graph) -> Iterator[Diagnostic]:
    """Nodes with edges that their kind can not have."""
    out, into = drawn.out, drawn.into
    suspects = {number for number in drawn.of(*_ONE_WAY_ON) if len(out[number]) != 1}
    suspects.update(drawn.of(Choice))
    suspects.update(n for n in drawn.of(Fork) if len(out[n]) == 1 or _is_inclusive(drawn.nodes[n]))
    suspects.update(number for number in drawn.of(Join) if len(into[number]) == 1)
    suspects.update(drawn.source[index] for index in (*drawn.triggered, *drawn.guarded))
    for number in sorted(suspects):
        node = drawn.nodes[number]
        edges = [(index, drawn.edges[index]) for index in out[number]]
        plain = [index for index, edge in edges if not edge.trigger]
        match node:
            case Choice():
                yield from _choice(node, edges)
            case Fork():
                yield from _fork(node, edges)
            case Start() | Task() | Join() | Approval() | Map() | Call() if len(plain) > 1:
                yield Diagnostic(
                    "WF107",
                    "error",
                    f"{node.kind} '{node.id}' has {len(plain)} outgoing edges"
                    + (" that it takes when it completes" if len(plain) < len(edges) else ""),
                    "lead one edge to a fork (all of them) or to a choice (one of them)",
                    (node.id,),
                    tuple(plain),
                )
            case Task() | Approval() | Map() | Call() if edges and not plain:
                yield Diagnostic(
                    "WF118",
                    "error",
                    f"{node.kind} '{node.id}' has no edge for when it completes",
                    "draw an edge without a trigger from it",
                    (node.id,),
                )
            case _:
                pass
        if isinstance(node, Join) and len(into[number]) == 1:
            yield Diagnostic(
                "WF401", "advice", f"join '{node.id}' has one branch", "lead a branch to it, or delete it", (node.id,)
            )
        yield from _guards(node, edges)


def _is_inclusive(node: Node) -> bool:
    return isinstance(node, Fork) and bool(node.join)


def _guards(node: Node, out: list[tuple[int, Edge]]) -> Iterator[Diagnostic]:
    """Guards on edges that are taken in any case."""
    if isinstance(node, Choice | Wait | Group) or _is_inclusive(node):
        return
    for index, edge in out:
        if edge.trigger or (edge.when is None and not edge.otherwise):
            continue
        has = "has a guard" if edge.when is not None else "is otherwise"
        cure = "only edges that leave a choice have guards, and those with a trigger"
        if isinstance(node, Fork):
            cure = "name the join where its branches meet, flow.fork(..., join=...), or lead to a choice"
        what = f"the edge from {node.kind} '{node.id}' to '{edge.target}' {has}"
        yield Diagnostic("WF109", "error", what, cure, (), (index,), "when")


def _fork(node: Fork, out: list[tuple[int, Edge]]) -> Iterator[Diagnostic]:
    if len(out) == 1:
        what = f"fork '{node.id}' has one branch"
        yield Diagnostic("WF401", "advice", what, "add a branch, or delete the fork", (node.id,))
    if node.join:
        yield from _fallbacks(node, out)
        if out and all(edge.when is not None and not edge.otherwise for _, edge in out):
            yield _no_fallback(node)


def _choice(node: Choice, out: list[tuple[int, Edge]]) -> Iterator[Diagnostic]:
    for index, edge in out:
        if edge.when is None and not edge.otherwise and not edge.trigger:
            yield Diagnostic(
                "WF113",
                "error",
                f"the edge from choice '{node.id}' to '{edge.target}' has no guard",
                "write when it is taken, or mark it otherwise",
                (),
                (index,),
                "when",
            )
    yield from _fallbacks(node, out)
    if out and not any(edge.otherwise for _, edge in out):
        yield _no_fallback(node)


def _fallbacks(node: Choice | Fork, out: list[tuple[int, Edge]]) -> Iterator[Diagnostic]:
    """What is wrong with the otherwise edges of a choice or of an inclusive fork."""
    fallbacks = tuple(index for index, edge in out if edge.otherwise)
    if len(fallbacks) > 1:
        what = f"{node.kind} '{node.id}' has {len(fallbacks)} otherwise edges"
        yield Diagnostic("WF111", "error", what, "keep one", (node.id,), fallbacks)
    for index, edge in out:
        if edge.when is not None and edge.otherwise:
            what = f"the edge from {node.kind} '{node.id}' to '{edge.target}' has a guard and is otherwise"
            yield Diagnostic("WF111", "error", what, "drop one of the two", (), (index,), "when")


def _no_fallback(node: Choice | Fork) -> Diagnostic:
    what = f"{node.kind} '{node.id}' has no otherwise edge"
    cure = "a run in which no guard holds fails there: mark one edge otherwise"
    return Diagnostic("WF108", "warning", what, cure, (node.id,))


def routing_cycles(drawn: Graph) -> Iterator[Diagnostic]:
    """Cycles in which no token ever rests."""
    routing = _restless(drawn, drawn.of(Choice, Fork, Join))
    place = {number: index for index, number in enumerate(routing)}
    # An edge of a group is taken by what happens outside: tokens rest before it.
    onward = [[place[to] for edge in drawn.out[number] if (to := drawn.target[edge]) in place] for number in routing]
    if not any(onward):
        return
    for cycle in cycles(onward):
        ids = tuple(drawn.nodes[routing[index]].id for index in cycle)
        what = f"'{ids[0]}' leads to itself" if len(ids) == 1 else f"{listed(map(repr, ids))} form a cycle"
        yield Diagnostic(
            "WF116",
            "error",
            f"{what} without a task",
            "put a task into the cycle: routing alone would go round for ever",
            ids,
        )


def _restless(drawn: Graph, routing: list[int]) -> list[int]:
    """The routing nodes but the joins that wait, at each turn, for a branch with something else on it.

    What is left can turn for ever by itself: a join of all its branches only if routing alone feeds every one of them.
    """
    paired = {fork.join for number in drawn.of(Fork) if isinstance(fork := drawn.nodes[number], Fork)}
    left, waiting = set(routing), set[int]()
    for number in routing:
        node = drawn.nodes[number]
        if isinstance(node, Join) and node.need == "all" and node.id not in paired:
            waiting.add(number)
    fed = [number for number in waiting if not left.issuperset(drawn.source[edge] for edge in drawn.into[number])]
    while fed:
        number = fed.pop()
        if number in left:
            left.remove(number)
            fed += waiting.intersection(drawn.target[edge] for edge in drawn.out[number])
    return [number for number in routing if number in left]
