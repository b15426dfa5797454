"""What becomes of the path of a node when nodes on the way are renamed."""

from __future__ import annotations

from collections.abc import Mapping

from wfnb.errors import EditError
from wfnb.model.workflow import Call, Map, Workflow
from wfnb.widgets.structure import at_path

Scope = tuple[str, ...]
"""One of a document's own workflows, by the names that lead to it; empty for the document."""


def renames(before: Workflow, after: Workflow, scope: Scope = ()) -> dict[Scope, dict[str, str]]:
    """The new ids of nodes that a change has renamed, by the workflow that they are in and by their old ids.

    A node that stands where another one of its kind stood, of which there is nothing left, is that one: so it is
    after a rename, after undoing one, and in a text that somebody wrote.
    """
    found: dict[Scope, dict[str, str]] = {}
    if before.nodes is not after.nodes and len(before.nodes) == len(after.nodes):
        olds, news = ({node.id for node in workflow.nodes} for workflow in (before, after))
        given = {
            old.id: new.id
            for old, new in zip(before.nodes, after.nodes, strict=True)
            if old.kind == new.kind and old.id not in news and new.id not in olds
        }
        if given:
            found[scope] = given
    for name, inner in after.workflows.items():
        if name in before.workflows and before.workflows[name] is not inner:
            found |= renames(before.workflows[name], inner, (*scope, name))
    return found


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
            return "/".join((*steps, new.get(rest, rest)))
        call = next((id for id in nodes if rest.startswith(f"{id}/")), None)
        if call is None:
            return path
        node = nodes[call]
        scope = _run_by(node.workflow, before, scope) if isinstance(node, Call | Map) else None
        steps.append(new.get(call, call))
        rest = rest[len(call) + 1 :]
    return "/".join((*steps, rest))


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
