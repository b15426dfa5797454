"""Away with what can never run, and with routing that does nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from wfnb.author.changes import Change, Improved, asked_about, dropped, ends_fed_by, named
from wfnb.author.ways import Ways, free_reads
from wfnb.errors import ExpressionError
from wfnb.model.expression import parse
from wfnb.model.workflow import Choice, Edge, Fork, Group, Join, Note, Workflow


def constant(guard: str | None) -> bool | None:
    """What a guard always gives; None where that depends, or fails."""
    if guard is None:
        return None
    try:
        expression = parse(guard)
        if expression.reads or expression.inputs or expression.facts:
            return None
        return expression.holds({}, {})
    except ExpressionError:
        return None


def decided(workflow: Workflow, proved: Mapping[Edge, str]) -> Improved:
    """Without edges of one choice whose guard never holds, or that come after one that always does.

    Args:
        workflow: the workflow.
        proved: edges of choices that are never taken, each with why, besides those that can be seen here.
    """
    ways = Ways(workflow)
    for node in workflow.nodes:
        if not isinstance(node, Choice):
            continue
        gone = dict(_never(ways.out[node.id], proved))
        if not gone:
            continue
        *_, last = (edge for edge in ways.out[node.id] if edge not in gone)
        sure = msgspec.structs.replace(last, when=None, otherwise=True) if constant(last.when) else last
        edges = (sure if edge == last else edge for edge in workflow.edges if edge not in gone)
        made = msgspec.structs.replace(workflow, edges=tuple(dict.fromkeys(edges)))
        if _dead(Ways(unreachable(made)[0])) <= _dead(ways):
            return made, list(gone.values())
    return workflow, []


def _never(edges: list[Edge], proved: Mapping[Edge, str]) -> Iterator[tuple[Edge, Change]]:
    """The edges of a choice that are never taken; one is left at least."""
    sure = next((edge for edge in edges if constant(edge.when)), None)
    never = [edge for edge in edges if constant(edge.when) is False]
    if sure is not None:
        behind = edges[edges.index(sure) + 1 :]
        never += [
            edge for edge in edges if edge is not sure and (edge in behind or edge.otherwise) and edge not in never
        ]
    never += [edge for edge in edges if edge in proved and edge not in never]
    if len(never) == len(edges):
        return
    for edge in never:
        shadow = (sure.target, sure.when) if sure is not None else ("", "")
        before = f"the guard of the edge to '{shadow[0]}', {shadow[1]}, always holds"
        what = f"the edge from '{edge.source}' to '{edge.target}' is gone"
        own = f"its guard, {edge.when}, never holds"
        why = own if constant(edge.when) is False else proved.get(edge, before)
        yield edge, Change(what, why, (edge.source, edge.target))


def unreachable(workflow: Workflow) -> Improved:
    """Without nodes that no way leads to."""
    ways = Ways(workflow)
    dead = _dead(ways)
    kept = _needed(ways, dead)
    gone = [node.id for node in workflow.nodes if node.id in dead and node.id not in kept]
    gone += [group for group, members in ways.members.items() if members and members <= {*gone, *ways.members}]
    if not gone:
        return workflow, []
    left = set(gone)
    edges = [edge for edge in workflow.edges if edge.source not in left and edge.target not in left]
    verb = "are" if len(gone) > 1 else "is"
    change = Change(f"{named(gone)} {verb} gone", f"no way leads there from '{ways.start}'", tuple(gone))
    return dropped(workflow, gone, edges), [change]


def _dead(ways: Ways) -> set[str]:
    """The nodes that no way leads to; a group is where its members are."""
    if ways.start is None:
        return set()
    live = _reached(ways, ways.start)
    return {id for id, node in ways.nodes.items() if id not in live and not isinstance(node, Note | Group)}


def _reached(ways: Ways, start: str) -> set[str]:
    live = {start}
    frontier = [start]
    while frontier:
        id = frontier.pop()
        for found in (*(edge.target for edge in ways.out[id]), *ways.around[id]):
            if found not in live:
                live.add(found)
                frontier.append(found)
    return live


def _needed(ways: Ways, dead: set[str]) -> set[str]:
    """Dead nodes that stay: those that a join waits for, and those that something else names."""
    paired = {node.join for node in ways.nodes.values() if isinstance(node, Fork)}
    kept = {
        edge.source
        for id, node in ways.nodes.items()
        if isinstance(node, Join) and id not in dead and id not in paired
        for edge in ways.into[id]
        if edge.source in dead
    }
    kept |= dead & free_reads(dropped(ways.workflow, dead, [e for e in ways.workflow.edges if e.source not in dead]))
    frontier = list(kept)
    while frontier:
        for edge in ways.into[frontier.pop()]:
            if edge.source in dead and edge.source not in kept:
                kept.add(edge.source)
                frontier.append(edge.source)
    return kept


def nests(workflow: Workflow) -> Improved:
    """Without one node that only routes and could be left out: a fork in a fork, a join in a join, one way only."""
    ways = Ways(workflow)
    asked = asked_about(workflow)
    paired = {node.join for node in ways.nodes.values() if isinstance(node, Fork)}
    for node in workflow.nodes:
        id, into, out = node.id, ways.into[node.id], ways.out[node.id]
        if (
            id in asked
            or id in paired
            or not into
            or not out
            or any(e.spawn or e.source == e.target for e in into + out)
        ):
            continue
        match node:
            case Fork(join="") if len(out) == 1:
                made = _bypassed(ways, id, into, out[0])
                why = "it has one branch"
            case Choice() if len(out) == 1 and out[0].otherwise:
                made = _bypassed(ways, id, into, out[0])
                why = "it has one way to go"
            case Join(need="all" | "any" | 1) if len(into) == len(out) == 1 and not ends_fed_by(ways, id):
                made = _bypassed(ways, id, into, out[0])
                why = "it waits for one branch"
            case Fork(join="") if len(into) == 1 and _plain_fork(ways, into[0].source):
                made = _merged(ways, id, into[0], [_from(into[0].source, edge) for edge in out])
                why = f"'{into[0].source}' starts its branches at the same moment"
            case Join(need="all") if len(out) == 1 and _plain_join(ways, out[0].target, paired):
                made = _merged(ways, id, out[0], [msgspec.structs.replace(e, target=out[0].target) for e in into])
                why = f"'{out[0].target}' waits for its branches as well"
            case _:
                continue
        if made is not None:
            return made, [Change(f"{node.kind} '{id}' is gone", why, (id,))]
    return workflow, []


def _from(source: str, edge: Edge) -> Edge:
    return msgspec.structs.replace(edge, source=source)


def _plain_fork(ways: Ways, id: str) -> bool:
    node = ways.nodes.get(id)
    return isinstance(node, Fork) and not node.join and not any(edge.spawn for edge in ways.out[id])


def _plain_join(ways: Ways, id: str, paired: set[str]) -> bool:
    node = ways.nodes.get(id)
    return isinstance(node, Join) and node.need == "all" and id not in paired


def _bypassed(ways: Ways, id: str, into: list[Edge], out: Edge) -> Workflow | None:
    """The workflow with edges led past a node."""
    if len(into) > 1 and isinstance(ways.nodes.get(out.target), Join):
        return None  # several ways in would be several branches of the join
    if ways.around[id] != ways.around[out.target] and ways.around[id]:
        return None
    led = {edge: msgspec.structs.replace(edge, target=out.target) for edge in into}
    return _replaced(ways, id, {**{edge: [to] for edge, to in led.items()}, out: []})


def _merged(ways: Ways, id: str, between: Edge, others: list[Edge]) -> Workflow | None:
    """The workflow with a node's edges given to its neighbour, to which `between` leads."""
    neighbour = between.source if between.target == id else between.target
    if ways.around[id] != ways.around[neighbour]:
        return None
    own = ways.out[id] if between.target == id else ways.into[id]
    return _replaced(ways, id, {between: others, **{edge: [] for edge in own}})


def _replaced(ways: Ways, id: str, change: dict[Edge, Iterable[Edge]]) -> Workflow | None:
    edges = [made for edge in ways.workflow.edges for made in change.get(edge, [edge])]
    if len(set(edges)) != len(edges):
        return None  # two equal edges would be one
    return dropped(ways.workflow, [id], edges)
