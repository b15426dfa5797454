"""Two versions that began as one, put together where they do not touch the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from wfnb.model.workflow import Edge, Node, Workflow

T = TypeVar("T")
_TABLES = ("inputs", "signals", "workflows")


def merge(base: Workflow, mine: Workflow, theirs: Workflow) -> tuple[Workflow, tuple[str, ...]]:
    """What both made of a workflow.

    Args:
        base: what both began with.
        mine: the one version; where the two disagree it is what stands, and the order of things is its own.
        theirs: the other.

    Returns:
        Both together, and what both changed in different ways: empty where nothing of either is lost.
    """
    clash: list[str] = []
    nodes = _merged(_by_id(base), _by_id(mine), _by_id(theirs), "node", clash)
    edges = [edge for edge in mine.edges if edge in theirs.edges or edge not in base.edges]
    edges += [edge for edge in theirs.edges if edge not in mine.edges and edge not in base.edges]
    changes: dict[str, Any] = {
        name: _merged(getattr(base, name), getattr(mine, name), getattr(theirs, name), name, clash) for name in _TABLES
    }
    for name in ("name", "description"):
        one = {name: getattr(base, name)}, {name: getattr(mine, name)}, {name: getattr(theirs, name)}
        changes[name] = _merged(*one, "the", clash)[name]
    layout = _merged(dict(base.layout), dict(mine.layout), dict(theirs.layout), "place of", clash)
    clash += [f"edge from '{edge.source}' to '{edge.target}'" for edge in edges if _is_loose(edge, nodes)]
    clash += _rewired(base, mine, theirs)
    kept = [edge for edge in edges if not _is_loose(edge, nodes)]
    whole = msgspec.structs.replace(mine, nodes=tuple(nodes.values()), edges=tuple(kept), layout=layout, **changes)
    return whole, tuple(dict.fromkeys(clash))


def _by_id(workflow: Workflow) -> dict[str, Node]:
    return {node.id: node for node in workflow.nodes}


def _is_loose(edge: Edge, nodes: Mapping[str, Node]) -> bool:
    return edge.source not in nodes or edge.target not in nodes


def _rewired(base: Workflow, mine: Workflow, theirs: Workflow) -> list[str]:
    """The pairs of nodes between which both changed edges, and not in the same way."""

    def between(workflow: Workflow) -> dict[tuple[str, str], list[Edge]]:
        found: dict[tuple[str, str], list[Edge]] = {}
        for edge in workflow.edges:
            found.setdefault((edge.source, edge.target), []).append(edge)
        return found

    was, one, other = between(base), between(mine), between(theirs)
    return [
        f"edges from '{pair[0]}' to '{pair[1]}'"
        for pair in {**was, **one, **other}
        if one.get(pair) != other.get(pair) and was.get(pair) not in (one.get(pair), other.get(pair))
    ]


def _merged(
    base: Mapping[str, T], mine: Mapping[str, T], theirs: Mapping[str, T], what: str, clash: list[str]
) -> dict[str, T]:
    found: dict[str, T] = {}
    for name in dict.fromkeys([*mine, *theirs, *base]):
        was, one, other = base.get(name), mine.get(name), theirs.get(name)
        if one != other and was not in (one, other):
            clash.append(f"{what} '{name}'")
        value = other if one == was else one
        if value is not None:
            found[name] = value
    return found
