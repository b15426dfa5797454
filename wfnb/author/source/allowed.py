"""What the source of a drawing may say: the builder's calls, and where they take a name for a thing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from wfnb.author.bodies import WorkflowName
from wfnb.author.flow import Flow
from wfnb.author.refs import Branch, NodeRef
from wfnb.model.workflow import Retry

Reading: TypeAlias = Literal["value", "name", "types", "type", "text"]
"""How an argument is read: a literal or a variable; or also the bare name of an activity or an error, which stands for
itself; or types by name, or a type, as Python writes them; or text and nothing else."""


class Module:
    """What stands for the module `wfnb` itself."""


FUNCTIONS: Mapping[str, Any] = {"flow": Flow, "Retry": Retry, "WorkflowName": WorkflowName}
"""What is known of the module."""
OTHERS: Mapping[tuple[str, str], Any] = {("datetime", "timedelta"): timedelta}
"""What may be imported besides, by module and name."""
_NODES = frozenset(
    {"task", "choice", "fork", "join", "wait", "approval", "map", "call", "end", "note", "group", "node"}
)
METHODS: Mapping[type, frozenset[str]] = {
    Flow: _NODES | {"signal", "include", "add", "layout"},
    NodeRef: frozenset({"when", "otherwise", "on", "after", "until", "on_error", "spawn", "options"}),
    Branch: frozenset({"when"}),
}
_READINGS: dict[tuple[str, int | str], Reading] = {
    **{(method, 0): "text" for method in _NODES},
    ("flow", 0): "text",
    ("flow", 1): "types",
    ("flow", "inputs"): "types",
    ("flow", "description"): "text",
    ("WorkflowName", 0): "text",
    ("task", 1): "name",
    ("map", 1): "name",
    ("on_error", 0): "name",
    ("on_error", "error"): "name",
    ("end", "error"): "name",
    ("options", "error"): "name",
    ("options", "compensate"): "name",
    ("options", "prerequisites"): "name",
    ("options", "form"): "types",
    ("approval", "form"): "types",
    ("signal", 0): "text",
    ("signal", 1): "type",
    ("signal", "type"): "type",
    ("include", 1): "text",
    ("include", "name"): "text",
    ("when", 0): "text",
    ("on", 0): "text",
    ("until", 0): "text",
}


def reading(function: str, argument: int | str) -> Reading:
    """How an argument of a function, by position or name, is read."""
    if argument == "when":
        return "text"
    return _READINGS.get((function, argument), "value")
