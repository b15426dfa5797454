"""Declared types of inputs."""

from __future__ import annotations

from typing import Any

import pytest

from wfnb.model.types import alternatives, fits, optional


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("str", ["", "x"], [1, None, ["x"]]),
        ("int", [0, 2**70], [True, 1.0, "1"]),
        ("float", [1.5, 1], [True, "1"]),
        ("bool", [True], [1, "true"]),
        ("None", [None], [0]),
        ("list", [[], [1], (1,)], ["x", {}]),
        ("list[int]", [[], [1, 2]], [[1, "2"], [None]]),
        ("list[list[int | None]]", [[[1, None]]], [[["1"]], [1]]),
        ("List[int]", [[1]], [["x"]]),
        ("dict", [{}, {"a": 1}], [[]]),
        ("dict[str, int]", [{"a": 1}], [{"a": "1"}]),
        ("int | str", [1, "x"], [1.5, None]),
        ("int | None", [1, None], ["x"]),
        ("Optional[int]", [1, None], ["x"]),
        ("typing.Optional[list[int]]", [[1], None], [["x"]]),
        ("Union[int, list[str]]", [1, ["x"]], [[1], "x"]),
        ("any", [1, None, object()], []),
        ("DataFrame", [object()], [1, "x", None]),
        ("pd.DataFrame | None", [object(), None], [1, "x"]),
        ("Widget", [1, "x", object()], []),
        ("Literal['a', 'b']", ["a"], ["c", None]),
        ("Literal[1, None]", [1, None], [True, "1", 1.0]),
        ("tuple[int, str]", [(1, "x"), [1, "x"]], [(1,), ("x", 1), 1]),
        ("tuple[int, ...]", [(), (1, 2)], [("x",)]),
        ("tuple[()]", [()], [(1,)]),
        ("set[int]", [{1}, frozenset(), [1]], [{"x"}, ["x"], {}]),
        ("dict[int, str]", [{1: "x"}, {"1": "x"}], [{1: 1}, {1.5: "x"}]),
        ("Sequence[int]", [[1], (1,), {1}], [["x"], 1]),
        ("bytes", [b"x"], ["x"]),
        ("{'a': int, 'b?': str}", [{"a": 1}, {"a": 1, "b": "x", "c": 0}], [{}, {"a": "x"}, {"a": 1, "b": 1}, 1]),
        ("list[{'a': int | None}]", [[{"a": None}]], [[{}], [{"a": "x"}]]),
        ("datetime", ["2026-01-01", 1.5, object()], [None]),
        ("ndarray", [[1.0], object()], ["x"]),
        ("", [1], []),
        ("list[", [[1], "x"], []),
    ],
)
def test_fits(kind: str, yes: list[Any], no: list[Any]) -> None:
    assert [value for value in yes if not fits(kind, value)] == []
    assert [value for value in no if fits(kind, value)] == []


def test_objects_that_are_no_json_fit_anything() -> None:
    class Number(float):
        """As NumPy's."""

    assert fits("int", Number(1))
    assert fits("str", object())


def test_optional() -> None:
    assert optional("int | None")
    assert optional("Optional[int]")
    assert optional("Union[int, None]")
    assert not optional("int")
    assert not optional("list[None]")
    assert alternatives("int | list[str | None]") == ["int", "list[str | None]"]
