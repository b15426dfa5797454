"""What workflows are put together of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import msgspec

from wfnb.author.edits import AddNode, apply
from wfnb.author.flow import Flow
from wfnb.author.inputs import declared_by
from wfnb.author.registry import activity as register
from wfnb.author.registry import registry
from wfnb.author.substitute import Names, Read
from wfnb.author.ways import free_reads
from wfnb.errors import DefinitionError
from wfnb.model.activity import Activity
from wfnb.model.workflow import Approval, Call, Edge, End, Map, Start, Task, Workflow

Part: TypeAlias = Flow | Workflow | Activity | Task | Map | Call | Approval | Callable[..., Any]
"""What can be put together: a workflow, an activity or function (a task with an input for each parameter that it must
have), or a node of its own, such as `Task("page", activity="fetch", arguments={"url": "=input.url"})`."""


def part_of(part: Part) -> Workflow:
    """The workflow that something makes when it is put together with others.

    Raises:
        DefinitionError: it is nothing of the kind.
    """
    match part:
        case Workflow():
            return part
        case Flow():
            return part.workflow
        case Task() | Map() | Call() | Approval():
            return _alone(part, {})
        case Activity():
            known = part
        case _ if callable(part):
            known = register(part)
        case _:
            raise DefinitionError(f"{part!r} can not be put together\ngive workflows, activities, or tasks")
    needed = {p.name: p.annotation or "any" for p in known.parameters if p.required}
    node = Task(known.name, activity=known.name, arguments={name: f"=input.{name}" for name in needed})
    return _alone(node, needed)


def _alone(node: Task | Map | Call | Approval, inputs: dict[str, str]) -> Workflow:
    edges = (Edge(source="start", target=node.id), Edge(source=node.id, target="end"))
    made = Workflow(name=node.id, inputs=inputs, nodes=(Start("start"), node, End("end")), edges=edges)
    return apply(made, declared_by([AddNode(node=node)], made, registry, registry.workflows, every=True))[0]


def called(part: Workflow, name: str) -> Workflow:
    """A workflow that does nothing but call another, which becomes its own under this name.

    What the other reads from outside becomes inputs of it.
    """
    free = sorted(free_reads(part))
    extra = {read: next(n for n in numbered(read) if n not in part.inputs) for read in free}
    names = Names(values={read: Read("input", given) for read, given in extra.items()})
    child = msgspec.structs.replace(
        part,
        name=name,
        inputs={**part.inputs, **dict.fromkeys(extra.values(), "any")},
        nodes=tuple(map(names.in_node, part.nodes)),
        edges=tuple(map(names.in_edge, part.edges)),
        layout={},
    )
    arguments = {given: Read("input", given).written() for given in part.inputs}
    arguments |= {given: Read("value", read).written() for read, given in extra.items()}
    id = slug(part.name)
    call = Call(id, workflow=name, arguments={given: f"={read}" for given, read in arguments.items()})
    return Workflow(
        name=part.name,
        inputs=part.inputs,
        nodes=(Start("start"), call, End("end")),
        edges=(Edge(source="start", target=id), Edge(source=id, target="end")),
        workflows={name: child},
    )


def slug(name: str) -> str:
    """A name that can stand in expressions as it is."""
    made = re.sub(r"\W+", "_", name).strip("_") or "part"
    return made if made.isidentifier() else f"part_{made}"


def numbered(name: str) -> Iterator[str]:
    """This name, and endlessly many like it."""
    yield name
    count = 1
    while True:
        count += 1
        yield f"{name}_{count}"
