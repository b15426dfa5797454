"""Dataclasses as parameters: plain data, as a history or a shell has it, becomes what the activity wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.unit.engine.kit import Activities
from wfnb.author.flow import Flow
from wfnb.engine.engine import Engine
from wfnb.errors import ActivityFailed


@dataclass
class Point:
    x: int
    y: float = 0.0


@dataclass
class Shape:
    name: str
    points: list[Point] = field(default_factory=list)
    centre: Point | None = None


@pytest.fixture(autouse=True)
def work(activities: Activities) -> None:
    @activities.define(name="one")
    async def _(point: Point) -> list[Any]:
        return [type(point).__name__, point.x, point.y]

    @activities.define(name="blocking")
    def _(point: Point | None) -> list[Any]:
        return [type(point).__name__]

    @activities.define(name="many")
    async def _(shape: Shape, more: dict[str, Point], some: list[Point], other: Any = None) -> list[Any]:
        kinds = [type(point).__name__ for point in (*shape.points, shape.centre, *more.values(), *some)]
        return [shape.name, *kinds, type(other).__name__]


async def given(engine: Engine, activity: str, **arguments: Any) -> Any:
    flow = Flow("records")
    flow.start >> flow.task("t", activity, **arguments) >> flow.end()
    return await engine.start(flow, allow_unsound=True)


async def test_a_dict_becomes_the_dataclass_of_its_parameter(engine: Engine) -> None:
    assert await given(engine, "one", point={"x": 1}) == ["Point", 1, 0.0]
    assert await given(engine, "blocking", point={"x": 1, "y": 2}) == ["Point"]
    assert await given(engine, "blocking", point=None) == ["NoneType"]


async def test_so_do_those_inside_of_it(engine: Engine) -> None:
    shape = {"name": "s", "points": [{"x": 1}, {"x": 2}], "centre": {"x": 3}}
    found = await given(engine, "many", shape=shape, more={"a": {"x": 1}}, some=[{"x": 4}], other={"x": 5})
    assert found == ["s", *["Point"] * 5, "dict"]


async def test_an_input_comes_as_plain_data_or_as_the_real_thing(engine: Engine) -> None:
    flow = Flow("records", {"point": Point})
    flow.start >> flow.task("t", "one", point="=input.point") >> flow.end()
    assert await engine.start(flow, point={"x": 7}) == ["Point", 7, 0.0]
    assert await engine.start(flow, point=Point(8, 9.5)) == ["Point", 8, 9.5]


async def test_what_does_not_fit_says_where(engine: Engine) -> None:
    with pytest.raises(ActivityFailed, match=r"argument 'point' is no Point: Expected `int`, got `str` - at `\$.x`"):
        await given(engine, "one", point={"x": "no"})
    with pytest.raises(ActivityFailed, match="argument 'shape' is no Shape: Object missing required field `name`"):
        await given(engine, "many", shape={}, more={}, some=[])
