"""The law of event stores as tests: every store passes all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from wfnb.errors import StoreConflict, StoreError
from wfnb.model.event import (
    Event,
    Problem,
    RunCompleted,
    RunFailed,
    RunMigrated,
    RunReopened,
    RunStarted,
    TaskCompleted,
    TaskStarted,
    Unstored,
)
from wfnb.store.protocol import EventStore, Row, Snapshot

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
    drops: ClassVar[bool] = True
    """Whether events that snapshots cover can leave the store."""

    def open(self) -> EventStore:
        """A new, empty store."""
        raise NotImplementedError

    def open_backup(self, path: str) -> EventStore:
        """A copy that `EventStore.backup` made; override it where that is no DuckDB file."""
        from wfnb.store.duckdb import DuckDBStore  # noqa: PLC0415 (DuckDB only where it is needed)

        return DuckDBStore(path)

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

    def test_reads_many_at_once(self) -> None:
        """All events of several runs, those not yet durable included; of one that is unknown there are none."""
        store = self.open()
        for number in range(20):
            for seq, event in enumerate(history(number % 4)):
                store.append(f"r{number}", 0, seq, [row(event, START + seq)])
        names = [f"r{number}" for number in range(0, 22, 3)]
        assert store.read_many(names) == {name: store.read(name) for name in names}
        assert store.read_many([]) == {}
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

    def test_finds_the_migrations_of_a_run(self) -> None:
        """Those of one run, in order, and none of a run that is not known."""
        store = self.open()
        events: list[Event] = [history()[0], RunMigrated("e"), TaskStarted("t", 1, 1), RunMigrated("f", {"c": "g"})]
        for seq, event in enumerate(events):
            store.append("r", 0, seq, [row(event, START + seq)])
            store.append("s", 0, seq, [row(RunMigrated("h") if seq else event)])
        found = store.migrations("r")
        assert [(r.run, r.seq, r.ts, r.event) for r in found] == [
            ("r", seq, START + seq - 1, events[seq - 1]) for seq in (2, 4)
        ]
        assert len(store.migrations("s")) == 3
        assert store.migrations("unknown") == []
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

    def test_gives_back_the_latest_snapshot(self) -> None:
        """The latest up to an event is found, with what it says; a run without any has none."""
        store = self.open()
        store.append("r", 0, 0, [row(e) for e in history(9)])
        store.append("s", 0, 0, [row(e) for e in history(9)])
        assert store.snapshot("r") is None
        for seq in (3, 7, 12):
            store.save_snapshot("r", seq, f"d{seq}", START + seq, partial(saved, seq), keep=9)
        store.save_snapshot("s", 4, "d", START, partial(saved, 4), keep=9)
        found = store.snapshot("r")
        assert found == Snapshot(12, "d12", START + 12, saved(12))
        seqs = [(at, found.seq if found else None) for at in range(14) for found in [store.snapshot("r", at)]]
        assert seqs == [*((n, None) for n in range(3)), *((n, 3) for n in range(3, 7)), *((n, 7) for n in range(7, 12)),
                        (12, 12), (13, 12)]  # fmt: skip
        assert [found.seq for found in [store.snapshot("s")] if found] == [4]
        assert store.snapshot("unknown") is None
        store.close()

    def test_keeps_the_last_snapshots_only(self) -> None:
        """Of each run its own last ones are kept; one that gives nothing, or that is older, changes nothing."""
        store = self.open()
        for run in ("r", "s"):
            store.append(run, 0, 0, [row(e) for e in history(9)])
        for seq in range(1, 11):
            store.save_snapshot("r", seq, "d", START, partial(saved, seq), keep=3)
            store.save_snapshot("s", seq, "d", START, partial(saved, seq), keep=1)
            store.save_snapshot("s", seq + 1, "d", START, lambda: None, keep=1)
        store.save_snapshot("r", 9, "d", START, partial(saved, 1), keep=3)
        frame = store.query("select run, seq, state ->> 'n' as n from snapshots order by all")
        assert [tuple(found) for found in frame.to_numpy().tolist()] == [
            ("r", 8, "8"), ("r", 9, "9"), ("r", 10, "10"), ("s", 10, "10"),
        ]  # fmt: skip
        assert store.snapshot("s", 9) is None
        store.close()
        expect(StoreError, lambda: store.save_snapshot("r", 12, "d", START, partial(saved, 12), keep=3))

    def test_drops_events_that_snapshots_cover(self) -> None:
        """The first event stays, what the oldest snapshot ends with, and what came since; other runs are untouched.

        A store that drops nothing has all of them, and its snapshots.
        """
        store = self.open()
        events = history(9)
        for before in range(0, 20, 2):
            for run in ("r", "s"):
                store.append(run, 0, before, [row(e) for e in events[before : before + 2]])
        for seq in (4, 8, 11):
            store.save_snapshot("r", seq, "d", START, partial(saved, seq), keep=2, drop=True)
        store = self.settled(store)
        if not self.drops:
            assert [r.event for r in store.read("r")] == [r.event for r in store.read("s")] == events
            assert [found.seq for at in (20, 10) for found in [store.snapshot("r", at)] if found] == [11, 8]
            store.close()
            return

        def seqs(run: str, start: int = 1, stop: int | None = None) -> list[int]:
            return [r.seq for r in store.read(run, start, stop)]

        assert seqs("r") == [1, *range(8, 21)]
        assert (seqs("r", 3, 10), seqs("r", 1, 6), seqs("r", 3, 6)) == ([8, 9], [1], [])
        assert seqs("s") == list(range(1, 21))
        assert [(head.run, head.events, head.status) for head in store.heads()] == [
            ("r", 20, "completed"), ("s", 20, "completed"),
        ]  # fmt: skip
        store.append("r", 0, 20, [row(events[1])])
        store.save_snapshot("r", 21, "d", START, partial(saved, 21), keep=1, drop=True)
        store = self.settled(store)
        assert [r.event for r in store.read("r")] == [events[0], events[1]]
        assert store.query("select count(*) n from events where run = 'r'")["n"].tolist() == [2]
        assert store.query("select count(*) n from events where run = 's'")["n"].tolist() == [20]
        store.close()

    def settled(self, store: EventStore) -> EventStore:
        """The store, or a new one on the same history, once it has dropped what it was told to."""
        return store

    def test_makes_snapshots_one_after_another(self) -> None:
        """What makes the snapshots of a run is called once for each, in order, also where it gives none."""
        store = self.open()
        store.append("r", 0, 0, [row(e) for e in history(9)])
        called: list[int] = []

        def make(seq: int) -> bytes | None:
            called.append(seq)
            return saved(seq) if seq % 2 else None

        for seq in range(1, 20):
            store.save_snapshot("r", seq, "d", START, partial(make, seq), keep=2)
        store.snapshot("r")
        assert called == list(range(1, 20))
        store.close()

    def test_keeps_values_once_and_gives_them_back(self, tmp_path: Path) -> None:
        """A value comes back byte for byte, however large; an unknown one is a KeyError."""
        store = self.open()
        contents = {"a" * 64: b"", "b" * 64: bytes(range(256)) * 40_000, "c" * 64: b"\x00'\xff"}
        for number, (name, content) in enumerate(contents.items()):
            path = tmp_path / f"{number}.in"
            path.write_bytes(content)
            store.keep_value(name, "bytes", path)
            store.keep_value(name, "bytes", path)
            path.unlink()
        for name, content in contents.items():
            assert store.has_value(name)
            store.fetch_value(name, tmp_path / "out")
            assert (tmp_path / "out").read_bytes() == content
            (tmp_path / "out").unlink()
        assert not store.has_value("d" * 64)
        expect(KeyError, lambda: store.fetch_value("d" * 64, tmp_path / "out"))
        store.close()

    def test_lets_go_of_values_that_no_event_names(self, tmp_path: Path) -> None:
        """Those that events name stay, those that these are made of, and those to spare; a value can come again."""
        store = self.open()
        names = {letter: letter * 64 for letter in "abcde"}
        for letter, name in names.items():
            path = tmp_path / letter
            path.write_bytes(f'{{"value":{{"hash":"{names["c"]}"}}}}'.encode() if letter == "b" else letter.encode())
            store.keep_value(name, "parts" if letter == "b" else "bytes", path)
        opening = RunStarted(workflow="w", definition="d", unstored={"x": Unstored(type="T", hash=names["a"])})
        completed = TaskCompleted("t", 1, 1, unstored=Unstored(type="T", hash=names["b"]))
        store.append("r", 0, 0, [row(opening), row(completed)])
        assert store.collect_values(spare={names["d"]}) == 1
        assert [letter for letter, name in names.items() if store.has_value(name)] == ["a", "b", "c", "d"]
        assert store.collect_values() == 1
        store.keep_value(names["e"], "bytes", tmp_path / "e")
        store.fetch_value(names["e"], tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == b"e"
        store.close()

    def test_finds_results_that_may_be_used_again(self) -> None:
        """The latest of each key, but for those that were forgotten."""
        store = self.open()
        first, second = (TaskCompleted("t", 1, 1, value=n, key="act/1") for n in (1, 2))
        other = TaskCompleted("t", 1, 1, value=3, key="a/ct/1")
        store.append("r", 0, 0, [row(history(0)[0]), row(first), row(TaskCompleted("t", 1, 1, value=0))])
        store.append("s", 0, 0, [row(history(0)[0]), row(other), row(second)])
        assert store.cached_results() == {"act/1": ("s", 3), "a/ct/1": ("s", 2)}
        store.forget_results("act")
        assert store.cached_results() == {"a/ct/1": ("s", 2)}
        store.append("s", 0, 3, [row(first)])
        assert store.cached_results() == {"a/ct/1": ("s", 2), "act/1": ("s", 4)}
        store.forget_results()
        assert store.cached_results() == {}
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

    def test_a_subscription_catches_up_and_then_goes_on(self) -> None:
        """What is there comes first, then what is appended, in order, each at its position."""
        store = self.open()
        events = history(400)
        for seq, event in enumerate(events):
            store.append("a", 0, seq, [row(event, START + seq)])

        async def scenario() -> None:
            following = store.subscribe()
            found = [await anext(following) for _ in events]
            assert [(p.pos, p.record.run, p.record.seq) for p in found] == [
                (seq, "a", seq) for seq in range(1, len(events) + 1)
            ]
            assert [p.record.event for p in found] == events
            waiting = asyncio.ensure_future(anext(following))
            await asyncio.sleep(0)
            for seq, event in enumerate(history(1)):
                store.append("b", 3, seq, [row(event)])
            more = [await waiting, *[await anext(following) for _ in range(3)]]
            assert [(p.pos - len(events), p.record.run, p.record.seq, p.record.epoch) for p in more] == [
                (number, "b", number, 3) for number in (1, 2, 3, 4)
            ]

        asyncio.run(asyncio.wait_for(scenario(), 15))
        store.close()

    def test_a_subscription_goes_on_where_another_has_ended(self) -> None:
        """`after` is the position of the last event that was dealt with: nothing is missed, nothing comes twice."""
        store = self.open()
        for seq, event in enumerate(history(10)):
            store.append("r", 0, seq, [row(event)])

        async def scenario() -> None:
            seen: list[int] = []
            while len(seen) < 22:
                async for posted in store.subscribe(seen[-1] if seen else 0):
                    seen.append(posted.pos)
                    if len(seen) % 5 == 0 or len(seen) == 22:
                        break
            assert gap_free(seen)

        asyncio.run(asyncio.wait_for(scenario(), 15))
        store.close()

    def test_subscriptions_while_runs_are_written(self) -> None:
        """A fast and a slow reader both get everything, in order, however appends and their reads interleave."""
        store = self.open()
        events = history(20)

        async def write(run: str) -> None:
            for seq, event in enumerate(events):
                done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                store.append(run, 0, seq, [row(event)], done)
                await done

        async def follow(turns: int) -> list[tuple[int, str, int]]:
            found = []
            async for posted in store.subscribe():
                found.append((posted.pos, posted.record.run, posted.record.seq))
                for _ in range(turns):
                    await asyncio.sleep(0)
                if len(found) == 50 * len(events):
                    break
            return found

        async def scenario() -> None:
            readers = [asyncio.ensure_future(follow(turns)) for turns in (0, 5)]
            await asyncio.gather(*(write(f"r{number}") for number in range(50)))
            fast, slow = await asyncio.gather(*readers)
            assert fast == slow
            assert gap_free(pos for pos, _, _ in fast)
            for number in (0, 49):
                assert gap_free(seq for _, run, seq in fast if run == f"r{number}")

        asyncio.run(asyncio.wait_for(scenario(), 15))
        store.close()

    def test_a_subscription_ends_when_the_store_is_closed(self) -> None:
        """It does not wait for what can not come."""
        store = self.open()
        store.append("r", 0, 0, [row(history()[0])])

        async def scenario() -> list[int]:
            found, first = list[int](), asyncio.Event()

            async def follow() -> None:
                async for posted in store.subscribe():
                    found.append(posted.pos)
                    first.set()

            reader = asyncio.ensure_future(follow())
            await first.wait()
            store.close()
            await reader
            return found

        assert asyncio.run(asyncio.wait_for(scenario(), 15)) == [1]

    def test_a_backup_while_others_write_is_what_one_commit_left(self) -> None:
        """A copy has what was there when it was asked for, no half append, no gap; it is a history like any other."""
        store = self.open()
        store.define("d", b'{"wfnb":  1}')
        events = history(40)
        for seq, event in enumerate(events):
            store.append("before", 4, seq, [row(event, START + seq)])
        refused = []

        async def write(run: str, copied: asyncio.Future[None]) -> None:
            seq = 0
            while seq < (40 if copied.done() else 2_000):
                done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                store.append(run, 0, seq, [row(events[(seq + n) % 80]) for n in range(2)], done)
                seq += 2
                await done
                await asyncio.sleep(0)

        async def scenario(path: str) -> None:
            copied = asyncio.ensure_future(store.backup(path))
            await asyncio.gather(copied, *(write(f"r{number}", copied) for number in range(5)))
            try:
                await store.backup(path)
            except StoreError as error:
                refused.append(error)

        with TemporaryDirectory() as folder:
            path = f"{folder}/copy of it"
            asyncio.run(asyncio.wait_for(scenario(path), 18))
            assert len(refused) == 1, "nothing is written over"
            copy = self.open_backup(path)
            try:
                assert copy.definition("d") == b'{"wfnb":  1}'
                kept = [r.event for r in copy.read("before")]
                assert kept == events
                for head in copy.heads()[1:]:
                    assert head.events % 2 == 0
                    assert copy.read(head.run) == store.read(head.run)[: head.events]
                positions = copy.query("select pos from events order by pos")["pos"]
                assert gap_free(positions)
                assert copy.query("select count(*) n from runs")["n"].tolist() == [len(copy.heads())]
                copy.append("before", 4, 82, [row(events[0])])
            finally:
                copy.close()
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


def saved(number: int) -> bytes:
    """What the contract keeps as a snapshot."""
    return b'{"n":%d}' % number


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
