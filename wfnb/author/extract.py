"""Nodes made a workflow of its own, which a call takes the place of; `wfnb.author.unpack` is the inverse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from wfnb.author.boundary import inputs_read, joined, lasts, movable, one_token, only, reads, refuse, unhidden
from wfnb.author.changes import ends_fed_by, named
from wfnb.author.parts import numbered, slug
from wfnb.author.substitute import Names, Read
from wfnb.author.ways import VALUED, Ways
from wfnb.model.workflow import Call, Edge, End, Group, Node, Note, Position, Start, Workflow

MARGIN = 140.0
"""Pixels from the middle of what was selected at the side to the start, and to the end."""


def extract(workflow: Workflow, ids: Iterable[str], name: str = "part") -> tuple[Workflow, str]:
    """Make a workflow of some nodes, and call it in their place.

    Its inputs are what the nodes read, its output is what others read of them.  Nodes inside a group that is among
    them come along.

    Args:
        workflow: the document.
        ids: the nodes: one way in, to one of them, and all ways out to one other node.
        name: what to call the workflow and the call; numbered where that is taken.

    Returns:
        The document with the call, and the call's id.

    Raises:
        EditError: they are no such part, or a run would give something else; the second line says what to do.
    """
    part = _selected(workflow, ids)
    movable(part.inside, part.outside)
    id = next(n for n in numbered(slug(name)) if n not in part.ways.nodes and n not in workflow.workflows)
    child, arguments, given = _child(workflow, part, id)
    one_token(child)
    output, outer = _output(part, child, given, id)
    child = msgspec.structs.replace(child, nodes=(*child.nodes[:-1], End(child.nodes[-1].id, output=output)))
    return _called(workflow, part, child, Call(id, workflow=id, arguments=arguments), outer), id


@dataclass(frozen=True, slots=True)
class _Part:
    ways: Ways
    ids: frozenset[str]
    top: tuple[str, ...]
    """Those that are in no group among them."""
    entry: str
    target: str
    inside: Workflow
    """The nodes, with the edges between them and those that leave them."""
    outside: Workflow


def _selected(workflow: Workflow, ids: Iterable[str]) -> _Part:
    ways = Ways(workflow)
    chosen = set(ids) & ways.nodes.keys()
    for id in tuple(chosen):
        chosen |= ways.members.get(id, set()) & ways.nodes.keys()
    nodes = [node for node in workflow.nodes if node.id in chosen]
    if all(isinstance(node, Note | Group) for node in nodes):
        refuse("there is nothing among them that runs", "select the nodes that shall be a workflow of their own")
    into = [edge for edge in workflow.edges if edge.target in chosen and edge.source not in chosen]
    out = [edge for edge in workflow.edges if edge.source in chosen and edge.target not in chosen]
    entries, targets = {edge.target for edge in into}, {edge.target for edge in out}
    if len(entries) != 1:
        what = f"ways lead in to {named(sorted(entries))}" if entries else "no way leads in"
        refuse(what, "select nodes that are entered at one of them")
    if len(targets) != 1:
        what = f"ways lead out to {named(sorted(targets))}" if targets else "no way leads out"
        refuse(what, "select nodes from which all ways out lead to one other node")
    top = tuple(node.id for node in nodes if not any(group in chosen for group in ways.around[node.id]))
    around = {frozenset(ways.around[id]) for id in top if not isinstance(ways.nodes[id], Note) or ways.around[id]}
    if len(around) > 1:
        refuse("some of them are in a group, and others are not", "select nodes of one group, or the whole group")
    rest = [node for node in workflow.nodes if node.id not in chosen]
    within = [edge for edge in workflow.edges if edge.source in chosen]
    others = [edge for edge in workflow.edges if edge.source not in chosen]
    (entry,), (target,) = entries, targets
    joined(ways, entry, len(into))
    joined(ways, target, len(out))
    return _Part(ways, frozenset(chosen), top, entry, target, only(nodes, within), only(rest, others))


def _child(workflow: Workflow, part: _Part, name: str) -> tuple[Workflow, dict[str, str], set[str]]:
    """The workflow that is called, without its output; what the call gives it; and what it gives itself."""
    inside = part.inside
    own = {node.id for node in inside.nodes if isinstance(node, VALUED)}
    outer = sorted(reads(inside) - own)
    unhidden(inside, outer)
    known = inputs_read(inside)
    inputs = {name: workflow.inputs.get(name, "any") for name in [n for n in workflow.inputs if n in known] + known}
    arguments = {name: f"={Read('input', name).written()}" for name in inputs}
    values: dict[str, Read] = {}
    for value in outer:
        given = next(n for n in numbered(slug(value)) if n not in inputs)
        inputs[given], arguments[given], values[value] = (
            "any",
            f"={Read('value', value).written()}",
            Read("input", given),
        )
    names = Names(values=values)
    start, end = (next(n for n in numbered(kind) if n not in part.ids) for kind in ("start", "end"))
    edges = [Edge(source=start, target=part.entry)]
    for edge in map(names.in_edge, inside.edges):
        edges += [edge if edge.target in part.ids else msgspec.structs.replace(edge, target=end)]
    child = Workflow(
        name=name,
        inputs=inputs,
        nodes=(Start(start), *map(names.in_node, inside.nodes), End(end)),
        edges=tuple(dict.fromkeys(edges)),
        layout=_laid(workflow, part, start, end),
    )
    if len(child.edges) != len(edges):
        refuse("two of its edges would be the same", "join them first")
    return child, arguments, own


def _output(part: _Part, child: Workflow, own: set[str], call: str) -> tuple[str | None, Names]:
    """What the child gives, and what others read in the place of its values."""
    wanted = sorted(reads(part.outside) & own)
    ways = Ways(child)
    unsure = [id for id in wanted if not ways.surely(id)]
    if unsure:
        refuse(
            f"others read {named(unsure)}, which not every way through them gives", "take those that read it as well"
        )
    unhidden(part.outside, wanted)
    fed = any(ends_fed_by(part.ways, id) - part.ids for id in own)
    if not wanted:
        return None, Names()
    if fed and lasts(ways, own, [child.nodes[-1].id]) != set(wanted):
        refuse("an end gives the value that a token brings, which would be another one", "set the output of the end")
    if len(wanted) == 1:
        return f"={Read('value', wanted[0]).written()}", Names(values={wanted[0]: Read("value", call)})
    items = ", ".join(f"{id!r}: {Read('value', id).written()}" for id in wanted)
    return f"={{{items}}}", Names(values={id: Read("value", call, id) for id in wanted})


def _called(workflow: Workflow, part: _Part, child: Workflow, call: Call, names: Names) -> Workflow:
    """The document with the call in the place of the part."""
    nodes: list[Node] = []
    for node in workflow.nodes:
        if node.id not in part.ids:
            nodes.append(_told(names.in_node(node), part, call.id))
        elif call not in nodes:
            nodes.append(call)
    edges: list[Edge] = []
    onwards = Edge(source=call.id, target=part.target)
    for edge in workflow.edges:
        if edge.source not in part.ids:
            kept = names.in_edge(edge)
            edges.append(msgspec.structs.replace(kept, target=call.id) if edge.target in part.ids else kept)
        elif edge.target not in part.ids and onwards not in edges:
            edges.append(onwards)
    layout: dict[str, Position] = {}
    for id, at in workflow.layout.items():
        if id not in part.ids:
            layout[id] = at
        elif call.id not in layout:
            layout[call.id] = _middle([workflow.layout[id] for id in part.ids if id in workflow.layout])
    return msgspec.structs.replace(
        workflow,
        nodes=tuple(nodes),
        edges=tuple(edges),
        layout=layout,
        workflows={**workflow.workflows, child.name: child},
    )


def _told(node: Node, part: _Part, call: str) -> Node:
    """A node that says of the call what it said of the part."""
    if not isinstance(node, Group) or part.ids.isdisjoint(node.members):
        return node
    members = dict.fromkeys(call if member in part.ids else member for member in node.members)
    return msgspec.structs.replace(node, members=tuple(members))


def _laid(workflow: Workflow, part: _Part, start: str, end: str) -> dict[str, Position]:
    """Where the nodes lay, with a start and an end beside them."""
    laid = {id: at for id, at in workflow.layout.items() if id in part.ids}
    if not laid:
        return {}
    xs, height = [x for x, _ in laid.values()], middle_of(laid)[1]
    return {start: (min(xs) - MARGIN, height), **laid, end: (max(xs) + MARGIN, height)}


def middle_of(places: Mapping[str, Position]) -> Position:
    """The middle of the box around some places, in whole pixels."""
    return _middle(list(places.values()))


def _middle(places: list[Position]) -> Position:
    xs, ys = [x for x, _ in places], [y for _, y in places]
    return float(round((min(xs) + max(xs)) / 2)), float(round((min(ys) + max(ys)) / 2))
