"""The types of a whole workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from wfnb.machine.calls import Resolve
from wfnb.machine.dataflow.ways import Ways, gives_value, ways
from wfnb.machine.diagnostic import Diagnostic, Property
from wfnb.machine.graph import Graph, graph
from wfnb.machine.inference import checks, values
from wfnb.machine.inference.arguments import Arguments
from wfnb.machine.inference.checks import Findings, Place
from wfnb.machine.inference.children import Children
from wfnb.machine.inference.expression import infer_type
from wfnb.machine.inference.flow import Known, guard_scopes, known_facts
from wfnb.machine.inference.notes import Notes
from wfnb.machine.inference.scope import Path, Scope, roots, term
from wfnb.machine.sites import Site, sites
from wfnb.model.activity import Activity
from wfnb.model.expression import Expression
from wfnb.model.types import (
    ANY,
    INT,
    NONE,
    Anything,
    OneOf,
    Record,
    Type,
    classes_in,
    union,
)
from wfnb.model.workflow import End, Map, Wait, Workflow

_DEEPEST = 2
"""How many fields deep terms are listed."""


def infer(
    workflow: Workflow,
    activities: Mapping[str, Activity] | None = None,
    *,
    workflows: Resolve | None = None,
    drawn: Graph | None = None,
    found: list[Site] | None = None,
) -> Typing:
    """The types of a workflow's values and expressions, worked out when they are asked for.

    Args:
        workflow: the definition; its ids are unique.
        activities: those known by name; what is not known gives any.
        workflows: gives the workflows that calls and maps name, besides those of the document itself.
        drawn: the workflow's graph, where it is known already.
        found: the workflow's expressions, where they are known already.
    """
    drawn = graph(workflow) if drawn is None else drawn
    return Typing(
        workflow,
        activities or {},
        Children(workflow, workflows, (workflow.name,)),
        drawn,
        sites(drawn) if found is None else found,
        classes_in(activity.types for activity in (activities or {}).values()),
    )


class Typing:
    """The types of one workflow; `infer` makes it."""

    def __init__(  # noqa: PLR0917 - made in two places only
        self,
        workflow: Workflow,
        activities: Mapping[str, Activity],
        children: Children,
        drawn: Graph,
        found: list[Site],
        known: Mapping[str, Type],
    ) -> None:
        self.workflow = workflow
        self.activities = activities
        self.children = children
        self.drawn = drawn
        self.sites = found
        self.known = known
        self._called: dict[str, Typing | None] = {}
        self._guarded: dict[int, dict[int, Scope]] = {}

    def value(self, id: str) -> Type:
        """The type of the value that a node gives; any where there is no such node."""
        return self._scope.values.get(id, ANY)

    def expression(self, place: str | int, field: str) -> Type:
        """The type of an expression.

        Args:
            place: the id of the node, or the index of the edge, that has it.
            field: the part of it, such as `arguments.url` or `when`.

        Raises:
            KeyError: there is no such expression, or it can not be parsed.
        """
        for site in self.sites:
            here = self.drawn.nodes[site.node].id if site.edge is None else site.edge
            if here == place and site.field == field:
                return infer_type(site.expression, self.scope(site))
        raise KeyError(f"{place} has no expression {field!r}")

    def kinds_at(self, place: str | int) -> dict[str, str]:
        """The types, as people write them, of the terms that the guards at a place read, with their fields.

        Args:
            place: the index of an edge, or the id of a node, of which all edges are meant.
        """
        node = self.drawn.source[place] if isinstance(place, int) else self.drawn.number[place]
        scope = self._at(node)
        found: dict[str, str] = {}
        for edge in (place,) if isinstance(place, int) else self.drawn.out[node]:
            for site in self._by_edge.get(edge, ()):
                for path in roots(site.expression):
                    self._list(path, scope.facts.get(path) or scope.root(path), scope, found)
        return found

    @cached_property
    def output(self) -> Type:
        """The type of what a run gives."""
        return values.output(self.routes, self._output_of, self._value_on)

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """`WF220` to `WF227`, and calls with other inputs than the called workflow has (`WF202`, `WF203`)."""
        return (*values.not_understood(self.workflow, self.known), *self._findings.diagnostics)

    @cached_property
    def verdict(self) -> Property:
        """The verdict on `type-safe`."""
        name = "type-safe"
        wrong = [found for found in self.diagnostics if found.code != "WF226"]
        refuted = [found for found in wrong if found.severity == "error"]
        if refuted:
            return Property(name, "refuted", refuted[0].message)
        reasons = [*(found.message for found in wrong), *self._findings.unknown]
        if not reasons:
            return Property(name, "proved", "every type is known, and fits where it is used")
        more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        return Property(name, "unknown", reasons[0] + more)

    @cached_property
    def routes(self) -> Ways:
        """How tokens move through the drawing."""
        return ways(self.drawn)

    @cached_property
    def inputs(self) -> Mapping[str, Type]:
        """The types of the declared inputs, by name."""
        return values.declared(self.workflow.inputs, self.known)

    def called(self, name: str) -> Typing | None:
        """The types of a called workflow; None where it is not known."""
        if name not in self._called:
            child = self.children.find(name)
            if child is None:
                self._called[name] = None
            else:
                drawn = graph(child)
                inside = self.children.within(name, child)
                self._called[name] = Typing(child, self.activities, inside, drawn, sites(drawn), self.known)
        return self._called[name]

    def scope(self, site: Site) -> Scope:
        """What an expression may name, with the types that are known there."""
        scope = self._at(site.node)
        if site.edge is not None and site.field == "when":
            if site.node not in self._guarded:
                self._guarded[site.node] = guard_scopes(self.routes, site.node, scope, self._guards)
            return self._guarded[site.node][site.edge]
        node = self.drawn.nodes[site.node]
        if site.moment == "after":
            facts = {path: kind for path, kind in scope.facts.items() if path[:2] != ("values", node.id)}
            return replace(scope, facts=facts)
        if site.moment == "item" and isinstance(node, Map):
            return scope.binding({"item": self.item(node), "index": INT})
        return scope

    def item(self, node: Map) -> Type:
        """The type of the items that a map goes through."""
        return checks.item_of(self._items(node))

    def _items(self, node: Map) -> Type:
        for site in self._by_node.get(self.drawn.number[node.id], ()):
            if site.field == "items":
                return infer_type(site.expression, self._at(site.node))
        return ANY if isinstance(node.items, str) else values.of_constant(node.items)

    @cached_property
    def _scope(self) -> Scope:
        """What is known of values, inputs and signals everywhere."""
        signals = values.declared({name: signal.type for name, signal in self.workflow.signals.items()}, self.known)

        def output_of(name: str) -> Type:
            child = self.called(name)
            return ANY if child is None else child.output

        given = {
            node.id: values.of_node(node, self.drawn, self.activities, signals, self.known, output_of)
            for node in self.drawn.nodes
            if gives_value(node)
        }
        return Scope(given, self.inputs, signals)

    @cached_property
    def _facts(self) -> Known:
        return known_facts(self.routes, self._scope, self.sites, self._guards)

    @cached_property
    def _guards(self) -> dict[int, Expression]:
        return {site.edge: site.expression for site in self.sites if site.edge is not None and site.field == "when"}

    @cached_property
    def _by_edge(self) -> dict[int, list[Site]]:
        return _grouped((site.edge, site) for site in self.sites if site.edge is not None)

    @cached_property
    def _by_node(self) -> dict[int, list[Site]]:
        return _grouped((site.node, site) for site in self.sites if site.edge is None)

    def _at(self, node: int) -> Scope:
        return self._scope.knowing(self._facts.before[node])

    def _value_on(self, node: int, edge: int) -> Type:
        """The value of a node as an edge that leaves it knows it."""
        kind, on = self.drawn.nodes[node], self.drawn.edges[edge].on
        if isinstance(kind, Wait):
            return NONE if on is None else self._scope.signals.get(on, ANY)
        return self.value(kind.id)

    def _inputs_of(self, name: str) -> Mapping[str, Type] | None:
        child = self.called(name)
        return None if child is None else child.inputs

    def _output_of(self, end: int) -> Type | None:
        node = self.drawn.nodes[end]
        assert isinstance(node, End)
        for site in self._by_node.get(end, ()):
            if site.field == "output":
                return infer_type(site.expression, self._at(end))
        return None if node.output is None else values.of_constant(node.output)

    @cached_property
    def _findings(self) -> Findings:
        found = Findings()
        arguments = Arguments(self.drawn, self.activities, self._inputs_of, self.item, found)
        for site in self.sites:
            notes = Notes()
            given = infer_type(site.expression, self.scope(site), notes)
            place = Place(site.where(self.drawn), site.nodes(self.drawn), site.edges, site.field, site.source)
            found.diagnostics.extend(map(place.noted, notes.found))
            if notes.doubtful and not notes.found:
                found.doubt(f"{place.where}: '{notes.doubtful}' has no known type")
            self._used(site, place, given, found, arguments)
        arguments.constants()
        return found

    def _used(self, site: Site, place: Place, given: Type, found: Findings, arguments: Arguments) -> None:
        match site.use:
            case "argument":
                arguments.expression(site, place, given)
            case "condition":
                checks.condition(found, place, given)
            case "delay" | "time":
                checks.moment(found, place, given, delay=site.use == "delay")
            case "items":
                checks.items(found, place, given)
            case "output" | "text":
                pass

    def _list(self, path: Path, kind: Type, scope: Scope, found: dict[str, str]) -> None:
        """Add a term and its fields."""
        found[term(path)] = _written(kind)
        if len(path) < _DEEPEST + 2:
            for member in kind.members if isinstance(kind, OneOf) else (kind,):
                for field in member.fields if isinstance(member, Record) else ():
                    below = (*path, field.name)
                    self._list(below, scope.facts.get(below) or field.type, scope, found)


def _written(kind: Type) -> str:
    """A type in words that have a meaning everywhere: a record without a class is a dict."""
    if isinstance(kind, Record) and not kind.name:
        return "dict"
    if isinstance(kind, OneOf):
        return (
            str(union(*kind.members))
            if not any(_nameless(m) for m in kind.members)
            else " | ".join(dict.fromkeys(map(_written, kind.members)))
        )
    return "any" if isinstance(kind, Anything) else str(kind)


def _nameless(kind: Type) -> bool:
    return isinstance(kind, Record) and not kind.name


def _grouped(pairs: Iterator[tuple[int, Site]]) -> dict[int, list[Site]]:
    found: dict[int, list[Site]] = {}
    for key, site in pairs:
        found.setdefault(key, []).append(site)
    return found
