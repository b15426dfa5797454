"""The edits that make one workflow of another, as few as there are."""

from __future__ import annotations

from collections.abc import Iterator

from wfnb.author.edits import (
    AddEdge,
    AddNode,
    Draft,
    Edit,
    Move,
    RemoveEdge,
    RemoveNode,
    Restore,
    SetNode,
    SetWorkflow,
)
from wfnb.errors import EditError
from wfnb.model.workflow import Workflow

_WHOLE = ("name", "description", "inputs", "signals", "workflows")


def edits_between(old: Workflow, new: Workflow) -> tuple[Edit, ...]:
    """What makes `new` of `old`, exactly: the order of nodes, edges, inputs and positions included.

    Nodes and edges that both have stay as they are, so that views keep what they show; only where the order of those
    differs, or ids do not say which is which, is everything put in its place at once.
    """
    whole = {name: getattr(new, name) for name in _WHOLE if _differs(getattr(old, name), getattr(new, name))}
    edits: tuple[Edit, ...] = (SetWorkflow(**whole),) if whole else ()
    try:
        return (*edits, *_one_by_one(old, new))
    except (EditError, _Otherwise):
        return (*edits, Restore(nodes=new.nodes, edges=new.edges, layout=dict(new.layout)))


class _Otherwise(Exception):
    """It can not be done one by one."""


def _differs(one: object, other: object) -> bool:
    """Whether a document shows a difference: of the order of keys, too."""
    return one != other or repr(one) != repr(other)


def _one_by_one(old: Workflow, new: Workflow) -> list[Edit]:
    draft = Draft(old)
    if not (draft.plain and Draft(new).plain):
        raise _Otherwise
    made: list[Edit] = []
    for part in (_gone, _nodes, _edges):
        for edit in part(draft, new):
            draft.apply(edit)
            made.append(edit)
    if _differs(draft.layout, dict(new.layout)):
        made.append(_moved(draft, new))
        draft.apply(made[-1])
    if _differs((tuple(draft.nodes), tuple(draft.edges), draft.layout), (new.nodes, new.edges, dict(new.layout))):
        raise _Otherwise
    return made


def _gone(draft: Draft, new: Workflow) -> Iterator[Edit]:
    kept, ids = set(new.edges), {node.id for node in new.nodes}
    yield from [RemoveEdge(edge=edge) for edge in draft.edges if edge not in kept]
    yield from [RemoveNode(id=node.id) for node in draft.nodes if node.id not in ids]


def _nodes(draft: Draft, new: Workflow) -> Iterator[Edit]:
    for at, node in enumerate(new.nodes):
        if node.id not in draft.at:
            last = at >= len(draft.nodes)
            yield AddNode(node=node, position=new.layout.get(node.id), at=None if last else at)
    for node in new.nodes:  # in a round of its own: a node that leaves changes the groups that it was in
        if _differs(draft.nodes[draft.at[node.id]], node):
            yield SetNode(id=node.id, node=node)


def _edges(draft: Draft, new: Workflow) -> Iterator[Edit]:
    for at, edge in enumerate(new.edges):
        if edge not in draft.have:
            yield AddEdge(edge=edge, at=None if at >= len(draft.edges) else at)


def _moved(draft: Draft, new: Workflow) -> Move:
    """Moves of those nodes that are drawn elsewhere, where that gives the layout with its order."""
    moves = {id: at for id, at in new.layout.items() if draft.layout.get(id) != at}
    gone = {id: None for id in draft.layout if id not in new.layout}
    after = {id: at for id, at in {**draft.layout, **moves}.items() if id not in gone}
    if [*after] == [*new.layout] and {*moves, *gone} <= draft.at.keys():
        return Move(positions={**moves, **gone})
    return Move(positions=dict(new.layout), whole=True)
