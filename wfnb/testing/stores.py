"""The law of event stores as tests: every store passes all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

from wfnb.errors import StoreConflict, StoreError
from wfnb.model.event import (
    Event,
    Problem,
    RunCompleted,
    RunFailed,
    RunReopened,
    RunStarted,
    TaskCompleted,
    TaskStarted,
)
from wfnb.store.protocol import EventStore, Row

START = 1_700_000_000_000_000
"""Microseconds since the epoch of the first event that the contract appends."""


def row(event: Event, ts: int = START) -> Row:
    """An event as a store takes it."""
    return Row(ts, event)


def history(tasks: int = 1, *, workflow: str = "w", definition: str = "d") -> list[Event]:
    """What a run of `tasks` tasks in a row leaves: two events each, and the run's first and last."""
    events: list[Event] = [RunStarted(workflow=workflow, definition=definition, input={"n": tasks})]
    for number in range(tasks):
        node = f"t{number}"
        events.append(TaskStarted(node, 1, 1))
        events.append(TaskCompleted(node, 1, 1, value={"n": number, "text": 'ä "x" \x00 \U0001f600'}))
    events.append(RunCompleted(output=tasks))
    return events


class EventStoreContract:
    """What every event store must do, as test methods.

    Subclass it in a class named `Test...` and override `open`; pytest finds the rest.
    """

    durable: ClassVar[bool] = True

    def open(self) -> EventStore:
        """A new, empty store."""
        raise NotImplementedError

    def test_says_whether_it_is_durable(self) -> None:
        """The class says what the store says."""
        store = self.open()
        assert store.durable is self.durable
        store.close()

    def test_gives_back_what_was_appended_in_order(self) -> None:
        """Events come back equal, numbered from 1, with their epoch and time."""
        store = self.open()
        events = history(3)
        for seq, event in enumerate(events):
            store.append("r", 0, seq, [row(event, START + seq)])
        records = store.read("r")
        assert [r.event for r in records] == events
        assert [r.seq for r in records] == list(range(1, len(events) + 1))
        assert [r.ts for r in records] == [START + seq for seq in range(len(events))]
        assert {(r.run, r.epoch) for r in records} == {("r", 0)}
        store.close()

    def test_reads_ranges(self) -> None:
        """`start` is included, `stop` is not, and both may lie outside the stream."""
        store = self.open()
        store.append("r", 0, 0, [row(e) for e in history(2)[:3]])
        store.append("r", 0, 3, [row(e) for e in history(2)[3:]])

        def seqs(start: int = 1, stop: int | None = None) -> list[int]:
            return [r.seq for r in store.read("r", start, stop)]

        assert seqs() == [1, 2, 3, 4, 5, 6]
        assert seqs(3) == [3, 4, 5, 6]
        assert seqs(2, 4) == [2, 3]
        assert seqs(4, 4) == []
        assert seqs(6, 99) == [6]
        assert seqs(7) == []
        assert seqs(0, 2) == [1]
        assert store.read("unknown") == []
        store.close()

    def test_heads_know_keys_and_runs_that_go_on_after_their_end(self) -> None:
        """A head has the key of its run's start; a run that was reopened is running, until it is over again."""
        store = self.open()
        store.append("a", 0, 0, [row(RunStarted(workflow="w", definition="d", key="k"))])
        store.append("b", 0, 0, [row(RunStarted(workflow="w", definition="d"))])
        failed = RunFailed(Problem(type="OSError", message="no"))
        store.append("a", 0, 1, [row(failed, START + 1)])
        assert [(head.key, head.status) for head in store.heads()] == [("k", "failed"), ("", "running")]
        store.append("a", 0, 2, [row(RunReopened(), START + 2)])
        head = store.heads()[0]
        assert (head.key, head.status, head.ended, head.events) == ("k", "running", None, 3)
        store.append("a", 0, 3, [row(TaskStarted("t", 2, 1), START + 3), row(RunCompleted(), START + 4)])
        head = store.heads()[0]
        assert (head.key, head.status, head.ended) == ("k", "completed", START + 4)
        store.close()

    def test_refuses_an_unexpected_position(self) -> None:
        """A stream that is elsewhere takes nothing, and goes on as if nothing had been tried."""
        store = self.open()
        opening, *rest = [row(e) for e in history(1)]
        expect(StoreConflict, lambda: store.append("r", 0, 1, [opening]))
        store.append("r", 0, 0, [opening])
        expect(StoreConflict, lambda: store.append("r", 0, 0, [opening]))
        expect(StoreConflict, lambda: store.append("r", 0, 2, rest))
        store.append("r", 0, 1, rest)
        assert [r.seq for r in store.read("r")] == [1, 2, 3, 4]
        store.close()

    def test_a_higher_epoch_takes_a_run_over(self) -> None:
        """After a take-over the former writer's appends are refused, even at the right position."""
        store = self.open()
        rows = [row(e) for e in history(2)]
        store.append("r", 1, 0, rows[:2])
        store.append("r", 3, 2, rows[2:3])
        expect(StoreConflict, lambda: store.append("r", 1, 3, rows[3:4]))
        expect(StoreConflict, lambda: store.append("r", 2, 3, rows[3:4]))
        store.append("r", 3, 3, rows[3:])
        assert [r.epoch for r in store.read("r")] == [1, 1, 3, 3, 3, 3]
        assert store.heads()[0].epoch == 3
        store.close()

    def test_a_refused_append_leaves_no_stream(self) -> None:
        """A conflict on an unknown run does not make it known."""
        store = self.open()
        expect(StoreConflict, lambda: store.append("r", 5, 4, [row(history()[0])]))
        assert store.heads() == []
        store.append("r", 0, 0, [row(history()[0])])
        store.close()

    def test_reads_what_is_not_yet_acknowledged(self) -> None:
        """A writer reads its own writes at once."""
        store = self.open()

        async def scenario() -> None:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            store.append("r", 0, 0, [row(e) for e in history(5)], done)
            assert len(store.read("r")) == 12
            assert store.heads()[0].events == 12
            await done

        asyncio.run(scenario())
        store.close()

    def test_acknowledges_in_order(self) -> None:
        """An acknowledgement stands for everything before it, and no rows may ask for one."""
        store = self.open()
        order: list[int] = []

        def note(number: int, _: object) -> None:
            order.append(number)

        async def scenario() -> None:
            loop = asyncio.get_running_loop()
            futures: list[asyncio.Future[None]] = []
            for number, event in enumerate(history(20)):
                done: asyncio.Future[None] = loop.create_future()
                done.add_done_callback(partial(note, number))
                store.append("r", 0, number, [row(event)], done)
                futures.append(done)
            last: asyncio.Future[None] = loop.create_future()
            store.append("r", 0, len(futures), [], last)
            await asyncio.wait_for(last, 10)
            assert all(future.done() for future in futures)
            await asyncio.gather(*futures)

        asyncio.run(scenario())
        assert order == sorted(order)
        assert len(order) == 42
        store.close()

    def test_a_cancelled_acknowledgement_changes_nothing(self) -> None:
        """Whoever waits may give up; the events are stored all the same."""
        store = self.open()

        async def scenario() -> None:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            store.append("r", 0, 0, [row(history()[0])], done)
            done.cancel()
            await store.flush()

        asyncio.run(scenario())
        assert len(store.read("r")) == 1
        store.close()

    def test_many_streams_at_once(self) -> None:
        """1,000 runs that each wait for their events end complete and gap-free."""
        store = self.open()
        runs, events = 1_000, history(2)

        async def one(run: str) -> None:
            loop = asyncio.get_running_loop()
            for seq, event in enumerate(events):
                done: asyncio.Future[None] = loop.create_future()
                store.append(run, 0, seq, [row(event, START + seq)], done)
                await done

        async def scenario() -> None:
            await asyncio.gather(*(one(f"r{number}") for number in range(runs)))

        asyncio.run(scenario())
        heads = store.heads()
        assert len(heads) == runs
        assert {(head.events, head.status) for head in heads} == {(len(events), "completed")}
        positions = store.query("select pos, run, seq from events order by pos")
        assert positions["pos"].tolist() == list(range(1, runs * len(events) + 1))
        for run in ("r0", "r500", "r999"):
            assert [r.event for r in store.read(run)] == events
            assert positions[positions["run"] == run]["seq"].tolist() == list(range(1, len(events) + 1))
        store.close()

    def test_heads_say_what_became_of_each_run(self) -> None:
        """Runs are listed oldest first, with status, times and number of events."""
        store = self.open()
        opening = RunStarted(workflow="other", definition="abc")
        store.append("b", 0, 0, [row(opening, START), row(TaskStarted("t", 1, 1), START + 5)])
        store.append("a", 2, 0, [row(e, START + 7 + n) for n, e in enumerate(history(0))])
        failed: list[Event] = [opening, RunFailed(Problem(type="ValueError", message="no"))]
        store.append("c", 0, 0, [row(e, START + 9 + n) for n, e in enumerate(failed)])
        b, a, c = store.heads()
        assert (b.run, b.workflow, b.definition, b.status) == ("b", "other", "abc", "running")
        assert (b.events, b.epoch, b.started, b.ended) == (2, 0, START, None)
        assert (a.run, a.status, a.epoch, a.started, a.ended) == ("a", "completed", 2, START + 7, START + 8)
        assert (c.run, c.status, c.ended) == ("c", "failed", START + 10)
        again = TaskStarted("t", 1, 2, rerun=True)  # after its end a run may have what makes a lost result again
        store.append("c", 0, 2, [row(again, START + 20)])
        *_, c = store.heads()
        assert (c.status, c.ended, c.events) == ("failed", START + 10, 3)
        store.close()

    def test_keeps_definitions(self) -> None:
        """A definition is kept once, byte for byte; an unknown one is a KeyError."""
        store = self.open()
        document = '{"wfnb": 1,  "name": "ä"}'.encode()
        store.define("h", document)
        assert store.definition("h") == document
        store.define("h", b'{"other": 1}')
        store.append("r", 0, 0, [row(history()[0])])
        asyncio.run(store.flush())
        assert store.definition("h") == document
        expect(KeyError, lambda: store.definition("unknown"))
        store.close()

    def test_answers_sql(self) -> None:
        """The tables are there, parameters are bound, and a wrong statement is a StoreError."""
        store = self.open()
        store.append("r", 0, 0, [row(e) for e in history(2)])
        frame = store.query("select type, count(*) n from events where run = ? group by 1 order by 1", ["r"])
        assert dict(zip(frame["type"], frame["n"], strict=True)) == {
            "RunCompleted": 1, "RunStarted": 1, "TaskCompleted": 2, "TaskStarted": 2,
        }  # fmt: skip
        store.append("s", 0, 0, [row(history()[0])])
        assert store.query("select count(*) n from runs")["n"].tolist() == [2]
        expect(StoreError, lambda: store.query("select nonsense from nowhere"))
        expect(StoreError, lambda: store.query("delete from events"))
        assert len(store.read("r")) == 6
        store.close()

    def test_flush_and_close_can_be_repeated(self) -> None:
        """Both do nothing where nothing is left to do; a closed store takes no more events."""
        store = self.open()
        asyncio.run(store.flush())
        store.append("r", 0, 0, [row(history()[0])])
        asyncio.run(store.flush())
        asyncio.run(store.flush())
        store.close()
        store.close()
        expect(StoreError, lambda: store.append("r", 0, 1, [row(history()[1])]))
        expect(StoreError, lambda: store.define("h", b"{}"))

    def test_serves_one_loop_after_another(self) -> None:
        """A store outlives the loop it was first used in."""
        store = self.open()

        async def scenario(seq: int) -> None:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            store.append("r", 0, seq, [row(history(9)[seq])], done)
            await done

        for seq in range(5):
            asyncio.run(scenario(seq))
        assert len(store.read("r")) == 5
        store.close()


def expect(error: type[BaseException], call: Callable[[], object]) -> None:
    """Call, and fail unless it raises `error`."""
    try:
        call()
    except error:
        return
    raise AssertionError(f"{error.__name__} was not raised")


def gap_free(seqs: Iterable[int]) -> bool:
    """Whether numbers are 1, 2, 3, ... in this order."""
    return all(seq == number for number, seq in enumerate(seqs, 1))
