"""What a run is started with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wfnb.engine.recording import preview, storable
from wfnb.errors import InputError, did_you_mean
from wfnb.model.activity import Activity
from wfnb.model.types import Misfit, Type, classes_in, misfit, optional, read_type
from wfnb.model.workflow import Workflow

OPTIONS = frozenset({"input", "allow_unsound", "durability", "strategy", "key", "breakpoints", "pins"})
"""What `start` takes besides inputs: inputs that are called so have to be given in `input=`."""


def checked_inputs(
    workflow: Workflow, given: Any, named: Mapping[str, Any], activities: Mapping[str, Activity] | None = None
) -> dict[str, Any]:
    """The inputs of a run; optional ones that were left out are None.

    Args:
        workflow: what is started.
        given: the inputs as a mapping, None if there is none.
        named: further inputs.
        activities: those that are known; an input may be declared with a class that one of them mentions.

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
        example = ", ".join(_example(name) for name in lacking)
        raise InputError(f"workflow '{workflow.name}' needs the input {names}\nstart it with {example}")
    known = _classes(declared.values(), activities or {})
    for name, value in inputs.items():
        if name not in declared:
            raise InputError(
                f"workflow '{workflow.name}' has no input '{name}'\n"
                f"known inputs: {', '.join(declared)}.{did_you_mean(name, declared)}"
            )
        wrong = misfit(declared[name], value, name, known=known)
        if wrong is not None:
            raise unfit(f"input '{wrong.path}' of workflow '{workflow.name}'", wrong)
    return {**dict.fromkeys(declared), **inputs}


def _example(name: str) -> str:
    if name in OPTIONS:
        return f"input={{{name!r}: ...}}"
    return f"{name}=..." if name.isidentifier() else f"**{{{name!r}: ...}}"


def unfit(what: str, wrong: Misfit) -> InputError:
    """The error about a part of a value that is not of its declared type; `what` is how the part is called."""
    found = "is missing" if wrong.absent else f"is {preview(wrong.value)}, of type {type(wrong.value).__name__}"
    return InputError(f"{what} {found}\nit is declared as {wrong.type}")


def _classes(declared: Iterable[str], activities: Mapping[str, Activity]) -> Mapping[str, Type]:
    """The classes that activities mention, where a declaration names one."""
    if not activities or not any(read_type(kind).problem for kind in declared):
        return {}
    return classes_in(activity.types for activity in activities.values())
