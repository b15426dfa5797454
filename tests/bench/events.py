"""What an event costs: a machine of three states with guards, driven from outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

from tests.bench.measure import Row, bench, compared
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.decide import decide
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import evolve
from wfnb.machine.settle import settle_start
from wfnb.machine.triggered import listening, settle_signal
from wfnb.model.activity import describe
from wfnb.model.state import State
from wfnb.model.workflow import Edge, End, Node, Signal, Start, Task, Wait, Workflow

EVENTS = 6_000
"""How many are sent."""
SENT = [(("tick", "turn")[number % 2], number % 5) for number in range(EVENTS)]
"""Signals and what they bring; two of five bring too little to pass a guard."""


def three_states(*, acting: bool) -> Workflow:
    """Three waits in a ring, each left by two signals with guards; with a task on each way where `acting`."""
    nodes: list[Node] = [Start("start"), Wait("a"), Wait("b"), Wait("c"), End("end")]
    edges = [Edge(source="start", target="a")]
    for state, other in ("ab", "bc", "ca"):
        for signal in ("tick", "turn"):
            target = f"{signal}_{state}" if acting else other
            edges.append(Edge(source=state, target=target, on=signal, when=f"signal('{signal}') > 1"))
            if acting:
                nodes.append(Task(target, activity="act", arguments={"state": state}))
                edges.append(Edge(source=target, target=other))
        edges.append(Edge(source=state, target="end", on="stop"))
    lost = {signal: Signal(transient=True) for signal in ("tick", "turn")}
    return Workflow(name="ring", nodes=tuple(nodes), edges=tuple(edges), signals=lost)


# --- floors -------------------------------------------------------------------------------------------------------


async def act(state: str) -> None:
    """What happens on the way from one state to another."""


Handler = Callable[[int], Awaitable[str]]


class ByHand:
    """Three states by hand: a loop that awaits events, and a coroutine with its guard for each state and event."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.inbox: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.handlers = {
            (state, signal): self.handler(state, other)
            for state, other in ("ab", "bc", "ca")
            for signal in ("tick", "turn")
        }

    def handler(self, here: str, there: str) -> Handler:
        async def on(value: int) -> str:
            if not value > 1:
                return here
            self.values[here] = value
            await act(here)
            return there

        return on

    async def run(self, events: int) -> None:
        state = "a"
        for _ in range(events):
            name, value = await self.inbox.get()
            handler = self.handlers.get((state, name))
            if handler is not None:
                state = await handler(value)


def by_hand() -> float:
    """Microseconds an event."""

    async def main() -> float:
        machine = ByHand()
        began = time.process_time()
        running = asyncio.create_task(machine.run(EVENTS))
        for event in SENT:
            machine.inbox.put_nowait(event)
        await running
        return (time.process_time() - began) * 1e6 / EVENTS

    return asyncio.run(main())


# --- ours ---------------------------------------------------------------------------------------------------------


def pure(machine: Machine) -> Callable[[], float]:
    """Microseconds an event: what it means, what follows, and what is to be done then."""

    def measure() -> float:
        state = State()
        for event in settle_start(machine, {}, {}):
            evolve(machine, state, event)
        decide(machine, state)
        began = time.process_time()
        for name, value in SENT:
            taken = listening(machine, state, name, value)
            edge = taken[0][0] if taken else None
            for event in settle_signal(machine, state, name, "", value, edge):
                evolve(machine, state, event)
            decide(machine, state)
        return (time.process_time() - began) * 1e6 / EVENTS

    return measure


def run(workflow: Workflow, known: Registry) -> Callable[[], float]:
    """Microseconds an event whose sender waits until the task that follows has run and the next state is reached."""

    async def main() -> float:
        async with Engine(registry=known) as engine:
            run = engine.start(workflow)
            began = time.process_time()
            for name, value in SENT:
                await run.send(name, value)
            spent = time.process_time() - began
            run.signal("stop")
            await run
            return spent * 1e6 / EVENTS

    return lambda: asyncio.run(main())


@bench
def events() -> Iterator[Row]:
    """Three states with guards."""
    known = Registry()
    known.add(describe(act))
    ways = {"unit": "µs an event", "against": "an async dictionary loop"}
    machine, acting = compile_workflow(three_states(acting=False)), three_states(acting=True)
    yield compared("three states, pure machine", pure(machine), by_hand, **ways, mark=4.0)
    yield compared("three states, action tasks, engine", run(acting, known), by_hand, **ways, mark=12.5)
