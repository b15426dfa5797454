"""What sound drawings with a faulty twin are written with: a case, and the ways of spoiling a drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow
from wfnb.machine.machine import Machine
from wfnb.machine.netting import net_of
from wfnb.machine.verdicts import soundness_of
from wfnb.model.activity import Activity, describe
from wfnb.model.workflow import Choice, Edge, Fork, Node, Workflow

Change = Callable[[Workflow], Workflow]
PROVED = (
    "sound",
    "deadlock-free",
    "no dead node",
    "proper completion",
    "terminates",
    "type-safe",
    "no read-before-write",
    "guards exhaustive",
    "guards disjoint",
    "deterministic result",
)
"""What is proved of a sound drawing, unless a case says otherwise."""
REFUTED = {
    "WF208": "no read-before-write",
    "WF209": "no read-before-write",
    "WF220": "type-safe",
    "WF221": "type-safe",
    "WF222": "type-safe",
    "WF224": "type-safe",
    "WF225": "type-safe",
    "WF301": "sound",
    "WF302": "sound",
    "WF303": "sound",
    "WF305": "no dead node",
    "WF310": "guards disjoint",
    "WF311": "guards exhaustive",
}
"""The property that is refuted where there is an error with this code."""


@dataclass(frozen=True)
class Case:
    """A sound drawing, what spoils it, and what is to be said then.

    Attributes:
        name: what is drawn.
        draw: draws it.
        fault: what is wrong with the twin.
        change: makes the twin.
        code: what is said of the twin.
        nodes: where.
        edges: where, as `source -> target`.
        field: where.
        activities: those that it uses.
        parts: workflows that it calls.
        open: the verdicts on the sound drawing that are not `proved`, by property.
        advice: what the sound drawing is advised, by code.
        also: further codes, which follow from the fault.
    """

    name: str
    draw: Callable[[Flow], None]
    fault: str
    change: Change
    code: str
    nodes: tuple[str, ...]
    edges: tuple[str, ...]
    field: str | None
    activities: Mapping[str, Activity]
    inputs: Mapping[str, str]
    open: Mapping[str, str]
    advice: tuple[str, ...]
    also: tuple[str, ...]

    @property
    def sound(self) -> Workflow:
        flow = Flow(self.name, self.inputs)
        self.draw(flow)
        return flow.workflow

    @property
    def faulty(self) -> Workflow:
        return self.change(self.sound)


@dataclass
class Cases:
    """Collects cases: `@cases.add("an and instead of an or", forks("gate"), "WF302", nodes=("load",))`."""

    functions: tuple[Callable[..., Any], ...]
    found: list[Case] = field(default_factory=list)

    def add(
        self,
        fault: str,
        change: Change,
        code: str,
        *,
        nodes: tuple[str, ...] = (),
        edges: tuple[str, ...] = (),
        field: str | None = None,
        inputs: Mapping[str, str] | None = None,
        open: Mapping[str, str] | None = None,
        advice: tuple[str, ...] = (),
        also: tuple[str, ...] = (),
    ) -> Callable[[Callable[[Flow], None]], Callable[[Flow], None]]:
        known = {function.__name__: describe(function) for function in self.functions}

        def added(draw: Callable[[Flow], None]) -> Callable[[Flow], None]:
            name = draw.__name__.replace("_", " ")
            given = (nodes, edges, field, known, inputs or {}, open or {}, advice, also)
            self.found.append(Case(name, draw, fault, change, code, *given))
            return draw

        return added


def own(flow: Flow, part: Flow) -> str:
    """The name of a workflow that now belongs to the flow's document."""
    flow.document.apply([SetWorkflow(workflows={**flow.workflow.workflows, part.name: part.workflow})])
    return part.name


# ------------------------------------------------------------------------------------------------ ways of spoiling it


def named(workflow: Workflow, path: str) -> int:
    """The edge `a -> b`, or the second one `a -> b #2`."""
    ends, _, count = path.partition(" #")
    found = [i for i, edge in enumerate(workflow.edges) if f"{edge.source} -> {edge.target}" == ends]
    return found[int(count or 1) - 1]


def edge(path: str, **fields: Any) -> Change:
    """Change an edge."""

    def change(workflow: Workflow) -> Workflow:
        edges = list(workflow.edges)
        edges[named(workflow, path)] = replace(edges[named(workflow, path)], **fields)
        return replace(workflow, edges=tuple(edges))

    return change


def cut(path: str) -> Change:
    """Delete an edge."""

    def change(workflow: Workflow) -> Workflow:
        gone = named(workflow, path)
        return replace(workflow, edges=tuple(one for i, one in enumerate(workflow.edges) if i != gone))

    return change


def link(source: str, target: str, **fields: Any) -> Change:
    """Draw an edge."""
    return lambda workflow: replace(workflow, edges=(*workflow.edges, Edge(source=source, target=target, **fields)))


def node(id: str, **fields: Any) -> Change:
    """Change a node."""
    return lambda workflow: put(replace(workflow.node(id), **fields))(workflow)


def put(new: Node) -> Change:
    """Put a node in the place of the one with its id, or add it."""

    def change(workflow: Workflow) -> Workflow:
        if all(node.id != new.id for node in workflow.nodes):
            return replace(workflow, nodes=(*workflow.nodes, new))
        return replace(workflow, nodes=tuple(new if node.id == new.id else node for node in workflow.nodes))

    return change


def forks(id: str) -> Change:
    """Take every edge of a choice."""

    def change(workflow: Workflow) -> Workflow:
        assert isinstance(workflow.node(id), Choice)
        edges = (replace(e, when=None, otherwise=False) if e.source == id else e for e in workflow.edges)
        return put(Fork(id))(replace(workflow, edges=tuple(edges)))

    return change


def inner(name: str, *changes: Change) -> Change:
    """Change a workflow that belongs to the document."""
    return lambda workflow: replace(
        workflow, workflows={**workflow.workflows, name: all_of(*changes)(workflow.workflows[name])}
    )


def all_of(*changes: Change) -> Change:
    """One fault that takes several strokes."""

    def change(workflow: Workflow) -> Workflow:
        for one in changes:
            workflow = one(workflow)
        return workflow

    return change


# --------------------------------------------------------------------------------------------- what a trace leads to


def bad_end(machine: Machine) -> str:
    """What the counterexample of a machine leads to, played on its net: `unsafe`, `deadlock` or `livelock`."""
    net, found = net_of(machine).net, soundness_of(machine)
    marking = net.initial
    for number in found.trace[:-1]:
        assert number in net.enabled(marking)
        marking = net.fire(marking, number)
    last = net.transitions[found.trace[-1]]
    assert found.trace[-1] in net.enabled(marking)
    rest = marking - set(last.pre) - set(last.resets)
    if rest & set(last.post):
        return "unsafe"
    marking = rest | set(last.post)
    if not list(net.enabled(marking)):
        assert not net.ended(marking)
        return "deadlock"
    seen, frontier = {marking}, [marking]
    while frontier:
        here = frontier.pop()
        assert not net.ended(here)
        for number in net.enabled(here):
            after = net.fire(here, number)
            if after not in seen:
                seen.add(after)
                frontier.append(after)
    return "livelock"
