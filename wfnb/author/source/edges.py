"""Edges as `a >> b`: as few statements as draw exactly these edges in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from wfnb.author import given
from wfnb.author.source.literals import ENDLESS, WIDTH, Code, call, literal, number
from wfnb.model.workflow import Edge

MARGIN = 24
"""Columns kept for what stands before or after a list of nodes."""
Name = Callable[[str], str]
"""The source of a node by its id."""


def is_built(edge: Edge) -> bool:
    """Whether the builder draws exactly this edge between two nodes."""
    triggers = [edge.error, edge.after, edge.until, edge.on]
    special = sum(trigger is not None for trigger in triggers) + edge.otherwise + edge.spawn
    if special > 1 or (edge.otherwise and edge.when is not None) or (edge.when or "").startswith("="):
        return False
    try:
        return (edge.after is None or given.pause(edge.after) == edge.after) and (
            edge.until is None or given.moment(edge.until) == edge.until
        )
    except ValueError:
        return False


def is_plain(edge: Edge) -> bool:
    """Whether it has neither a trigger nor a condition."""
    return edge == Edge(source=edge.source, target=edge.target)


def branch(edge: Edge, name: Name) -> str:
    """What an edge leaves: its node, with what the edge waits for."""
    source = name(edge.source)
    guard = {} if edge.when is None else {"when": edge.when}
    if edge.error is not None:
        return _flat(f"{source}.on_error", [] if edge.error == "*" else [edge.error], guard)
    if edge.after is not None:
        after = edge.after if isinstance(edge.after, str) else Code(number(edge.after))
        return _flat(f"{source}.after", [after], guard)
    if edge.until is not None:
        return _flat(f"{source}.until", [edge.until], guard)
    if edge.on is not None:
        return _flat(f"{source}.on", [edge.on], guard)
    if edge.spawn:
        return _flat(f"{source}.spawn", [], guard)
    if edge.otherwise:
        return f"{source}.otherwise()"
    return source if edge.when is None else _flat(f"{source}.when", [edge.when], {})


def _flat(function: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> str:
    return call(function, arguments, options, room=ENDLESS)


def chains(edges: Sequence[Edge], name: Name) -> Iterator[str]:
    """Statements that draw edges which the builder can draw, in this order; `name` gives a node's source."""
    at = 0
    while at < len(edges):
        text, at = _chain(edges, at, name)
        yield text


def _chain(edges: Sequence[Edge], at: int, name: Name) -> tuple[str, int]:
    """One statement, which begins with an edge, and the number of the first edge after it."""
    fan, meeting = _fan(edges, at), _meeting(edges, at)
    if fan == 1 and meeting > 1:
        text = f"{_listed([name(edge.source) for edge in edges[at : at + meeting]])} >> {name(edges[at].target)}"
        ends, at = [edges[at].target], at + meeting
    else:
        text, ends = branch(edges[at], name), [edge.target for edge in edges[at : at + fan]]
        text, at = f"{text} >> {_several(ends, name)}", at + fan
    while "\n" not in text and at < len(edges):
        count = _following(edges, at, ends)
        if not count:
            break
        ends = list(dict.fromkeys(edge.target for edge in edges[at : at + count]))
        longer = f"{text} >> {_several(ends, name)}"
        if "\n" in longer or len(longer) > WIDTH:
            break
        text, at = longer, at + count
    return text, at


def _fan(edges: Sequence[Edge], at: int) -> int:
    """How many edges differ only in their targets."""
    first, targets = edges[at], set[str]()
    while at < len(edges) and msgspec.structs.replace(edges[at], target=first.target) == first:
        if edges[at].target in targets:
            break
        targets.add(edges[at].target)
        at += 1
    return len(targets)


def _meeting(edges: Sequence[Edge], at: int) -> int:
    """How many plain edges differ only in their sources."""
    first, sources = edges[at], set[str]()
    while at < len(edges) and is_plain(edges[at]) and edges[at].target == first.target:
        if edges[at].source in sources:
            break
        sources.add(edges[at].source)
        at += 1
    return len(sources)


def _following(edges: Sequence[Edge], at: int, ends: Sequence[str]) -> int:
    """How many edges go on from where a statement has come to."""
    if not is_plain(edges[at]) or edges[at].source != ends[0]:
        return 0
    if len(ends) == 1:
        return _fan(edges, at)
    following = edges[at : at + len(ends)]
    goes_on = [edge.source for edge in following] == list(ends) and _meeting(edges, at) >= len(ends)
    return len(ends) if goes_on else 0


def _several(ids: Sequence[str], name: Name) -> str:
    return name(ids[0]) if len(ids) == 1 else _listed([name(id) for id in ids])


def _listed(names: Sequence[str]) -> str:
    return literal([Code(name) for name in names], room=WIDTH - MARGIN)
