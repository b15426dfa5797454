"""The values that stand for all others: one for each constant, one in each gap, and whether that is enough."""

from __future__ import annotations

import ast
import math
from typing import Any

import pytest

from wfnb.machine.guards.kinds import read_kind
from wfnb.machine.guards.points import Points, points
from wfnb.machine.guards.trial import Stand
from wfnb.machine.guards.uses import Use, uses


def offered(guard: str, kind: str) -> Points:
    found = uses([ast.parse(guard, mode="eval").body])
    return points(read_kind(kind), found.get(("values", "x"), Use()))


@pytest.mark.parametrize(
    ("guard", "kind", "values"),
    [
        ("x > 3", "int", [3, 2, 4]),
        ("x > 2.5", "int", [2, 3]),
        ("x > 3", "int | None", [3, 2, 4, None]),
        ("x", "bool", [True, False]),
        ("x == 'a'", "str", ["a", "other"]),
        ("x", "str", ["a", "other", ""]),
        ("x == 1 and y + 1 > 2", "Literal[1, 2]", [1, 2]),
        ("x is None", "Page | None", [None, Stand.OBJECT]),
        ("len(x) > 1", "list[int]", [[], [0], [0, 0]]),
        ("'a' in x", "list[str]", [[], ["other"], ["a"], ["a", "other"]]),
        ("True in x", "list[Literal[True]]", [[], [True], [True, True]]),
        ("x", "dict[str, bool]", [{}, {"other": True}]),
    ],
)
def test_values_that_are_enough(guard: str, kind: str, values: list[Any]) -> None:
    found = offered(guard, kind)
    assert found.complete
    assert found.values == values


def test_numbers_in_every_gap() -> None:
    found = offered("x > 1 or x == 2 or x < 0.1", "float")
    assert found.complete
    assert all(isinstance(value, float) for value in found.values)
    for low, high in ((-math.inf, 0.1), (0.1, 1), (1, 2), (2, math.inf)):
        assert any(low < value < high for value in found.values)
    assert {0.1, 1.0, 2.0} <= set(found.values)


def test_floats_with_nothing_between_them() -> None:
    after = math.nextafter(1, 2)
    found = offered(f"x > 1 and x < {after!r}", "float")
    assert not any(1 < value < after for value in found.values)
    apart = offered(f"x > {2.0**60} and x < {math.nextafter(2.0**60, math.inf)}", "float")
    assert any(2**60 < value < 2**60 + 256 for value in apart.values)  # an integer is, and a float may be one


def test_texts_in_every_gap() -> None:
    found = offered("x < 'b' or x == 'b\\0' or startswith(x, 'bc')", "str")
    assert found.complete
    assert min(found.values) == ""
    for low, high in (("b\0", "bc"), ("bc", "bd")):
        assert any(low < value < high for value in found.values)
    assert not any("b" < value < "b\0" for value in found.values)
    assert max(found.values) > "bd"


@pytest.mark.parametrize(
    ("guard", "kind"),
    [
        ("x + 1 > 3", "int"),
        ("x > y", "int"),
        ("endswith(x, 'a')", "str"),
        ("'a' in x", "str"),
        ("len(x) > 1 and x < 'b'", "str"),
        ("x == [1, 2]", "list[int]"),
        ("x == 1", "Page"),
        ("x == None", "np.ndarray"),
        ("x", "pd.DataFrame"),
        ("len(x) > 10000", "str"),
        ("x == 'a' * 100000", "str"),
        ("1 in x", "list[Page]"),
        ("f'{x}' == '1'", "int"),
        ("x == 10 ** 400", "int"),
    ],
)
def test_values_that_are_not_enough(guard: str, kind: str) -> None:
    assert not offered(guard, kind).complete


def test_a_value_with_terms_in_it() -> None:
    assert points(read_kind("dict[str, int] | None"), Use(), ["k"]) == Points([Stand.OBJECT, None], complete=True)
    assert not points(read_kind("str"), Use(), [0]).complete
    assert not points(read_kind("list[int]"), Use(), [0]).complete
    assert not points(read_kind("int"), Use(), ["real"]).complete
    assert points(read_kind("int"), Use(), ["k"]).complete
