"""From a workflow to a machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

import msgspec

from wfnb.errors import CompileError
from wfnb.machine.diagnostic import describe, errors
from wfnb.machine.graph import Graph, graph
from wfnb.machine.machine import Kind, Machine, TaskPlan
from wfnb.machine.wellformed import diagnose
from wfnb.model.activity import Activity
from wfnb.model.codec import definition_hash
from wfnb.model.expression import Expression, is_expression, parse
from wfnb.model.workflow import Choice, End, Fork, Join, Node, Note, Start, Task, Workflow


def compile_workflow(workflow: Workflow, activities: Mapping[str, Activity] | None = None) -> Machine:
    """Compile a workflow.

    Args:
        workflow: the definition.
        activities: those known by name; None leaves calls of activities unchecked.

    Raises:
        CompileError: it has errors; `.diagnostics` lists every one.
    """
    found = errors(diagnose(workflow, activities))
    if found:
        raise CompileError(describe(workflow.name, found), found)
    drawn = graph(workflow)
    kinds = tuple(_kind(node) for node in drawn.nodes)
    guards = tuple(None if edge.when is None else parse(edge.when) for edge in workflow.edges)
    return Machine(
        workflow=workflow,
        hash=definition_hash(workflow),
        document=msgspec.json.encode(workflow),
        graph=drawn,
        start=kinds.index(Kind.START),
        kinds=kinds,
        ids=tuple(node.id for node in drawn.nodes),
        plans={i: _plan(node) for i, node in enumerate(drawn.nodes) if isinstance(node, Task)},
        guards=guards,
        otherwise={drawn.source[i]: i for i, edge in enumerate(workflow.edges) if edge.otherwise},
        outputs={
            i: _constant(node.output)
            for i, node in enumerate(drawn.nodes)
            if isinstance(node, End) and node.output is not None
        },
        steady=_steady(drawn, kinds),
    )


def _kind(node: Node) -> Kind:
    match node:
        case Task():
            return Kind.TASK
        case Start():
            return Kind.START
        case End():
            return Kind.END
        case Choice():
            return Kind.CHOICE
        case Fork():
            return Kind.FORK
        case Join():
            return Kind.JOIN
        case Note():
            raise AssertionError("notes are no part of the graph")
        case _:
            assert_never(node)


def _plan(task: Task) -> TaskPlan:
    computed = tuple((name, parse(value)) for name, value in task.arguments.items() if is_expression(value))
    constants = {name: value for name, value in task.arguments.items() if not is_expression(value)}
    nested = any(isinstance(value, list | dict) for value in constants.values())
    return TaskPlan(task.activity, constants, nested, computed, task.retry, task.timeout)


def _constant(value: Any) -> Expression | Any:
    return parse(value) if is_expression(value) else value


def _steady(drawn: Graph, kinds: tuple[Kind, ...]) -> tuple[tuple[int, ...] | None, ...]:
    """Moves that are the same at every completion: through forks only, up to tasks and ends."""
    known: list[tuple[int, ...] | None] = []
    for node, kind in enumerate(kinds):
        if kind not in (Kind.TASK, Kind.START):
            known.append(None)
            continue
        moves: list[int] = []
        frontier = list(drawn.out[node])
        for edge in frontier:
            moves.append(edge)
            target = drawn.target[edge]
            if kinds[target] in (Kind.CHOICE, Kind.JOIN):
                known.append(None)
                break
            if kinds[target] is Kind.FORK:
                frontier.extend(drawn.out[target])
        else:
            targets = [drawn.target[edge] for edge in moves if kinds[drawn.target[edge]] is Kind.TASK]
            # Two tokens for one task make a problem, which only the full routing reports.
            known.append(tuple(moves) if len(targets) == len(set(targets)) else None)
    return tuple(known)
