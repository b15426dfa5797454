"""The shape of a drawing: ids, starts and ends, what can be reached, and which edges a node may have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from wfnb.errors import did_you_mean
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

_SHOWN = 12
"""How many known names a message lists."""


def identity(workflow: Workflow) -> Iterator[Diagnostic]:
    for id, count in Counter(node.id for node in workflow.nodes).items():
        if count > 1:
            yield Diagnostic("WF105", "error", f"{count} nodes have the id '{id}'", "give each its own id", (id,))
        if not id or not id.isprintable():
            yield Diagnostic("WF114", "error", f"{id!r} is no node id", "an id is printable text", (id,))
    known = {node.id: node for node in workflow.nodes}
    for index, edge in enumerate(workflow.edges):
        for end, word in ((edge.source, "from"), (edge.target, "to")):
            if end not in known:
                yield Diagnostic(
                    "WF104",
                    "error",
                    f"an edge goes {word} '{end}', which is no node",
                    f"known nodes: {listed(known)}.{did_you_mean(end, known)}",
                    edges=(index,),
                )
            elif isinstance(known[end], Note):
                yield Diagnostic(
                    "WF115", "error", f"an edge goes {word} note '{end}'", "a note is text only", (end,), (index,)
                )
            elif isinstance(known[end], Group) and (word == "to" or not edge.trigger):
                what = "goes into" if word == "to" else "without a trigger leaves"
                cure = "lead it to a member of the group" if word == "to" else "give it a signal, a timer or an error"
                yield Diagnostic("WF117", "error", f"an edge {what} group '{end}'", cure, (end,), (index,))
    for edge, count in Counter(workflow.edges).items():
        if count > 1:
            places = tuple(i for i, other in enumerate(workflow.edges) if other == edge)
            yield Diagnostic(
                "WF112",
                "error",
                f"{count} equal edges go from '{edge.source}' to '{edge.target}'",
                "delete all but one",
                edges=places,
            )


def ends(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
    starts = [node.id for node in drawn.nodes if isinstance(node, Start)]
    if not starts:
        yield Diagnostic("WF101", "error", f"workflow '{workflow.name}' has no start", "add a start node")
    if len(starts) > 1:
        names = " and ".join(f"'{id}'" for id in starts)
        yield Diagnostic("WF101", "error", f"{names} are both starts", "keep one start, with a fork", tuple(starts))
    if not any(isinstance(node, End) for node in drawn.nodes):
        yield Diagnostic("WF106", "error", f"workflow '{workflow.name}' has no end", "add an end node")
    for number, node in enumerate(drawn.nodes):
        if isinstance(node, Start) and drawn.into[number]:
            edges = drawn.into[number]
            yield Diagnostic(
                "WF110", "error", f"an edge goes into start '{node.id}'", "loop to the node after it", (node.id,), edges
            )
        if isinstance(node, End) and drawn.out[number]:
            edges = drawn.out[number]
            yield Diagnostic("WF110", "error", f"an edge leaves end '{node.id}'", "delete the edge", (node.id,), edges)


def reachability(drawn: Graph) -> Iterator[Diagnostic]:
    starts = [i for i, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    ends = [i for i, node in enumerate(drawn.nodes) if isinstance(node, End)]
    from_start, to_end = drawn.reachable(starts), drawn.reachable(ends, backward=True)
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


def shapes(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
    """Nodes with edges that their kind can not have."""
    for number, node in enumerate(drawn.nodes):
        out = [(index, workflow.edges[index]) for index in drawn.out[number]]
        plain = [index for index, edge in out if not edge.trigger]
        match node:
            case Choice():
                yield from _choice(node, out)
            case Start() | Task() | Join() | Approval() | Map() | Call() if len(plain) > 1:
                yield Diagnostic(
                    "WF107",
                    "error",
                    f"{node.kind} '{node.id}' has {len(plain)} outgoing edges",
                    "lead one edge to a fork (all of them) or to a choice (one of them)",
                    (node.id,),
                    tuple(plain),
                )
            case Task() | Approval() | Map() | Call() if out and not plain:
                yield Diagnostic(
                    "WF118",
                    "error",
                    f"{node.kind} '{node.id}' has no edge for when it completes",
                    "draw an edge without a trigger from it",
                    (node.id,),
                )
            case Fork() if len(out) == 1:
                yield Diagnostic(
                    "WF401",
                    "advice",
                    f"fork '{node.id}' has one branch",
                    "add a branch, or delete the fork",
                    (node.id,),
                )
            case _:
                pass
        if isinstance(node, Join) and len(drawn.into[number]) == 1:
            yield Diagnostic(
                "WF401", "advice", f"join '{node.id}' has one branch", "lead a branch to it, or delete it", (node.id,)
            )
        yield from _guards(node, out)


def _guards(node: Node, out: list[tuple[int, Edge]]) -> Iterator[Diagnostic]:
    if isinstance(node, Choice | Wait) or (isinstance(node, Fork) and node.join):
        return
    for index, edge in out:
        if edge.trigger and not edge.otherwise:
            continue
        if edge.when is not None or edge.otherwise:
            inclusive = isinstance(node, Fork)
            yield Diagnostic(
                "WF109",
                "error",
                f"the edge from {node.kind} '{node.id}' to '{edge.target}' has a guard",
                "name the join that the fork is paired with, or lead to a choice"
                if inclusive
                else "only edges that leave a choice have guards",
                (),
                (index,),
                "when",
            )


def _choice(node: Choice, out: list[tuple[int, Edge]]) -> Iterator[Diagnostic]:
    fallbacks = [index for index, edge in out if edge.otherwise]
    if len(fallbacks) > 1:
        yield Diagnostic(
            "WF111",
            "error",
            f"choice '{node.id}' has {len(fallbacks)} otherwise edges",
            "keep one",
            (node.id,),
            tuple(fallbacks),
        )
    for index, edge in out:
        if edge.trigger:
            continue  # said with the triggers
        if edge.when is None and not edge.otherwise:
            yield Diagnostic(
                "WF113",
                "error",
                f"the edge from choice '{node.id}' to '{edge.target}' has no guard",
                "write when it is taken, or mark it otherwise",
                (),
                (index,),
                "when",
            )
        elif edge.when is not None and edge.otherwise:
            yield Diagnostic(
                "WF111",
                "error",
                f"the edge from choice '{node.id}' to '{edge.target}' has a guard and is otherwise",
                "drop one of the two",
                (),
                (index,),
                "when",
            )
    if out and not fallbacks:
        yield Diagnostic(
            "WF108",
            "warning",
            f"choice '{node.id}' has no otherwise edge",
            "a run in which no guard holds fails there: mark one edge otherwise",
            (node.id,),
        )


def routing_cycles(drawn: Graph) -> Iterator[Diagnostic]:
    routing = [isinstance(node, Choice | Fork | Join) for node in drawn.nodes]
    successors = [
        [to for to in drawn.after(number) if routing[to]] if routing[number] else []
        for number in range(len(drawn.nodes))
    ]
    for cycle in cycles(successors):
        ids = tuple(drawn.nodes[number].id for number in cycle)
        yield Diagnostic(
            "WF116",
            "error",
            f"{listed(map(repr, ids))} form a cycle without a task",
            "put a task into the cycle: routing alone would go round for ever",
            ids,
        )


def listed(names: Any) -> str:
    """Names in a row, cut where there are many."""
    all_names = list(names)
    more = f" and {len(all_names) - _SHOWN} more" if len(all_names) > _SHOWN else ""
    return ", ".join(map(str, all_names[:_SHOWN])) + more
