"""What becomes of the path of a node when nodes on the way are renamed, made a workflow of their own, or unpacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wfnb.errors import EditError
from wfnb.model.workflow import Approval, Call, Map, Node, Start, Task, Wait, Workflow
from wfnb.widgets.structure import at_path

Scope = tuple[str, ...]
"""One of a document's own workflows, by the names that lead to it; empty for the document."""


def renames(before: Workflow, after: Workflow, scope: Scope = ()) -> dict[Scope, dict[str, str]]:
    """The new ids of nodes that a change has renamed, by the workflow that they are in and by their old ids.

    A node that stands where another one of its kind stood, of which there is nothing left, is that one: so it is
    after a rename, after undoing one, and in a text that somebody wrote.  Nodes that a new call runs now are
    `call/node`, and a call has the id "" of which the nodes stand in its place.
    """
    found: dict[Scope, dict[str, str]] = {}
    given: dict[str, str] = {}
    if before.nodes is not after.nodes and len(before.nodes) == len(after.nodes):
        olds, news = ({node.id for node in workflow.nodes} for workflow in (before, after))
        given = {
            old.id: new.id
            for old, new in zip(before.nodes, after.nodes, strict=True)
            if old.kind == new.kind and old.id not in news and new.id not in olds
        }
    given |= {node: f"{call}/{node}" for node, call in _packed(before, after)}
    given |= {call: "" for _, call in _packed(after, before)}
    if given:
        found[scope] = given
    for name, inner in after.workflows.items():
        if name in before.workflows and before.workflows[name] is not inner:
            found |= renames(before.workflows[name], inner, (*scope, name))
    return found


def _packed(before: Workflow, after: Workflow) -> Iterator[tuple[str, str]]:
    """The nodes that a new call of a new workflow runs, each with that call."""
    if after.workflows.keys() <= before.workflows.keys():
        return
    olds, news = ({node.id: node for node in workflow.nodes} for workflow in (before, after))
    for call in after.nodes:
        if not isinstance(call, Call) or call.id in olds or call.workflow in before.workflows:
            continue
        child = after.workflows.get(call.workflow, Workflow())
        for node in child.nodes:
            if node.id in olds and node.id not in news and olds[node.id].kind == node.kind:
                yield node.id, call.id


def renamed(path: str, given: Mapping[Scope, Mapping[str, str]], before: Workflow) -> str:
    """The path of a node after a change: the same, where nothing on its way was renamed.

    Args:
        path: `node`, or `call/node` inside a call or a map, as it was.
        given: what was renamed, see `renames`.
        before: the document before the change.
    """
    steps: list[str] = []
    scope: Scope | None = ()
    rest = path
    while scope is not None:
        new = given.get(scope, {})
        nodes = {node.id: node for node in at_path(before, scope).nodes}
        if rest in nodes:
            last = new.get(rest, rest) or _first(nodes[rest], before, scope)
            return "/".join((*steps, last))
        call = next((id for id in nodes if rest.startswith(f"{id}/")), None)
        if call is None:
            return path
        node = nodes[call]
        scope = _run_by(node.workflow, before, scope) if isinstance(node, Call | Map) else None
        steps.extend(filter(None, [new.get(call, call)]))
        rest = rest[len(call) + 1 :]
    return "/".join((*steps, rest))


def _first(call: Node, document: Workflow, scope: Scope) -> str:
    """Where a run rests first in what a call runs; the call itself, where that is no node of it for sure."""
    inner = _run_by(call.workflow, document, scope) if isinstance(call, Call) else None
    if inner is None:
        return call.id
    workflow = at_path(document, inner)
    nodes = {node.id: node for node in workflow.nodes}
    begins = [edge.target for edge in workflow.edges if isinstance(nodes.get(edge.source), Start)]
    first = nodes.get(begins[0]) if len(begins) == 1 else None
    return first.id if isinstance(first, Task | Wait | Approval | Map | Call) else call.id


def _run_by(name: str, document: Workflow, scope: Scope) -> Scope | None:
    """The own workflow that a call in another one means; None where it is none of the document's."""
    for depth in range(len(scope), -1, -1):
        inner = (*scope[:depth], name)
        try:
            at_path(document, inner)
        except EditError:
            continue
        return inner
    return None
