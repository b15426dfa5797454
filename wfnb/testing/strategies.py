"""Hypothesis strategies for what goes into a workflow, and for what comes of it.

Workflows themselves are in `wfnb.testing.workflows`.  Imported by name, because Hypothesis is no part of wfnb.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from wfnb.author.flow import Flow
from wfnb.engine.flows import as_workflow
from wfnb.machine.machine import Machine
from wfnb.model.types import (
    Anything,
    DictOf,
    Exactly,
    IterableOf,
    ListOf,
    OneOf,
    Plain,
    Record,
    SetOf,
    TupleOf,
    Type,
    read_type,
)
from wfnb.model.workflow import Workflow
from wfnb.testing.histories import History
from wfnb.testing.scheduling import Activities, Acts, played, registry_of
from wfnb.testing.workflows import json, texts

_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "None": st.none(),
    "bool": st.booleans(),
    "int": st.integers(-(2**53), 2**53),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "str": texts,
    "bytes": st.binary(max_size=20),
}


def values(kind: str) -> st.SearchStrategy[Any]:
    """Values of a type as workflows write it, such as `list[int] | None`.

    Raises:
        ValueError: it is no type, or names a class, of which nothing is known.
    """
    read = read_type(kind)
    if read.problem:
        raise ValueError(
            f"'{kind}' is no type that values can be drawn of: {read.problem}\ngive a strategy of your own"
        )
    return _of(read.type, kind)


def _of(kind: Type, text: str) -> st.SearchStrategy[Any]:
    match kind:
        case Anything():
            return json
        case Plain():
            return _PLAIN[kind.name]
        case Exactly():
            return st.just(kind.value)
        case ListOf() | IterableOf():
            return st.lists(_of(kind.item, text), max_size=4)
        case SetOf():
            return st.sets(_of(kind.item, text), max_size=4)
        case TupleOf() if kind.open:
            return st.lists(_of(kind.item, text), max_size=4).map(tuple)
        case TupleOf():
            return st.tuples(*(_of(item, text) for item in kind.items))
        case DictOf():
            return st.dictionaries(_of(kind.key, text), _of(kind.value, text), max_size=4)
        case OneOf():
            return st.one_of([_of(item, text) for item in kind.members])
        case Record():
            required = {field.name: _of(field.type, text) for field in kind.fields if field.required}
            optional = {field.name: _of(field.type, text) for field in kind.fields if not field.required}
            return st.fixed_dictionaries(required, optional=optional)
        case _:
            raise ValueError(f"nothing is known of '{kind}' in '{text}'\ngive a strategy of your own")


def inputs(
    flow: Flow | Workflow | Machine | str | Path, **own: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs of a workflow by name, of the types that it declares.

    Args:
        flow: the workflow.
        own: strategies of your own, by input.

    Raises:
        ValueError: an input is declared with a class and has no strategy of its own, or one of these is none of its
            inputs.
    """
    declared = as_workflow(flow).inputs
    unknown = [name for name in own if name not in declared]
    if unknown:
        raise ValueError(f"the workflow has no input '{unknown[0]}'\nknown inputs: {', '.join(declared)}")
    drawn = {name: own[name] if name in own else values(kind) for name, kind in declared.items()}
    return st.fixed_dictionaries(drawn)


@st.composite
def histories(
    draw: st.DrawFn,
    flow: Flow | Workflow | Machine | str | Path,
    activities: Activities | None = None,
    *,
    given: st.SearchStrategy[dict[str, Any]] | None = None,
    acts: Acts | None = None,
) -> History:
    """What runs of a workflow record, with any inputs and under any schedule; they run, in virtual time.

    Args:
        draw: Hypothesis' own.
        flow: the workflow.
        activities: what its tasks run; see `schedules`.
        given: its inputs; by default those of `inputs`.
        acts: what happens outside, by second.
    """
    input = draw(inputs(flow) if given is None else given)
    seed = draw(st.integers(0, 2**32 - 1))
    return History.of(played(flow, registry_of(activities), seed, input, acts or {}))
