"""The explicit state machine against a search of its own."""

from __future__ import annotations

import pytest

from tests.unit.machine.formal.nets import CANCEL, LOCKED, LOOP, PARALLEL, blocks, drawn, net
from wfnb.machine.formal.statemachine import Role, StateMachine, explicit
from wfnb.machine.net import Net, Unsafe


def explored(of: Net) -> tuple[set[frozenset[int]], set[tuple[frozenset[int], str, frozenset[int] | None]]]:
    """Markings reached without a second token, and firings; None behind an unsafe one."""
    seen, frontier = {of.initial}, [of.initial]
    firings = set()
    while frontier:
        marking = frontier.pop()
        for number in of.enabled(marking):
            try:
                after = of.fire(marking, number)
            except Unsafe:
                firings.add((marking, of.transitions[number].id, None))
                continue
            firings.add((marking, of.transitions[number].id, after))
            if after not in seen:
                seen.add(after)
                frontier.append(after)
    return seen, firings


def named(of: Net, marking: frozenset[int]) -> tuple[str, ...]:
    return tuple(of.places[place] for place in sorted(marking))


@pytest.mark.parametrize("of", [PARALLEL, LOOP, CANCEL, LOCKED, *map(drawn, range(200))])
def test_states_and_moves_are_all_there_are(of: Net) -> None:
    machine = explicit(of)
    seen, firings = explored(of)
    assert machine.complete
    safe = [state for state in machine.states if state.role is not Role.UNSAFE]
    assert sorted(state.marked for state in safe) == sorted(named(of, marking) for marking in seen)
    assert machine.states[0].marked == named(of, of.initial)
    told = {
        (machine.states[move.source].marked, move.transition,
         None if machine.states[move.target].role is Role.UNSAFE else machine.states[move.target].marked)
        for move in machine.moves
    }  # fmt: skip
    assert told == {(named(of, a), id, None if b is None else named(of, b)) for a, id, b in firings}
    assert len(told) == len(machine.moves)
    ended = {named(of, marking) for marking in seen if of.ended(marking)}
    for number, state in enumerate(machine.states):
        if state.role is Role.UNSAFE:
            continue
        out = [move for move in machine.moves if move.source == number]
        hopeful = any(machine.states[other].role is Role.FINAL for other in reached(machine, number))
        expected = (
            Role.FINAL if state.marked in ended else Role.DEADLOCK if not out else Role.INNER if hopeful else Role.TRAP
        )
        assert state.role is expected


def reached(machine: StateMachine, number: int) -> set[int]:
    found, frontier = {number}, [number]
    while frontier:
        at = frontier.pop()
        for move in machine.moves:
            if move.source == at and move.target not in found:
                found.add(move.target)
                frontier.append(move.target)
    return found


def test_roles() -> None:
    assert [state.role for state in explicit(PARALLEL).states].count(Role.FINAL) == 1
    assert explicit(PARALLEL).bad == ()
    crossed = net({"fork": "i > a b", "one": "a > c", "two": "b > c", "join": "c d > o"}, "i", "o")
    assert {state.role for state in explicit(crossed).bad} == {Role.UNSAFE, Role.TRAP}
    assert next(str(state) for state in explicit(crossed).states if state.second) == "{c} + c"
    endless = net({"go": "i > a", "round": "a > b", "back": "b > a", "never": "x > o"}, "i", "o")
    assert [state.role for state in explicit(endless).states] == [Role.TRAP] * 3
    lost = net({"either": "i > a", "or": "i > b", "end": "a > o", "join": "b x > o"}, "i", "o")
    assert [str(state) for state in explicit(lost).bad] == ["{b}"]


def test_beyond_the_limit_nothing_is_claimed() -> None:
    machine = explicit(blocks(2, wide=12), limit=50)
    assert not machine.complete
    assert len(machine.states) == 50
    assert Role.OPEN in {state.role for state in machine.states}
    assert machine.bad == ()
    assert "and more" in repr(machine)
    assert explicit(PARALLEL, limit=6).complete
    assert not explicit(PARALLEL, limit=5).complete


def test_its_own_seven_tuple_is_an_ordinary_state_machine() -> None:
    machine = explicit(LOOP, labels={1: "fetch"})
    formal = machine.formal
    assert formal.S == ("{i}", "{p}", "{q}", "{o}")
    assert formal.s0 == {"{i}"}
    assert [state for state in formal.S if {state} in formal.F] == ["{o}"]
    assert formal.A == ("go", "fetch", "again", "leave")
    assert all(len(rule.pre) == len(rule.post) == 1 for rule in formal.T)


def test_texts() -> None:
    machine = explicit(LOOP)
    assert machine.text().splitlines()[:4] == [
        "StateMachine: 4 states, 4 moves",
        "   0  {i}",
        "        go -> 1",
        "   1  {p}",
    ]
    assert "   3  {o}  (final)" in machine.text()
    assert machine.text(2).splitlines()[-2:] == ["        work -> 2", "..."]
    quoted = explicit(net({'say "no"\\': "i > o"}, "i", "o")).dot()
    assert '  0 -> 1 [label="say \\"no\\"\\\\"]' in quoted.splitlines()
    assert '  1 [label="{o}", shape=doublecircle]' in quoted.splitlines()
