"""Results and inputs that are not JSON: passed on live, recorded by type and size."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import math
from typing import Any

import numpy as np
import pandas as pd  # noqa: TID253 - a test may
import pytest

from tests.unit.engine.kit import Activities, chain
from wfnb.author.flow import flow
from wfnb.engine.engine import Engine
from wfnb.engine.recording import MAX_PREVIEW, frozen, preview, problem_of, unstored
from wfnb.model.event import Problem, RunCompleted, RunFailed, RunStarted, TaskCompleted, Unstored, decode, encode


class Point:
    """An object of the user's."""


class Broken:
    """Raises whatever it is asked."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __eq__(self, _: object) -> bool:
        raise RuntimeError("no eq")

    __hash__ = None  # type: ignore[assignment]

    @property
    def nbytes(self) -> int:
        raise RuntimeError("no size")


class Surrogate:
    def __repr__(self) -> str:
        return "\ud800"


@dataclasses.dataclass
class Row:
    a: int


class Colour(enum.Enum):
    RED = "red"


class Pair(tuple[int, int]):
    __slots__ = ()


CYCLE: list[Any] = []
CYCLE.append(CYCLE)
DEEP: list[Any] = []
for _ in range(10_000):
    DEEP = [DEEP]

JSON = [
    None, True, 0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 2**64, -(2**70),
    1.5, -0.0, 1e300, "", "text", "\x00\U0001f600", [], {},
    [1, [2, {"a": None}]], {"a": {"b": [1.5, "x"]}}, "=not an expression",
]  # fmt: skip
TUPLES = [((1, 2), [1, 2]), (((1,), {"a": (2,)}), [[1], {"a": [2]}]), ([(1, 2)], [[1, 2]])]
NOT_JSON = [
    (math.nan, "float"),
    (math.inf, "float"),
    ([1, math.nan], "list"),
    (b"bytes", "bytes"),
    ({1: 2}, "dict"),
    ({1, 2}, "set"),
    ({"a": {3}}, "dict"),
    (1j, "complex"),
    ("\ud800", "str"),
    ({"\ud800": 1}, "dict"),
    (dt.date(2026, 1, 1), "datetime.date"),
    (decimal.Decimal("1.5"), "decimal.Decimal"),
    (Colour.RED, f"{__name__}.Colour"),
    (Row(1), f"{__name__}.Row"),
    (Point(), f"{__name__}.Point"),
    (Broken(), f"{__name__}.Broken"),
    ([Broken()], "list"),
    (Surrogate(), f"{__name__}.Surrogate"),
    (np.zeros(10), "numpy.ndarray"),
    ([np.zeros(10)], "list"),
    (np.float64(1.5), "numpy.float64"),
    (pd.DataFrame({"a": [1, 2]}), "pandas.DataFrame"),
    (pd.Series([1, 2]), "pandas.Series"),
    (len, "builtin_function_or_method"),
    (Point, "type"),
    (CYCLE, "list"),
    (DEEP, "list"),
    (iter([]), "list_iterator"),
]


@pytest.mark.parametrize("value", JSON)
async def test_json_is_recorded(engine: Engine, activities: Activities, value: Any) -> None:
    run = await given_by_a_run(engine, activities, value)
    completed = run.records()[2].event
    assert completed.value == value
    assert run.at(4) == run.state


@pytest.mark.parametrize(("value", "recorded"), TUPLES)
async def test_tuples_are_recorded_as_lists(engine: Engine, activities: Activities, value: Any, recorded: Any) -> None:
    run = await given_by_a_run(engine, activities, value)
    assert run.output is value
    assert run.at(4).output == recorded


@pytest.mark.parametrize(("value", "type"), NOT_JSON)
async def test_what_is_not_json_is_recorded_by_type_and_size(
    engine: Engine, activities: Activities, value: Any, type: str
) -> None:
    run = await given_by_a_run(engine, activities, value)
    assert run.output is value
    known = run.at(4).output
    assert isinstance(known, Unstored)
    assert known.type in (
        type,
        type.replace("pandas.", "pandas.core.frame."),
        type.replace("pandas.", "pandas.core.series."),
    )
    assert known == vars_of(run, 3)["give"]
    assert isinstance(known.preview, str)
    assert len(known.preview) <= MAX_PREVIEW


async def given_by_a_run(engine: Engine, activities: Activities, value: Any) -> Any:
    @activities.define()
    async def give() -> Any:
        return value

    run = engine.start(chain("give"))
    assert await run is value
    return run


def vars_of(run: Any, n: int) -> Any:
    return getattr(run.at(n), "values")  # noqa: B009 - pandas' rule for `.values` knows no better


async def test_a_number_too_long_to_write(engine: Engine, activities: Activities) -> None:
    run = await given_by_a_run(engine, activities, 10**5_000)
    assert run.at(4).output.preview == "<repr failed: ValueError>"


def test_sizes() -> None:
    assert size(np.zeros(1_000)) == 8_000
    assert size(pd.Series(np.zeros(1_000))) >= 8_000
    assert size(pd.DataFrame({"a": np.zeros(1_000)})) >= 8_000
    assert size(b"x" * 1_000) >= 1_000
    assert size(Broken()) is None


def size(value: Any) -> int | None:
    known = unstored(value)
    assert isinstance(known, Unstored)
    return known.size


def test_previews_are_short() -> None:
    assert preview("x" * 1_000) == "'" + "x" * 198 + "…"
    assert preview(Broken()) == "<repr failed: RuntimeError>"
    assert preview(Surrogate()) == "?"


async def test_a_live_object_is_passed_on(engine: Engine, activities: Activities) -> None:
    point = Point()

    @activities.define()
    async def make() -> Point:
        return point

    @activities.define()
    async def same(x: Point) -> bool:
        return x is point

    made = flow("live")
    made.start >> made.task("a", "make") >> made.task("b", "same", x="=a") >> made.end()
    assert await engine.start(made) is True


async def test_history_does_not_change_with_a_live_object(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def make() -> list[int]:
        return [1]

    @activities.define()
    async def grow(x: list[int]) -> None:
        x.append(2)

    made = flow("mutable")
    made.start >> made.task("a", "make") >> made.task("b", "grow", x="=a") >> made.end(output="=a")
    run = engine.start(made)
    assert await run == [1, 2]
    assert vars_of(run, 3) == {"a": [1]}


async def test_an_input_that_is_not_json(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def same(x: Any) -> Any:
        return x

    point = Point()
    made = flow("live", {"x": "any", "y": "int"})
    made.start >> made.task("a", "same", x="=input.x") >> made.end()
    run = engine.start(made, x=point, y=1)
    assert await run is point
    started = run.records()[0].event
    assert isinstance(started, RunStarted)
    assert started.input == {"y": 1}
    assert started.unstored["x"].type == f"{__name__}.Point"
    assert run.at(1).input == {"y": 1, "x": started.unstored["x"]}


def test_a_payload_has_the_value_or_what_is_known_of_it() -> None:
    known = Unstored(type="T", size=3)
    assert decode(encode(frozen(TaskCompleted("a", 1, 1, Point(), (2,), known)))) == TaskCompleted(
        "a", 1, 1, moves=(2,), unstored=known
    )
    assert decode(encode(frozen(RunCompleted(Point(), known)))) == RunCompleted(unstored=known)
    assert decode(encode(frozen(RunCompleted(None)))) == RunCompleted(None)
    failed = RunFailed(Problem(type="T", message="\ud800"))
    assert decode(encode(frozen(failed))) == RunFailed(Problem(type="T", message="?"))


def test_a_problem_has_the_users_traceback() -> None:
    def deep() -> None:
        raise ValueError("told")

    try:
        deep()
    except ValueError as error:
        problem = problem_of(error, "node")
    assert (problem.type, problem.message, problem.node) == ("ValueError", "told", "node")
    assert "in deep" in problem.traceback
