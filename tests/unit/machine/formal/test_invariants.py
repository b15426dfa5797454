"""Invariants against their definition: exhaustively on small nets, by random firing, and by rank."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations, product

import pytest

from tests.unit.machine.formal.nets import CANCEL, LOCKED, LOOP, PARALLEL, blocks, chain, drawn
from wfnb.machine.formal.incidence import incidence
from wfnb.machine.formal.invariants import (
    Family,
    invariants,
    place_basis,
    place_invariants,
    transition_basis,
    transition_invariants,
)
from wfnb.machine.net import Net, Transition, Unsafe

SEEDS = range(150)


def change(net: Net) -> list[list[int]]:
    """The incidence matrix, written again by hand."""
    rows = [[0] * len(net.transitions) for _ in net.places]
    for number, transition in enumerate(net.transitions):
        for place in transition.post:
            rows[place][number] += 1
        for place in transition.pre:
            rows[place][number] -= 1
    return rows


def vectors(net: Net, kind: str) -> dict[str, list[int]]:
    """What an invariant of a kind combines to zero."""
    rows = change(net)
    if kind == "places":
        reset = {place for transition in net.transitions for place in transition.resets}
        return {net.places[place]: row for place, row in enumerate(rows) if place not in reset}
    return {
        transition.id: [row[number] for row in rows]
        for number, transition in enumerate(net.transitions)
        if not transition.resets
    }


def combined(weights: Mapping[str, int], of: dict[str, list[int]]) -> list[int]:
    return [sum(weights.get(name, 0) * of[name][at] for name in of) for at in range(len(next(iter(of.values()))))]


def rank(rows: list[list[int]]) -> int:
    matrix = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(matrix[0]) if matrix else 0):
        pivot = next((row for row in range(found, len(matrix)) if matrix[row][column]), None)
        if pivot is None:
            continue
        matrix[found], matrix[pivot] = matrix[pivot], matrix[found]
        for row in range(found + 1, len(matrix)):
            times = matrix[row][column] / matrix[found][column]
            matrix[row] = [a - times * b for a, b in zip(matrix[row], matrix[found], strict=True)]
        found += 1
    return found


def minimal_supports(of: dict[str, list[int]]) -> set[frozenset[str]]:
    """By definition: names whose vectors have one positive combination to zero, up to a factor, and no fewer do."""
    found: set[frozenset[str]] = set()
    for size in range(1, len(of) + 1):
        for names in combinations(of, size):
            if any(smaller <= set(names) for smaller in found):
                continue
            if rank([of[name] for name in names]) == size - 1 and positive(names, of):
                found.add(frozenset(names))
    return found


def positive(names: tuple[str, ...], of: dict[str, list[int]]) -> bool:
    """Whether the one combination of these that vanishes has one sign: by Cramer's rule it is made of minors."""
    for weights in product(range(1, 7), repeat=len(names)):
        if not any(combined(dict(zip(names, weights, strict=True)), of)):
            return True
    return False


@pytest.mark.parametrize("seed", SEEDS)
def test_the_minimal_ones_are_all_there_are(seed: int) -> None:
    net = drawn(seed, most=5)
    for kind, family in (("places", place_invariants(net)), ("transitions", transition_invariants(net))):
        assert family.complete
        of = vectors(net, kind)
        if not of:
            assert len(family) == 0
            continue
        for member in family:
            assert not any(combined(member.weights, of))
            assert all(weight > 0 for weight in member.weights.values())
        supports = [frozenset(member.weights) for member in family]
        assert len(set(supports)) == len(supports)
        assert set(supports) == minimal_supports(of)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_basis_has_the_right_size_and_is_independent(seed: int) -> None:
    net = drawn(seed, most=9)
    for kind, family in (("places", place_basis(net)), ("transitions", transition_basis(net))):
        assert family.complete
        of = vectors(net, kind)
        if not of:
            continue
        assert all(not any(combined(member.weights, of)) for member in family)
        assert len(family) == len(of) - rank(list(of.values()))
        assert rank([[member.weights.get(name, 0) for name in of] for member in family]) == len(family)


def play(net: Net, draw: random.Random, moves: int) -> list[tuple[frozenset[int], int]]:
    """Markings before random firings, and what fired."""
    marking, seen = net.initial, []
    for _ in range(moves):
        ready = list(net.enabled(marking))
        if not ready:
            break
        number = draw.choice(ready)
        try:
            after = net.fire(marking, number)
        except Unsafe:
            break
        seen.append((marking, number))
        marking = after
    return [*seen, (marking, -1)]


@pytest.mark.parametrize("net", [PARALLEL, LOOP, CANCEL, LOCKED, *map(drawn, range(60))])
def test_no_firing_changes_the_tokens_of_a_place_invariant(net: Net) -> None:
    for draw in map(random.Random, range(5)):
        for marking, _ in play(net, draw, 40):
            names = [net.places[place] for place in marking]
            for member in (*place_invariants(net), *place_basis(net)):
                assert sum(member.weights.get(name, 0) for name in names) == member.value


@pytest.mark.parametrize("net", [LOOP, LOCKED, *map(drawn, range(60))])
def test_firings_of_a_transition_invariant_lead_back(net: Net) -> None:
    """Wherever a random run comes back to a marking without a reset, what it fired is a sum of invariants."""
    of = vectors(net, "transitions")
    base = transition_basis(net)
    for draw in map(random.Random, range(5)):
        run = play(net, draw, 40)
        for (a, (before, _)), (b, (after, _)) in combinations(list(enumerate(run)), 2):
            fired = [net.transitions[number] for _, number in run[a:b]]
            if before != after or any(transition.resets for transition in fired):
                continue
            counts = [[transition.id for transition in fired].count(name) for name in of]
            spanned = [[member.weights.get(name, 0) for name in of] for member in base]
            assert rank([*spanned, counts]) == rank(spanned) == len(base)


def test_a_loop_is_a_transition_invariant_that_can_fire() -> None:
    (loop,) = transition_invariants(LOOP)
    assert loop.weights == {"work": 1, "again": 1}
    ids = [transition.id for transition in LOOP.transitions]
    first = LOOP.play([ids.index("go")])
    assert LOOP.play([ids.index(name) for name in ("go", "work", "again")]) == first


def test_what_they_say() -> None:
    assert repr(invariants(PARALLEL)) == (
        "2 minimal place invariants\n  i + a + c + o = 1\n  i + b + d + o = 1\n0 minimal transition invariants"
    )
    double = Net(("p", "q"), (Transition("t", (0,), (1,)), Transition("u", (1,), (0,))), frozenset({0}), frozenset())
    assert [str(member) for member in invariants(double).transitions] == ["t + u"]
    assert "<pre>" in invariants(PARALLEL)._repr_html_()


def test_no_proof_leads_through_a_reset() -> None:
    found = invariants(CANCEL)
    assert found.places.left_out == ("b", "d")
    assert found.transitions.left_out == ("stop",)
    assert found.places.support.isdisjoint({"b", "d"})
    assert "without places that are reset: b, d" in repr(found)


def test_a_lock_is_held_by_one() -> None:
    assert {"x": 1, "y": 1, "lock": 1} in [member.weights for member in place_invariants(LOCKED)]


def test_weights_above_one() -> None:
    # Two firings of `half` make what one of `whole` takes: the places before them weigh double.
    rules = (
        Transition("half", (0,), (1, 2)),
        Transition("whole", (1, 2), (0,)),
        Transition("swap", (1,), (2,)),
        Transition("back", (2,), (1,)),
    )
    net = Net(("two", "one", "uno"), rules, frozenset({0}), frozenset())
    (found,) = place_invariants(net)
    assert found.weights == {"two": 2, "one": 1, "uno": 1}
    assert found.value == 2
    assert str(found) == "2·two + one + uno = 2"


def test_what_is_exponential_is_given_up_honestly() -> None:
    assert len(place_invariants(blocks(6))) == 64
    given_up = place_invariants(blocks(40), limit=100)
    assert not given_up.complete
    told = "at least 0 minimal place invariants; all are combinations of the 41 in .place_basis"
    assert told in repr(invariants(blocks(40), limit=100))
    starved = place_basis(chain(50), effort=10)
    assert not starved.complete
    whole = place_basis(blocks(40))
    assert whole.complete
    assert len(whole) == 40 + 1  # one a block, and one for all


@pytest.mark.parametrize("family", [place_invariants(chain(10_000)), place_basis(chain(10_000))])
def test_a_long_chain_is_one_invariant(family: Family) -> None:
    assert family.complete
    assert [len(member.weights) for member in family] == [10_001]
    assert family[0].value == 1


@pytest.mark.parametrize("net", [PARALLEL, LOOP, CANCEL, LOCKED, *map(drawn, range(40))])
def test_the_incidence_matrix_is_what_firing_changes(net: Net) -> None:
    matrix = incidence(net)
    assert matrix.entries == change(net)
    for marking in {marking for marking, _ in play(net, random.Random(1), 30)}:
        for number in net.enabled(marking):
            if net.transitions[number].resets:
                continue
            try:
                after = net.fire(marking, number)
            except Unsafe:
                continue
            for place, name in enumerate(net.places):
                assert (place in after) - (place in marking) == matrix[name, net.transitions[number].id]


def test_the_matrix_is_a_table_and_names_what_it_does_not_show() -> None:
    import pandas as pd

    matrix = incidence(CANCEL)
    frame = pd.DataFrame(*matrix)
    assert frame.loc["a", "fork"] == 1
    assert frame.loc["o", "stop"] == 1
    assert matrix.resets == {"stop": ("b", "d")}
    assert repr(matrix) == "<Incidence of 6 places and 5 transitions; 1 with resets that it does not show>"
    reading = Net(("a", "b"), (Transition("t", (0,), (0,), (), (0, 1), 1),), frozenset({0}), frozenset())
    assert incidence(reading).reads == {"t": ("a", "b")}
    assert incidence(reading).entries == [[0], [0]]
    page = incidence(Net(("<b>",), (Transition("<i>", (0,), ()),), frozenset({0}), frozenset()))._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
