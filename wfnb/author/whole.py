"""A workflow put together of others: ids stay unique, names keep their meaning, inputs and signals become one set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from wfnb.author.parts import called, numbered, slug
from wfnb.author.substitute import Names, Read
from wfnb.author.ways import VALUED, Ways, free_reads, is_exit, reads_whole_input
from wfnb.errors import DefinitionError
from wfnb.model.workflow import (
    Call,
    Choice,
    Edge,
    End,
    Group,
    Join,
    Map,
    Node,
    Start,
    Workflow,
)

_Declared = TypeVar("_Declared")


@dataclass(frozen=True, slots=True)
class Placed:
    """A part that has become a part of a whole."""

    part: Workflow
    """What was placed: the part, or a call of it."""
    ways: Ways
    names: Names
    """What its nodes are called now."""
    entry: str | None
    """The node where it begins; None if there is nothing between its start and its end."""
    exits: list[tuple[Edge, End]]
    """Edges without a target, and the ends that they led to."""

    @property
    def open(self) -> list[Edge]:
        """The edges that want a target."""
        return [edge for edge, _ in self.exits]

    def gives(self, name: str) -> bool:
        """Whether a node of the part that is called so gives a value."""
        return isinstance(self.ways.nodes.get(name), VALUED)

    def surely(self, name: str) -> bool:
        """Whether that node completes on every way through the part."""
        return self.ways.surely(name)


class Whole:
    """Puts parts one by one into a new workflow."""

    def __init__(self, name: str, avoid: Iterable[str] = ()) -> None:
        self.name = name
        self.nodes: dict[str, Node] = {"start": Start("start")}
        self.edges: dict[Edge, None] = {}
        self.inputs: dict[str, str] = {}
        self.signals: Mapping[str, Any] = {}
        self.workflows: Mapping[str, Workflow] = {}
        self.avoid = set(avoid)
        """Ids that would give a meaning to what is read from outside."""
        self.outside: set[str] = set()
        """Workflows that are called and belong to no document."""
        self._earlier: list[Placed] = []
        """The parts whose values further parts may read."""

    @property
    def begin(self) -> list[Edge]:
        """The edge that leaves the start."""
        return [Edge(source="start", target="")]

    def fresh(self, id: str, more: Iterable[str] = ()) -> str:
        """This id, or one like it that is free."""
        taken = {*self.nodes, *self.avoid, *more}
        made, count = id, 1
        while made in taken:
            count += 1
            made = f"{id}_{count}"
        return made

    def add(self, node: Node) -> str:
        """Add a node under this or a like id, and say which."""
        id = self.fresh(node.id)
        self.nodes[id] = msgspec.structs.replace(node, id=id)
        return id

    def link(self, edges: Iterable[Edge], target: str) -> None:
        """Let edges lead to a node."""
        for edge in edges:
            self.edges[msgspec.structs.replace(edge, target=target)] = None

    def merged(self, edges: list[Edge]) -> list[Edge]:
        """One edge in place of several of which one is taken."""
        if len(edges) == 1:
            return edges
        merge = self.add(Choice("merge"))
        self.link(edges, merge)
        return [Edge(source=merge, target="", otherwise=True)]

    def declare(self, inputs: Iterable[str]) -> None:
        """Declare what conditions read, where no part did."""
        self.inputs = {**dict.fromkeys(sorted(inputs), "any"), **self.inputs}

    def put(self, part: Workflow, edges: list[Edge], *, last: bool = False) -> Placed:
        """Put a part behind edges.

        Args:
            part: a workflow.
            edges: the edges that lead to it.
            last: whether its ends become ends again, so that several tokens may come to them.

        Raises:
            DefinitionError: an input or a signal is declared otherwise here.
        """
        part = self.fitting(part, last=last)
        ways = Ways(part)
        names = self._names(part)
        ids = names.ids
        self.inputs = _merged(
            self.inputs, {n: t for n, t in part.inputs.items() if n not in names.inputs}, "input", _same_type
        )
        self.signals = _merged(self.signals, part.signals, "signal", _same)
        self.workflows = {**self.workflows, **part.workflows}
        self.outside |= _called(part) - set(part.workflows)
        for node in part.nodes:
            if not isinstance(node, Start) and not is_exit(node):
                self.nodes[ids[node.id]] = _without_ends(names.in_node(node), ways, names)
        entry: str | None = None
        exits: list[tuple[Edge, End]] = []
        for edge in part.edges:
            end = ways.nodes.get(edge.target)
            if edge.source == ways.start:
                if is_exit(end):
                    exits = [(before, _end(end, names)) for before in edges]
                else:
                    entry = self._entered(edges, ids[edge.target])
            elif is_exit(end):
                exits.append((msgspec.structs.replace(names.in_edge(edge), target=""), _end(end, names)))
            else:
                self.edges[names.in_edge(edge)] = None
        return Placed(part, ways, names, entry, exits)

    def _entered(self, edges: list[Edge], entry: str) -> str:
        if isinstance(self.nodes[entry], Join):  # would take several ways in for several branches
            merge = self.add(Choice("merge"))
            self.link([Edge(source=merge, target="", otherwise=True)], entry)
            entry = merge
        self.link(edges, entry)
        return entry

    def finish(self, exits: Iterable[tuple[Edge, End]]) -> None:
        """Let edges lead to ends again."""
        made: dict[str, str] = {}
        for edge, end in exits:
            if end.id not in made:
                made[end.id] = self.add(end)
            self.link([edge], made[end.id])

    def workflow(self) -> Workflow:
        """What was put together."""
        return Workflow(
            name=self.name,
            inputs=self.inputs,
            signals=dict(self.signals),
            nodes=tuple(self.nodes.values()),
            edges=tuple(self.edges),
            workflows=dict(self.workflows),
        )

    def remember(self, placed: Placed) -> None:
        """Let further parts read the values of this one."""
        self._earlier.append(placed)

    def _given(self, name: str) -> tuple[str, bool] | None:
        """The node whose value a further part means by a name, and whether it has completed on every way.

        Of several the last that has, else the last.
        """
        found: tuple[str, bool] | None = None
        for placed in reversed(self._earlier):
            if placed.gives(name):
                if placed.surely(name):
                    return placed.names.ids[name], True
                found = found or (placed.names.ids[name], False)
        return found

    def fitting(self, part: Workflow, *, last: bool = False) -> Workflow:
        """The part, or a call of it where it can not be taken apart."""
        calls, own = _called(part), set(part.workflows)
        clash = (
            any(self.workflows.get(name, workflow) != workflow for name, workflow in part.workflows.items())
            or (calls - own) & set(self.workflows)
            or own & self.outside
        )
        if clash or reads_whole_input(part) or not (last or Ways(part).is_one_token()):
            return self.called(part)
        return part

    def modest(self, part: Workflow) -> Workflow:
        """The part, or a call of it where its ends say what it gives, which then is the value of the call."""
        ends = (node for node in part.nodes if isinstance(node, End) and is_exit(node))
        return self.called(part) if any(end.output is not None for end in ends) else part

    def called(self, part: Workflow) -> Workflow:
        """A workflow that does nothing but call the part, under a name that means nothing else here."""
        for name in numbered(part.name):
            made = called(part, name)
            if self._means(name, made.workflows[name]):
                return made
        raise AssertionError("names do not end")

    def own(self, workflow: Workflow) -> str:
        """The name under which a workflow belongs to the whole from now on."""
        name = next(name for name in numbered(workflow.name) if self._means(name, workflow))
        self.workflows = {**self.workflows, name: workflow}
        return name

    def _means(self, name: str, workflow: Workflow) -> bool:
        return name not in self.outside and self.workflows.get(name, workflow) == workflow

    def _names(self, part: Workflow) -> Names:
        free = free_reads(part)
        ids: dict[str, str] = {}
        for node in part.nodes:
            id = node.id
            if not isinstance(node, Start) and not is_exit(node) and id in {*self.nodes, *self.avoid}:
                prefixed = id if id == slug(part.name) else f"{slug(part.name)}_{id}"
                id = self.fresh(prefixed, {*free, *(n.id for n in part.nodes), *ids.values()})
            ids[node.id] = id
        values = {old: Read("value", new) for old, new in ids.items() if old != new}
        about = {name: given[0] for name in free if (given := self._given(name))}
        values |= {name: Read("value", id) for name, id in about.items()}
        inputs = {n: Read("value", given[0]) for n in part.inputs if (given := self._given(n)) and given[1]}
        self.avoid |= free - set(about)
        return Names({**ids, **about}, values, inputs)


def _called(part: Workflow) -> set[str]:
    return {node.workflow for node in part.nodes if isinstance(node, Call | Map) and node.workflow}


def _end(node: Node | None, names: Names) -> End:
    assert isinstance(node, End)
    made = names.in_node(node)
    assert isinstance(made, End)
    return msgspec.structs.replace(made, id=node.id)


def _without_ends(node: Node, ways: Ways, names: Names) -> Node:
    """A group without the start and the ends that are no more."""
    if not isinstance(node, Group):
        return node
    gone = {names.ids[id] for id, other in ways.nodes.items() if isinstance(other, Start) or is_exit(other)}
    return msgspec.structs.replace(node, members=tuple(id for id in node.members if id not in gone))


def _same(one: _Declared, other: _Declared) -> _Declared | None:
    return one if one == other else None


def _same_type(one: str, other: str) -> str | None:
    if "any" in (one, other):
        return other if one == "any" else one
    return _same(one, other)


def _merged(
    known: Mapping[str, _Declared],
    more: Mapping[str, _Declared],
    what: str,
    agree: Callable[[_Declared, _Declared], _Declared | None],
) -> dict[str, _Declared]:
    merged = dict(known)
    for name, declared in more.items():
        agreed = agree(merged.get(name, declared), declared)
        if agreed is None:
            raise DefinitionError(
                f"{what} '{name}' is declared as {merged[name]!r} and as {declared!r}\nrename it in one of the parts"
            )
        merged[name] = agreed
    return merged
