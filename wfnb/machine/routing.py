"""From a node that completes to the edges taken, until every token rests."""

from __future__ import annotations

from collections import ChainMap, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from wfnb.errors import ExpressionError
from wfnb.machine import tokens
from wfnb.machine.machine import Kind, Machine
from wfnb.model.event import Problem
from wfnb.model.facts import Facts
from wfnb.model.state import State

# Names of their own, because looking a member up in its enumeration costs as much as the rest of a move.
_CHOICE, _FORK, _JOIN, _END = Kind.CHOICE, Kind.FORK, Kind.JOIN, Kind.END
Chooser: TypeAlias = Callable[[int, Mapping[str, Any], Facts], list[int]]
"""Gives the edges that a choice or an inclusive fork takes; raises ExpressionError where its guards do not say."""


class Stopped(Exception):
    """Routing can not go on.

    Attributes:
        problem: why.
        moves: the edges taken until then.
    """

    def __init__(self, problem: Problem, moves: tuple[int, ...]) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.moves = moves


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What a node that completes adds to what guards may read."""

    values: Mapping[str, Any]
    facts: Facts
    completes: bool = True
    """Whether the node has done what it is for, rather than been interrupted."""


def route(  # noqa: PLR0917 - on the hot path
    machine: Machine,
    state: State,
    node: int,
    first: tuple[int, ...],
    outcome: Outcome,
    choose: Chooser | None = None,
) -> tuple[int, ...]:
    """The edges taken from a node that completes, in firing order.

    Args:
        machine: the machine.
        state: the run's state, in which the token is still inside `node`; it is not changed.
        node: the node that completes.
        first: the edges taken from it.
        outcome: what it gives.
        choose: decides in the place of the guards, as when a counterexample is played.

    Raises:
        Stopped: two tokens meet in one place, or a guard fails.
    """
    if machine.plain and choose is None:
        return _route_plainly(machine, state, node, first, outcome)
    tried = state.tokens()
    if node in tried.busy:
        tokens.leave(machine, tried, node)
    else:
        tried.ready.pop(node, None)  # a map that could not begin
    if outcome.facts is not state.facts:
        tried.facts = Facts(tried.facts.reached, outcome.facts.signals, outcome.facts.errors)
    if outcome.completes:
        tokens.note_reached(machine, tried, node)
    return _Routing(machine, tried, outcome.values, choose).run(first)


class _Routing:
    """Moves tokens on a copy of the marking, with everything that special workflows have.

    A routing node fires when its turn comes, first come, first served, and puts all of its tokens at once, as in the
    net; joins that are complete then come before what waits already.
    """

    def __init__(self, machine: Machine, tried: State, values: Mapping[str, Any], choose: Chooser | None) -> None:
        self.machine = machine
        self.tried = tried
        self.values = ChainMap(dict(values), tried.values) if values else tried.values
        self.choose = choose or (lambda node, values, facts: chosen(machine, tried, node, values, facts))
        self.moves: list[int] = []
        self.turns: deque[int] = deque()

    def run(self, first: tuple[int, ...]) -> tuple[int, ...]:
        self._fire(first)
        while self.turns:
            self._fire(self._fired(self.turns.popleft()))
        return tuple(self.moves)

    def _fire(self, moves: Sequence[int]) -> None:
        """Take these edges at once."""
        machine, tried = self.machine, self.tried
        special, target = machine.special, machine.graph.target
        for move in moves:
            if move in special.empties:
                tokens.withdraw(machine, tried, special.empties[move])
                self._drop(special.empties[move].nodes)
        self._meet(moves)
        joins: list[int] = []
        gone: frozenset[int] = frozenset()
        for move in moves:
            if target[_edge(move)] in gone:
                continue
            self.moves.append(move)
            to = tokens.place(machine, tried, move)
            if target[_edge(move)] in special.terminates:
                self.turns.clear()
                return
            if to is None:
                continue
            if to in special.rests:
                gone |= special.rests[to].nodes
                self._drop(special.rests[to].nodes)
                joins = [join for join in joins if join not in gone]
            if to in self.turns and not meets_nothing(machine, to):
                raise Stopped(second_token(machine, to), tuple(self.moves))
            (joins if machine.kinds[to] is _JOIN else self.turns).append(to)
        self.turns = deque([*sorted(joins, key=lambda join: join not in special.rests), *self.turns])

    def _meet(self, moves: Sequence[int]) -> None:
        """Stop where a token comes to a place that has one."""
        machine, target = self.machine, self.machine.graph.target
        special = machine.special
        over = any(target[_edge(move)] in special.terminates for move in moves)
        for number, move in enumerate(moves):
            to = target[_edge(move)]
            if over and machine.kinds[to] is not Kind.END:
                continue  # withdrawn at once
            if move not in special.spawns and tokens.taken(machine, self.tried, move):
                raise Stopped(second_token(machine, to), (*self.moves, *moves[:number]))
            if to in special.terminates:
                return

    def _drop(self, nodes: frozenset[int]) -> None:
        """Tokens that wait for their turn in a region that was emptied are withdrawn too."""
        self.turns = deque(node for node in self.turns if node not in nodes)

    def _fired(self, node: int) -> tuple[int, ...] | list[int]:
        machine = self.machine
        inclusive = machine.special.inclusive.get(node)
        if machine.kinds[node] is not _CHOICE and inclusive is None:
            return machine.out[node]
        try:
            edges = self.choose(node, self.values, self.tried.facts)
        except ExpressionError as error:
            raise Stopped(_guard_problem(machine, node, error), tuple(self.moves)) from None
        if inclusive is None:
            return edges
        moves = [edge if edge in edges else ~last for edge, last in inclusive]
        # What empties most goes first, or it would withdraw what its own fork has put there.
        return sorted(moves, key=lambda move: -emptied(machine, move)) if machine.special.empties else moves


def meets_nothing(machine: Machine, node: int) -> bool:
    """Whether a node is a choice or a fork that, whichever way it goes on, withdraws what else is there."""
    special, target = machine.special, machine.graph.target
    if machine.kinds[node] not in (_CHOICE, _FORK) or node in special.inclusive:
        return False
    clears = (
        (edge in special.empties and node in special.empties[edge].nodes)
        or target[edge] in special.terminates
        or (
            special.needs.get(target[edge]) == 1
            and target[edge] in special.rests
            and node in special.rests[target[edge]].nodes
        )
        for edge in machine.out[node]
    )
    return any(clears) if machine.kinds[node] is _FORK else all(clears)


def emptied(machine: Machine, move: int) -> int:
    """How many nodes a move empties."""
    return len(machine.special.empties[move].nodes) if move in machine.special.empties else 0


def _edge(move: int) -> int:
    return move if move >= 0 else ~move


def _route_plainly(
    machine: Machine, state: State, node: int, first: tuple[int, ...], outcome: Outcome
) -> tuple[int, ...]:
    """As `_Routing`, without a copy: tasks, waits, choices, forks, and joins of all branches."""
    target, kinds, into, out = machine.graph.target, machine.kinds, machine.graph.into, machine.out
    moves = list(first)  # grows while it is gone through
    resting: set[int] = set()  # tasks, and join edges as `~edge`, that got a token in this very step
    arrived: dict[int, int] = {}  # how many tokens joins have then
    fired: set[int] = set()
    for number, edge in enumerate(moves):
        to = target[edge]
        kind = kinds[to]
        if kind is _JOIN:
            if ~edge in resting or (edge in state.waiting and to not in fired):
                raise Stopped(second_token(machine, to), tuple(moves[:number]))
            count = (arrived[to] if to in arrived else state.arrived.get(to, 0)) + 1
            resting.add(~edge)
            if count == len(into[to]):
                count = 0
                fired.add(to)
                resting.difference_update([~each for each in into[to]])
                moves += out[to]
            arrived[to] = count
        elif kind is _FORK:
            moves += out[to]
        elif kind is _CHOICE:
            values = ChainMap(dict(outcome.values), state.values) if outcome.values else state.values
            try:
                moves += chosen(machine, state, to, values, outcome.facts)
            except ExpressionError as error:
                raise Stopped(_guard_problem(machine, to, error), tuple(moves[: number + 1])) from None
        else:
            there = to in state.ready or to in state.busy
            if kind is _END:
                there = any(target[ended] == to for ended in state.ended)
            if to in resting or (there and to != node):
                raise Stopped(second_token(machine, to), tuple(moves[:number]))
            resting.add(to)
    return tuple(moves)


def chosen(machine: Machine, state: State, node: int, values: Mapping[str, Any], facts: Facts) -> list[int]:
    """The edges that a choice (the first whose guard holds) or an inclusive fork (all of them) takes.

    Raises:
        ExpressionError: a guard fails, or none holds and there is no `otherwise`.
    """
    edges = machine.workflow.edges
    taken = []
    inclusive = node in machine.special.inclusive
    for edge in machine.out[node]:
        guard = machine.guards[edge]
        if guard is None:
            if inclusive and not edges[edge].otherwise:
                taken.append(edge)
            continue
        try:
            holds = guard.holds(values, state.input, facts)
        except ExpressionError as error:
            drawn = edges[edge]
            raise ExpressionError(f"the guard of '{drawn.source}' to '{drawn.target}' failed: {error}") from None
        if holds:
            if not inclusive:
                return [edge]
            taken.append(edge)
    if taken:
        return taken
    if node in machine.otherwise:
        return [machine.otherwise[node]]
    what = f"{'fork' if inclusive else 'choice'} '{machine.ids[node]}'"
    raise ExpressionError(f"no guard of {what} holds\ngive one of its edges `otherwise`, which is taken then")


def second_token(machine: Machine, node: int) -> Problem:
    """What is wrong where two tokens meet."""
    id = machine.ids[node]
    message = f"a second token reached '{id}' while one was still there\nbring concurrent branches together in a join"
    return Problem(type="RunStuck", message=message, node=id)


def _guard_problem(machine: Machine, node: int, error: ExpressionError) -> Problem:
    return Problem(type="ExpressionError", message=str(error), node=machine.ids[node])
