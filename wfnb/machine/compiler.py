"""From a workflow to a machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from wfnb.errors import CompileError
from wfnb.machine import calls as called
from wfnb.machine.diagnostic import Diagnostic, describe, errors
from wfnb.machine.graph import Graph, TooEntangled
from wfnb.machine.machine import ChildPlan, Kind, Special, TaskPlan
from wfnb.machine.parts import given_to
from wfnb.machine.specials import special_of
from wfnb.machine.viewed import Machine
from wfnb.machine.wellformed import ENTANGLED, examine
from wfnb.model.activity import Activity
from wfnb.model.codec import definition_hash
from wfnb.model.expression import Expression, is_expression
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    End,
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

_KINDS: dict[type[Node], Kind] = {
    Start: Kind.START,
    Task: Kind.TASK,
    End: Kind.END,
    Choice: Kind.CHOICE,
    Fork: Kind.FORK,
    Join: Kind.JOIN,
    Wait: Kind.WAIT,
    Approval: Kind.APPROVAL,
    Map: Kind.MAP,
    Call: Kind.CALL,
    Group: Kind.GROUP,
}
_Texts: TypeAlias = Mapping[str, Expression]
Resolve: TypeAlias = called.Resolve
"""Gives the workflow that a name in another workflow's calls means; raises DefinitionError where there is none."""


def compile_workflow(
    workflow: Workflow,
    activities: Mapping[str, Activity] | None = None,
    resolve: Resolve | None = None,
) -> Machine:
    """Compile a workflow, and those that it calls.

    Args:
        workflow: the definition.
        activities: those known by name; None leaves calls of activities unchecked.
        resolve: gives the workflows that calls and maps name, besides those of the document itself.

    Raises:
        CompileError: it has errors; `.diagnostics` lists every one.
    """
    calls = called.Calls(resolve, lambda unit: _compiled(unit, activities, calls))
    return calls.start(workflow)


def _compiled(unit: called.Unit, activities: Mapping[str, Activity] | None, calls: called.Calls) -> Machine:
    workflow = unit.workflow
    calls.count(unit)
    examined = examine(workflow, activities, outer=unit.outer)
    drawn, parsed = examined.drawn, examined.parsed
    found = errors(examined.problems)
    if found or drawn is None:
        raise CompileError(describe(workflow.name, found), found)
    document, hash = _written(workflow)
    nodes, edges = drawn.nodes, workflow.edges
    kinds = tuple([_KINDS[type(node)] for node in nodes])
    completion = _completion_edges(drawn)
    children = {number: _child(unit, nodes[number], calls, parsed) for number in drawn.of(Map, Call)}
    spawning = [index for index in drawn.triggered if edges[index].spawn]
    parts = {target: calls.spawned(unit, drawn, target) for target in {drawn.target[index] for index in spawning}}
    plans, compensations = _plans(drawn, parsed)
    try:
        special = special_of(
            drawn, kinds, parsed, compensations, {index: parts[drawn.target[index]] for index in spawning}
        )
    except TooEntangled:
        raise CompileError(describe(workflow.name, [ENTANGLED]), [ENTANGLED]) from None
    guards: list[Expression | None] = [None] * len(edges)
    for index in drawn.guarded:
        when = edges[index].when
        if when is not None:
            guards[index] = parsed[when]
    return Machine(
        workflow=workflow,
        hash=hash,
        document=document,
        graph=drawn,
        start=drawn.of(Start)[0],
        kinds=kinds,
        ids=tuple(drawn.number),
        out=completion,
        plans=plans,
        children=children,
        guards=tuple(guards),
        otherwise={drawn.source[index]: index for index in drawn.guarded if edges[index].otherwise},
        outputs={
            number: _constant(node.output, parsed)
            for number in drawn.of(End)
            if isinstance(node := nodes[number], End) and node.output is not None
        },
        delays={
            index: _constant(edge.after if edge.after is not None else edge.until, parsed)
            for index in drawn.triggered
            if (edge := edges[index]).trigger in ("after", "until")
        },
        steady=_steady(drawn, kinds, completion, special),
        durable={number: plan.durability for number, plan in plans.items() if plan.durability},
        disabled=frozenset(number for number in plans if getattr(nodes[number], "disabled", False)),
        special=special,
        plain=special.moves_plainly,
        calm=_is_calm(drawn, special),
    )


def _is_calm(drawn: Graph, special: Special) -> bool:
    """See `Machine.calm`."""
    more = special.timers or special.conditions or special.compensations or special.groups
    return (
        special.moves_plainly
        and not (more or drawn.of(Approval, Map, Call))
        and all(number in special.listening for number in drawn.of(Wait))
    )


def _written(workflow: Workflow) -> tuple[bytes, str]:
    """The workflow as JSON, and its hash.

    Raises:
        CompileError: it has values that are no JSON.
    """
    try:
        return msgspec.json.encode(workflow), definition_hash(workflow)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        found = [Diagnostic("WF127", "error", *_unwritable(workflow, error))]
        raise CompileError(describe(workflow.name, found), found) from None


def _unwritable(workflow: Workflow, error: Exception) -> tuple[str, str, tuple[str, ...]]:
    """What is no JSON in a workflow, the cure, and the node."""
    cure = "write text, numbers, lists and dicts; what only the notebook knows is made by an activity"
    for node in workflow.nodes:
        try:
            msgspec.json.encode(node, order="sorted")
        except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as found:
            return f"{node.kind} '{node.id}' has a value that is no JSON: {found}", cure, (node.id,)
    return f"the workflow has a value that is no JSON: {error}", cure, ()


def _plans(drawn: Graph, parsed: _Texts) -> tuple[dict[int, TaskPlan], dict[int, TaskPlan]]:
    """What it takes to start each task, and to take it back."""
    plans: dict[int, TaskPlan] = {}
    compensations: dict[int, TaskPlan] = {}
    for number in drawn.of(Task):
        task = drawn.nodes[number]
        assert type(task) is Task
        constants, computed, nested = _arguments(task.arguments, parsed)
        plans[number] = TaskPlan(
            task.activity,
            constants,
            nested,
            computed,
            task.retry,
            task.timeout,
            parsed[task.requires] if task.requires else None,
            parsed[task.ensures] if task.ensures else None,
            task.durability,
            task.heartbeat,
            task.executor,
            task.timeout is not None or task.heartbeat is not None or bool(task.executor),
            task.cache,
        )
        back = task.compensate
        if back is not None:
            constants, computed, nested = _arguments(back.arguments, parsed)
            compensations[number] = TaskPlan(back.activity, constants, nested, computed)
    return plans, compensations


def _arguments(
    given: dict[str, Any], parsed: _Texts
) -> tuple[dict[str, Any], tuple[tuple[str, Expression], ...], bool]:
    """Plain values, what is computed, and whether a plain value is a list or a dict."""
    computed: list[tuple[str, Expression]] = []
    nested = False
    for name, value in given.items():
        kind = type(value)
        if kind is str:
            if value.startswith("="):
                computed.append((name, parsed[value]))
        elif kind is list or kind is dict:
            nested = True
    if not computed:
        return given, (), nested
    constants = given.copy()
    for name, _ in computed:
        del constants[name]
    return constants, tuple(computed), nested


def _child(unit: called.Unit, node: Node, calls: called.Calls, parsed: _Texts) -> ChildPlan:
    assert isinstance(node, Map | Call)
    name, own, machine = calls.called(unit, node)
    if isinstance(node, Call):
        constants, computed, _ = _arguments(node.arguments, parsed)
        return ChildPlan(name, machine, constants, computed, own=own)
    constants, computed, _ = _arguments(given_to(node, machine.workflow), parsed)
    items = _constant(node.items, parsed)
    return ChildPlan(name, machine, constants, computed, items, node.width, node.failure, own)


def _constant(value: Any, parsed: _Texts) -> Expression | Any:
    return parsed[value] if is_expression(value) else value


def _completion_edges(drawn: Graph) -> tuple[tuple[int, ...], ...]:
    """The edges taken when a node completes; those of a wait have triggers."""
    if not drawn.triggered:
        return drawn.out
    found = list(drawn.out)
    for number in {drawn.source[index] for index in drawn.triggered}.difference(drawn.of(Wait)):
        found[number] = tuple([edge for edge in drawn.out[number] if not drawn.edges[edge].trigger])
    return tuple(found)


# Names of their own, because looking a member up in its enumeration takes longer than all that is done with it.
_TASK, _CHOICE, _FORK, _JOIN = Kind.TASK, Kind.CHOICE, Kind.FORK, Kind.JOIN
_COMPLETING = frozenset({_TASK, Kind.START, Kind.CALL, Kind.APPROVAL, Kind.MAP})


def _steady(
    drawn: Graph, kinds: tuple[Kind, ...], completion: tuple[tuple[int, ...], ...], special: Special
) -> tuple[tuple[int, ...] | None, ...]:
    """Moves that are the same at every completion: through forks only, up to where tokens rest or end."""
    target = drawn.target
    certain = not (special.empties or special.spawns or special.terminates or special.inclusive)
    known: list[tuple[int, ...] | None] = []
    for kind, edges in zip(kinds, completion, strict=True):
        if kind is not _TASK and kind not in _COMPLETING:
            known.append(None)
            continue
        further = kinds[target[edges[0]]] if len(edges) == 1 else _FORK
        if further is _TASK and certain:
            known.append(edges)
        elif further is _CHOICE or further is _JOIN:
            known.append(None)
        else:
            known.append(_steady_through_forks(drawn, kinds, completion, special, edges))
    return tuple(known)


def _steady_through_forks(
    drawn: Graph,
    kinds: tuple[Kind, ...],
    completion: tuple[tuple[int, ...], ...],
    special: Special,
    edges: tuple[int, ...],
) -> tuple[int, ...] | None:
    frontier = list(edges)
    resting: set[int] = set()
    for edge in frontier:
        to = drawn.target[edge]
        kind = kinds[to]
        if kind is _CHOICE or kind is _JOIN or to in special.inclusive or to in special.terminates:
            return None
        if edge in special.empties or edge in special.spawns:
            return None
        if kind is _FORK:
            frontier.extend(completion[to])
        elif to in resting:
            return None  # two tokens for one place make a problem, which only the full routing reports
        resting.add(to)
    return tuple(frontier)
