"""Random guards over small types: what is proved, no sample contradicts; what is refuted, its witness refutes."""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfnb.errors import ExpressionError
from wfnb.machine.guards.decide import decide_guards
from wfnb.machine.guards.trial import Stand
from wfnb.machine.guards.verdict import Answer, GuardVerdict
from wfnb.model.expression import parse

INTS = list(range(-20, 21))
FLOATS = [number / 2 for number in range(-9, 10)] + [0.1, 0.3, 1e300, -1e300, math.inf, -math.inf, 2, -3]
TEXTS = ["", "a", "b", "ab", "aa", "abc", "B", "ok", "OK", "Ok", " ok", "zz", "a\0", "b\0", "ac", "\\", "é", "0", "1"]
LISTS: list[Any] = [[], [0], [1], [3], [1, 2], [2, 0, 3], [0, 0, 0, 0]]
WORDS = [[], ["a"], ["b"], ["ab", "a"], ["ok", "x", "y"], ["", "b", "a", "a"]]
DICTS: list[Any] = [{}, {"a": 1}, {"k": 0}, {"k": 3, "a": -1}, {"x": 2, "y": 2, "z": 2}]
SAMPLES: dict[str, list[Any]] = {
    "int": INTS,
    "float": FLOATS,
    "str": TEXTS,
    "bool": [True, False],
    "int | None": [*INTS, None],
    "Optional[str]": [*TEXTS, None],
    "float | bool": [*FLOATS, True, False],
    "Literal['a', 'ok', 3]": ["a", "ok", 3],
    "list[int]": LISTS,
    "list[str]": WORDS,
    "dict[str, int]": DICTS,
    "str | list[str] | None": [*TEXTS, *WORDS, None],
    "any": [None, True, False, 0, 1, -3, 0.5, 2.0, 17, "", "a", "ok", "b\0", [], [1], ["a"], {}, {"k": 3}],
}
FAILED = "failed"

terms = st.sampled_from(["x", "y"])
numbers = st.sampled_from(["0", "1", "-1", "2", "3", "-3", "0.5", "10", "2.5", "0.1", "1e999"])
words = st.sampled_from([repr(text) for text in TEXTS])
constants = st.one_of(numbers, numbers, words, st.sampled_from(["None", "True", "False"]))
orders = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
PARTS = {
    "{t} {o} {c}": 6, "{c} {o} {t} {o} {c}": 2, "{t} {o} {n}": 6, "{n} {o} {t} {o} {n}": 2, "{t} {o} {w}": 3,
    "{t} in ({c}, {c})": 2, "{t} not in [{n}, {n}]": 1, "{t} in {{{w}, {w}}}": 1, "{t}": 2, "{t} is None": 2,
    "{t} is not None": 1, "{t} is True": 1, "{t} {o} {t}": 2, "{t} + {t} {o} {n}": 2, "{t} - {n} {o} {n}": 1,
    "{t} * {n} {o} {n}": 1, "{t} * {t} {o} {n}": 1, "{t} / {t} {o} {n}": 1, "{n} / {t} {o} {n}": 1,
    "{t} % {n} {o} {n}": 1, "{t} // {n} {o} {n}": 1, "{t} % {t} {o} {n}": 1, "{t} // {t} {o} {n}": 1,
    "abs({t}) {o} {n}": 1, "-{t} {o} {n}": 1, "min({t}, {n}) {o} {n}": 1, "max({t}, {t}) {o} {n}": 1,
    "({t} or {n}) {o} {n}": 1, "({n} if {t} else {t}) {o} {n}": 1, "{t} ** 2 {o} {n}": 1, "round({t}) {o} {n}": 1,
    "startswith({t}, {w})": 2, "endswith({t}, {w})": 2, "lower({t}) {o} {w}": 1, "{t} in 'abc'": 1, "{w} in {t}": 2,
    "{n} in {t}": 1, "len({t}) {o} {n}": 3, "{t} == []": 1, "{t} + {w} {o} {w}": 1, "{t} + {t} == {w}": 1,
    "{t}[0] {o} {c}": 1, "{t}.k {o} {n}": 1, "{t}['k'] {o} {t}": 1, "f'{{{t}}}' == {w}": 1, "int({t}) {o} {n}": 1,
    "bool({t}) {o} {c}": 1, "(not {t}) {o} {t}": 1, "({t} < {n}) == ({t} < {n})": 1, "{c}": 1, "len({t}) {o} {t}": 1,
}  # fmt: skip


def _slots(part: str) -> list[str]:
    return [mark for mark in ("{w}", "{c}", "[", "k", "len", "starts", "lower") if mark in part]


NUMBERS = ["int", "float", "int | None", "float | bool"]
WORDY = ["str", "Optional[str]", "list[str]", "str | list[str] | None"]
THEMES = {
    "anything": (list(PARTS), list(SAMPLES)),
    "numbers": ([part for part in PARTS if not _slots(part)], NUMBERS),
    "words": ([part for part in PARTS if {"{w}", "len"} & {*_slots(part)}], WORDY),
}
"""Which parts of guards come together with which types, so that many guards make sense."""


@st.composite
def atoms(draw: st.DrawFn, patterns: list[str]) -> str:
    pattern = draw(st.sampled_from([part for part in patterns for _ in range(PARTS[part])]))
    for slot, choices in (("{t}", terms), ("{o}", orders), ("{c}", constants), ("{n}", numbers), ("{w}", words)):
        while slot in pattern:
            pattern = pattern.replace(slot, draw(choices), 1)
    return pattern.replace("{{", "{").replace("}}", "}")


def combined(patterns: list[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        atoms(patterns),
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("not ({})".format, inner),
        ),
        max_leaves=3,
    )


GUARDS = {theme: combined(patterns) for theme, (patterns, _) in THEMES.items()}


@st.composite
def guarded(draw: st.DrawFn) -> tuple[list[str], dict[str, str], bool]:
    theme = draw(st.sampled_from(list(THEMES)))
    chosen = draw(st.lists(GUARDS[theme], min_size=1, max_size=3))
    if draw(st.booleans()):  # what people write: the negation of a guard, or the guard again
        chosen.append(f"not ({draw(st.sampled_from(chosen))})")
    kinds = {name: draw(st.sampled_from(THEMES[theme][1])) for name in ("x", "y")}
    return chosen, kinds, draw(st.booleans())


def asked(guard: str, values: Mapping[str, Any]) -> object:
    """True, False or FAILED."""
    try:
        return parse(guard).holds(values, {})
    except ExpressionError:
        return FAILED


def refutes(verdict: GuardVerdict, guards: Sequence[str], *, inclusive: bool) -> dict[tuple[Any, ...], Any]:
    """For each answer, what of a row of outcomes contradicts `proved`, and what of it shows `refuted`."""
    every = range(len(guards))

    def passed(row: Sequence[object], index: int) -> bool:
        return all(outcome is False for outcome in row[:index])

    def taken(row: Sequence[object]) -> bool:
        if inclusive:
            return FAILED not in row and True in row
        return any(row[index] is True and passed(row, index) for index in every)

    found: dict[tuple[Any, ...], Any] = {
        ("exhaustive",): (verdict.exhaustive, lambda row: not taken(row), lambda row: passed(row, len(row))),
        ("covered",): (verdict.covered, lambda row: passed(row, len(row)), lambda row: passed(row, len(row))),
    }
    for (i, j), answer in verdict.disjoint.items():
        both = lambda row, i=i, j=j: row[i] is True and row[j] is True  # noqa: E731
        found["disjoint", i, j] = (answer, both, both)
    for i in every:
        holds = lambda row, i=i: row[i] is True  # noqa: E731
        misses = lambda row, i=i: row[i] is not True  # noqa: E731
        late = lambda row, i=i: row[i] is True and passed(row, i)  # noqa: E731
        fails = lambda row, i=i: row[i] is FAILED and (inclusive or passed(row, i))  # noqa: E731
        found["always", i] = (verdict.always[i], misses, misses)
        found["never", i] = (verdict.never[i], holds, holds)
        found["shadowed", i] = (verdict.shadowed[i], late, late)
        found["safe", i] = (verdict.safe[i], fails, fails)
    return found


def judged(guards: list[str], kinds: dict[str, str], *, inclusive: bool, most: int = 2_000) -> GuardVerdict:
    """Decide, and hold every answer against its own witness and (at most so many) samples."""
    verdict = decide_guards(guards, kinds, inclusive=inclusive)
    claims = refutes(verdict, guards, inclusive=inclusive)
    for key, (answer, _, shows) in claims.items():
        if answer.verdict == "refuted":
            check_witness(answer, shows, guards, (key, kinds))
    proved = {key: against for key, (answer, against, _) in claims.items() if answer.verdict == "proved"}
    if proved:
        for values in samples(guards, kinds, most=most):
            row = [asked(guard, values) for guard in guards]
            for key, against in proved.items():
                if against(row) and not missing(guards, values, kinds):
                    raise AssertionError(f"{key} of {guards} is not so: {values}, {kinds}, {row}")
    return verdict


def samples(guards: Sequence[str], kinds: Mapping[str, str], *, most: int) -> list[dict[str, Any]]:
    """Values of what the guards read, spread over all combinations."""
    text = " ".join(guards)
    axes = [SAMPLES[kinds[name]] if re.search(rf"\b{name}\b", text) else [None] for name in "xy"]
    every = [{"x": x, "y": y} for x, y in itertools.product(*axes)]
    return every[:: len(every) // most + 1]


def missing(guards: Sequence[str], values: Mapping[str, Any], kinds: Mapping[str, str]) -> bool:
    """Whether a field is read that may not be there: it is taken to be (`GuardVerdict.notes`)."""
    text = " ".join(guards)
    return any(
        f"{name}{end}" in text and (kinds[name] == "any" or isinstance(value, dict | list))
        for name, value in values.items()
        for end in (".k", "['k']", "[0]")
    )


def check_witness(answer: Answer, shows: Any, guards: Sequence[str], about: object) -> None:
    assert answer.witness is not None
    row = [asked(guard, given_by(answer.witness)) for guard in guards]
    assert shows(row), (about, guards, answer, row)


def given_by(witness: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a run as a witness has them; what holds a field is a dict, or a list."""
    values: dict[str, Any] = {"x": None, "y": None}
    fields: dict[str, dict[str | int, Any]] = {}
    for term, value in witness.items():
        if term in values:
            values[term] = value
        else:
            fields.setdefault(term[0], {})[0 if term.endswith("[0]") else "k"] = value
    for name, read in fields.items():
        if name not in witness or isinstance(values[name], Stand):
            values[name] = [read[0]] if set(read) == {0} else read
    return values


@pytest.mark.timeout(60)
def test_with_the_solver() -> None:
    pytest.importorskip("z3")
    hold(cases=100, most=300)


@pytest.mark.timeout(60)
def test_without_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    hold(cases=100, most=300)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_many_more() -> None:
    pytest.importorskip("z3")
    hold(cases=10_000, most=2_000)


def hold(*, cases: int, most: int) -> None:
    """Judge so many random guards, each on so many samples at most."""

    @settings(max_examples=cases)
    @given(guarded())
    def holds(case: tuple[list[str], dict[str, str], bool]) -> None:
        judged(case[0], case[1], inclusive=case[2], most=most)

    holds()
