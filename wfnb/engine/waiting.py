"""What a run waits for, from its machine and its state: asked of runs in progress and of those in a history alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wfnb.engine.ahead import read_ahead
from wfnb.engine.past import past_child
from wfnb.errors import WfnbError
from wfnb.history.words import clock
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.tokens import occupied
from wfnb.model.state import State
from wfnb.store.protocol import EventStore

Child: TypeAlias = Callable[[str], tuple[Machine, State] | None]
"""The machine and the state of a child run; None where it has not begun."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """One thing that a run waits for.

    Attributes:
        run: the run, or one of its children.
        node: where it waits; empty where it is paused.
        kind: an answer to an approval, a signal, a time, a condition over its values, or that a paused run is resumed.
        name: the signal's; else empty.
        due: the time, microseconds since the epoch; else None.
        form: name and type of each field of an answer.
    """

    run: str
    node: str
    kind: Literal["answer", "signal", "time", "condition", "resume"]
    name: str = ""
    due: int | None = None
    form: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        if self.kind == "resume":
            return "being resumed"
        what = {"signal": f"signal '{self.name}'", "answer": "an answer", "condition": "a condition"}
        return f"{what[self.kind] if self.due is None else clock(self.due)} at '{self.node}'"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a run stands that rests.

    Attributes:
        status: `waiting` where nothing but signals and approvals is left, `running` where a time will come, `paused`.
        awaited: everything that it waits for, its children included.
    """

    status: Literal["waiting", "running", "paused"]
    awaited: tuple[Awaited, ...]

    @property
    def text(self) -> str:
        """What it waits for, in a line."""
        return ", ".join(dict.fromkeys(map(str, self.awaited)))


def rests(machine: Machine, state: State, child: Child, *, timers: bool = False) -> bool:
    """Whether nothing but a signal or an approval can make a run go on; with `timers`, or a time that comes.

    A paused run rests once nothing of it is in progress: its timers wait, too.
    """
    timed = not timers and not state.paused and any(due >= 0 for due in state.timers.values())
    nothing = not (state.busy or state.spawned or state.paused)
    if state.status != "running" or timed or state.ending is not None or nothing:
        return False
    for node in state.busy:
        kind = machine.kinds[node]
        if kind in (Kind.WAIT, Kind.APPROVAL) or (state.paused and node in state.retrying):
            continue
        if kind is Kind.TASK or not all(_child_rests(run, child, timers) for run in state.children[node].open.values()):
            return False
    return all(_child_rests(run, child, timers) for run in state.spawned)


def _child_rests(run: str, child: Child, timers: bool) -> bool:
    found = child(run)
    return found is not None and rests(*found, child, timers=timers)


def awaited(run: str, machine: Machine, state: State, child: Child) -> Iterator[Awaited]:
    """Everything that can make a run or its children go on, in the order of the drawing within each kind."""
    ids, edges, nodes = machine.ids, machine.graph.edges, machine.graph.nodes
    if state.paused:
        yield Awaited(run, "", "resume")
    for node in state.asked:
        yield Awaited(run, ids[node], "answer", form=tuple(getattr(nodes[node], "form", {}).items()))
    for name, edge in listened(machine, state):
        yield Awaited(run, edges[edge].source, "signal", name)
    for edge, due in state.timers.items():
        if due >= 0:
            yield Awaited(run, edges[edge].source, "time", due=due)
    for node in machine.special.conditions:
        if node in state.busy:
            yield Awaited(run, ids[node], "condition")
    inside = [run for children in state.children.values() for run in children.open.values()]
    for name in (*inside, *state.spawned):
        found = child(name)
        if found is not None:
            yield from awaited(name, *found, child)


def listened(machine: Machine, state: State) -> Iterator[tuple[str, int]]:
    """The signals that something in a run listens for now, each with the edge that takes it."""
    special, source = machine.special, machine.graph.source
    for name, edges in special.listeners.items():
        for edge in edges:
            group = special.groups.get(source[edge])
            if source[edge] in state.busy or (group is not None and occupied(group, state)):
                yield name, edge


def waiting_runs(store: EventStore, live: Mapping[str, tuple[Machine, State]]) -> dict[str, Standing]:
    """What the unfinished runs of a history wait for, of those that rest.

    Args:
        store: the history; runs that are not in progress are looked at as it tells them.
        live: machine and state of those in progress, by id.
    """
    heads = [head for head in store.heads() if head.status == "running"]
    stood = dict[str, tuple[Machine, State] | None](live)
    histories = {head.run: there for head, there in read_ahead(store, (h for h in heads if h.run not in live))}

    def child(run: str) -> tuple[Machine, State] | None:
        if run not in stood:
            stood[run] = past_child(histories.get(run, store), run)
        return stood[run]

    found = {}
    for head in heads:
        try:
            stands = child(head.run)
            if stands is not None and (stands[1].paused or rests(*stands, child, timers=True)):
                waits: Literal["waiting", "running"] = "waiting" if rests(*stands, child) else "running"
                status = "paused" if stands[1].paused else waits
                found[head.run] = Standing(status, tuple(awaited(head.run, *stands, child)))
        except (WfnbError, KeyError):  # what can not be read is for `resume` to tell
            continue
    return found
