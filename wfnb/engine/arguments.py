"""What activities, children and people are given: expressions over the state of a run, and the contracts of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from wfnb.engine.recording import preview
from wfnb.errors import ExpressionError, GuaranteeFailed, RequirementFailed
from wfnb.machine.machine import ChildPlan, Machine, TaskPlan
from wfnb.model.expression import Expression, parse
from wfnb.model.state import State


def of_task(plan: TaskPlan, state: State) -> dict[str, Any]:
    """What an activity is called with.

    Raises:
        ExpressionError: one of them fails.
    """
    constants = deepcopy(plan.constants) if plan.nested else plan.constants
    if not plan.computed:
        return constants
    return {**constants, **{n: given.evaluate(state.values, state.input, state.facts) for n, given in plan.computed}}


def computed_of(plan: TaskPlan, state: State) -> dict[str, Any]:
    """Those of an activity's arguments that are expressions.

    Raises:
        ExpressionError: one of them fails.
    """
    return {name: given.evaluate(state.values, state.input, state.facts) for name, given in plan.computed}


def of_child(plan: ChildPlan, state: State, index: int, item: Any) -> dict[str, Any]:
    """What a child run is started with; `item` and `index` are there for the children of a map.

    Raises:
        ExpressionError: one of them fails.
    """
    values: Mapping[str, Any] = state.values if index < 0 else {**state.values, "item": item, "index": index}
    computed = {name: given.evaluate(values, state.input, state.facts) for name, given in plan.computed}
    return {**deepcopy(plan.constants), **computed}


def items_of(plan: ChildPlan, state: State) -> list[Any]:
    """What a map goes through.

    Raises:
        ExpressionError: it is nothing to go through, or fails.
    """
    items = plan.items
    if isinstance(items, Expression):
        found = items.evaluate(state.values, state.input, state.facts)
        source = items.source
    else:
        found, source = items, repr(items)
    if isinstance(found, str | bytes | Mapping) or not hasattr(found, "__iter__"):
        kind = type(found).__name__
        raise ExpressionError(f"'{source}' gives a {kind}, and a map goes through a list\ngive a list", source)
    return list(found)


def prompt_of(machine: Machine, state: State, node: int) -> str:
    """What a person is asked.

    Raises:
        ExpressionError: it fails.
    """
    prompt = str(getattr(machine.graph.nodes[node], "prompt", ""))
    if not prompt.startswith("="):
        return prompt
    return str(parse(prompt).evaluate(state.values, state.input, state.facts))


def require(plan: TaskPlan, state: State, id: str) -> None:
    """Check a task's precondition.

    Raises:
        RequirementFailed: it does not hold.
        ExpressionError: it fails.
    """
    if plan.requires is not None:
        broken = _broken(plan.requires, state, {})
        if broken is not None:
            what = f"task '{id}' requires {broken}"
            raise RequirementFailed(f"{what}\nit was not started", node=id)


def ensure(plan: TaskPlan, state: State, id: str, value: Any) -> None:
    """Check a task's postcondition on its result.

    Raises:
        GuaranteeFailed: it does not hold.
        ExpressionError: it fails.
    """
    if plan.ensures is not None:
        broken = _broken(plan.ensures, state, {id: value})
        if broken is not None:
            what = f"task '{id}' ensures {broken}"
            raise GuaranteeFailed(f"{what}\nits result was not recorded", node=id)


def _broken(condition: Expression, state: State, more: dict[str, Any]) -> str | None:
    """The part of a condition that does not hold, with the values it reads; None if all of it does."""
    values = {**state.values, **more}
    if condition.holds(values, state.input, state.facts):
        return None
    for part in condition.parts():
        if not part.holds(values, state.input, state.facts):
            read = [f"{name} is {preview(values.get(name))}" for name in part.reads]
            read += [f"input.{name} is {preview(state.input.get(name))}" for name in part.inputs if name is not None]
            return f"{part.source}, which does not hold" + (f": {', '.join(read)}" if read else "")
    return f"{condition.source}, which does not hold"
