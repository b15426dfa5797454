"""Guards decided by their text and on a grid of values: what needs no solver."""

from __future__ import annotations

import sys

import pytest

from wfnb.errors import ExpressionError
from wfnb.machine.guards import decide
from wfnb.machine.guards.decide import MAX_GUARDS, MISSING, decide_guards
from wfnb.model.expression import parse


@pytest.fixture(autouse=True)
def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)


COVERED: list[tuple[list[str], dict[str, str]]] = [
    (["amount >= 100", "amount < 100"], {"amount": "int"}),
    (["amount >= 100", "not amount >= 100"], {"amount": "float"}),
    (["amount > 1", "amount == 1", "amount < 1"], {"amount": "float"}),
    (["0 <= x < 10", "x < 0", "x > 9"], {"x": "int"}),
    (["x is None", "x is not None and x > 3", "x is not None and x <= 3"], {"x": "int | None"}),
    (["x is None", "x > 3", "x <= 3"], {"x": "Optional[int]"}),
    (["x", "not x"], {"x": "any"}),
    (["x", "not x"], {"x": "list[int]"}),
    (["x == 'a'", "x != 'a'"], {}),
    (["x == True", "x == 0"], {"x": "bool"}),
    (["x == 'a'", "x in ('b', 'c')"], {"x": "Literal['a', 'b', 'c']"}),
    (["x == 'a'", "x is None"], {"x": "Literal['a'] | None"}),
    (["x < 'b'", "startswith(x, 'b')", "x >= 'c'"], {"x": "str"}),
    (["len(x) == 0", "len(x) in (1, 2)", "len(x) > 2"], {"x": "str"}),
    (["len(x) + 1 < 2", "x + 'b' == 'ab'"], {"x": "Literal['', 'a']"}),
    (["'a' in x", "'b' in x and 'a' not in x", "'a' not in x and 'b' not in x"], {"x": "list[str]"}),
    (["abs(x) <= 2", "x > 2", "x < -2"], {"x": "float"}),
    (["max(x, 0) > 3", "x <= 3"], {"x": "int"}),
    (["(x or 5) > 3", "x is not None and x <= 3 and x != 0"], {"x": "int | None"}),
    (["x > 1 and ok", "x <= 1", "not ok"], {"x": "int", "ok": "bool"}),
    (["True"], {}),
    (["input.n > 60 * 60", "input['n'] <= 3600"], {"input.n": "int"}),
    (["page.status == 200", "page['status'] != 200"], {"page.status": "int"}),
    (["page is None", "page.status == 200", "page.status != 200"], {"page": "Page | None", "page.status": "int"}),
    (["values['a b'] > 1", "values['a b'] <= 1"], {"values['a b']": "int"}),
    (["scores['a'] > 1", "scores.a <= 1"], {"scores": "dict[str, int]"}),
    (["reached('a') and x > 1", "not reached('a')", "x <= 1"], {"x": "int"}),
    (["x < 0.1", "x > 0.1", "x == 0.1"], {"x": "float"}),
]  # fmt: skip


@pytest.mark.parametrize(("guards", "kinds"), COVERED, ids=str)
def test_guards_that_cover_every_value(guards: list[str], kinds: dict[str, str]) -> None:
    verdict = decide_guards(guards, kinds)
    assert (verdict.exhaustive.verdict, verdict.covered.verdict) == ("proved", "proved")


GAPS: list[tuple[list[str], dict[str, str], str]] = [
    (["amount > 0", "amount < 0"], {"amount": "int"}, "amount = 0 matches no branch"),
    (["x > 0.5", "x < 0.5"], {"x": "float"}, "x = 0.5 matches no branch"),
    (["x > 1", "x < 1.0"], {"x": "float"}, "x = 1.0 matches no branch"),
    (["x > 1", "x < 2"], {"x": "int | None"}, ""),
    (["x <= 1", "x >= 2"], {"x": "float"}, "x = 1.5 matches no branch"),
    (["x <= 1", "x >= 2"], {"x": "int"}, ""),
    (["x == 'a'", "x == 'b'"], {"x": "str"}, "x = 'other' matches no branch"),
    (["x == 'other'"], {"x": "str"}, "x = 'other_' matches no branch"),
    (["x == 'a'"], {"x": "Literal['a', 'b'] | None"}, "x = 'b' matches no branch"),
    (["x < 'b'", "x > 'b'"], {"x": "str"}, "x = 'b' matches no branch"),
    (["x is True"], {"x": "bool"}, "x = False matches no branch"),
    (["x"], {"x": "list[int]"}, "x = [] matches no branch"),
    (["x"], {"x": "dict[str, int] | None"}, "x = None matches no branch"),
    (["'a' in x"], {"x": "list[str]"}, "x = [] matches no branch"),
    (["x > 1 and ok"], {"x": "int", "ok": "bool"}, "x = 1 matches no branch"),
    (["x >= 90", "x >= 80 and ok"], {"x": "int", "ok": "bool"}, "x = 80, ok = False matches no branch"),
    (["page.status == 200"], {"page.status": "int"}, "page.status = 199 matches no branch"),
    (["x > 3"], {}, "x = 3 matches no branch"),
    (["x == 'ok'"], {}, "x = 'other' matches no branch"),
    (["x < 1e999"], {"x": "float"}, "x = float('inf') matches no branch"),
    (["x + y > 3"], {"x": "int", "y": "int"}, "x = 3, y = 0 matches no branch"),
    (["False"], {}, "no branch is ever taken"),
    ([], {}, "no branch is ever taken"),
]  # fmt: skip


@pytest.mark.parametrize(("guards", "kinds", "why"), GAPS, ids=str)
def test_a_value_that_no_guard_takes(guards: list[str], kinds: dict[str, str], why: str) -> None:
    verdict = decide_guards(guards, kinds)
    if not why:
        assert verdict.covered.verdict == "proved"
        return
    assert (verdict.exhaustive.verdict, verdict.covered.verdict) == ("refuted", "refuted")
    assert verdict.covered.why == why


@pytest.mark.parametrize(
    ("guards", "kinds", "where"),
    [
        (["amount >= 100", "amount <= 100"], {"amount": "int"}, "amount = 100"),
        (["x > 3", "x < 10"], {"x": "int"}, "x = 4"),
        (["x > 0", "x < 1"], {"x": "float"}, "x = 0.5"),
        (["x > 0", "x < 1"], {"x": "int"}, None),
        (["x == True", "x == 1"], {"x": "bool"}, "x = True"),
        (["x == 1", "x == '1'"], {}, None),
        (["x in ('a', 'b')", "x in ['b', 'c']"], {"x": "str"}, "x = 'b'"),
        (["startswith(x, 'ab')", "x == 'abc'"], {"x": "str"}, "x = 'abc'"),
        (["startswith(x, 'ab')", "x < 'ab'"], {"x": "str"}, None),
        (["x > 1 and ok", "not ok"], {"x": "int", "ok": "bool"}, None),
        (["'a' in x", "len(x) > 1"], {"x": "list[str]"}, "x = ['a', 'other']"),
        (["x + y > 3", "not (x + y > 3)"], {"x": "int", "y": "int"}, None),
        (["x is None", "x < 3"], {"x": "int | None"}, None),
        (["x", "x == 2"], {"x": "Literal[0, 1, 2]"}, "x = 2"),
        (["x % 2 == 0", "x % 3 == 0"], {"x": "Literal[2, 3, 6]"}, "x = 6"),
        (["x % 2 == 0", "x % 3 == 0"], {"x": "Literal[2, 3, 4]"}, None),
    ],
    ids=str,
)
def test_two_guards_for_one_value(guards: list[str], kinds: dict[str, str], where: str | None) -> None:
    answer = decide_guards(guards, kinds).disjoint[0, 1]
    if where is None:
        assert answer.verdict == "proved"
    else:
        assert (answer.verdict, answer.where) == ("refuted", where)
        assert answer.why == f"'{guards[0]}' and '{guards[1]}' both hold where {where}"


@pytest.mark.parametrize(
    ("guards", "kinds", "where", "error"),
    [
        (["x < 3"], {"x": "int | None"}, "x = None", "TypeError: '<' not supported between instances of 'NoneType'"),
        (["amount / n > 2"], {"amount": "int", "n": "int"}, "n = 0", "ZeroDivisionError: division by zero"),
        (["len(x) > 2"], {"x": "str | None"}, "x = None", "TypeError: object of type 'NoneType' has no len()"),
        (["x.y > 2"], {"x": "T | None", "x.y": "int"}, "x = None", "AttributeError: 'NoneType' object has no attribut"),
        (["x > 'a'"], {"x": "int"}, "", "TypeError: '>' not supported between instances of 'int' and 'str'"),
        (["x['a'].b == 1"], {"x": "dict[str, int]", "x['a']": "int"}, "", "AttributeError: 'int' object has no"),
    ],
    ids=str,
)
def test_a_guard_that_fails(guards: list[str], kinds: dict[str, str], where: str, error: str) -> None:
    verdict = decide_guards(guards, kinds)
    (answer,) = verdict.safe
    assert (answer.verdict, answer.where) == ("refuted", where)
    assert answer.why == f"'{guards[0]}' fails" + (f" where {where}" if where else "")
    assert answer.error.startswith(error)
    assert verdict.exhaustive.verdict != "proved"


def test_a_failure_that_keeps_a_choice_from_being_exhaustive() -> None:
    verdict = decide_guards(["x > 3", "x <= 3"], {"x": "int | None"})
    assert (verdict.exhaustive.verdict, verdict.exhaustive.why) == ("unknown", "'x > 3' fails where x = None")
    assert verdict.covered.verdict == "proved"
    assert [answer.verdict for answer in verdict.safe] == ["refuted", "proved"]  # the second is not reached then


def test_an_inclusive_fork_evaluates_every_guard() -> None:
    guards, kinds = ["x is None", "x > 3", "x is not None"], {"x": "int | None"}
    assert decide_guards(guards, kinds).safe[1].verdict == "proved"
    assert decide_guards(guards, kinds).exhaustive.verdict == "proved"
    inclusive = decide_guards(guards, kinds, inclusive=True)
    assert (inclusive.safe[1].verdict, inclusive.safe[1].where) == ("refuted", "x = None")
    assert (inclusive.exhaustive.verdict, inclusive.covered.verdict) == ("unknown", "proved")


def test_what_fails_for_a_term_of_which_nothing_is_known_is_no_finding() -> None:
    verdict = decide_guards(["amount >= 100", "amount < 100"], {})
    assert verdict.covered.verdict == "proved"
    assert verdict.disjoint[0, 1].verdict == "proved"
    assert verdict.disjoint[0, 1].why == "the type of 'amount' is not known: it is taken to be JSON"
    why = "'amount >= 100' fails where amount = 'other', and the type of 'amount' is not known"
    assert (verdict.exhaustive.verdict, verdict.exhaustive.why) == ("unknown", why)
    assert (verdict.safe[0].verdict, verdict.safe[0].why) == ("unknown", why)
    both = decide_guards(["10 / n > amount"], {"n": "int"})
    assert (both.safe[0].verdict, both.safe[0].where) == ("refuted", "n = 0")


def test_guards_that_are_never_taken() -> None:
    verdict = decide_guards(["x > 3", "x > 5", "x > 3 and x < 2", "x <= 3", "x == 0"], {"x": "int"})
    assert [answer.verdict for answer in verdict.never] == ["refuted", "refuted", "proved", "refuted", "refuted"]
    assert [answer.verdict for answer in verdict.shadowed] == ["refuted", "proved", "proved", "refuted", "proved"]
    assert {(1, 0), (4, 3)} <= verdict.within
    assert (1, 3) not in verdict.within


def test_guards_that_always_hold() -> None:
    verdict = decide_guards(["x >= 0 or x < 0", "True", "1 < 2", "y == y"], {"x": "int", "y": "int"})
    assert [answer.verdict for answer in verdict.always] == ["proved", "proved", "proved", "unknown"]


def test_what_is_taken_for_granted() -> None:
    kinds = {"x": "float", "page": "Page | None"}
    assert decide_guards(["x > 1", "page", "page.k == 1", "y"], kinds).notes == (
        "'x' is taken not to be NaN",
        "'page' is taken to be true where it is an object",
        "the type of 'page.k' is not known: it is taken to be JSON",
        "'page.k' is taken to be there",
        "the type of 'y' is not known: it is taken to be JSON",
    )


def test_without_the_solver_what_it_would_tell_is_unknown() -> None:
    verdict = decide_guards(["x > y", "x <= y"], {"x": "int", "y": "int"})
    assert (verdict.exhaustive.verdict, verdict.exhaustive.why) == ("unknown", MISSING)
    assert MISSING == "z3 is not installed: pip install wfnb[proofs]"
    assert verdict.never[0].verdict == "refuted"  # a value was found
    same = decide_guards(["x > y", "not x > y", "x  >  y"], {"x": "int", "y": "int"})
    assert (same.covered.verdict, same.disjoint[0, 1].verdict) == ("proved", "proved")
    assert same.shadowed[2].verdict == "proved"


@pytest.mark.parametrize(
    ("guard", "why"),
    [
        ("x >", "'x >' is no expression"),
        ("any(y > 1 for y in x)", "'any(y > 1 for y in x)' calls any(), which is not looked into"),
        ("[y for y in x]", "'[y for y in x]' has a loop in it, which is not looked into"),
        ("input == 1", "'input == 1' reads all of 'input', which is not looked into"),
        (" or ".join(f"x == {n}" for n in range(200)), "a guard of 1002 parts is not looked into"),
    ],
)
def test_guards_that_are_not_looked_into(guard: str, why: str) -> None:
    verdict = decide_guards([guard, "z > 1", "z <= 1"], {"z": "int"})
    assert (verdict.never[0].verdict, verdict.never[0].why) == ("unknown", why)
    assert (verdict.exhaustive.verdict, verdict.exhaustive.why) == ("unknown", why)
    assert verdict.disjoint[1, 2].verdict == "proved"


def test_too_many_guards() -> None:
    guards = [f"x == {n}" for n in range(MAX_GUARDS + 1)]
    verdict = decide_guards(guards, {"x": "int"})
    assert (verdict.exhaustive.verdict, verdict.exhaustive.why) == ("unknown", "65 guards are more than 64")
    assert len(verdict.never) == 65
    assert decide_guards(guards[:-1], {"x": "int"}).covered.where == "x = -1"


def test_a_grid_that_would_be_too_large() -> None:
    names = "abcdefghij"
    verdict = decide_guards([f"{name} > {n}" for n, name in enumerate(names)], dict.fromkeys(names, "int"))
    assert {answer.verdict for answer in verdict.disjoint.values()} == {"refuted", "unknown"}
    assert {answer.why for answer in verdict.disjoint.values() if answer.verdict == "unknown"} == {MISSING}
    assert verdict.covered.verdict == "refuted"


def test_verdicts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    guards, kinds = ["fresh > 1", "fresh < 1"], {"fresh": "int", "unrelated": "str"}
    first = decide_guards(guards, kinds)
    monkeypatch.setattr(decide, "try_all", None)
    assert decide_guards(guards, {**kinds, "unrelated": "int"}) is first
    with pytest.raises(TypeError):
        decide_guards(guards, {**kinds, "fresh": "float"})


def test_witnesses_are_values_to_be_tried() -> None:
    verdict = decide_guards(["x / y > 2 and ok", "x < y"], {"x": "int", "y": "int", "ok": "bool"})
    assert verdict.covered.witness is not None
    assert not any(parse(guard).holds(dict(verdict.covered.witness), {}) for guard in ("x < y",))
    assert verdict.safe[0].witness is not None
    with pytest.raises(ExpressionError):
        parse("x / y > 2 and ok").holds(dict(verdict.safe[0].witness), {})
