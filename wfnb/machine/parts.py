"""What stands behind single nodes: their expressions, the body of a map over an activity, and what an edge spawns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from wfnb.machine.graph import Graph, members
from wfnb.machine.machine import Machine
from wfnb.model.expression import is_expression
from wfnb.model.workflow import Approval, Call, Edge, End, Group, Map, Node, Start, Task, Workflow


def body_of(node: Map) -> Workflow:
    """The body of a map over an activity: a workflow of one task, which passes on what the map gives."""
    names = list(node.arguments or ["item"])
    task = Task(node.activity, activity=node.activity, arguments={name: f"=input[{name!r}]" for name in names})
    return Workflow(
        name=node.activity,
        inputs=dict.fromkeys(names, "any"),
        nodes=(Start("-> "), task, End(" ->")),
        edges=(Edge(source="-> ", target=task.id), Edge(source=task.id, target=" ->")),
    )


def given_to(node: Map, body: Workflow) -> dict[str, Any]:
    """The arguments of a map's children; where it says nothing, its body's inputs `item` and `index`."""
    return node.arguments or {name: f"={name}" for name in ("item", "index") if name in body.inputs}


def spawned_part(workflow: Workflow, drawn: Graph, target: int, name: str) -> Workflow:
    """What follows from a node on, as a workflow of its own; groups keep those of their members that are in it."""
    inside = drawn.reachable([target])
    for number in drawn.of(Group):
        if not inside.isdisjoint(members(drawn.nodes, drawn.number, number)):
            inside.add(number)
    ids = {drawn.nodes[number].id for number in inside}
    first = drawn.nodes[target].id
    start = "start"
    while start in ids:
        start += "_"
    return Workflow(
        name=name,
        inputs=workflow.inputs,
        signals=workflow.signals,
        nodes=(Start(start), *(_kept(drawn.nodes[number], ids) for number in sorted(inside))),
        edges=(
            Edge(source=start, target=first),
            *(drawn.edges[edge] for edge in sorted(edge for number in inside for edge in drawn.out[number])),
        ),
        workflows=workflow.workflows,
    )


def _kept(node: Node, ids: set[str]) -> Node:
    if isinstance(node, Group):
        return msgspec.structs.replace(node, members=tuple(id for id in node.members if id in ids))
    return node


def expressions_of(node: Node) -> Iterator[tuple[str, str]]:
    """The expressions of a node that are evaluated in the run's own scope, each with its field."""
    match node:
        case Task():
            yield from _computed(node.arguments)
            yield from (
                (field, text) for field, text in (("requires", node.requires), ("ensures", node.ensures)) if text
            )
        case Call():
            yield from _computed(node.arguments)
        case Map() if is_expression(node.items):
            yield "items", node.items
        case Approval() if is_expression(node.prompt):
            yield "prompt", node.prompt
        case End():
            for field, text in (("output", node.output), ("message", node.message)):
                if is_expression(text):
                    yield field, text
        case _:
            return


def inner_expressions_of(node: Node) -> Iterator[tuple[str, str]]:
    """Those that have a scope of their own: a map's arguments (with `item` and `index`), what takes a task back."""
    if isinstance(node, Map):
        yield from _computed(node.arguments)
    elif isinstance(node, Task) and node.compensate is not None:
        yield from ((f"compensate.{field}", text) for field, text in _computed(node.compensate.arguments))


def _computed(arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return ((f"arguments.{name}", value) for name, value in arguments.items() if is_expression(value))


def called_by(machine: Machine) -> dict[str, Machine]:
    """What a machine and its children call that is not in their documents, by name."""
    found: dict[str, Machine] = {}
    seen: set[Machine] = set()
    frontier = [machine]
    while frontier:
        one = frontier.pop()
        if one in seen:
            continue
        seen.add(one)
        for plan in one.children.values():
            if not plan.own:
                found.setdefault(plan.name, plan.machine)
            frontier.append(plan.machine)
        frontier.extend(one.special.spawns.values())
    return found
