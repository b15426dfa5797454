"""What only the solver tells: guards that compare terms with each other, or compute."""

from __future__ import annotations

import subprocess
import sys

import pytest

from wfnb.machine.guards import solve
from wfnb.machine.guards.decide import BEYOND, decide_guards
from wfnb.machine.guards.verdict import GuardVerdict
from wfnb.model.expression import parse

pytest.importorskip("z3")


def numbers(*guards: str, kind: str = "int") -> GuardVerdict:
    return decide_guards(guards, dict.fromkeys("abnx", kind))


@pytest.mark.parametrize(
    ("kind", "guards"),
    [
        ("int", ["a > b", "a <= b"]),
        ("float", ["a > b", "a < b", "a == b"]),
        ("int", ["a + b > 10", "a + b <= 10"]),
        ("int", ["n % 3 == 0", "n % 3 == 1", "n % 3 == 2"]),
        ("int", ["n % -3 == 0", "n % -3 == -1", "n % -3 == -2"]),
        ("int", ["n // 2 * 2 == n", "n % 2 == 1"]),
        ("int", ["n // -2 * -2 == n", "n // -2 * -2 - 1 == n"]),
        ("int", ["n == 0", "10 / n > 2", "10 / n <= 2"]),
        ("float", ["x * 0.1 > 1", "x * 0.1 <= 1"]),
        ("int", ["n / 3 > 1", "n / 3 <= 1"]),
        ("int", ["(a if a > b else b) >= a", "False"]),
        ("int", ["max(a, b) > 3", "a <= 3 and b <= 3"]),
        ("int", ["-a > 3", "a >= -3"]),
        ("bool", ["a + b == 0", "a or b"]),
        ("str", ["lower(a) == 'ok'", "lower(a) != 'ok'"]),
        ("str", ["a + b == b + a", "a + b != b + a"]),
        ("str", ["a in b", "a not in b"]),
        ("list[int]", ["len(a) > len(b)", "len(a) <= len(b)"]),
        ("list[str]", ["'x' in a and len(a) > len(b)", "not a", "'x' not in a or len(a) <= len(b)"]),
        ("any", ["a == b", "a != b"]),
        ("int | None", ["a is None or b is None", "a < b", "a >= b"]),
    ],
    ids=str,
)
def test_guards_that_cover_every_value(kind: str, guards: list[str]) -> None:
    verdict = numbers(*guards, kind=kind)
    assert (verdict.exhaustive.verdict, verdict.covered.verdict) == ("proved", "proved")


@pytest.mark.parametrize(
    ("kind", "guards"),
    [
        ("int", ["a > b", "b > a"]),
        ("int", ["a * 2 == b", "b % 2 == 1"]),
        ("int", ["n * n < 0", "n > 0"]),
        ("float", ["a > b", "a <= b"]),
        ("float", ["x * 0.1 > 1", "x * 0.1 < 1"]),
        ("str", ["endswith(x, 'z')", "x == 'qa'"]),
        ("str", ["startswith(x, 'a') and endswith(x, 'z')", "len(x) < 2"]),
        ("str", ["x + 'z' == 'az'", "x == 'b'"]),
        ("str", [r"x + 'b' == 'a\\u{41}b'", "x == 'aA'"]),
        ("str", ["upper(x) == 'A'", "upper(x) == 'a'"]),
        ("str", ["len(a + b) > 3", "len(a) < 2 and len(b) < 2"]),
        ("list[int]", ["len(a) + 1 == 0", "a"]),
        ("any", ["a == 'x' and a == b", "b == 1"]),
    ],
    ids=str,
)
def test_guards_that_exclude_each_other(kind: str, guards: list[str]) -> None:
    assert numbers(*guards, kind=kind).disjoint[0, 1].verdict == "proved"


@pytest.mark.parametrize(
    ("kind", "guards", "where"),
    [
        ("int", ["a * b == 391 and a > 1 and b > a", "a < 20"], "a = 17, b = 23"),
        ("int", ["a - b == 1000", "a + b == 5000"], "a = 3000, b = 2000"),
        ("int", ["n % 7 == 3 and n % 11 == 5", "n > 100 and n < 150"], "n = 115"),
        ("str", ["'ab' in x and endswith(x, 'z')", "startswith(x, 'q')"], "x = 'qabz'"),
        ("str", [r"x + 'b' == 'a\\u{41}b'", r"x != ''"], r"x = 'a\\u{41}'"),
        ("float", ["a - b == 0.5", "a + b == 2.5"], "a = 1.5, b = 1.0"),
    ],
    ids=str,
)
def test_values_that_are_hard_to_guess(kind: str, guards: list[str], where: str) -> None:
    answer = numbers(*guards, kind=kind).disjoint[0, 1]
    assert (answer.verdict, answer.where) == ("refuted", where)
    assert answer.witness is not None
    assert all(parse(guard).holds(dict(answer.witness), {}) for guard in guards)


def test_floats_are_not_real_numbers() -> None:
    """0.1 + 0.2 is not 0.3, and what holds of real numbers only is not proved."""
    assert 0.1 + 0.2 != 0.3
    assert numbers("x == 0.1 and x + 0.2 == 0.3", kind="float").never[0].verdict == "unknown"
    assert numbers("x == 0.1 and x + 0.2 > 0.3", kind="float").never[0].verdict == "refuted"
    rounded = numbers("x + 1 > x", "x + 1 <= x", kind="float")
    assert rounded.covered.verdict == "proved"
    assert rounded.never[1].verdict != "proved"  # 1e16 + 1 == 1e16
    assert numbers("x + 1 <= x", kind="int").never[0].verdict == "proved"


def test_infinite_floats_may_come_to_nan() -> None:
    """Infinity less itself is neither greater nor less than anything."""
    assert numbers("a - b > 0", "a - b <= 0", kind="float").covered.verdict == "unknown"
    assert numbers("a - 1 > 0", "a - 1 <= 0", kind="float").covered.verdict == "proved"
    assert numbers("a * 0.0 == 0", kind="float").always[0].verdict == "unknown"


def test_a_guard_that_fails_for_some_value() -> None:
    verdict = numbers("a > 0 and 10 / (a - b) > 2")
    assert (verdict.safe[0].verdict, verdict.safe[0].error) == ("refuted", "ZeroDivisionError: division by zero")
    assert numbers("a != b and 10 / (a - b) > 2").safe[0].verdict == "proved"
    assert numbers("a == b", "10 / (a - b) > 2").safe[1].verdict == "proved"
    inclusive = decide_guards(["a == b", "10 / (a - b) > 2"], {"a": "int", "b": "int"}, inclusive=True)
    assert inclusive.safe[1].verdict == "refuted"


def test_positions_of_a_list() -> None:
    kinds = {"rows": "list[int]"}
    verdict = decide_guards(["len(rows) == 0", "rows[0] > 3", "rows[0] <= 3"], kinds)
    assert (verdict.exhaustive.verdict, verdict.disjoint[1, 2].verdict) == ("proved", "proved")
    late = decide_guards(["rows[0] > 3", "len(rows) == 0", "rows[0] <= 3"], kinds)
    assert (late.safe[0].verdict, late.safe[0].where) == ("refuted", "rows = []")
    assert late.shadowed[1].verdict == "proved"


def test_what_is_beyond_the_solver() -> None:
    verdict = numbers("a ** 3 + b ** 3 == n ** 3 and a > 0 and b > 0", "round(x) == 7 and x * x > 100")
    assert (verdict.disjoint[0, 1].verdict, verdict.disjoint[0, 1].why) == ("unknown", BEYOND)


def test_effort_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    guards = [f"a * b > n * {n}" for n in range(12)]
    asked = []
    ask = solve._Attempt.ask
    monkeypatch.setattr(solve._Attempt, "ask", lambda self, question: asked.append(question) or ask(self, question))
    monkeypatch.setattr(solve, "ALL_EFFORT", 3 * solve.LEAST_EFFORT)
    monkeypatch.setattr(solve, "EFFORT", 1)
    assert decide_guards(guards, dict.fromkeys("abn", "int")).exhaustive.verdict in ("unknown", "refuted")
    assert 0 < len(asked) <= 3


def test_the_same_answer_each_time() -> None:
    guards, kinds = ["a * b > n", "a * b < n + 2", "a == b * n"], dict.fromkeys("abn", "int")
    first = decide_guards(guards, kinds)
    again = decide_guards.__globals__["_by_solver"].__wrapped__(
        tuple(guards), tuple((("values", name), name, "int") for name in "abn"), inclusive=False
    )
    assert again == first


def test_the_solver_is_imported_only_where_it_is_needed() -> None:
    code = (
        "import sys\n"
        "from wfnb.machine.guards.decide import decide_guards\n"
        "decide_guards(['x > 3', 'x < 3'], {'x': 'int'})\n"
        "assert 'z3' not in sys.modules\n"
        "decide_guards(['x > y', 'x < y'], {'x': 'int', 'y': 'int'})\n"
        "assert 'z3' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)
