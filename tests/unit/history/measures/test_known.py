"""One history whose every answer can be said beforehand: waits, service, percentiles, queues, critical paths."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.history.measures.test_measures import add, at
from wfnb.errors import UnknownName
from wfnb.history import frames
from wfnb.history.critical import path_of_run
from wfnb.history.measures import counted, levels
from wfnb.history.measures.behind import attempts_behind
from wfnb.history.measures.bottlenecks import bottlenecks
from wfnb.history.measures.paths import critical_paths
from wfnb.history.measures.scope import Scope
from wfnb.model.event import Event, RunCompleted, RunStarted, TaskCompleted, TaskStarted
from wfnb.store.memory import MemoryStore

DOCUMENT = (
    b'{"wfnb":1,"name":"w","nodes":[{"kind":"start","id":"s"},{"kind":"fork","id":"f"},'
    b'{"kind":"task","id":"a","activity":"load"},{"kind":"task","id":"b","activity":"load"},'
    b'{"kind":"join","id":"j"},{"kind":"task","id":"c","activity":"send"},{"kind":"end","id":"e"}],'
    b'"edges":[{"source":"s","target":"f"},{"source":"f","target":"a"},{"source":"f","target":"b"},'
    b'{"source":"a","target":"j"},{"source":"b","target":"j"},{"source":"j","target":"c"},{"source":"c","target":"e"}]}'
)
RUNS = 20
EVERYTHING = Scope()


def life(number: int) -> list[tuple[float, Event]]:
    """Run i begins at 100 i seconds: `a` at once, for i + 1 s; `b` 1 s later, for 10 s; `c` 2 s after both, for 3."""
    begins = 100.0 * number
    a, b = begins + 1 + number, begins + 11
    first, last = min(a, b), max(a, b)
    quick, slow = ("a", "b") if a <= b else ("b", "a")
    ways = {"a": 3, "b": 4}
    return [
        (begins, RunStarted(workflow="w", definition="h", moves=(0, 1, 2))),
        (begins, TaskStarted("a", 1, 1)),
        (begins + 1, TaskStarted("b", 1, 1)),
        (first, TaskCompleted(quick, 1, 1, value=1, moves=(ways[quick],))),
        (last, TaskCompleted(slow, 1, 1, value=2, moves=(ways[slow], 5))),
        (last + 2, TaskStarted("c", 1, 1)),
        (last + 5, TaskCompleted("c", 1, 1, value=3, moves=(6,))),
        (last + 5, RunCompleted()),
    ]


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    made = MemoryStore()
    made.define("h", DOCUMENT)
    for number in range(RUNS):
        add(made, f"r{number:02}", life(number))
    return made


def test_waits_and_service_are_those_of_the_events(store: MemoryStore) -> None:
    tasks = frames.tasks(store)
    for number in range(RUNS):
        of_run = tasks[tasks["run"] == f"r{number:02}"].set_index("node")
        assert of_run["wait"].to_dict() == {"a": 0, "b": 1, "c": 2}
        assert of_run["seconds"].to_dict() == {"a": number + 1, "b": 10, "c": 3}


def test_percentiles_are_those_of_the_durations(store: MemoryStore) -> None:
    summary, _ = counted.latency(store, EVERYTHING)
    found = summary.set_index("name")
    durations = np.arange(1, RUNS + 1)
    assert found.loc["a", ["p50", "p90", "p95", "p99"]].tolist() == pytest.approx(
        np.percentile(durations, [50, 90, 95, 99]).tolist()
    )
    assert found.loc["b", ["p50", "p99", "longest"]].tolist() == [10, 10, 10]
    waits = counted.latency(store, EVERYTHING, "wait")[0].set_index("name")
    assert waits["p50"].to_dict() == {"a": 0, "b": 1, "c": 2}


def test_concurrency_and_queue_change_when_the_events_say(store: MemoryStore) -> None:
    busy = levels.concurrency(store, Scope(("r04",))).frame
    assert list(zip(busy["time"], busy["level"], strict=True)) == [
        (at(400), 1), (at(401), 2), (at(405), 1), (at(411), 0), (at(413), 1), (at(416), 0)
    ]  # fmt: skip
    waiting = levels.queue(store, Scope(("r04",))).frame
    assert list(zip(waiting["time"], waiting["level"], strict=True)) == [
        (at(400), 1), (at(401), 0), (at(411), 1), (at(413), 0)
    ]  # fmt: skip


def test_the_critical_path_is_the_branch_that_came_last(store: MemoryStore) -> None:
    for number in range(RUNS):
        path = path_of_run(store, f"r{number:02}")
        slow = "a" if number + 1 > 11 else "b"
        if number + 1 != 11:  # both come at once
            assert [path.causes.visits[n].node for n in path.path] == [slow, "c"]
        longest = max(number + 1, 11)
        assert path.seconds == pytest.approx(longest + 5)
        assert path.what_if({"a": 0}) == pytest.approx(11 + 5)
        assert path.what_if({"b": 0, "c": 0}) == pytest.approx(max(number + 1, 1) + 2)


def test_the_paths_of_all_runs_say_what_to_speed_up_first(store: MemoryStore) -> None:
    found = critical_paths(store, EVERYTHING)
    assert (len(found.paths), found.of) == (RUNS, RUNS)
    longest = [max(n + 1, 11) for n in range(RUNS)]
    mean = sum(longest) / RUNS + 5
    assert found.seconds == pytest.approx(mean)
    gains = {row["node"]: row for row in found.gains().to_dict("records")}
    # Without `c` a run is 3 s shorter; without `a` as far as it is longer than `b`, and the other way round.
    assert gains["c"]["gain"] == pytest.approx(3)
    assert gains["c"]["runs"] == 1
    assert gains["a"]["gain"] == pytest.approx(sum(n + 1 - 11 for n in range(RUNS) if n + 1 > 11) / RUNS)
    assert gains["b"]["gain"] == pytest.approx(sum(11 - max(n + 1, 1) for n in range(10)) / RUNS)
    assert gains["c"]["share"] == pytest.approx(3 / mean)
    assert found.gains()["gain"].is_monotonic_decreasing
    assert found.what_if({"c": 2}) == pytest.approx(mean + 3)
    assert found.frame()["seconds"].tolist() == pytest.approx([one + 5 for one in longest])
    assert sum(found.shares().values()) == pytest.approx(1)


def test_of_many_runs_some_are_looked_at_evenly(store: MemoryStore) -> None:
    found = critical_paths(store, EVERYTHING, limit=5)
    assert [path.run for path in found.paths] == ["r00", "r04", "r08", "r12", "r16"]
    assert found.of == RUNS
    assert repr(found).startswith("<CriticalPaths of 5 of 20 runs, ")
    assert len(critical_paths(store, Scope(("r03", "r05"))).paths) == 2
    assert len(critical_paths(store, Scope(since=at(1000), until=at(1200))).paths) == 2
    assert critical_paths(store, EVERYTHING, "h", 3).of == RUNS
    with pytest.raises(UnknownName, match=r"no run of version 'x' is over in what is looked at\nwf\.runs"):
        critical_paths(store, EVERYTHING, "x")
    with pytest.raises(UnknownName, match="there is no run 'absent'"):
        critical_paths(store, Scope(("absent",)))


def test_bottlenecks_are_what_runs_wait_for(store: MemoryStore) -> None:
    found = bottlenecks(store, EVERYTHING, critical_paths(store, EVERYTHING))
    rows = found.set_index("node").to_dict("index")
    assert found["share"].sum() == pytest.approx(1)
    assert found["share"].is_monotonic_decreasing
    assert (rows["a"]["waiting"], rows["b"]["waiting"], rows["c"]["waiting"]) == (0, RUNS, 2 * RUNS)
    assert (rows["a"]["service"], rows["b"]["service"]) == (RUNS * (RUNS + 1) / 2, 10 * RUNS)
    assert (rows["c"]["wait"], rows["c"]["seconds"], rows["c"]["attempts"]) == (2, 3, RUNS)
    whole = 100 * (RUNS - 1) + 11  # from the first `b` that was scheduled to the end of the last
    assert rows["b"]["queue"] == pytest.approx(RUNS / whole)
    assert (rows["a"]["longest_queue"], rows["b"]["longest_queue"]) == (0, 1)
    assert bottlenecks(store, Scope(("r03",)), None)["share"].isna().all()
    with pytest.raises(UnknownName, match="absent"):
        bottlenecks(store, Scope(workflow="absent"), None)


def test_behind_a_percentile_are_the_attempts_that_took_as_long(store: MemoryStore) -> None:
    found = attempts_behind(store, EVERYTHING, "a", (0.9, 1.0))
    p90 = np.percentile(np.arange(1, RUNS + 1), 90)
    assert found["seconds"].tolist() == [n for n in range(RUNS, 0, -1) if n >= p90]
    assert found["run"].tolist() == [f"r{n - 1:02}" for n in range(RUNS, 0, -1) if n >= p90]
    assert found["share"].tolist() == pytest.approx([1.0, 0.95])
    assert set(found["workflow"]) == {"w"}
    middle = attempts_behind(store, EVERYTHING, "a", (0.45, 0.55))
    low, high = np.percentile(np.arange(1, RUNS + 1), [45, 55])
    assert sorted(middle["seconds"]) == [n for n in range(1, RUNS + 1) if low <= n <= high]
    assert len(attempts_behind(store, EVERYTHING, "a", (0, 1), limit=7)) == 7


def test_behind_a_percentile_of_waits_and_activities(store: MemoryStore) -> None:
    waits = attempts_behind(store, EVERYTHING, "load", (0.75, 1.0), "wait", "activity")
    assert set(waits["node"]) == {"b"}
    assert set(waits["wait"]) == {1.0}
    together = attempts_behind(store, EVERYTHING, "load", (1.0, 1.0), by="activity")
    assert together[["run", "node", "seconds"]].to_numpy().tolist() == [["r19", "a", 20.0]]
    some = attempts_behind(store, Scope(("r02", "r03"), since=at(300)), "a", (0, 1))
    assert some["run"].tolist() == ["r03"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("aa", "there is no node 'aa' in this history\nknown: a, b, c. Did you mean 'a'?"),
        ("a", "no attempt of node 'a' has ended in these runs"),
    ],
)
def test_what_is_behind_nothing_is_said(store: MemoryStore, name: str, message: str) -> None:
    with pytest.raises(UnknownName) as caught:
        attempts_behind(store, Scope(since=at(10_000)) if name == "a" else EVERYTHING, name, (0.5, 1))
    assert message in str(caught.value)
