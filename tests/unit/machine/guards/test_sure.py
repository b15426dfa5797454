"""Guards that are seen not to fail: numbers with numbers, text with text, and nothing that may not be there."""

from __future__ import annotations

import pytest

from wfnb.machine.guards.kinds import read_kind
from wfnb.machine.guards.sure import cannot_fail
from wfnb.machine.guards.terms import read_guard

KINDS = {
    ("values", "a"): "int",
    ("values", "b"): "float | bool",
    ("values", "s"): "str",
    ("values", "m"): "Literal['x', 'y']",
    ("values", "n"): "int | None",
    ("values", "u"): "any",
    ("values", "o", "total"): "float",
    ("values", "n", "total"): "float",
    ("values", "p"): "Order",
}


def sure(guard: str) -> bool:
    return cannot_fail(read_guard(guard), {path: read_kind(kind) for path, kind in KINDS.items()})


@pytest.mark.parametrize(
    "guard", ["a < b", "not (a < b <= 3 or s > 'x')", "m == s", "n is None", "n == 3", "a", "o.total > -1.5", "m >= s"]
)
def test_it_can_not_fail(guard: str) -> None:
    assert sure(guard)


@pytest.mark.parametrize(
    "guard",
    ["a < s", "n < 3", "u == 1", "p", "n.total > 1", "1 / a > 2", "a in s", "s[0] == 'x'", "len(s) > 1", "missing > 1"],
)
def test_it_may_for_all_that_is_seen(guard: str) -> None:
    assert not sure(guard)
