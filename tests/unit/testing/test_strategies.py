"""Inputs and histories that Hypothesis draws."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from wfnb.author.flow import Flow
from wfnb.engine.inputs import checked_inputs
from wfnb.testing import History, replay
from wfnb.testing.strategies import histories, inputs, values

TYPES = (
    "int", "float", "str", "bool", "bytes", "None", "any", "int | None", "list[int]", "dict[str, list[bool]]",
    "tuple[int, str]", "tuple[int, ...]", "set[int]", "Literal['a', 1]", "Sequence[str]",
)  # fmt: skip


def adding() -> Flow:
    flow = Flow("adding", {"n": "int", "more": "list[int]"})
    each = flow.map("each", "add", "=input.more").options(arguments={"a": "=item", "b": "=input.n"})
    flow.start >> each >> flow.end(output="=each")
    return flow


async def add(a: int, b: int) -> int:
    await asyncio.sleep(1)
    return a + b


@pytest.mark.parametrize("kind", TYPES)
def test_values_are_of_their_type(kind: str) -> None:
    flow = Flow("typed", {"it": kind})

    @given(inputs(flow))
    @settings(max_examples=20)
    def every(drawn: dict[str, object]) -> None:
        assert checked_inputs(flow.workflow, drawn, {}).keys() == {"it"}

    every()


def test_what_nothing_is_known_of() -> None:
    with pytest.raises(ValueError, match="strategy of your own"):
        values("list[Frame]")
    flow = Flow("classes", {"frame": "Frame", "n": "int"})
    with pytest.raises(ValueError, match="strategy of your own"):
        inputs(flow)
    with pytest.raises(ValueError, match="has no input 'm'"):
        inputs(flow, m=st.just(1))
    assert find(inputs(flow, frame=st.just("it"), n=st.just(3)), bool) == {"frame": "it", "n": 3}


@given(histories(adding(), [add]))
@settings(max_examples=20)
def test_what_is_recorded_fits(history: History) -> None:
    found = replay(history, adding())
    assert found.status == "completed"
    assert found.events == len(history.records)
