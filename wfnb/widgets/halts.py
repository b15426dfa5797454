"""Where a run is paused inside its calls and maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wfnb.engine.run import Run
from wfnb.machine import tokens
from wfnb.machine.offspring import children_in_progress
from wfnb.widgets import messages as m
from wfnb.widgets import parts
from wfnb.widgets.kin import Kin, children


@dataclass(frozen=True, slots=True)
class Paused:
    """A child run that is paused.

    Attributes:
        run: the child.
        calls: the nodes that lead to it, from the outermost.
        spawned: whether an edge has spawned it, or a run around it; the node is then the one that this begins with.
    """

    run: Run
    calls: tuple[str, ...]
    spawned: bool

    def stands_before(self, node: str) -> bool:
        """Whether it is a breakpoint at this node that stopped it."""
        machine, state = self.run.machine, self.run.state
        number = machine.graph.number.get(node, -1)
        return number in state.breakpoints - state.passed and tokens.waits_at(machine, state, number)


def paused(run: Run) -> list[Paused]:
    """The children of a run that are paused, theirs among them, the outermost and first begun first."""
    if not any(child.state.paused for child in children(run)):
        return []  # and nobody has to look where they are
    return sorted(_paused(run, (), spawned=False), key=lambda found: len(found.calls))


def _paused(run: Run, calls: tuple[str, ...], *, spawned: bool) -> Iterator[Paused]:
    for id, (node, _, edge) in children_in_progress(run.machine, run.state).items():
        child = run.host.runs.get(id)
        if child is None:
            continue
        inside = (*calls, run.machine.ids[node])
        begun = spawned or edge >= 0
        if child.state.paused and child.state.status == "running":
            yield Paused(child, inside, begun)
        yield from _paused(child, inside, spawned=begun)


class Halts:
    """Tells a canvas where a run is paused inside its calls and maps, whenever that changes.

    Args:
        run: the run.
        tell: takes messages to the canvas.
        found: is given what is paused, before the canvas is told of it.
    """

    def __init__(self, run: Run, tell: Callable[[m.Report], None], found: Callable[[list[Paused]], None]) -> None:
        self._run = run
        self._tell = tell
        self._found = found
        self._told: tuple[parts.Halt, ...] = ()
        self._kin = Kin(run, self.tell)
        self.tell(again=True)

    def close(self) -> None:
        """Stop listening."""
        self._kin.close()

    def tell(self, *, again: bool = False) -> None:
        """Send the places if they changed since the last time, or `again`."""
        now = paused(self._run)
        self._found(now)
        places = _places(now)
        if again or places != self._told:
            self._told = places
            self._tell(m.Halted(run=self._run.id, halts=places))


def _places(found: list[Paused]) -> tuple[parts.Halt, ...]:
    by_calls: dict[tuple[str, ...], list[Paused]] = {}
    for one in found:
        by_calls.setdefault(one.calls, []).append(one)
    return tuple(parts.Halt(calls=calls, run=those[0].run.id, count=len(those)) for calls, those in by_calls.items())
