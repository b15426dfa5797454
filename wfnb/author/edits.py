"""Changes to a workflow as data, each with its exact inverse.

The same edits come from the canvas, from the builder and from undo.  Edges have no id: an edit names an edge by its
whole value, so that an edit made against a slightly older document still means the same edge or is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, assert_never

import msgspec

from wfnb.author.renames import named_by, renamed_edge, renamed_node, without
from wfnb.errors import EditError
from wfnb.model.workflow import Edge, Node, Position, Signal, Workflow


class _Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="op"):
    pass


class AddNode(_Edit, frozen=True, tag="add_node"):
    """Add a node, drawn at `position`; at index `at` of the document's nodes, or last."""

    node: Node
    position: Position | None = None
    at: int | None = None


class RemoveNode(_Edit, frozen=True, tag="remove_node"):
    """Remove a node that no edge touches (remove its edges first, in the same gesture).

    It leaves its groups, and a fork that is paired with it is paired with none.
    """

    id: str


class SetNode(_Edit, frozen=True, tag="set_node"):
    """Replace the node `id`.

    If `node.id` differs this is a rename: its edges, its position, its groups, the fork that is paired with it and
    every expression that names it follow.
    """

    id: str
    node: Node


class AddEdge(_Edit, frozen=True, tag="add_edge"):
    """Add an edge at index `at` of the document's edges, or last."""

    edge: Edge
    at: int | None = None


class RemoveEdge(_Edit, frozen=True, tag="remove_edge"):
    """Remove the first edge equal to `edge`."""

    edge: Edge


class SetEdge(_Edit, frozen=True, tag="set_edge"):
    """Replace the first edge equal to `edge` by `to`, in place; `at` moves it to that index."""

    edge: Edge
    to: Edge
    at: int | None = None


class Move(_Edit, frozen=True, tag="move"):
    """Draw nodes elsewhere; None takes a position away.

    With `whole` the positions are the whole layout, in that order (how undo restores it to the byte).
    """

    positions: dict[str, Position | None]
    whole: bool = False


class SetWorkflow(_Edit, frozen=True, tag="set_workflow"):
    """Change the name, description, inputs, signals or own workflows; what is None stays."""

    name: str | None = None
    description: str | None = None
    inputs: dict[str, str] | None = None
    signals: dict[str, Signal] | None = None
    workflows: dict[str, Workflow] | None = None


class Restore(_Edit, frozen=True, tag="restore"):
    """Put nodes, edges and layout back as they were; what undoes a rename."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    layout: dict[str, Position]


class Within(_Edit, frozen=True, tag="within"):
    """Edit one of the document's own workflows, as a document of its own."""

    workflow: str
    edits: tuple[Edit, ...]


Edit: TypeAlias = (
    AddNode | RemoveNode | SetNode | AddEdge | RemoveEdge | SetEdge | Move | SetWorkflow | Restore | Within
)


def apply(workflow: Workflow, edits: Sequence[Edit]) -> tuple[Workflow, tuple[Edit, ...]]:
    """Apply edits in order.

    Returns:
        The new workflow, and the edits that turn it back into exactly the old one.

    Raises:
        EditError: one of them does not fit; the message names it, and nothing was applied.
    """
    draft = Draft(workflow)
    inverse = draft.apply_all(edits)
    return draft.workflow(), inverse


class Draft:
    """A workflow taken apart, so that an edit costs no copy of the whole."""

    def __init__(self, workflow: Workflow) -> None:
        self.whole = workflow
        self.nodes = list(workflow.nodes)
        self.edges = list(workflow.edges)
        self.layout = dict(workflow.layout)
        self._reindex()
        self.plain = self._is_plain()

    def workflow(self) -> Workflow:
        """The workflow as it stands."""
        return msgspec.structs.replace(
            self.whole, nodes=tuple(self.nodes), edges=tuple(self.edges), layout=dict(self.layout)
        )

    def apply_all(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Apply all edits or none; returns what undoes them.

        Raises:
            EditError: one of them does not fit.
        """
        inverse: list[Edit] = []
        try:
            for edit in edits:
                inverse[:0] = self.apply(edit)
        except EditError:
            for edit in inverse:
                self.apply(edit)
            raise
        return tuple(inverse)

    def apply(self, edit: Edit) -> list[Edit]:
        """Apply one edit and return what undoes it."""
        if self.plain or isinstance(edit, SetWorkflow | Within):
            return self._apply(edit)
        before = self._everything()
        self._apply(edit)
        self.plain = self._is_plain()
        return before

    def _apply(self, edit: Edit) -> list[Edit]:
        match edit:
            case AddNode():
                return self._add_node(edit)
            case RemoveNode():
                return self._remove_node(edit)
            case SetNode():
                return self._set_node(edit)
            case AddEdge():
                return self._add_edge(edit)
            case RemoveEdge():
                index = self._find_edge(edit.edge)
                last = index == len(self.edges) - 1
                del self.edges[index]
                self.have = set(self.edges)
                return [AddEdge(edge=edit.edge, at=None if last else index)]
            case SetEdge():
                return self._set_edge(edit)
            case Move():
                return self._move(edit)
            case SetWorkflow():
                return self._set_workflow(edit)
            case Within():
                return self._within(edit)
            case Restore():
                undo = self._everything()
                self.nodes, self.edges, self.layout = list(edit.nodes), list(edit.edges), dict(edit.layout)
                self._reindex()
                self.plain = self._is_plain()
                return undo
            case _:
                assert_never(edit)

    def _find_node(self, id: str) -> int:
        try:
            return self.at[id]
        except KeyError:
            raise EditError(f"there is no node '{id}'\nknown nodes: {', '.join(self.at)}") from None

    def _find_edge(self, edge: Edge) -> int:
        try:
            return self.edges.index(edge)
        except ValueError:
            raise EditError(f"there is no such edge from '{edge.source}' to '{edge.target}'") from None

    def _reindex(self) -> None:
        """Rebuild what is derived from the nodes and edges."""
        self.at = {node.id: index for index, node in enumerate(self.nodes)}
        self.have = set(self.edges)
        self.named = {id for node in self.nodes for id in named_by(node)}

    def _add_node(self, edit: AddNode) -> list[Edit]:
        id = edit.node.id
        if id in self.at:
            raise EditError(f"there is a node '{id}' already\nchoose another id")
        if not id or not id.isprintable():
            raise EditError(f"{id!r} is no node id\nan id is printable text")
        # Nodes may name one that is not there yet, which taking this one away again would end.
        whole = self._everything() if id in self.named else []
        if edit.at is None or edit.at >= len(self.nodes):
            self.at[id] = len(self.nodes)
            self.nodes.append(edit.node)
            self.named.update(named_by(edit.node))
        else:
            self.nodes.insert(edit.at, edit.node)
            self._reindex()
        # A document may carry a position for a node that it does not have: undo must bring it back.
        undo = self._keep_layout() if id in self.layout else []
        if edit.position is not None:
            self.layout[id] = edit.position
        return whole or [RemoveNode(id=id), *undo]

    def _remove_node(self, edit: RemoveNode) -> list[Edit]:
        index = self._find_node(edit.id)
        for edge in self.edges:
            if edit.id in (edge.source, edge.target):
                raise EditError(f"an edge still touches '{edit.id}'\nremove its edges in the same gesture")
        named = edit.id in self.named
        undo = self._everything() if named else self._keep_layout()
        node = self.nodes.pop(index)
        last = index == len(self.nodes)
        if named:
            self.nodes = [without(node, edit.id) for node in self.nodes]
        self._reindex()
        self.layout.pop(edit.id, None)
        return undo if named else [AddNode(node=node, at=None if last else index), *undo]

    def _keep_layout(self) -> list[Edit]:
        """Undoes any change of the layout, its order included."""
        return [Move(positions=dict(self.layout), whole=True)]

    def _set_node(self, edit: SetNode) -> list[Edit]:
        index = self._find_node(edit.id)
        old, new = self.nodes[index], edit.node
        if new.id == old.id:
            self.nodes[index] = new
            self.named.update(named_by(new))
            return [SetNode(id=new.id, node=old)]
        return self._rename(index, old, new)

    def _rename(self, index: int, old: Node, new: Node) -> list[Edit]:
        if new.id in self.at:
            raise EditError(f"there is a node '{new.id}' already\nchoose another id")
        if not new.id or not new.id.isprintable():
            raise EditError(f"{new.id!r} is no node id\nan id is printable text")
        undo = self._everything()
        self.nodes[index] = new
        self.nodes = [renamed_node(node, old.id, new.id) for node in self.nodes]
        self.edges = [renamed_edge(edge, old.id, new.id) for edge in self.edges]
        self.layout = {new.id if id == old.id else id: at for id, at in self.layout.items()}
        self._reindex()
        return undo

    def _everything(self) -> list[Edit]:
        """Undoes any change of nodes, edges and layout."""
        return [Restore(nodes=tuple(self.nodes), edges=tuple(self.edges), layout=dict(self.layout))]

    def _is_plain(self) -> bool:
        """Whether ids and edges say which is which: not so in a document with equal ids or edges, or edges to nowhere.

        Only then is the small inverse of an edit exact, and never refused.
        """
        return (
            len(self.at) == len(self.nodes)
            and len(self.have) == len(self.edges)
            and all(id and id.isprintable() for id in self.at)
            and all(edge.source in self.at and edge.target in self.at for edge in self.edges)
        )

    def _add_edge(self, edit: AddEdge) -> list[Edit]:
        for end in (edit.edge.source, edit.edge.target):
            self._find_node(end)
        if edit.edge in self.have:
            raise EditError(f"there is an edge from '{edit.edge.source}' to '{edit.edge.target}' already")
        self.have.add(edit.edge)
        self.edges.insert(len(self.edges) if edit.at is None else edit.at, edit.edge)
        return [RemoveEdge(edge=edit.edge)]

    def _set_edge(self, edit: SetEdge) -> list[Edit]:
        index = self._find_edge(edit.edge)
        for end in (edit.to.source, edit.to.target):
            self._find_node(end)
        if edit.to != edit.edge and edit.to in self.have:
            raise EditError(f"there is an edge from '{edit.to.source}' to '{edit.to.target}' already")
        del self.edges[index]
        self.edges.insert(index if edit.at is None else edit.at, edit.to)
        self.have = set(self.edges)
        return [SetEdge(edge=edit.to, to=edit.edge, at=None if edit.at is None else index)]

    def _move(self, edit: Move) -> list[Edit]:
        undo = self._keep_layout()
        if edit.whole:
            self.layout = {id: at for id, at in edit.positions.items() if at is not None}
            return undo
        for id in edit.positions:  # all of them first: what is refused has moved none
            self._find_node(id)
        for id, position in edit.positions.items():
            if position is None:
                self.layout.pop(id, None)
            else:
                self.layout[id] = position
        return undo

    def _set_workflow(self, edit: SetWorkflow) -> list[Edit]:
        old = self.whole
        changes = {
            name: value
            for name in ("name", "description", "inputs", "signals", "workflows")
            if (value := getattr(edit, name)) is not None
        }
        self.whole = msgspec.structs.replace(old, **changes)
        return [SetWorkflow(**{name: getattr(old, name) for name in changes})]

    def _within(self, edit: Within) -> list[Edit]:
        inner = self.whole.workflows.get(edit.workflow)
        if inner is None:
            known = ", ".join(self.whole.workflows) or "none"
            raise EditError(f"there is no workflow '{edit.workflow}' in this document\nits own workflows: {known}")
        changed, inverse = apply(inner, edit.edits)
        workflows = {**self.whole.workflows, edit.workflow: changed}
        self.whole = msgspec.structs.replace(self.whole, workflows=workflows)
        return [Within(workflow=edit.workflow, edits=inverse)]
