"""Measures of a history whose answers are known beforehand, and of every construct against what `tasks` has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from tests.constructs import Construct, constructs
from tests.runner import play
from wfnb.errors import UnknownName
from wfnb.history import frames
from wfnb.history.critical import path_of_run
from wfnb.history.measures import counted, levels
from wfnb.history.measures.heat import heat
from wfnb.history.measures.predicted import predicted
from wfnb.history.measures.scope import BUCKETS, WIDTHS, Scope, width_of
from wfnb.model.event import (
    Event,
    Problem,
    RunCompleted,
    RunFailed,
    RunStarted,
    SignalReceived,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
)
from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import EventStore
from wfnb.testing import START, row

DOCUMENT = (
    b'{"wfnb":1,"name":"w","nodes":[{"kind":"start","id":"s"},{"kind":"task","id":"a","activity":"load"},'
    b'{"kind":"task","id":"b","activity":"load","resources":{"gpu":2}},{"kind":"end","id":"e"}],'
    b'"edges":[{"source":"s","target":"a"},{"source":"a","target":"b"},{"source":"b","target":"e"}]}'
)
EVERYTHING = Scope()
SECOND = 1_000_000
TOOK = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
"""Seconds that `a` takes in run 0, 1, ...; run i begins at 100 i seconds, `b` waits 2 s and takes twice as long."""


def at(seconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START + round(seconds * SECOND))


def add(store: EventStore, run: str, events: list[tuple[float, Event]]) -> None:
    store.append(run, 0, 0, [row(event, START + round(when * SECOND)) for when, event in events])


def life(begins: float, took: float) -> list[tuple[float, Event]]:
    """`a` at once; `b` fails after a second, and is tried again two seconds later."""
    over = begins + took
    return [
        (begins, RunStarted(workflow="w", definition="h", moves=(0,))),
        (begins, TaskStarted("a", 1, 1)),
        (over, TaskCompleted("a", 1, 1, value=1, moves=(1,))),
        (over + 2, TaskStarted("b", 1, 1)),
        (over + 3, TaskFailed("b", 1, 1, Problem(type="E", message="m"), START + round((over + 5) * SECOND))),
        (over + 6, TaskStarted("b", 1, 2)),
        (over + 6 + 2 * took, TaskCompleted("b", 1, 2, value=2, moves=(2,))),
        (over + 6 + 2 * took, RunCompleted(output=2)),
    ]


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.define("h", DOCUMENT)
    for number, took in enumerate(TOOK):
        add(made, f"r{number}", life(100 * number, took))
    return made


def test_percentiles_are_those_of_numpy(store: MemoryStore) -> None:
    summary, spread = counted.latency(store, EVERYTHING)
    durations = {"a": TOOK, "b": [1] * 10 + [2 * took for took in TOOK]}
    rows = {row.name: row for row in summary.itertuples()}
    assert list(summary["name"]) == ["a", "b"], "the slowest first"
    for name, known in durations.items():
        found = rows[name]
        assert (found.count, found.longest) == (len(known), max(known))
        assert found.mean == pytest.approx(np.mean(known))
        expected = np.percentile(known, [50, 90, 95, 99])
        assert [found.p50, found.p90, found.p95, found.p99] == pytest.approx(expected)
    for name, known in durations.items():
        of_it = spread[spread["name"] == name]
        assert of_it["count"].sum() == len(known)
        assert of_it["share"].sum() == pytest.approx(1)
        for part in of_it.itertuples():
            assert sum(part.from_ - 1e-9 <= took < part.to - 1e-9 for took in known) == part.count


def test_activities_have_all_that_their_nodes_have(store: MemoryStore) -> None:
    summary, _ = counted.latency(store, EVERYTHING, by="activity")
    assert list(summary["name"]) == ["load"]
    assert list(summary["count"]) == [30]


def test_waits_are_from_when_an_attempt_could_have_started(store: MemoryStore) -> None:
    summary, _ = counted.latency(store, EVERYTHING, "wait")
    waits = {row.name: (row.count, row.p50, row.longest) for row in summary.itertuples()}
    assert waits == {"a": (10, 0, 0), "b": (20, 1.5, 2)}  # two seconds for a worker, one after the pause


def test_what_was_not_run_took_no_time(store: MemoryStore) -> None:
    before, _ = counted.latency(store, EVERYTHING)
    add(
        store,
        "pinned",
        [
            (2000, RunStarted(workflow="w", definition="h", moves=(0,))),
            (2000, TaskStarted("a", 1, 1)),
            (2000, TaskCompleted("a", 1, 1, value={"given": "back"}, given="pin", moves=(1,))),
            (2000, TaskStarted("b", 1, 1)),
            (2003, TaskCompleted("b", 1, 1, value={"given": "x", "s": '"given":"cache"'}, moves=(2,))),
        ],
    )
    after, _ = counted.latency(store, EVERYTHING)
    counts = [dict(zip(frame["name"], frame["count"], strict=True)) for frame in (before, after)]
    assert counts == [{"a": 10, "b": 20}, {"a": 10, "b": 21}]


def test_concurrency_is_counted_change_by_change(store: MemoryStore) -> None:
    found = levels.concurrency(store, Scope(("r0", "r1")))
    assert found.width is None
    changes = [
        (0, 1),
        (1, 0),
        (3, 1),
        (4, 0),
        (7, 1),
        (9, 0),
        (100, 1),
        (102, 0),
        (104, 1),
        (105, 0),
        (108, 1),
        (112, 0),
    ]
    assert list(zip(found.frame["time"], found.frame["level"], strict=True)) == [(at(t), n) for t, n in changes]


def test_what_began_before_counts_from_the_beginning(store: MemoryStore) -> None:
    found = levels.concurrency(store, Scope(("r9",), since=at(905), until=at(913)))
    assert list(zip(found.frame["time"], found.frame["level"], strict=True)) == [
        (at(905), 1), (at(910), 0), (at(912), 1)
    ]  # fmt: skip


def test_the_queue_is_what_waits(store: MemoryStore) -> None:
    found = levels.queue(store, Scope(("r0",))).frame
    assert list(zip(found["time"], found["level"], strict=True)) == [
        (at(1), 1), (at(3), 0), (at(6), 1), (at(7), 0)
    ]  # fmt: skip


def test_resources_are_in_use_while_an_attempt_runs(store: MemoryStore) -> None:
    found = levels.resource_use(store, Scope(("r0",))).frame
    assert set(found["name"]) == {"gpu"}
    assert list(found["level"]) == [2, 0, 2, 0]


def test_means_and_peaks_of_intervals_agree_with_each_change(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = levels.concurrency(store, EVERYTHING).frame
    monkeypatch.setattr(levels, "EXACT", 5)
    found = levels.concurrency(store, EVERYTHING)
    assert found.width is not None
    ticks = np.array([time.value // 1000 for time in exact["time"]])
    for mean in found.frame.itertuples():
        begin = mean.time.value // 1000
        end = begin + round(found.width * SECOND)
        inside = [begin, *[tick for tick in ticks if begin < tick < end], end]
        steps = [
            (
                after - before,
                exact["level"][np.searchsorted(ticks, before, side="right") - 1] if before >= ticks[0] else 0,
            )
            for before, after in pairwise(inside)
        ]
        assert mean.level == pytest.approx(sum(long * level for long, level in steps) / (end - begin))
        assert mean.peak >= max(level for _, level in steps)
    assert found.frame["peak"].max() == exact["level"].max()
    monkeypatch.setattr(levels, "MANY", 5)
    assert levels.concurrency(store, EVERYTHING).frame["peak"].isna().all()


def test_throughput_is_all_that_happened(store: MemoryStore) -> None:
    found, width = counted.throughput(store, EVERYTHING)
    totals = found.groupby("what")["count"].sum().to_dict()
    assert totals == {"runs started": 10, "runs completed": 10, "tasks completed": 20, "attempts failed": 10}
    first = found[found["what"] == "runs started"]
    assert len(first) <= 121
    assert set(first.loc[first["count"] > 0, "time"]) == {
        datetime.fromtimestamp(at(100 * n).timestamp() // width * width, UTC) for n in range(10)
    }


def test_failures_say_what_became_of_them(store: MemoryStore) -> None:
    add(
        store,
        "broken",
        [
            (0, RunStarted(workflow="w", definition="h", moves=(0,))),
            (0, TaskStarted("a", 1, 1)),
            (1, TaskFailed("a", 1, 1, Problem(type="F", message="no"))),
            (1, RunFailed(Problem(type="F", message="no"))),
        ],
    )
    found = counted.failures(store, EVERYTHING)
    assert found.drop(columns="share").to_numpy().tolist() == [
        ["b", "E", 10, 10, 0, 20, "m"],
        ["a", "F", 1, 0, 1, 11, "no"],
    ]
    assert list(found["share"]) == pytest.approx([0.5, 1 / 11])


def test_the_trend_of_few_runs_is_each_of_them(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    found, width = counted.trend(store, Scope(workflow="w"))
    assert width is None
    assert list(found["seconds"]) == pytest.approx([6 + 3 * took for took in TOOK])
    assert list(found["median"]) == pytest.approx([np.median(found["seconds"][: n + 1]) for n in range(10)])
    monkeypatch.setattr(counted, "MOST_RUNS", 3)
    found, width = counted.trend(store, EVERYTHING)
    assert width is not None
    assert found["count"].sum() == 10
    assert found["longest"].max() == pytest.approx(36)


def test_a_prediction_is_the_median_of_earlier_runs(store: MemoryStore) -> None:
    found = predicted(store, "r9")
    assert found.runs == 9
    assert list(found.nodes["node"]) == ["a", "b"]
    assert list(found.nodes["predicted"]) == pytest.approx([5, 10])
    assert list(found.nodes["measured"]) == pytest.approx([10, 20])
    assert found.seconds == pytest.approx(36)
    # Its waits and pauses stay; of `b` both attempts are half as long.
    assert found.predicted == pytest.approx(5 + 2 + (1 + 20) / 2 + 3)
    assert predicted(store, "r0").runs == 0


def test_a_drawing_has_what_happened_on_it(store: MemoryStore) -> None:
    found = heat(store, EVERYTHING)
    assert (found.runs, list(found.edges["count"])) == (10, [10, 10, 10])
    nodes = {row.node: row for row in found.nodes.itertuples()}
    assert (nodes["a"].visits, nodes["b"].visits, nodes["b"].attempts, nodes["b"].failed) == (10, 10, 20, 10)
    assert nodes["a"].seconds == pytest.approx(sum(TOOK))
    assert nodes["b"].share == pytest.approx((10 + 2 * sum(TOOK)) / (10 + 3 * sum(TOOK)))
    assert heat(store, Scope(("r3",), since=at(303))).edges["count"].tolist() == [0, 1, 1]


def test_the_critical_path_is_the_whole_chain(store: MemoryStore) -> None:
    path = path_of_run(store, "r4")
    assert [path.causes.visits[number].node for number in path.path] == ["a", "b"]
    assert path.seconds == pytest.approx(21)


@pytest.mark.parametrize("measure", [counted.latency, counted.throughput, counted.failures, counted.trend,
                                     levels.concurrency, levels.queue, levels.resource_use, heat])  # fmt: skip
@pytest.mark.parametrize("scope", [Scope(("absent",)), Scope(workflow="absent")])
def test_what_is_not_there_is_said(store: MemoryStore, measure: object, scope: Scope) -> None:
    with pytest.raises(UnknownName, match="absent"):
        measure(store, scope)  # type: ignore[operator]


def test_an_empty_history_has_nothing_to_measure() -> None:
    empty = MemoryStore()
    assert counted.latency(empty, EVERYTHING)[0].empty
    assert counted.throughput(empty, EVERYTHING)[0].empty
    assert levels.concurrency(empty, EVERYTHING).frame.empty
    with pytest.raises(UnknownName, match="no run"):
        heat(empty, EVERYTHING)


def test_a_task_that_a_crash_or_a_signal_ended_is_in_progress_no_longer() -> None:
    store = MemoryStore()
    store.define("h", DOCUMENT)
    add(
        store,
        "crashed",
        [
            (0, RunStarted(workflow="w", definition="h", moves=(0,))),
            (0, TaskStarted("a", 1, 1)),
            (5, TaskStarted("a", 1, 2)),
            (6, TaskCompleted("a", 1, 2, value=1, moves=(1,))),
            (6, TaskStarted("b", 1, 1)),
            (8, SignalReceived("stop", "", None, node="b", moves=(2,))),
            (8, RunCompleted()),
        ],
    )
    add(store, "cut", [(10, RunStarted(workflow="w", definition="h", moves=(0,))), (10, TaskStarted("a", 1, 1)),
                       (12, RunFailed(Problem(type="F", message="no")))])  # fmt: skip
    add(store, "open", [(20, RunStarted(workflow="w", definition="h", moves=(0,))), (20, TaskStarted("a", 1, 1))])
    found = levels.concurrency(store, EVERYTHING).frame
    assert list(zip(found["time"], found["level"], strict=True)) == [
        (at(0), 1), (at(5), 1), (at(6), 1), (at(8), 0), (at(10), 1), (at(12), 0), (at(20), 1)
    ]  # fmt: skip


def test_what_is_cancelled_in_a_pause_was_not_in_progress() -> None:
    store = MemoryStore()
    store.define("h", DOCUMENT)
    add(
        store,
        "r",
        [
            (0, RunStarted(workflow="w", definition="h", moves=(0,))),
            (0, TaskStarted("a", 1, 1)),
            (1, TaskFailed("a", 1, 1, Problem(type="E", message="m"), START + 9 * SECOND)),
            (2, TaskStarted("b", 1, 1)),
            (3, TaskStarted("b", 1, 2)),
            (4, TaskCancelled("a", 1, 1)),
            (5, TaskCompleted("b", 1, 2, value=1, moves=(2,))),
            (5, RunCompleted()),
        ],
    )
    found = levels.concurrency(store, EVERYTHING).frame
    assert list(zip(found["time"], found["level"], strict=True)) == [
        (at(0), 1), (at(1), 0), (at(2), 1), (at(3), 1), (at(5), 0)
    ]  # fmt: skip


def spans(store: EventStore) -> Iterator[tuple[str, float]]:
    tasks = frames.tasks(store)
    for task in tasks[(tasks["kind"] == "task") & tasks["seconds"].notna()].itertuples():
        if task.note not in {"pinned", "cached", "known", "disabled"}:
            yield task.node, task.seconds


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_every_construct_is_measured_as_its_tasks_are(construct: Construct) -> None:
    store = play(construct, seed=3).store
    known: dict[str, list[float]] = defaultdict(list)
    for node, seconds in spans(store):
        known[node].append(seconds)
    summary, _ = counted.latency(store, EVERYTHING)
    assert dict(zip(summary["name"], summary["count"], strict=True)) == {node: len(all) for node, all in known.items()}
    for found in summary.itertuples():
        assert found.p90 == pytest.approx(np.percentile(known[found.name], 90), abs=1e-6)
    level = levels.concurrency(store, EVERYTHING).frame["level"]
    assert level.min() >= 0 if len(level) else True


@pytest.mark.parametrize("seconds", [1e-6, 0.003, 1, 59, 3600.5, 86400 * 400, 86400 * 365 * 50])
def test_intervals_are_round_and_few(seconds: float) -> None:
    width = width_of(0, round(seconds * SECOND))
    assert seconds * SECOND / width <= BUCKETS
    assert width in WIDTHS or width % WIDTHS[-1] == 0
