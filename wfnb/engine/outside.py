"""What comes to a run from outside: signals and people's answers, checked before anything is recorded."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from wfnb.engine.inputs import unfit
from wfnb.engine.recording import preview, unstored
from wfnb.errors import InputError, did_you_mean
from wfnb.machine.machine import Machine
from wfnb.model.state import State
from wfnb.model.types import misfit, optional


def checked_signal(machine: Machine, name: str, value: Any) -> None:
    """Check that a run can take a signal.

    Raises:
        InputError: nothing in the workflow waits for it, or what it brings is no JSON value or not of its type.
    """
    declared = machine.workflow.signals.get(name)
    if declared is None and name not in machine.special.listeners:
        known = {*machine.workflow.signals, *machine.special.listeners}
        listed = ", ".join(sorted(known)) or "none"
        raise InputError(
            f"workflow '{machine.name}' waits for no signal '{name}'\n"
            f"known signals: {listed}.{did_you_mean(name, known)}"
        )
    if unstored(value) is not UNSET:
        raise InputError(
            f"signal '{name}' brings {preview(value)}, which is no JSON value\nsend text, numbers, lists or dicts"
        )
    if declared is not None and declared.type != "any":
        wrong = misfit(declared.type, value, name)
        if wrong is not None:
            raise unfit(f"what signal '{wrong.path}' brings", wrong)


def checked_answer(machine: Machine, state: State, id: str, value: Any) -> int:
    """The number of the approval that an answer is for.

    Raises:
        InputError: the run asks no such thing, or the answer does not fit its form.
    """
    node = machine.graph.number.get(id, -1)
    if node not in state.asked:
        asked = ", ".join(f"'{machine.ids[number]}'" for number in state.asked) or "nothing"
        raise InputError(f"the run asks nothing at '{id}'\nit asks at: {asked}")
    if unstored(value) is not UNSET:
        raise InputError(f"the answer {preview(value)} is no JSON value\ngive text, numbers, lists or dicts")
    form: dict[str, str] = getattr(machine.graph.nodes[node], "form", {})
    if not form:
        return node
    if not isinstance(value, dict):
        raise InputError(f"the answer to '{id}' is {preview(value)}\ngive a dict with the fields {', '.join(form)}")
    for name in value:
        if name not in form:
            raise InputError(
                f"the answer to '{id}' has the field '{name}', which its form has not\n"
                f"known fields: {', '.join(form)}.{did_you_mean(name, form)}"
            )
    for name, kind in form.items():
        if name not in value and not optional(kind):
            raise InputError(f"the answer to '{id}' has no field '{name}'\nit is declared as {kind}")
        wrong = misfit(kind, value.get(name), name)
        if wrong is not None:
            raise unfit(f"the field '{wrong.path}' of the answer to '{id}'", wrong)
    return node
