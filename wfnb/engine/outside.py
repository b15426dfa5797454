"""What comes to a run from outside, checked before it is recorded: signals, answers, values, pins and breakpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET

from wfnb.engine.inputs import unfit
from wfnb.engine.recording import preview, storable, unstored
from wfnb.errors import InputError, did_you_mean
from wfnb.machine.inside import located
from wfnb.machine.machine import RESTING, Kind, Machine
from wfnb.model.activity import Activity
from wfnb.model.event import BreakpointsChanged, Event, ValuePinned
from wfnb.model.state import State
from wfnb.model.types import Misfit, misfit, optional


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
    if value is not None and unstored(value) is not UNSET:
        raise InputError(
            f"signal '{name}' brings {preview(value)}, which is no JSON value\nsend text, numbers, lists or dicts"
        )
    if declared is not None and declared.type != "any":
        wrong = misfit(declared.type, value, name)
        if wrong is not None:
            raise unfit(f"what signal '{wrong.path}' brings", wrong)


def checked_id(what: str, id: Any) -> None:
    """Check that what names a start or a signal for good can be recorded.

    Raises:
        InputError: it is no text, or has half a character in it.
    """
    if not isinstance(id, str):
        raise InputError(f"{what} is {preview(id)}, which is no text\ngive text, as str(...) makes it")
    if storable(id) != id:
        raise InputError(f"{what}, {preview(id)}, has half a character in it, which can not be stored\ngive another")


def checked_answer(machine: Machine, state: State, id: str, value: Any) -> int:
    """The number of the approval that an answer is for.

    Raises:
        InputError: the run asks no such thing, or the answer does not fit its form.
    """
    node = machine.graph.number.get(id, -1)
    if node not in state.asked:
        asked = ", ".join(f"'{machine.ids[number]}'" for number in state.asked)
        if asked:
            raise InputError(f"the run asks nothing at '{id}'\nit asks at: {asked}")
        cure = "what it was told it goes on with once it is resumed: `wfnb resume`, or `await wf.resume()`"
        raise InputError(f"the run asks nothing at '{id}', nor anywhere else yet\n{cure}")
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


def checked_breakpoint(machine: Machine, path: str, *, inside: bool = True) -> int:
    """The number of a node that a run can pause before.

    Args:
        machine: the machine.
        path: the node's id; with `inside` also `call/node`.
        inside: whether it may be one of a child.

    Raises:
        UnknownName: there is no such node.
        InputError: no token ever waits there.
    """
    within, node = located(machine, path)
    if within is not machine and not inside:
        raise InputError(f"'{path}' is a node of a child\nask the child's own run for it: wf.run(...)")
    if within.kinds[node] not in RESTING:
        raise InputError(
            f"no token waits before '{path}', which is {_kind(within, node)}\nname a task, map, call, wait or approval"
        )
    return node


def checked_breakpoints(machine: Machine, paths: Iterable[str]) -> BreakpointsChanged:
    """The event of breakpoints that are these now.

    Raises:
        UnknownName: there is no such node.
        InputError: no token ever waits at one of them; or it is a text, not a list of texts.
    """
    if isinstance(paths, str):
        raise InputError(f"breakpoints are a list of nodes\nwrite [{paths!r}]")
    given = tuple(dict.fromkeys(paths))
    for path in given:
        checked_breakpoint(machine, path)
    return BreakpointsChanged(given)


def checked_update(machine: Machine, activities: Mapping[str, Activity], id: str, value: Any) -> None:
    """Check that a person may give a node this value.

    Raises:
        UnknownName: there is no such node.
        InputError: it gives no value, or this one is no JSON or not of its type.
    """
    within, node = located(machine, id)
    if within is not machine:
        raise InputError(f"'{id}' is a node of a child\nask the child's own run for it: wf.run(...)")
    if machine.kinds[node] not in RESTING:
        raise InputError(f"'{id}' is {_kind(machine, node)}, which has no value\nupdate one that has")
    _check_value(machine, activities, node, id, value)


def checked_pin(machine: Machine, activities: Mapping[str, Activity], path: str, value: Any) -> None:
    """Check that a task can be pinned to a value.

    Raises:
        UnknownName: there is no such node.
        InputError: it is no task, or the value is no JSON or not of its type.
    """
    within, node = located(machine, path)
    if within.kinds[node] is not Kind.TASK:
        kind, has_tasks = _kind(within, node), node in within.children
        cure = (
            f"pin the tasks inside, as '{path}/task'"
            if has_tasks
            else "run.update(...) gives the value of another node"
        )
        raise InputError(f"'{path}' is {kind}, and only tasks can be pinned\n{cure}")
    _check_value(within, activities, node, path, value)


def steering(
    machine: Machine,
    activities: Mapping[str, Activity],
    breakpoints: Iterable[str],
    pins: Mapping[str, Any],
    until: str = "",
) -> list[Event]:
    """The events of breakpoints and pins that a run begins with; `until` is a node before which it pauses once.

    Raises:
        UnknownName: there is no such node.
        InputError: one of them can not be.
    """
    if not (breakpoints or pins or until):
        return []
    if not isinstance(pins, Mapping):
        raise InputError(f"pins are {preview(pins)}, which is no dict\nwrite {{'node': value}}")
    changed = checked_breakpoints(machine, breakpoints)
    if until and until not in changed.nodes:
        checked_breakpoint(machine, until, inside=False)
        changed = BreakpointsChanged((*changed.nodes, until), (until,))
    for path, value in pins.items():
        checked_pin(machine, activities, path, value)
    pinned = [ValuePinned(path, value, unstored(value)) for path, value in pins.items()]
    return [*([changed] if changed.nodes else []), *pinned]


def _kind(machine: Machine, node: int) -> str:
    kind = machine.graph.nodes[node].kind
    return f"an {kind}" if kind[0] in "ae" else f"a {kind}"


def _check_value(machine: Machine, activities: Mapping[str, Activity], node: int, path: str, value: Any) -> None:
    known = unstored(value)
    if known is not UNSET and not known.codec:
        raise InputError(
            f"the value {preview(value)} for '{path}' is no JSON value\ngive text, numbers, lists or dicts"
        )
    wrong = _wrong(machine, activities, node, value)
    if wrong is not None:
        raise unfit(f"the value '{path}{wrong.path}'", wrong)


def _wrong(machine: Machine, activities: Mapping[str, Activity], node: int, value: Any) -> Misfit | None:
    """What of a value is not of its node's type, as far as that is declared."""
    plan = machine.plans.get(node)
    activity = None if plan is None else activities.get(plan.activity)
    if activity is not None:
        return misfit(activity.types.returns, value)
    form: dict[str, str] = getattr(machine.graph.nodes[node], "form", {})
    if form:
        fields = value if isinstance(value, dict) else {}
        found = (misfit(kind, fields.get(name), f"[{name!r}]") for name, kind in form.items() if not optional(kind))
        return next((wrong for wrong in found if wrong is not None), None)
    return misfit("list", value) if machine.kinds[node] is Kind.MAP else None
