"""Drawings in a few words, for tests of what is known about them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec

from wfnb.machine.diagnostic import Diagnostic
from wfnb.model.workflow import Choice, Edge, End, Fork, Join, Node, Start, Task, Workflow

KINDS: dict[str, type[Any]] = {"start": Start, "end": End, "choice": Choice, "fork": Fork, "join": Join}


def sketch(text: str, *nodes: Node, **fields: Any) -> Workflow:
    """A workflow from lines such as `start > page > gate`, `gate > end: page > 3` (a guard), `gate > other: else`.

    Nodes are those given; others are made by the beginning of their name (`start`, `end2`, `fork_a`), or are tasks of
    the activity `work`.  What stands behind an edge in brackets are its other fields: `page > sorry [error='*']`.
    """
    known: dict[str, Node] = {node.id: node for node in nodes}
    edges: list[Edge] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        bare, _, more = line.partition(" [")
        path, _, guard = bare.partition(": ")
        ids = [id.strip() for id in path.split(" > ")]
        for id in ids:
            kind = next((KINDS[word] for word in KINDS if id.startswith(word)), None)
            known.setdefault(id, kind(id) if kind else Task(id, activity="work"))
        extra = eval(f"dict({more.removesuffix(']')})") if more else {}
        for index, (source, target) in enumerate(pairwise(ids)):
            last = index == len(ids) - 2
            edge = Edge(source=source, target=target)
            if last and guard:
                edge = msgspec.structs.replace(edge, **{"otherwise": True} if guard == "else" else {"when": guard})
            edges.append(msgspec.structs.replace(edge, **extra) if last else edge)
    fields.setdefault("name", "sketch")
    return Workflow(nodes=tuple(known.values()), edges=tuple(edges), **fields)


def task(id: str, activity: str = "work", /, **arguments: Any) -> Task:
    """A task with arguments."""
    return Task(id, activity=activity, arguments=arguments)


def told(found: tuple[Diagnostic, ...]) -> str:
    """Diagnostics as golden files have them."""
    lines = []
    for one in found:
        where = " ".join([*map(repr, one.nodes), *(f"edge {edge}" for edge in one.edges)])
        field = f" .{one.field}" if one.field else ""
        column = "" if one.column is None else f" column {one.column}"
        lines.append(f"{one.code} {one.severity}: {one.message}")
        lines += [f"    {line}" for line in one.help.splitlines()]
        lines.append(f"    @ {where}{field}{column}".rstrip())
    return "\n".join(lines)
