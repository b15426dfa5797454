"""What a run is started with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wfnb.engine.recording import preview, storable
from wfnb.errors import InputError, did_you_mean
from wfnb.model.types import fits, optional
from wfnb.model.workflow import Workflow


def checked_inputs(workflow: Workflow, given: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a run; optional ones that were left out are None.

    Raises:
        InputError: one is missing or unknown, or not of the declared type.
    """
    if given is not None and not isinstance(given, Mapping):
        raise InputError(
            f"input= is a {type(given).__name__}, no mapping\ngive the inputs by name, such as {{'url': ...}}"
        )
    inputs = {**(given or {}), **named}
    for name in inputs:
        if not isinstance(name, str) or storable(name) != name:
            raise InputError(f"an input is named {name!r}\nnames of inputs are text")
    declared = workflow.inputs
    if not declared:
        return inputs
    lacking = [name for name, kind in declared.items() if name not in inputs and not optional(kind)]
    if lacking:
        names = ", ".join(f"'{name}'" for name in lacking)
        example = ", ".join(f"{name}=..." if name.isidentifier() else f"**{{{name!r}: ...}}" for name in lacking)
        raise InputError(f"workflow '{workflow.name}' needs the input {names}\nstart it with {example}")
    for name, value in inputs.items():
        if name not in declared:
            raise InputError(
                f"workflow '{workflow.name}' has no input '{name}'\n"
                f"known inputs: {', '.join(declared)}.{did_you_mean(name, declared)}"
            )
        if not fits(declared[name], value):
            raise InputError(
                f"input '{name}' of workflow '{workflow.name}' is {preview(value)}, of type {type(value).__name__}\n"
                f"it is declared as {declared[name]}"
            )
    return {**dict.fromkeys(declared), **inputs}
