"""The types of the values that nodes give, of inputs and signals, and of what a run gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wfnb.machine.dataflow.concurrency import concurrency, has_forks
from wfnb.machine.dataflow.ways import Ways, completes, gives_value
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.graph import Graph
from wfnb.model.activity import Activity
from wfnb.model.types import (
    ANY,
    FLOAT,
    NEVER,
    NONE,
    STR,
    DictOf,
    Exactly,
    Field,
    ListOf,
    Record,
    Type,
    read_type,
    union,
)
from wfnb.model.workflow import Approval, Call, End, Join, Map, Node, Start, Task, Wait, Workflow

_MAX_STEPS = 50_000


def of_constant(value: Any) -> Type:
    """The type of a JSON value."""
    match value:
        case None:
            return NONE
        case bool() | int() | str():
            return Exactly(value)
        case float():
            return FLOAT
        case list() | tuple():
            return ListOf(union(*map(of_constant, value)))
        case dict():
            return Record("", tuple(Field(str(name), of_constant(part)) for name, part in value.items()))
        case _:
            return ANY


def declared(texts: Mapping[str, str], known: Mapping[str, Type]) -> dict[str, Type]:
    """The types that texts stand for, by name."""
    return {name: read_type(kind, known).type for name, kind in texts.items()}


def not_understood(workflow: Workflow, known: Mapping[str, Type]) -> Iterator[Diagnostic]:
    """`WF226`: texts that are no types."""

    def of(kind: str, whose: str, field: str, nodes: tuple[str, ...] = ()) -> Iterator[Diagnostic]:
        found = read_type(kind, known)
        if found.problem:
            what = f"{whose} is declared as {kind!r}: {found.problem}, and is taken for any"
            yield Diagnostic("WF226", "warning", what, found.cure, nodes, field=field)

    for name, kind in workflow.inputs.items():
        yield from of(kind, f"input '{name}'", f"inputs.{name}")
    for name, signal in workflow.signals.items():
        yield from of(signal.type, f"signal '{name}'", f"signals.{name}")
    for node in workflow.nodes:
        if isinstance(node, Approval):
            for name, kind in node.form.items():
                yield from of(kind, f"field '{name}' of approval '{node.id}'", f"form.{name}", (node.id,))


def of_node(  # noqa: PLR0917 - all that a value may depend on
    node: Node,
    drawn: Graph,
    activities: Mapping[str, Activity],
    signals: Mapping[str, Type],
    known: Mapping[str, Type],
    child: Callable[[str], Type],
) -> Type:
    """The type of the value that a node gives."""
    match node:
        case Task(disabled=True):
            return NONE
        case Task():
            activity = activities.get(node.activity)
            return ANY if activity is None else activity.types.returns
        case Wait():
            edges = [drawn.edges[edge] for edge in drawn.out[drawn.number[node.id]]]
            return union(*(NONE if edge.on is None else signals.get(edge.on, ANY) for edge in edges))
        case Approval():
            fields = tuple(Field(name, kind) for name, kind in declared(node.form, known).items())
            return Record("", fields) if fields else ANY
        case Map():
            activity = activities.get(node.activity) if node.activity else None
            given = child(node.workflow) if node.workflow else ANY if activity is None else activity.types.returns
            return ListOf(union(given, NONE) if node.failure == "skip" else given)
        case Call():
            return child(node.workflow)
        case _:
            return ANY


def output(routes: Ways, of_end: Callable[[int], Type | None], of_value: Callable[[int, int], Type]) -> Type:
    """What a run gives: what its end gives, or a dict by end where several may be reached.

    Args:
        routes: the drawing.
        of_end: the declared output of an end, None where it has none.
        of_value: the value of a node, known on one of its edges.
    """
    drawn = routes.drawn
    found: dict[int, Type] = {}
    for number, node in enumerate(drawn.nodes):
        if isinstance(node, End) and not node.error:
            given = of_end(number)
            nearest = (_nearest(routes, edge, of_value) for edge in drawn.into[number])
            found[number] = union(*nearest) if given is None else given
    one = union(*found.values()) if found else NONE
    if len(found) < 2 or not has_forks(drawn):
        return one
    relation = concurrency(routes, _MAX_STEPS)
    together = [a for a in found if relation is None or any(a != b and relation.between(a, b) for b in found)]
    return union(one, DictOf(STR, union(*(found[end] for end in together)))) if together else one


def _nearest(routes: Ways, edge: int, of_value: Callable[[int, int], Type]) -> Type:
    """The nearest value back along the edges; behind a join, a dict by node id."""
    drawn = routes.drawn
    alone: list[Type] = []
    joined: dict[str, Field] = {}
    empty = False
    seen: set[tuple[int, bool]] = set()
    frontier = [(edge, False, True)]
    while frontier:
        back, behind, certain = frontier.pop()
        if (back, behind) in seen:
            continue
        seen.add((back, behind))
        number = drawn.source[back]
        node = drawn.nodes[number]
        if gives_value(node) and completes(node, drawn.edges[back]):
            if behind:
                before = joined.get(node.id)
                kind = of_value(number, back) if before is None else union(before.type, of_value(number, back))
                joined[node.id] = Field(node.id, kind, required=certain)
            else:
                alone.append(of_value(number, back))
            continue
        into = drawn.into[number]
        empty = empty or (not behind and (isinstance(node, Start) or not into))
        if isinstance(node, Join):
            always = routes.branches.get(number, into if node.need == "all" else ())
            frontier.extend((edge, True, certain and edge in always) for edge in reversed(into))
        else:
            frontier.extend((edge, behind, certain and len(into) == 1) for edge in into)
    if joined:
        alone.append(Record("", tuple(joined.values())))
        empty = empty or not any(field.required for field in joined.values())
    elif any(behind for _, behind in seen):
        empty = True
    return union(*alone, NONE if empty else NEVER)
