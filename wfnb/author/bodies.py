"""What calls and maps run: other workflows, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wfnb.author import given
from wfnb.author.document import Document
from wfnb.author.registry import registry
from wfnb.errors import DefinitionError
from wfnb.model.activity import Activity
from wfnb.model.workflow import Workflow


class WorkflowName(str):
    """The name of a workflow, where a plain one would be taken for an activity's.

    flow.map("pages", wf.WorkflowName("page"), "=input.urls")
    """

    __slots__ = ()


class ActivityName(str):
    """The name of an activity, whatever workflows are known."""

    __slots__ = ()


def is_path(name: str) -> bool:
    """Whether the name of a workflow is a path rather than a plain name."""
    return "/" in name or name.endswith(".json")


def workflow_name(source: Workflow | Document | Callable[..., Any] | str, workflow: Workflow) -> str:
    """The name by which `workflow` calls another, which is made known where it is given as itself.

    Raises:
        DefinitionError: it is no workflow, or `workflow` has its own of this name, which is another one.
    """
    if isinstance(source, str):
        return str(source)
    if not isinstance(source, Workflow | Document):
        raise DefinitionError(f"{source!r} is no workflow\ngive a flow, a workflow, its name, or a path")
    current = source.workflow if isinstance(source, Document) else source
    own = workflow.workflows.get(current.name)
    if own is not None and own != current:
        raise DefinitionError(
            f"workflow '{workflow.name}' has its own workflow '{current.name}', which is another one\n"
            f"rename one of them, or call it as '{current.name}'"
        )
    registry.workflows.add(source)
    return current.name


def body_fields(
    source: Workflow | Document | Activity | Callable[..., Any] | str, workflow: Workflow
) -> dict[str, Any]:
    """The field of a map that names its body: an activity, or a workflow."""
    if isinstance(source, WorkflowName):
        return {"workflow": str(source)}
    if isinstance(source, ActivityName):
        return {"activity": str(source)}
    if isinstance(source, str):
        known = source in workflow.workflows or source in registry.workflows
        field = "workflow" if is_path(source) or (known and source not in registry) else "activity"
        return {field: source}
    if isinstance(source, Workflow | Document):
        return {"workflow": workflow_name(source, workflow)}
    return {"activity": given.activity_name(source)}
