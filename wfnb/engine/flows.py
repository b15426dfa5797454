"""The definition behind any way of giving one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wfnb.author.flow import Flow
from wfnb.errors import DefinitionError
from wfnb.model.workflow import Workflow


def as_workflow(flow: Any) -> Workflow:
    """The definition behind any way of giving one.

    Raises:
        DecodeError: a document can not be read.
        FileNotFoundError: there is none at this path.
        DefinitionError: it is nothing of the kind.
    """
    if isinstance(flow, Workflow):
        return flow
    if isinstance(flow, Flow):
        return flow.workflow
    if isinstance(flow, str | Path):
        from wfnb.formats import load_workflow  # noqa: PLC0415 - readers are loaded when a file is read

        return load_workflow(flow)
    found = getattr(flow, "workflow", None)
    if isinstance(found, Workflow):
        return found
    raise DefinitionError(f"{type(flow).__name__} is no workflow\ngive a flow, a workflow or a path")
