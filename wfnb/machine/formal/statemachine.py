"""The explicit state machine of a small workflow: every reachable marking, and what leads from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wfnb.machine.formal.seventuple import Formal, seven_tuple
from wfnb.machine.net import Net, Transition, Unsafe

LIMIT = 300
"""States that are made; a drawing of more helps nobody."""
_NONE: Mapping[int, str] = {}


class Role(StrEnum):
    """What a state is, the worst first."""

    UNSAFE = "unsafe"
    """A second token came into a place; nothing is said of what follows."""
    DEADLOCK = "deadlock"
    """Nothing can fire, and not everything has ended."""
    TRAP = "trap"
    """Something can fire, but no final state can be reached any more."""
    OPEN = "open"
    """Some of what follows was left out, beyond the limit."""
    FINAL = "final"
    """Everything has ended."""
    INNER = "inner"


@dataclass(frozen=True, slots=True)
class State:
    """A reachable marking.

    Attributes:
        marked: names of the marked places, in the order of the net.
        role: what it is.
        second: the place that got a second token, None where none did.
    """

    marked: tuple[str, ...]
    role: Role
    second: str | None = None

    def __str__(self) -> str:
        return "{" + ", ".join(self.marked) + "}" + (f" + {self.second}" if self.second is not None else "")


@dataclass(frozen=True, slots=True)
class Move:
    """A firing.

    Attributes:
        source: number of the state before it.
        transition: the transition's id.
        target: number of the state after it.
        label: what to call it; the transition's id where nothing better was given.
    """

    source: int
    transition: str
    target: int
    label: str


@dataclass(frozen=True, slots=True)
class StateMachine:
    """States and moves.

    State 0 is the start; states are numbered breadth first, in the order of their distance from it.

    Attributes:
        states: by number.
        moves: by source.
        complete: whether these are all; if not, states of the role `open` lead on.
    """

    states: tuple[State, ...]
    moves: tuple[Move, ...]
    complete: bool

    @property
    def bad(self) -> tuple[State, ...]:
        """States that a sound machine has none of: unsafe, deadlocked or trapped."""
        return tuple(state for state in self.states if state.role in (Role.UNSAFE, Role.DEADLOCK, Role.TRAP))

    @property
    def formal(self) -> Formal:
        """The 7-tuple of this machine, whose S are its states."""
        transitions = tuple(
            Transition(f"{number}: {move.transition}", (move.source,), (move.target,))
            for number, move in enumerate(self.moves)
        )
        final = frozenset(number for number, state in enumerate(self.states) if state.role is Role.FINAL)
        net = Net(tuple(map(str, self.states)), transitions, frozenset({0}), final)
        return seven_tuple(net, labels=dict(enumerate(move.label for move in self.moves)))

    def __repr__(self) -> str:
        more = "" if self.complete else " and more"
        faults = f", {len(self.bad)} bad" if self.bad else ""
        return f"<StateMachine: {len(self.states)} states{more}, {len(self.moves)} moves{faults}>"

    def text(self, shown: int = 50) -> str:
        """States and what leads out of each, in lines; `shown` of them."""
        out: list[list[Move]] = [[] for _ in self.states]
        for move in self.moves:
            out[move.source].append(move)
        lines = [repr(self)[1:-1]]
        for number, state in enumerate(self.states[:shown]):
            mark = "" if state.role is Role.INNER else f"  ({state.role})"
            lines.append(f"{number:>4}  {state}{mark}")
            lines.extend(f"        {move.label} -> {move.target}" for move in out[number])
        return "\n".join([*lines, "..."] if len(self.states) > shown else lines)

    def dot(self) -> str:
        """For Graphviz."""
        shape = {Role.FINAL: "doublecircle", Role.INNER: "ellipse", Role.OPEN: "plaintext"}
        lines = ["digraph {", "  rankdir=LR", "  start [shape=point]", "  start -> 0"]
        for number, state in enumerate(self.states):
            lines.append(f"  {number} [label={_quoted(str(state))}, shape={shape.get(state.role, 'octagon')}]")
        lines.extend(f"  {move.source} -> {move.target} [label={_quoted(move.label)}]" for move in self.moves)
        return "\n".join([*lines, "}"])


def explicit(net: Net, *, limit: int = LIMIT, labels: Mapping[int, str] = _NONE) -> StateMachine:
    """The reachable markings of a net, breadth first.

    A marking in which a place would get a second token is a state of its own, and the last on its path.

    Args:
        net: the net.
        limit: the most states; beyond it the machine is not `complete`, and no state is called a trap.
        labels: by transition number, what to call its moves.
    """
    numbers: dict[tuple[frozenset[int], int | None], int] = {(net.initial, None): 0}
    order = list(numbers)
    moves: list[Move] = []
    roles: list[Role] = []
    for marking, second in order:  # which grows meanwhile
        if second is not None:
            roles.append(Role.UNSAFE)
            continue
        number = len(roles)
        role = Role.FINAL if net.ended(marking) else Role.INNER
        fired = False
        for index in net.enabled(marking):
            fired = True
            after = _after(net, marking, index)
            if after not in numbers:
                if len(order) >= limit:
                    role = Role.OPEN
                    continue
                numbers[after] = len(order)
                order.append(after)
            id = net.transitions[index].id
            moves.append(Move(number, id, numbers[after], labels.get(index, id)))
        roles.append(role if fired or role is Role.FINAL else Role.DEADLOCK)
    complete = Role.OPEN not in roles
    if complete:
        _mark_traps(roles, moves)
    states = tuple(
        State(
            tuple(net.places[place] for place in sorted(marking)), role, None if second is None else net.places[second]
        )
        for (marking, second), role in zip(order, roles, strict=True)
    )
    return StateMachine(states, tuple(moves), complete)


def _after(net: Net, marking: frozenset[int], number: int) -> tuple[frozenset[int], int | None]:
    """The marking after a firing, and the place that got a second token."""
    try:
        return net.fire(marking, number), None
    except Unsafe as unsafe:
        transition = net.transitions[number]
        left = marking.difference(transition.pre).difference(transition.resets)
        return left.union(transition.post), unsafe.place


def _mark_traps(roles: list[Role], moves: list[Move]) -> None:
    """Mark what can go on for ever, or into another fault only, but never to an end.

    What leads to nothing but a deadlock or an unsafe state is bad in itself only if it can not be left otherwise, which
    is what is marked: no final state is reachable from it.
    """
    before: list[list[int]] = [[] for _ in roles]
    for move in moves:
        before[move.target].append(move.source)
    frontier = [number for number, role in enumerate(roles) if role is Role.FINAL]
    hopeful = set(frontier)
    while frontier:
        for source in before[frontier.pop()]:
            if source not in hopeful:
                hopeful.add(source)
                frontier.append(source)
    for number, role in enumerate(roles):
        if role is Role.INNER and number not in hopeful:
            roles[number] = Role.TRAP


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
