"""The 7-tuple: what is in it, and that its LaTeX is well-formed whatever things are called."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.machine.formal.nets import CANCEL, LOCKED, LOOP, PARALLEL, chain, drawn
from wfnb.machine.formal import latex
from wfnb.machine.formal.seventuple import Formal, Rule, seven_tuple
from wfnb.machine.net import Net, Transition, Unsafe


def test_it_unpacks_as_seven() -> None:
    S, A, T, s0, F, E, C = seven_tuple(  # noqa: N806 - the letters of the definition
        LOOP,
        labels={1: "fetch", 2: "fetch"},
        events={1: "completed page"},
        conditions={2: "page is None", 3: "otherwise"},
    )
    assert S == ("i", "p", "q", "o")
    assert A == ("fetch",)
    assert T[1] == Rule("work", ("p",), ("q",), action="fetch", event="completed page")
    assert T[2].condition == "page is None"
    assert s0 == {"i"}
    assert {"o"} in F
    assert {"o", "p"} not in F
    assert set() not in F
    assert "o" not in F
    assert E == ("completed page",)
    assert C == ("page is None", "otherwise")


def fire(formal: Formal, marking: frozenset[str]) -> dict[str, frozenset[str] | None]:
    """What each enabled transition leads to, by the definition in words; None where it is unsafe."""
    found: dict[str, frozenset[str] | None] = {}
    for rule in formal.T:
        if set(rule.pre) <= marking and sum(place in marking for place in rule.some) >= rule.least:
            left = marking - set(rule.pre) - set(rule.resets)
            found[rule.id] = None if left & set(rule.post) else left | set(rule.post)
    return found


@pytest.mark.parametrize("net", [PARALLEL, LOOP, CANCEL, LOCKED, *map(drawn, range(60))])
def test_it_moves_as_its_net(net: Net) -> None:
    formal = seven_tuple(net)
    draw = random.Random(1)
    marking = net.initial
    for _ in range(30):
        names = frozenset(net.places[place] for place in marking)
        assert (names in formal.F) == net.ended(marking)
        expected: dict[str, frozenset[int] | None] = {}
        for number in net.enabled(marking):
            try:
                expected[net.transitions[number].id] = net.fire(marking, number)
            except Unsafe:
                expected[net.transitions[number].id] = None
        told = {
            id: None if after is None else frozenset(net.places[place] for place in after)
            for id, after in expected.items()
        }
        assert fire(formal, names) == told
        onward = [after for after in expected.values() if after is not None]
        if not onward:
            break
        marking = draw.choice(onward)


def test_what_it_says() -> None:
    told = repr(seven_tuple(CANCEL, events={4: "signal stop"}, conditions={4: "b"}, labels={4: "log"}))
    assert told.splitlines() == [
        "(S, A, T, s0, F, E, C) with 6 places and 5 transitions",
        "  S   {i, a, b, c, d, o}",
        "  A   {log}",
        "  T   fork: {i} --> {a, b}",
        "      left: {a} --> {c}",
        "      right: {b} --> {d}",
        "      join: {c, d} --> {o}",
        "      stop: {a} --signal stop [b] / log--> {o} emptying {b, d}",
        "  s0  {i}",
        "  F   some of {o}, and nothing else",
        "  E   {signal stop}",
        "  C   {b}",
    ]
    assert "and nothing else but {lock}" in repr(seven_tuple(LOCKED))
    counting = Net(("a", "b", "c"), (Transition("t", (), (2,), (), (0, 1), 1),), frozenset({0}), frozenset({2}))
    assert "t: {} with 1 of {a, b} --> {c}" in repr(seven_tuple(counting))


def test_long_sets_are_counted_not_listed() -> None:
    formal = seven_tuple(chain(500))
    assert len(repr(formal)) < 2_000
    assert len(formal._repr_latex_()) < 4_000
    assert r"\dots\}\ \left(501\right)" in formal._repr_latex_()
    assert r"\dots\ \left(500\right)" in formal._repr_latex_()
    assert "... (501)" in repr(formal)


def balanced(tex: str) -> bool:
    """Whether braces open and close, those that are escaped left out."""
    depth = 0
    for token in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            return False
    return depth == 0


def shown(tex: str) -> str:
    """What a reader sees of a name: its text, and the characters that stand in mathematics."""
    back = {command.strip(): character for character, command in latex._SPECIAL.items()}
    seen = ""
    while tex:
        plain = re.match(r"\\text\{([^\\{}$]*)\}", tex)
        special = next((command for command in sorted(back, key=len, reverse=True) if tex.startswith(command)), None)
        if plain:
            seen, tex = seen + plain[1], tex[plain.end() :]
        else:
            assert special is not None, tex
            seen, tex = seen + back[special], tex[len(special) :].removeprefix(" ")
    return seen


@given(st.text(max_size=latex.NAME_LENGTH))
def test_any_name_is_shown_as_it_is_and_can_not_break_out(text: str) -> None:
    tex = latex.name(text)
    assert balanced(tex)
    assert not set("<>&%#~^") & set(tex.replace(r"\&", "").replace(r"\%", "").replace(r"\#", "").replace(r"\hat", ""))
    assert "$" not in tex.replace(r"\$", "")
    assert shown(tex) == "".join(character if character.isprintable() else " " for character in text)


def test_names_with_everything_tex_minds() -> None:
    assert latex.name("page_one→ä 100%") == r"\text{page}\_\text{one→ä 100}\%"
    assert latex.name("<script>") == r"{\lt}\text{script}{\gt}"
    assert latex.name("&lt;") == r"\&\text{lt;}"
    assert latex.name("x" * 100) == r"\text{" + "x" * 47 + r"}\dots "


@given(st.lists(st.text(min_size=1, max_size=8), min_size=3, max_size=20, unique=True))
def test_the_formula_is_well_formed(names: list[str]) -> None:
    rules = tuple(Transition(name, (0,), (1,), (2,)) for name in names)
    formal = seven_tuple(
        Net(tuple(names), rules, frozenset({0}), frozenset({1}), frozenset({2})), conditions={0: names[-1]}
    )
    tex = formal._repr_latex_()
    assert balanced(tex)
    assert tex.startswith("$$\n\\begin{aligned}\n")
    assert tex.endswith("\n\\end{aligned}\n$$")
    for row in tex.splitlines()[2:-2]:
        assert len(re.findall(r"(?<!\\)&", row)) == 1, row


def test_nothing_at_all() -> None:
    tex = seven_tuple(Net((), (), frozenset(), frozenset()))._repr_latex_()
    assert r"T &= \emptyset" in tex
    assert "  T   {}" in repr(seven_tuple(Net((), (), frozenset(), frozenset())))
