"""What follows when a node is renamed or removed."""

from __future__ import annotations

import msgspec

from wfnb.author.expressions import SCOPE, rewrite_edge, rewrite_node
from wfnb.model.expression import rename_in
from wfnb.model.workflow import Edge, Fork, Group, Map, Node


def named_by(node: Node) -> tuple[str, ...]:
    """The nodes of which a node says something, apart from its expressions."""
    match node:
        case Group():
            return node.members
        case Fork() if node.join:
            return (node.join,)
        case _:
            return ()


def without(node: Node, id: str) -> Node:
    """The node, saying nothing of a node that is gone."""
    match node:
        case Group():
            return msgspec.structs.replace(node, members=tuple(member for member in node.members if member != id))
        case Fork() if node.join == id:
            return msgspec.structs.replace(node, join="")
        case _:
            return node


def renamed_node(node: Node, old: str, new: str) -> Node:
    """The node after another was renamed: its expressions, a group's members and a fork's join follow."""
    hidden = isinstance(node, Map) and old in SCOPE

    def rewrite(field: str, source: str) -> str:
        return source if hidden and field.startswith("arguments.") else rename_in(source, old, new)

    match rewrite_node(node, rewrite):
        case Group() as group:
            return msgspec.structs.replace(group, members=tuple(new if id == old else id for id in group.members))
        case Fork() as fork if fork.join == old:
            return msgspec.structs.replace(fork, join=new)
        case other:
            return other


def renamed_edge(edge: Edge, old: str, new: str) -> Edge:
    """The edge after a node was renamed."""
    return msgspec.structs.replace(
        rewrite_edge(edge, lambda _, source: rename_in(source, old, new)),
        source=new if edge.source == old else edge.source,
        target=new if edge.target == old else edge.target,
    )
