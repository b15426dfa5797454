"""A call replaced by what it calls: what undoes `wfnb.author.extract`."""

from __future__ import annotations

import ast

import msgspec

from wfnb.author.boundary import inputs_read, joined, lasts, movable, one_token, only, reads, refuse, unhidden
from wfnb.author.changes import ends_fed_by, named
from wfnb.author.extract import middle_of
from wfnb.author.substitute import Names, Read
from wfnb.author.ways import VALUED, Ways
from wfnb.model.workflow import Call, Edge, End, Group, Map, Node, Note, Position, Start, Workflow

_CURE = "enter it and change that, or leave the call as it is"


def unpack(workflow: Workflow, id: str) -> tuple[Workflow, tuple[str, ...]]:
    """Put the nodes of a document's own workflow in the place of the one call of it.

    Returns:
        The document without the call and that workflow, and the ids of the nodes that came out of it.

    Raises:
        EditError: names would clash, it is called elsewhere too, or a run would give something else.
    """
    call, child = _found(workflow, id)
    start, end = _ends(child)
    inner = [node for node in child.nodes if node.id not in (start, end.id)]
    clash = sorted({node.id for node in inner} & {node.id for node in workflow.nodes if node.id != id})
    if clash:
        refuse(f"both workflows have {named(clash)}", "rename them in one of the two")
    inside = only(inner, [edge for edge in child.edges if edge.source != start])
    rest = [node for node in workflow.nodes if node.id != id]
    outside = only(rest, [edge for edge in workflow.edges if edge.source != id])
    movable(inside, outside)
    one_token(child)
    ways, within = Ways(workflow), Ways(child)
    joined(within, within.out[start][0].target, len(ways.into[id]))
    joined(ways, ways.out[id][0].target, len(within.into[end.id]))
    names = Names(inputs=_given(call, child, inside))
    around = _read_outside(workflow, call, child, end)
    made = [node if node.id != id else None for node in workflow.nodes]
    nodes: list[Node] = []
    for node in made:
        nodes += map(names.in_node, inner) if node is None else [_told(around.in_node(node), id, inner, child)]
    edges = _edges(workflow, id, child, names, around)
    return (
        msgspec.structs.replace(
            workflow,
            nodes=tuple(nodes),
            edges=edges,
            layout=_layout(workflow, id, child, {node.id for node in inner}),
            workflows=_workflows(workflow, call.workflow, child),
        ),
        tuple(node.id for node in inner),
    )


def _found(workflow: Workflow, id: str) -> tuple[Call, Workflow]:
    call = next((node for node in workflow.nodes if node.id == id), None)
    if not isinstance(call, Call):
        refuse(f"'{id}' is no call", "select the call of a workflow of this document")
    child = workflow.workflows.get(call.workflow)
    if child is None:
        refuse(f"workflow '{call.workflow}' does not belong to this document", "only its own workflows can be unpacked")
    users = sum(_uses(one, call.workflow) for one in (workflow, *workflow.workflows.values()))
    if users > 1:
        refuse(f"workflow '{call.workflow}' is used {users} times", "unpack the others first, or copy it")
    leaving = [edge for edge in workflow.edges if edge.source == id]
    if leaving != [Edge(source=id, target=edge.target) for edge in leaving] or len(leaving) != 1:
        refuse(f"not one plain edge leaves '{id}'", "let one edge without a condition or a trigger lead on")
    return call, child


def _uses(workflow: Workflow, name: str) -> int:
    own = sum(isinstance(node, Call | Map) and node.workflow == name for node in workflow.nodes)
    return own + sum(_uses(inner, name) for inner in workflow.workflows.values() if name not in workflow.workflows)


def _ends(child: Workflow) -> tuple[str, End]:
    starts = [node.id for node in child.nodes if isinstance(node, Start)]
    ends = [node for node in child.nodes if isinstance(node, End)]
    if len(starts) != 1 or len(ends) != 1 or ends[0].terminate or ends[0].error:
        refuse(f"workflow '{child.name}' has not one start and one plain end", _CURE)
    begins = [edge for edge in child.edges if edge.source == starts[0]]
    plain = [Edge(source=starts[0], target=edge.target) for edge in begins] == begins
    if len(begins) != 1 or not plain or begins[0].target == ends[0].id:
        refuse(f"workflow '{child.name}' does not begin with one node", _CURE)
    if child.signals:
        refuse(f"workflow '{child.name}' has signals of its own", _CURE)
    return starts[0], ends[0]


def _given(call: Call, child: Workflow, inside: Workflow) -> dict[str, Read]:
    """What is read in the place of the child's inputs."""
    found: dict[str, Read] = {}
    for name in dict.fromkeys([*call.arguments, *inputs_read(inside)]):
        read = _plain(call.arguments.get(name))
        if read is None:
            what = "nothing" if name not in call.arguments else "more than a name"
            refuse(f"'{call.id}' gives '{name}' {what}", "give it a value or an input by its name")
        found[name] = read
    own = {node.id for node in child.nodes}
    free = sorted(reads(inside) - own)
    if free:
        refuse(f"workflow '{child.name}' reads {named(free)}, which it does not have", _CURE)
    unhidden(inside, [read.name for read in found.values() if read.of == "value"])
    return found


def _plain(source: object) -> Read | None:
    """What an expression reads, if it does nothing else."""
    if not isinstance(source, str) or not source.startswith("="):
        return None
    try:
        tree = ast.parse(source[1:].strip(), mode="eval").body
    except SyntaxError:
        return None
    match tree:
        case ast.Name(id=name):
            return Read("value", name)
        case ast.Subscript(value=ast.Name(id="values"), slice=ast.Constant(value=str(name))):
            return Read("value", name)
        case ast.Attribute(value=ast.Name(id="input"), attr=name):
            return Read("input", name)
        case ast.Subscript(value=ast.Name(id="input"), slice=ast.Constant(value=str(name))):
            return Read("input", name)
        case _:
            return None


def _read_outside(workflow: Workflow, call: Call, child: Workflow, end: End) -> Names:
    """What others read in the place of what the call gives."""
    ways, own = Ways(child), {node.id for node in child.nodes if isinstance(node, VALUED)}
    fed = ends_fed_by(Ways(workflow), call.id)
    read = call.id in reads(workflow)
    if end.output is None:
        if read:
            refuse(f"others read what '{call.id}' gives, and its end does not say what that is", "set its output")
        return Names()
    whole, items = _plain(end.output), _items(end.output)
    last = lasts(ways, own, [end.id])
    if whole is not None and whole.of == "value":
        if fed and last != {whole.name}:
            refuse(
                "an end gives the value that a token brings, which would be another one", "set the output of the end"
            )
        return Names(values={call.id: whole})
    names = Names(items={(call.id, key): value for key, value in items.items()})
    probe = only(map(names.in_node, workflow.nodes), map(names.in_edge, workflow.edges))
    if fed or not items or call.id in reads(probe):
        refuse(f"'{call.id}' gives what no node inside gives as it is", "read its parts by their names")
    return names


def _items(output: object) -> dict[str, Read]:
    """The values of a dict that a child gives; empty where it gives anything else."""
    if not isinstance(output, str) or not output.startswith("="):
        return {}
    try:
        tree = ast.parse(output[1:].strip(), mode="eval").body
    except SyntaxError:
        return {}
    if not isinstance(tree, ast.Dict):
        return {}
    found: dict[str, Read] = {}
    for key, value in zip(tree.keys, tree.values, strict=True):
        read = _plain(f"={ast.unparse(value)}")
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or read is None or read.of != "value":
            return {}
        found[key.value] = read
    return found


def _edges(workflow: Workflow, id: str, child: Workflow, names: Names, around: Names) -> tuple[Edge, ...]:
    start, end = _ends(child)
    entry = next(edge.target for edge in child.edges if edge.source == start)
    edges: list[Edge] = []
    for edge in workflow.edges:
        if edge.source == id:
            inner = (names.in_edge(one) for one in child.edges if one.source != start)
            edges += (msgspec.structs.replace(e, target=edge.target) if e.target == end.id else e for e in inner)
            continue
        kept = around.in_edge(edge)
        edges.append(msgspec.structs.replace(kept, target=entry) if kept.target == id else kept)
    return tuple(edges)


def _told(node: Node, call: str, inner: list[Node], child: Workflow) -> Node:
    """A group that has for members what came out of the call."""
    if not isinstance(node, Group) or call not in node.members:
        return node
    nested = Ways(child).around
    out = [one.id for one in inner if not nested[one.id] and not isinstance(one, Note)]
    at = node.members.index(call)
    return msgspec.structs.replace(node, members=(*node.members[:at], *out, *node.members[at + 1 :]))


def _layout(workflow: Workflow, id: str, child: Workflow, inner: set[str]) -> dict[str, Position]:
    """Where the nodes lay in their workflow, around where the call was."""
    inside = {one: at for one, at in child.layout.items() if one in inner}
    layout: dict[str, Position] = {}
    for one, (x, y) in workflow.layout.items():
        if one != id:
            layout[one] = (x, y)
        elif inside:
            cx, cy = middle_of(inside)
            layout |= {node: (x + ix - cx, y + iy - cy) for node, (ix, iy) in inside.items()}
    return layout


def _workflows(workflow: Workflow, name: str, child: Workflow) -> dict[str, Workflow]:
    left = {known: one for known, one in workflow.workflows.items() if known != name}
    clash = sorted(left.keys() & child.workflows.keys())
    if clash:
        refuse(f"both workflows have workflows of their own called {named(clash)}", "rename them in one of the two")
    return {**left, **child.workflows}
