"""Whether a drawing is a workflow at all: its shape, its activities and the names in its expressions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from wfnb.errors import ExpressionError, did_you_mean
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.graph import Graph, cycles, graph
from wfnb.model.activity import Activity
from wfnb.model.expression import is_expression, parse
from wfnb.model.workflow import Choice, Edge, End, Fork, Join, Node, Note, Start, Task, Workflow

MAX_NODES = 200_000
_SHOWN = 12
"""How many known names a message lists."""


def diagnose(
    workflow: Workflow, activities: Mapping[str, Activity] | None = None, *, all_known: bool = True
) -> list[Diagnostic]:
    """Every problem of shape, activities and data, in document order within each code.

    Args:
        workflow: the definition.
        activities: those known by name; None if nothing is known of any.
        all_known: whether these are all there are; if not, an unknown activity is only a warning.
    """
    if len(workflow.nodes) > MAX_NODES:
        return [Diagnostic("WF100", "error", f"the workflow has {len(workflow.nodes)} nodes, more than {MAX_NODES}")]
    found = [*_identity(workflow)]
    if found:  # numbers would be ambiguous from here on
        return found
    drawn = graph(workflow)
    return [
        *_ends(workflow, drawn),
        *_reachability(drawn),
        *_shapes(workflow, drawn),
        *_routing_cycles(drawn),
        *_activities(
            workflow, {} if activities is None else activities, all_known=all_known and activities is not None
        ),
        *_expressions(workflow),
    ]


def _identity(workflow: Workflow) -> Iterator[Diagnostic]:
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
                    f"known nodes: {_listed(known)}.{did_you_mean(end, known)}",
                    edges=(index,),
                )
            elif isinstance(known[end], Note):
                yield Diagnostic(
                    "WF115", "error", f"an edge goes {word} note '{end}'", "a note is text only", (end,), (index,)
                )
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


def _ends(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
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


def _reachability(drawn: Graph) -> Iterator[Diagnostic]:
    starts = [i for i, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    ends = [i for i, node in enumerate(drawn.nodes) if isinstance(node, End)]
    from_start, to_end = drawn.reachable(starts), drawn.reachable(ends, backward=True)
    for number, node in enumerate(drawn.nodes):
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


def _shapes(workflow: Workflow, drawn: Graph) -> Iterator[Diagnostic]:
    for number, node in enumerate(drawn.nodes):
        out = [(index, workflow.edges[index]) for index in drawn.out[number]]
        match node:
            case Choice():
                yield from _choice(node, out)
            case Start() | Task() | Join() if len(out) > 1:
                yield Diagnostic(
                    "WF107",
                    "error",
                    f"{node.kind} '{node.id}' has {len(out)} outgoing edges",
                    "lead one edge to a fork (all of them) or to a choice (one of them)",
                    (node.id,),
                    drawn.out[number],
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
        if not isinstance(node, Choice):
            for index, edge in out:
                if edge.when is not None or edge.otherwise:
                    yield Diagnostic(
                        "WF109",
                        "error",
                        f"the edge from {node.kind} '{node.id}' to '{edge.target}' has a guard",
                        "only edges that leave a choice have guards",
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


def _routing_cycles(drawn: Graph) -> Iterator[Diagnostic]:
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
            f"{_listed(map(repr, ids))} form a cycle without a task",
            "put a task into the cycle: routing alone would go round for ever",
            ids,
        )


def _activities(workflow: Workflow, activities: Mapping[str, Activity], *, all_known: bool) -> Iterator[Diagnostic]:
    for node in workflow.nodes:
        if not isinstance(node, Task):
            continue
        activity = activities.get(node.activity)
        if activity is None:
            known = f"known activities: {_listed(activities)}." if activities else "no activity is defined yet."
            yield Diagnostic(
                "WF201",
                "error" if all_known else "warning",
                f"task '{node.id}' calls unknown activity '{node.activity}'",
                f"{known}{did_you_mean(node.activity, activities)}" if all_known else "name the module that defines it",
                (node.id,),
                field="activity",
            )
            continue
        accepted = [p.name for p in activity.parameters]
        signature = f"{activity.name}({', '.join(accepted)})"
        for name in activity.missing(node.arguments):
            yield Diagnostic(
                "WF202",
                "error",
                f"task '{node.id}' gives no argument '{name}' to {signature}",
                f"set '{name}' to a value, or to an expression such as =input.{name}",
                (node.id,),
                field=f"arguments.{name}",
            )
        for name in activity.unknown(node.arguments):
            yield Diagnostic(
                "WF203",
                "error",
                f"task '{node.id}' gives argument '{name}', which {signature} does not take",
                f"known arguments: {_listed(accepted)}.{did_you_mean(name, accepted)}",
                (node.id,),
                field=f"arguments.{name}",
            )


def _expressions(workflow: Workflow) -> Iterator[Diagnostic]:
    tasks = {node.id for node in workflow.nodes if isinstance(node, Task)}
    for node in workflow.nodes:
        for field, source in _sources_of(node):
            yield from _expression(source, tasks, workflow.inputs, f"{node.kind} '{node.id}'", (node.id,), (), field)
    for index, edge in enumerate(workflow.edges):
        if edge.when is not None:
            where = f"the edge from '{edge.source}' to '{edge.target}'"
            yield from _expression(edge.when, tasks, workflow.inputs, where, (), (index,), "when")


def _sources_of(node: Node) -> Iterator[tuple[str, str]]:
    match node:
        case Task():
            for name, value in node.arguments.items():
                if is_expression(value):
                    yield f"arguments.{name}", value
        case End() if is_expression(node.output):
            yield "output", node.output
        case _:
            return


def _expression(  # noqa: PLR0917 - what a diagnostic says, in its order
    source: str,
    tasks: set[str],
    inputs: Mapping[str, Any],
    where: str,
    nodes: tuple[str, ...],
    edges: tuple[int, ...],
    field: str,
) -> Iterator[Diagnostic]:
    try:
        expression = parse(source)
    except ExpressionError as error:
        what, _, cure = str(error).partition("\n")
        yield Diagnostic("WF204", "error", f"{where}: {what}", cure, nodes, edges, field, error.column)
        return
    for name in expression.reads:
        if name not in tasks:
            yield Diagnostic(
                "WF205",
                "error",
                f"{where} reads '{name}', which is no task",
                f"known names: {_listed([*sorted(tasks), 'input'])}.{did_you_mean(name, [*tasks, 'input'])}",
                nodes,
                edges,
                field,
            )
    for input_name in expression.inputs:
        if input_name is None or input_name in inputs:
            continue
        if not inputs:  # a first sketch need not declare them, and runs if they are given
            yield Diagnostic(
                "WF207",
                "warning",
                f"{where} reads 'input.{input_name}', and the workflow declares no inputs",
                f"declare '{input_name}', so that a run asks for it and checks its type",
                nodes,
                edges,
                field,
            )
        else:
            yield Diagnostic(
                "WF206",
                "error",
                f"{where} reads 'input.{input_name}', which is no input",
                f"known inputs: {_listed(inputs)}.{did_you_mean(input_name, inputs)}",
                nodes,
                edges,
                field,
            )


def _listed(names: Any) -> str:
    all_names = list(names)
    more = f" and {len(all_names) - _SHOWN} more" if len(all_names) > _SHOWN else ""
    return ", ".join(map(str, all_names[:_SHOWN])) + more
