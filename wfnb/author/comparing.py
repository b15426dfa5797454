"""Two versions of a workflow compared by what they mean: nodes, edges and fields, not lines of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, TypeAlias

import msgspec

from wfnb.author.renames import renamed_edge, renamed_node
from wfnb.model.workflow import Edge, Node, Workflow

Fate: TypeAlias = Literal["added", "removed", "changed", "renamed", "moved"]
MOST = 60
"""Characters of a value that a line shows."""
REORDERED = "~ changed the order of nodes or edges"
"""The line where only that differs."""
MARKS: dict[Fate, str] = {"added": "+", "removed": "-", "changed": "~", "renamed": "=", "moved": "→"}
"""A sign for each, so that no colour is needed to tell them apart."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs; None is a field that is not there."""

    field: str
    """Such as `activity`, `arguments.url`, `retry.attempts`."""
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.field}: {_shown(self.old)} → {_shown(self.new)}"


@dataclass(frozen=True, slots=True)
class NodeChange:
    """What became of a node."""

    fate: Fate
    id: str
    """Its id now; where it is removed, the one that it had."""
    kind: str
    was: str = ""
    """Its id before, where it was renamed."""
    fields: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        named = f"{self.was} → {self.id}" if self.was else self.id
        more = f" ({'; '.join(map(str, self.fields))})" if self.fields else ""
        return f"{MARKS[self.fate]} {self.fate} {self.kind} {named}{more}"


@dataclass(frozen=True, slots=True)
class EdgeChange:
    """What became of an edge."""

    fate: Fate
    source: str
    target: str
    fields: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        more = f" ({'; '.join(map(str, self.fields))})" if self.fields else ""
        return f"{MARKS[self.fate]} {self.fate} edge {self.source} → {self.target}{more}"


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different between two versions of a workflow; true if anything is.

    Attributes:
        old: the one.
        new: the other.
        nodes: added, removed, renamed, changed and merely moved nodes.
        edges: added, removed and changed edges.
        workflow: the name, the description, inputs, signals and own workflows, by field.
        reordered: whether nodes or edges stand in another order, which only counts where a choice tries its edges.
    """

    old: Workflow
    new: Workflow
    nodes: tuple[NodeChange, ...]
    edges: tuple[EdgeChange, ...]
    workflow: tuple[FieldChange, ...]
    reordered: bool = False

    def __bool__(self) -> bool:
        return bool(self.nodes or self.edges or self.workflow or self.reordered)

    @property
    def only_layout(self) -> bool:
        """Whether nothing differs but where nodes are drawn."""
        logic = self.edges or self.workflow or self.reordered
        return bool(self.nodes) and not logic and all(node.fate == "moved" for node in self.nodes)

    def lines(self) -> Iterator[str]:
        """One line a difference."""
        for field in self.workflow:
            yield f"~ changed {field}"
        yield from map(str, self.nodes)
        yield from map(str, self.edges)
        if self.reordered:
            yield REORDERED

    def __str__(self) -> str:
        return "\n".join(self.lines()) or "no difference"

    def __repr__(self) -> str:
        return f"<Difference of '{self.old.name}': {len(self.nodes)} nodes, {len(self.edges)} edges>\n{self}"

    def _repr_html_(self) -> str:
        items = "".join(f"<li><code>{escape(line)}</code></li>" for line in self.lines())
        return f'<ul style="list-style:none;padding:0">{items}</ul>' if items else "<p>No difference.</p>"


def compare(old: Workflow, new: Workflow) -> Difference:
    """What is different between two versions; a node that has only another id is recognised as renamed."""
    renames = _renames(old, new)
    before = old
    for was, now in renames.items():
        before = _with_rename(before, was, now)
    nodes = tuple(_nodes(before, new, {now: was for was, now in renames.items()}))
    edges = tuple(_edges(before.edges, new.edges))
    reordered = _common(_ids(before), _ids(new)) or _common(before.edges, new.edges)
    return Difference(old, new, nodes, edges, tuple(_whole(old, new)), reordered)


def _ids(workflow: Workflow) -> list[str]:
    return [node.id for node in workflow.nodes]


def _common(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether what both have stands in another order."""
    both = set(one) & set(other)
    return [item for item in one if item in both] != [item for item in other if item in both]


def _with_rename(workflow: Workflow, was: str, now: str) -> Workflow:
    named = [msgspec.structs.replace(node, id=now) if node.id == was else node for node in workflow.nodes]
    return msgspec.structs.replace(
        workflow,
        nodes=tuple(renamed_node(node, was, now) for node in named),
        edges=tuple(renamed_edge(edge, was, now) for edge in workflow.edges),
        layout={now if id == was else id: at for id, at in workflow.layout.items()},
    )


def _renames(old: Workflow, new: Workflow) -> dict[str, str]:
    """Old ids of nodes that are there under another one: alike, and with a neighbour or place in common."""
    before, after = set(_ids(old)), set(_ids(new))
    gone = {node.id: node for node in old.nodes if node.id not in after}
    made = {node.id: node for node in new.nodes if node.id not in before}
    found: dict[str, str] = {}
    around_old, around_new = _around(old), _around(new)
    for was, node in gone.items():
        alike = [
            now
            for now, other in made.items()
            if now not in found.values() and renamed_node(msgspec.structs.replace(node, id=now), was, now) == other
        ]
        for now in alike:
            place = old.layout.get(was)
            near = around_old[was] & around_new[now]
            if near or (place is not None and place == new.layout.get(now)):
                found[was] = now
                break
    return found


def _around(workflow: Workflow) -> dict[str, set[tuple[str, str]]]:
    """The neighbours of each node, and on which side they are."""
    found: dict[str, set[tuple[str, str]]] = {id: set() for id in _ids(workflow)}
    for edge in workflow.edges:
        found.setdefault(edge.source, set()).add(("to", edge.target))
        found.setdefault(edge.target, set()).add(("from", edge.source))
    return found


def _nodes(old: Workflow, new: Workflow, was: dict[str, str]) -> Iterator[NodeChange]:
    before, after = {node.id: node for node in old.nodes}, {node.id: node for node in new.nodes}
    for id, node in before.items():
        if id not in after:
            yield NodeChange("removed", id, node.kind)
    for id, node in after.items():
        if id not in before:
            yield NodeChange("added", id, node.kind)
            continue
        fields = tuple(changed_fields(before[id], node))
        if id in was:
            yield NodeChange("renamed", id, node.kind, was[id], fields)
        elif fields:
            yield NodeChange("changed", id, node.kind, fields=fields)
        elif old.layout.get(id) != new.layout.get(id):
            yield NodeChange("moved", id, node.kind)


def _edges(old: Sequence[Edge], new: Sequence[Edge]) -> Iterator[EdgeChange]:
    """Edges that are gone and new; those between the same two nodes are paired as changed."""
    before, after = set(old), set(new)
    gone = [edge for edge in old if edge not in after]
    for edge in new:
        if edge in before:
            continue
        pair = next((one for one in gone if (one.source, one.target) == (edge.source, edge.target)), None)
        if pair is None:
            yield EdgeChange("added", edge.source, edge.target, tuple(changed_fields(None, edge)))
        else:
            gone.remove(pair)
            yield EdgeChange("changed", edge.source, edge.target, tuple(changed_fields(pair, edge)))
    for edge in gone:
        yield EdgeChange("removed", edge.source, edge.target, tuple(changed_fields(edge, None)))


def _whole(old: Workflow, new: Workflow) -> Iterator[FieldChange]:
    parts = ("name", "description", "inputs", "signals", "workflows")
    for part in parts:
        yield from _fields(part, msgspec.to_builtins(getattr(old, part)), msgspec.to_builtins(getattr(new, part)), 1)


def changed_fields(old: Node | Edge | None, new: Node | Edge | None) -> Iterator[FieldChange]:
    """The fields that differ, apart from ids; None stands for nothing."""
    one: dict[str, Any] = msgspec.to_builtins(old) if old is not None else {}
    other: dict[str, Any] = msgspec.to_builtins(new) if new is not None else {}
    for name in dict.fromkeys([*one, *other]):
        if name not in ("id", "source", "target"):
            yield from _fields(name, one.get(name), other.get(name), 1)


def _fields(name: str, old: Any, new: Any, depth: int) -> Iterator[FieldChange]:
    if old == new:
        return
    if depth and isinstance(old, dict | None) and isinstance(new, dict | None) and (old or new):
        for key in dict.fromkeys([*(old or {}), *(new or {})]):
            yield from _fields(f"{name}.{key}", (old or {}).get(key), (new or {}).get(key), depth - 1)
    else:
        yield FieldChange(name, old, new)


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"
