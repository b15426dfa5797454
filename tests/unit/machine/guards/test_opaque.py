"""Guards with loops and calls that are not looked into: what is proved of them all the same."""

from __future__ import annotations

import sys

import pytest

from wfnb.machine.guards.decide import decide_guards
from wfnb.machine.guards.judge import judge_choice

KINDS = {"xs": "list[int]", "amount": "int", "names": "list[str]", "what": "any", "maybe": "list[int] | None"}


@pytest.fixture(autouse=True)
def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)


@pytest.mark.parametrize(
    "guards",
    [
        ["any(x > 3 for x in xs) and amount > 3", "amount < 1"],
        ["any(xs) and amount > 3", "not any(xs) or amount <= 3"],
        ["amount > 3 if all(xs) else amount > 5", "amount <= 3 and all(xs)"],
        ["sum(xs) > 3 and amount > 0", "not sum(xs) > 3"],
    ],
)
def test_parts_that_are_not_looked_into_have_one_truth_value_each(guards: list[str]) -> None:
    assert decide_guards(guards, KINDS).disjoint[0, 1].verdict == "proved"


@pytest.mark.parametrize(
    "guards",
    [
        ["any(xs)", "all(xs)"],
        ["sum(xs) > 3", "sum(xs) <= 3"],
        ["amount > 3", "amount > 2 and any(xs)"],
        ["(any(xs) and amount) == 3", "(any(xs) and amount) == 4"],
        ["values['(any(xs))']", "not any(xs)"],
    ],
)
def test_nothing_is_said_where_the_parts_matter(guards: list[str]) -> None:
    assert decide_guards(guards, KINDS).disjoint[0, 1].verdict == "unknown"


def test_what_can_never_hold() -> None:
    verdict = decide_guards(["any(xs) and amount > 3 and not any(xs)", "any(xs)", "any(xs) and amount > 3"], KINDS)
    assert [answer.verdict for answer in verdict.never] == ["proved", "unknown", "unknown"]
    assert verdict.shadowed[2].verdict == "proved"


@pytest.mark.parametrize(
    ("guard", "safe"),
    [
        ("any(xs)", "proved"),
        ("all(x > 3 for x in xs)", "proved"),
        ("all([x == amount for x in xs if x < 7]) and amount > 3", "proved"),
        ("any(amount > 'b' for amount in names)", "proved"),  # the one in the loop is a text
        ("all(x > 3 for x in names)", "unknown"),
        ("any(x > 3 for x in what)", "unknown"),
        ("any(x > 3 for x in maybe)", "unknown"),
        ("any(x.size > 3 for x in xs)", "unknown"),
        ("any(amount)", "unknown"),
        ("sum(xs) > 3", "unknown"),
    ],
)
def test_loops_that_can_not_fail(guard: str, safe: str) -> None:
    assert decide_guards([guard], KINDS).safe[0].verdict == safe


def test_a_guard_and_its_negation_cover_everything_where_neither_fails() -> None:
    assert decide_guards(["any(xs)", "not any(xs)"], KINDS).exhaustive.verdict == "proved"
    assert decide_guards(["any(what)", "not any(what)"], KINDS).exhaustive.verdict == "unknown"


def test_an_otherwise_edge_covers_what_is_not_looked_into() -> None:
    edges = [(0, "all(x > 3 for x in what)"), (1, "amount > 3")]
    judged = judge_choice("c", edges, otherwise=True, kinds=KINDS)
    assert (judged.exhaustive.verdict, judged.exhaustive.why) == (
        "proved",
        "the otherwise edge is taken where no guard holds, if 'all(x > 3 for x in what)' does not fail",
    )
    assert judge_choice("c", edges, otherwise=False, kinds=KINDS).exhaustive.verdict == "unknown"


def test_an_otherwise_edge_does_not_help_where_a_guard_is_seen_to_fail() -> None:
    edges = [(0, "10 / amount > 3"), (1, "any(what)")]
    assert judge_choice("c", edges, otherwise=True, kinds=KINDS).exhaustive.verdict == "unknown"
