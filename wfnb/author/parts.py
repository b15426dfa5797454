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
        DefinitionError: it is nothing of the kind, or a drawing that is no workflow yet.
    """
    match part:
        case Workflow():
            return _whole(part)
        case Flow():
            return _whole(part.workflow)
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


def _whole(part: Workflow) -> Workflow:
    """The part, if it has one way in, and edges between its own nodes."""
    ids = {node.id for node in part.nodes}
    starts = [node.id for node in part.nodes if isinstance(node, Start)]
    begins = [edge for edge in part.edges if edge.source in starts]
    wrong = (
        "two of its nodes have one id"
        if len(ids) != len(part.nodes)
        else f"it has {len(starts) or 'no'} start{'s' if len(starts) > 1 else ''}"
        if len(starts) != 1
        else f"{len(begins) or 'no'} edges leave its start"
        if len(begins) != 1
        else "an edge goes into its start"
        if any(edge.target in starts for edge in part.edges)
        else "an edge of it leads nowhere"
        if any(edge.source not in ids or edge.target not in ids for edge in part.edges)
        else ""
    )
    if wrong:
        raise DefinitionError(f"'{part.name}' can not be put together: {wrong}\nwf.check says what to do about it")
    return part


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
