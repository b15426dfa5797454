"""Whole lives of a run under seeded misfortune, in virtual time: a failing seed gives the same lives again.

One seed decides what is ready first, how long the store takes to acknowledge, at which append the process dies or the
disk is full, what of the unacknowledged is on it then, when signals come twice, and by how much the clock jumps.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.constructs import Construct
from tests.runner import Outcome, act, answer, outcome_of, registry
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import RunError, StoreError
from wfnb.model.event import TaskStarted
from wfnb.store.memory import Entry, MemoryStore
from wfnb.store.protocol import Acknowledged, Row
from wfnb.testing import VirtualLoop, virtual_time
from wfnb.testing.clock import EPOCH

LIVES = 6
"""How often a run is taken up at most; the last life is an undisturbed one."""
SLOW = 0.15
"""Seconds that an acknowledgement takes at most."""


@dataclass(frozen=True)
class Fate:
    """What befalls one life of a run.

    Attributes:
        seed: shuffles what is ready at the same time.
        delay: seconds that an acknowledgement takes at most.
        dies: the append with which the process dies, None if it does not.
        full: the append that finds the disk full, None if none does.
        jumps: seconds by which the clock is put forward or back, by second.
        again: how much later signals come once more, in seconds; None if they come once.
    """

    seed: int
    delay: float = 0
    dies: int | None = None
    full: int | None = None
    jumps: dict[float, float] = field(default_factory=dict)
    again: float | None = None


def fates(seed: int, *, jumps: bool) -> list[Fate]:
    """What befalls the lives of a run, the last of which is an undisturbed one."""
    chance = random.Random(seed)
    found = []
    for _ in range(chance.randint(1, LIVES - 1)):
        kind = chance.choice(["dies", "dies", "full", "full", "slow"])
        at = chance.randint(1, 16)
        found.append(
            Fate(
                chance.randrange(2**32),
                chance.choice([0, SLOW]),
                at if kind == "dies" else None,
                at if kind == "full" else None,
                {chance.uniform(0, 9): chance.choice([-3600, -1, 1, 3600])} if jumps and chance.random() < 0.5 else {},
                chance.choice([None, 0, 1.5]),
            )
        )
    return [*found, Fate(chance.randrange(2**32))]


class FaultyStore(MemoryStore):
    """A store that says it is durable, acknowledges late, and may fail or die; see `Fate`.

    Attributes:
        acknowledged: how many appends are safe.
        kept: how many are on the disk once it has failed or died, None before.
        dead: set once the process is: what it appends then is lost without a word.
    """

    durable = True

    def __init__(self, fate: Fate, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.acknowledged = 0
        self.kept: int | None = None
        self.dead = asyncio.Event()
        self._fate = fate
        self._loop = loop
        self._chance = random.Random(fate.seed)
        self._armed = 0
        self._count = 0
        self._pending: deque[tuple[float, int, Acknowledged | None]] = deque()

    def load(self, log: Sequence[Entry]) -> None:
        """Take what is on the disk."""
        for id, epoch, before, rows in log:
            super().append(id, epoch, before, rows)
        self.acknowledged = self._count = len(log)
        self._armed = len(log)

    def append(
        self,
        run: str,
        epoch: int,
        expected: int,
        rows: Sequence[Row],
        acknowledged: Acknowledged | None = None,
    ) -> None:
        if self.dead.is_set():
            return
        if self.kept is not None:
            raise StoreError("the disk is full\nmake room, then resume")
        super().append(run, epoch, expected, rows)
        self._count += bool(rows)
        latest = self._pending[-1][0] if self._pending else 0
        due = max(latest, self._loop.time() + self._chance.uniform(0, self._fate.delay))
        self._pending.append((due, self._count, acknowledged))
        if self._count - self._armed == self._fate.dies:
            self.kept = self._chance.randint(self.acknowledged, self._count)
            self.dead.set()
        elif self._count - self._armed == self._fate.full:
            self.kept = self._chance.randint(self.acknowledged, self._count - 1)
            self._loop.call_soon(self._fail)
        else:
            self._loop.call_at(due, self._acknowledge)

    def _acknowledge(self) -> None:
        while self.kept is None and self._pending and self._pending[0][0] <= self._loop.time():
            _, self.acknowledged, waiter = self._pending.popleft()
            if waiter is not None and not waiter.done():
                waiter.set_result(None)

    def _fail(self) -> None:
        for _, _, waiter in self._pending:
            if waiter is not None and not waiter.done():
                waiter.set_exception(StoreError("the disk is full\nmake room, then resume"))
        self._pending.clear()

    async def ended(self) -> None:
        """Wait until the process is dead, or people have noticed that the disk is full, though the run may rest."""
        while self.kept is None:  # noqa: ASYNC110 - in virtual time
            await asyncio.sleep(1)
        if not self.dead.is_set():
            await asyncio.sleep(300)

    def survivors(self) -> list[Entry]:
        """What the next life finds."""
        entries = list(self.appends())
        return entries if self.kept is None else entries[: self.kept]


@dataclass
class Lives:
    """All lives of a run together.

    Attributes:
        run: the run in its last life.
        outcome: how it ended.
        store: the store of its last life.
        begun: how often the body of each task was begun, by its id.
    """

    run: Run
    outcome: Outcome
    store: MemoryStore
    begun: Counter[str]


def lived(construct: Construct, fates: Sequence[Fate]) -> Lives:
    """Let a run live as often as it takes; asserts after every life what must hold then."""
    begun = Counter[str]()
    log: list[Entry] = []
    definitions: dict[str, bytes] = {}
    for fate in fates:
        run, store = virtual_time(_life(construct, fate, log, definitions, begun), seed=fate.seed)
        definitions |= store._definitions
        survivors = store.survivors()
        assert survivors[: store.acknowledged] == list(store.appends())[: store.acknowledged], "acknowledged and lost"
        assert survivors[: len(log)] == log, "what was on the disk has changed"
        log = survivors
        if store.kept is None:
            assert run is not None
            return Lives(run, outcome_of(run, store), store, begun)
    raise AssertionError("the last life is an undisturbed one")


async def _life(
    construct: Construct, fate: Fate, log: Sequence[Entry], definitions: dict[str, bytes], begun: Counter[str]
) -> tuple[Run | None, FaultyStore]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    store = FaultyStore(fate, loop)
    for hash, document in definitions.items():
        store.define(hash, document)
    store.load(log)

    def tell(id: str) -> None:
        """A body begins: only after what says so is on the disk."""
        if store.dead.is_set() or store.kept is not None:
            return
        begun[id] += 1
        safe = [row.event for entry in list(store.appends())[: store.acknowledged] for row in entry[3]]
        bodies = sum(isinstance(event, TaskStarted) for event in safe)
        assert sum(count for one, count in begun.items() if not one.startswith("undo")) <= bodies, f"'{id}' began early"

    engine = Engine(registry=registry(tell))
    engine._host.store = store
    offset = [0.0]
    engine._host.clock = lambda: loop.clock() + round(offset[0] * 1e6)
    if log:
        loop.advance((log[-1][3][-1].ts - EPOCH) / 1e6)
        name = log[0][0]
        await engine.resume()
        run = engine.runs.get(name) or engine.run(name)
    else:
        run = engine.start(construct.workflow)
    engine._host.clock = lambda: loop.clock() + round(offset[0] * 1e6)
    for at, what in construct.acts.items():
        # Who sends it does so in every life, not knowing whether it was lost.
        loop.call_at(max(at, loop.time()), _act, store, run, what, at)
        if fate.again is not None:
            loop.call_at(max(at, loop.time()) + fate.again, _act, store, run, what, at)
    for at, jump in fate.jumps.items():
        loop.call_later(at, _jump, offset, jump)
    answering = asyncio.ensure_future(answer(run))
    watching = asyncio.ensure_future(_over(engine, run))
    dying = asyncio.ensure_future(store.ended())
    await asyncio.wait([watching, dying], return_when=asyncio.FIRST_COMPLETED, timeout=10_000)
    assert watching.done() or dying.done(), "the run hangs"
    if watching.done():
        watching.result()
    for task in (answering, watching, dying):
        task.cancel()
    return run, store


def _act(store: FaultyStore, run: Run, what: tuple[str, Any], at: float) -> None:
    if not store.dead.is_set() and store.kept is None:
        act(run, what, at)


def _jump(offset: list[float], seconds: float) -> None:
    offset[0] += seconds


async def _over(engine: Engine, run: Run) -> None:
    """Until a run is over, with all of its children, or the store has failed."""
    with contextlib.suppress(RunError, StoreError):
        await run
    while engine.runs:  # noqa: ASYNC110 - children that take back what they did
        await asyncio.sleep(1)
