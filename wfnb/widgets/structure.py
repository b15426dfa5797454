"""Workflows made of parts, and calls unpacked: answered with edits, which the canvas then makes as one gesture."""

from __future__ import annotations

from collections.abc import Sequence

from wfnb.author.edits import Edit, Restore, SetWorkflow, Within
from wfnb.author.extract import extract
from wfnb.author.unpack import unpack
from wfnb.errors import EditError
from wfnb.model.workflow import Workflow
from wfnb.widgets import messages as m


def proposal(workflow: Workflow, asked: m.Restructure) -> m.Proposal:
    """The edits that a canvas asked for.

    Raises:
        EditError: they can not be made; the second line says what to do.
    """
    before = at_path(workflow, asked.path)
    if asked.what == "extract":
        after, call = extract(before, asked.nodes, asked.name)
        nodes: tuple[str, ...] = (call,)
    else:
        if len(asked.nodes) != 1:
            raise EditError("one call at a time is unpacked\nselect one")
        after, nodes = unpack(before, asked.nodes[0])
    edits = within(asked.path, changes(before, after))
    return m.Proposal(client=asked.client, revision=asked.revision, edits=edits, nodes=nodes)


def changes(before: Workflow, after: Workflow) -> list[Edit]:
    """What makes one workflow of another, which differs in nodes, edges, layout and own workflows."""
    made: list[Edit] = [Restore(nodes=after.nodes, edges=after.edges, layout=after.layout)]
    if after.workflows != before.workflows:
        made.append(SetWorkflow(workflows=after.workflows))
    return made


def within(path: Sequence[str], edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Edits of the workflow at the end of a path, as edits of the document."""
    made = tuple(edits)
    for name in reversed(path):
        made = (Within(workflow=name, edits=made),)
    return made


def at_path(workflow: Workflow, path: Sequence[str]) -> Workflow:
    """One of the document's own workflows, by the names that lead to it.

    Raises:
        EditError: there is none.
    """
    for name in path:
        if name not in workflow.workflows:
            raise EditError(f"there is no workflow '{name}' in '{workflow.name}'\nit was removed meanwhile: go back")
        workflow = workflow.workflows[name]
    return workflow
