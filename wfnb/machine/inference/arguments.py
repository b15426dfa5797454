"""What activities and called workflows are given, against what they take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wfnb.machine.graph import Graph
from wfnb.machine.inference import checks
from wfnb.machine.inference.checks import Findings, Place
from wfnb.machine.inference.values import of_constant
from wfnb.machine.sites import Site
from wfnb.model.activity import Activity
from wfnb.model.expression import is_expression
from wfnb.model.types import INT, NONE, Type, alternatives_of
from wfnb.model.workflow import Call, Map, Node, Task


@dataclass(frozen=True, slots=True)
class Callee:
    """What is called.

    Attributes:
        name: what people call it.
        takes: the type by parameter or input.
        untyped: the parameters of which nothing is said.
    """

    name: str
    takes: Mapping[str, Type]
    untyped: frozenset[str] = frozenset()


class Arguments:
    """Checks the arguments of one workflow.

    Args:
        drawn: the workflow's graph.
        activities: those known by name.
        inputs_of: gives the types of a called workflow's inputs, None where it is not known.
        item_of: gives the type of what a map goes through, item by item.
        found: where problems go.
    """

    def __init__(
        self,
        drawn: Graph,
        activities: Mapping[str, Activity],
        inputs_of: Callable[[str], Mapping[str, Type] | None],
        item_of: Callable[[Map], Type],
        found: Findings,
    ) -> None:
        self.drawn = drawn
        self.activities = activities
        self.inputs_of = inputs_of
        self.item_of = item_of
        self.found = found

    def expression(self, site: Site, place: Place, given: Type) -> None:
        """Check an argument that is computed."""
        prefix, _, name = site.field.rpartition("arguments.")
        callee = self._callee(self.drawn.nodes[site.node], back=bool(prefix))
        if callee is not None and name in callee.takes:
            self._passed(callee, place, name, given)

    def constants(self) -> None:
        """Check the arguments that are plain values, and what maps and calls pass on."""
        for node in self.drawn.nodes:
            for prefix, arguments in _given_by(node):
                callee = self._callee(node, back=bool(prefix))
                if callee is None:
                    continue
                for name, value in arguments.items():
                    if name in callee.takes and not is_expression(value):
                        place = _place(node, f"{prefix}arguments.{name}")
                        checks.constant(self.found, place, value, callee.takes[name], name, callee.name)
                        if name in callee.untyped:
                            self._untyped(callee, name)
            if isinstance(node, Map):
                self._items(node)
            if isinstance(node, Map | Call) and node.workflow:
                self._inputs(node)

    def _callee(self, node: Node, *, back: bool) -> Callee | None:
        match node:
            case Task() if back:
                return self._activity(node.compensate.activity) if node.compensate is not None else None
            case Task():
                return self._activity(node.activity)
            case Map() if node.activity:
                return self._activity(node.activity)
            case Map() | Call():
                takes = self.inputs_of(node.workflow)
                if takes is None:
                    self.found.doubt(f"workflow '{node.workflow}' is not known")
                    return None
                return Callee(f"workflow '{node.workflow}'", takes)
            case _:
                return None

    def _activity(self, name: str) -> Callee | None:
        activity = self.activities.get(name)
        if activity is None:
            self.found.doubt(f"activity '{name}' is not known")
            return None
        return Callee(name, activity.types.parameters, activity.types.untyped)

    def _passed(self, callee: Callee, place: Place, name: str, given: Type) -> None:
        if name in callee.untyped:
            self._untyped(callee, name)
        else:
            checks.passed(self.found, place, given, callee.takes[name], name, callee.name)

    def _untyped(self, callee: Callee, name: str) -> None:
        self.found.doubt(f"parameter '{name}' of {callee.name} has no annotation")

    def _items(self, node: Map) -> None:
        """A map without arguments passes on each item."""
        if not is_expression(node.items):
            checks.items(self.found, _place(node, "items"), of_constant(node.items))
        callee = None if node.arguments else self._callee(node, back=False)
        if callee is None:
            return
        for name, given in (("item", self.item_of(node)), ("index", INT)):
            if name in callee.takes and (node.workflow or name == "item"):
                self._passed(callee, _place(node, "items", name), name, given)

    def _inputs(self, node: Map | Call) -> None:
        """A called workflow has the inputs that it is given, and is given those that it needs."""
        takes = self.inputs_of(node.workflow)
        if not takes:  # without declared inputs, it takes any
            return
        given = set(node.arguments)
        if isinstance(node, Map) and not given:
            given = {name for name in ("item", "index") if name in takes}
        needs = {name: NONE not in alternatives_of(kind) for name, kind in takes.items()}
        place = _place(node, "arguments")
        self.found.diagnostics.extend(checks.accounted(place, given, needs, f"workflow '{node.workflow}'"))


def _given_by(node: Node) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Task | Map | Call):
        yield "", node.arguments
    if isinstance(node, Task) and node.compensate is not None:
        yield "compensate.", node.compensate.arguments


def _place(node: Node, field: str, source: str = "") -> Place:
    return Place(f"{node.kind} '{node.id}'", (node.id,), (), field, source)
