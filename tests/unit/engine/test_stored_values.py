"""Values that are not JSON are kept by the history: captured at completion, once, and read when they are needed."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd  # noqa: TID253 - a test may
import pytest

from tests.unit.engine.kit import Activities, chain, until
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.engine.snapshots import Snapshots
from wfnb.errors import CompileError, InputError, StoreError
from wfnb.model.event import TaskCompleted, Unstored
from wfnb.store.values import codecs
from wfnb.store.values.codecs import codec


@dataclasses.dataclass
class Point:
    """An object of the user's."""

    x: int


class Kernel:
    """One kernel after another on the same history."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.activities = Activities()
        self.calls: list[str] = []
        self.held: set[str] = set()
        self.engine = Engine(path, registry=self.activities)

    def define(self, name: str, function: Any) -> None:
        """An activity that notes its call, and waits while it is held."""

        async def body(x: Any = None) -> Any:
            self.calls.append(name)
            await until(lambda: name not in self.held)
            return function(x)

        self.activities.define(name=name)(body)

    async def restart(self) -> list[Run]:
        """Another kernel takes up what the last one has left."""
        self.again()
        self.calls.clear()
        self.held.clear()
        return await self.engine.resume()

    def again(self) -> None:
        self.engine.close()
        self.engine = Engine(self.path, registry=self.activities)

    def cut(self, pos: int) -> None:
        """The kernel died before this event was recorded."""
        self.engine.close()
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("delete from events where pos >= ?", [pos])

    def count(self) -> int:
        """How many values the history has."""
        return int(self.engine.sql('select count(distinct hash) n from "values"')["n"][0])


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    made = Kernel(tmp_path / "history.duckdb")
    yield made
    made.engine.close()


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    """What a test registers is gone after it."""
    before = codecs._registered.copy(), codecs._by_type.copy()
    yield
    for now, then in zip((codecs._registered, codecs._by_type), before, strict=True):
        now.clear()  # type: ignore[attr-defined]
        now.update(then)  # type: ignore[attr-defined]


def frame(rows: int = 3) -> pd.DataFrame:
    return pd.DataFrame({"n": range(rows), "s": [f"text {n}" for n in range(rows)]})


def of(run: Any, node: str) -> Any:
    """The value of a node."""
    return getattr(run, "values")[node]  # noqa: B009 - pandas' rule for `.values` knows no better


def used() -> Flow:
    """A task `a` whose value a task `b` reads."""
    made = flow("used")
    made.start >> made.task("a", "make") >> made.task("b", "use", x="=a") >> made.end()
    return made


VALUES = {
    "a DataFrame": frame(),
    "a Series": frame()["s"],
    "an array": np.arange(6.0).reshape(2, 3),
    "a number of numpy": np.float64(1.5),
    "bytes": b"\x00\xff",
    "not a number": float("nan"),
    "a dict of tables": {"train": frame(), "test": (frame(2), 1)},
    "a set": {1, 2},
    "a dict with numbers as keys": {1: "one", 2: [np.arange(2)]},
}


def same(found: Any, value: Any) -> bool:
    """Whether two values are alike, types included."""
    if type(found) is not type(value):
        return False
    if isinstance(value, pd.DataFrame | pd.Series):
        return bool(found.equals(value))
    if isinstance(value, np.ndarray):
        return found.dtype == value.dtype and np.array_equal(found, value)
    if isinstance(value, dict):
        return found.keys() == value.keys() and all(same(found[key], value[key]) for key in value)
    if isinstance(value, list | tuple):
        return len(found) == len(value) and all(map(same, found, value))
    return bool(found == value or (value != value and found != found))  # noqa: PLR0124 - NaN


@pytest.mark.parametrize("name", VALUES)
async def test_the_output_of_a_run_is_there_after_a_restart(kernel: Kernel, name: str) -> None:
    kernel.define("make", lambda _: VALUES[name])
    run = kernel.engine.start(chain("make"))
    assert await run is VALUES[name]
    kernel.again()
    past = kernel.engine.run(run.id)
    assert same(past.output, VALUES[name])
    assert same(await past, VALUES[name])
    assert same(of(past, "make"), VALUES[name])
    assert past.output is past.output  # read once


async def test_a_run_whose_dataframe_was_stored_resumes_without_its_producer(kernel: Kernel) -> None:
    kernel.define("make", lambda _: frame())
    kernel.define("use", lambda x: int(x["n"].sum()))
    kernel.held.add("use")
    kernel.engine.start(used())
    await until(lambda: "use" in kernel.calls)
    (run,) = await kernel.restart()
    assert await run == 3
    assert kernel.calls == ["use"]


async def test_a_value_without_codec_is_made_again_as_before(kernel: Kernel) -> None:
    kernel.define("make", lambda _: Point(3))
    kernel.define("use", lambda x: x.x)
    kernel.held.add("use")
    kernel.engine.start(used())
    await until(lambda: "use" in kernel.calls)
    (run,) = await kernel.restart()
    assert await run == 3
    assert kernel.calls == ["make", "use"]
    assert kernel.count() == 0
    known = run.records()[2].event.unstored
    assert (known.hash, known.why) == ("", "its class has no codec")


async def test_a_lost_value_that_is_made_of_a_stored_one(kernel: Kernel) -> None:
    """What is made again reads what is stored; what gave that does not run."""
    kernel.define("make", lambda _: frame())
    kernel.define("point", lambda x: Point(len(x)))
    kernel.define("use", lambda x: x.x)
    kernel.held.add("use")
    made = flow("mixed")
    (
        made.start
        >> made.task("a", "make")
        >> made.task("p", "point", x="=a")
        >> made.task("b", "use", x="=p")
        >> made.end()
    )
    kernel.engine.start(made)
    await until(lambda: "use" in kernel.calls)
    (run,) = await kernel.restart()
    assert await run == 3
    assert kernel.calls == ["point", "use"]


async def test_what_is_changed_later_does_not_change_history(kernel: Kernel) -> None:
    def spoil(x: pd.DataFrame) -> int:
        x.loc[0, "n"] = 99
        return 0

    kernel.define("make", lambda _: frame())
    kernel.define("use", spoil)
    run = kernel.engine.start(used())
    await run
    assert of(run, "a").loc[0, "n"] == 99
    assert of(run.at(run.state.seq), "a").equals(frame())
    kernel.again()
    assert of(kernel.engine.run(run.id), "a").equals(frame())


async def test_an_object_that_is_returned_again_after_a_change_is_stored_again(kernel: Kernel) -> None:
    def grow(x: pd.DataFrame) -> pd.DataFrame:
        x.loc[0, "n"] = 99
        return x

    kernel.define("make", lambda _: frame())
    kernel.define("use", grow)
    run = kernel.engine.start(used())
    await run
    kernel.again()
    past = kernel.engine.run(run.id)
    assert of(past, "a").equals(frame())
    assert past.output.loc[0, "n"] == 99
    assert of(past, "b").equals(past.output)


async def test_an_input_that_was_changed_since_it_was_stored_is_stored_anew(kernel: Kernel) -> None:
    kernel.define("use", len)
    made = flow("given", {"x": "any"})
    made.start >> made.task("b", "use", x="=input.x") >> made.end()
    table = frame()
    first = kernel.engine.start(made, x=table)
    await first
    table.loc[0, "n"] = 99
    second = kernel.engine.start(made, x=table)
    await second
    assert first.at(1).input["x"].equals(frame())
    assert second.at(1).input["x"].loc[0, "n"] == 99


async def test_the_history_holds_one_copy_of_what_is_passed_on(kernel: Kernel) -> None:
    """Between tasks, to a child, back, and out of the run."""
    kernel.define("make", lambda _: frame())
    kernel.define("same", lambda x: x)
    child = flow("child", {"x": "any"})
    child.start >> child.task("s", "same", x="=input.x") >> child.end()
    kernel.activities.workflows.add(child.workflow)
    made = flow("passing")
    (
        made.start
        >> made.task("a", "make")
        >> made.task("b", "same", x="=a")
        >> made.call("c", "child", x="=b")
        >> made.end(output='={"a": a, "c": c}')
    )
    outputs = [await kernel.engine.start(made) for _ in range(3)]
    assert outputs[0]["a"] is outputs[0]["c"]
    await kernel.engine.store.flush()
    assert kernel.count() == 2  # the table, and the dict that names it twice


async def test_a_value_is_durable_no_later_than_its_event(kernel: Kernel) -> None:
    kernel.define("make", lambda _: np.arange(200_000))
    run = kernel.engine.start(chain("make"))
    await run
    table = kernel.engine.sql(
        "select e.pos, v.hash is not null as there from events e "
        "left join \"values\" v on v.hash = e.payload ->> '$.unstored.hash' where e.type = 'TaskCompleted'"
    )
    assert table["there"].tolist() == [True]


async def test_state_at_an_event_reads_values_when_they_are_looked_at(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.define("make", lambda _: frame())
    kernel.define("use", lambda x: np.arange(len(x)))
    made = used()
    run = kernel.engine.start(made)
    await run
    kernel.again()
    read: list[str] = []
    fetch = kernel.engine.store.fetch_value
    monkeypatch.setattr(kernel.engine.store, "fetch_value", lambda name, path: (read.append(name), fetch(name, path)))
    state = kernel.engine.run(run.id).at(5)
    assert read == []
    assert of(state, "a").equals(frame())
    assert len(read) == 1
    assert of(state, "a") is of(state, "a")
    everything = {**getattr(state, "values")}  # noqa: B009
    assert everything["a"] is of(state, "a")
    assert len(everything["b"]) == 3
    assert len(read) == 2


async def test_a_map_of_tables_goes_on_after_a_restart(kernel: Kernel) -> None:
    kernel.define("make", frame)
    kernel.define("use", lambda x: [len(one) for one in x])
    kernel.held.add("use")
    made = flow("maps")
    (
        made.start
        >> made.map("m", "make", [1, 2, 3]).options(arguments={"x": "=item"})
        >> made.task("b", "use", x="=m")
        >> made.end()
    )
    kernel.engine.start(made)
    await until(lambda: "use" in kernel.calls)
    (run,) = await kernel.restart()
    assert await run == [1, 2, 3]
    assert kernel.calls == ["use"]


async def test_a_map_in_progress_keeps_the_tables_that_it_has(kernel: Kernel) -> None:
    kernel.define("make", frame)
    kernel.define("wait", frame)
    kernel.held.add("wait")
    child = flow("child", {"n": "int"})
    gate = child.choice("which")
    child.start >> gate
    end = child.end()
    gate.when("input.n == 3") >> child.task("w", "wait", x="=input.n") >> end
    gate.otherwise() >> child.task("m", "make", x="=input.n") >> end
    kernel.activities.workflows.add(child.workflow)
    made = flow("maps")
    made.start >> made.map("m", "child", [1, 2, 3]).options(arguments={"n": "=item"}) >> made.end()
    kernel.engine.start(made)
    await until(lambda: kernel.calls.count("make") == 2 and "wait" in kernel.calls)
    await asyncio.sleep(0)
    (run,) = await kernel.restart()
    assert [len(one) for one in await run] == [1, 2, 3]
    assert kernel.calls == ["wait"]


async def test_the_output_of_a_child_that_was_over_is_read(kernel: Kernel) -> None:
    """Its parent's process ended before it knew."""
    kernel.define("make", lambda _: frame())
    kernel.define("use", len)
    child = flow("child")
    child.start >> child.task("m", "make") >> child.end()
    kernel.activities.workflows.add(child.workflow)
    made = flow("parent")
    made.start >> made.call("c", "child") >> made.task("b", "use", x="=c") >> made.end()
    run = kernel.engine.start(made)
    await run
    (pos,) = kernel.engine.sql("select pos from events where type = 'ChildCompleted'")["pos"]
    kernel.cut(pos)
    (again,) = await kernel.restart()
    assert await again == 3
    assert again.id == run.id
    assert kernel.calls == ["use"]


async def test_a_called_run_goes_on_with_its_stored_input(kernel: Kernel) -> None:
    kernel.define("make", lambda _: frame())
    kernel.define("use", len)
    kernel.held.add("use")
    child = flow("child", {"x": "any"})
    child.start >> child.task("u", "use", x="=input.x") >> child.end()
    kernel.activities.workflows.add(child.workflow)
    made = flow("parent")
    made.start >> made.task("a", "make") >> made.call("c", "child", x="=a") >> made.end()
    kernel.engine.start(made)
    await until(lambda: "use" in kernel.calls)
    (run,) = await kernel.restart()
    assert await run == 3
    assert kernel.calls == ["use"]


async def test_a_run_goes_on_with_its_stored_input(kernel: Kernel) -> None:
    kernel.define("use", len)
    kernel.held.add("use")
    made = flow("given", {"x": "any"})
    made.start >> made.task("b", "use", x="=input.x") >> made.end(output="=[b, input.x]")
    kernel.engine.start(made, x=frame())
    await until(lambda: "use" in kernel.calls)
    (run,) = await kernel.restart()
    number, table = await run
    assert number == 3
    assert table.equals(frame())


async def test_a_registered_codec_keeps_what_it_is_for(kernel: Kernel) -> None:
    codec(Point)
    kernel.define("make", lambda _: Point(3))
    kernel.define("use", lambda x: x.x)
    kernel.held.add("use")
    kernel.engine.start(used())
    await until(lambda: "use" in kernel.calls)
    (run,) = await kernel.restart()
    assert await run == 3
    assert kernel.calls == ["use"]


async def test_resume_names_a_codec_that_is_not_registered(kernel: Kernel) -> None:
    codec(Point, name="point")
    kernel.define("make", lambda _: Point(3))
    kernel.define("use", lambda x: x.x)
    kernel.held.add("use")
    kernel.engine.start(used())
    await until(lambda: "use" in kernel.calls)
    codecs._registered.clear()
    codecs._by_type.clear()
    with pytest.raises(CompileError, match="the codec 'point' of 'a' is not registered") as caught:
        await kernel.restart()
    assert [one.code for one in caught.value.diagnostics] == ["WF211"]
    (id,) = kernel.engine.store.heads()
    with pytest.raises(StoreError, match=r"no codec 'point' is registered\nrun the cell"):
        of(kernel.engine.run(id.run), "a")
    codec(Point, name="point")
    (run,) = await kernel.engine.resume()
    assert await run == 3


async def test_a_codec_that_fails_says_why_and_the_task_completes(kernel: Kernel) -> None:
    def refuse(_: Point) -> bytes:
        raise RuntimeError("not today")

    codec(Point, encode=refuse, decode=lambda _: Point(0))
    kernel.define("make", lambda _: Point(3))
    run = kernel.engine.start(chain("make"))
    assert await run == Point(3)
    known = run.records()[2].event.unstored
    assert (known.hash, known.why) == ("", "RuntimeError: not today")


async def test_nothing_is_ever_pickled(kernel: Kernel) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            raise AssertionError("pickled")

    for value in (Evil(), np.array([Evil()], dtype=object), pd.DataFrame({"e": [Evil()]}), [Evil()]):
        kernel.define("make", lambda _, value=value: value)
        run = kernel.engine.start(chain("make"))
        assert await run is value
        assert not run.records()[2].event.unstored.hash
    assert kernel.count() == 0


async def test_a_value_that_is_gone_from_the_store_is_made_again(kernel: Kernel) -> None:
    kernel.define("make", lambda _: frame())
    kernel.define("use", len)
    kernel.held.add("use")
    kernel.engine.start(used())
    await until(lambda: "use" in kernel.calls)
    kernel.engine.close()
    with duckdb.connect(str(kernel.path)) as connection:
        connection.execute('delete from "values"')
    (run,) = await kernel.restart()
    assert await run == 3
    assert kernel.calls == ["make", "use"]


async def test_the_loop_turns_while_a_large_value_is_stored(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    writing, go_on = threading.Event(), threading.Event()
    save = np.save

    def slow(*arguments: Any, **options: Any) -> None:
        writing.set()
        assert go_on.wait(10)
        save(*arguments, **options)

    monkeypatch.setattr(np, "save", slow)
    kernel.define("make", lambda _: np.arange(100_000))
    run = kernel.engine.start(chain("make"))
    await until(writing.is_set)
    assert run.status == "running"  # and this test is executed by the loop meanwhile
    go_on.set()
    assert len(await run) == 100_000


async def test_a_task_that_is_called_off_while_its_value_is_stored(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, go_on = threading.Event(), threading.Event()
    save = np.save

    def slow(*arguments: Any, **options: Any) -> None:
        writing.set()
        assert go_on.wait(10)
        save(*arguments, **options)

    monkeypatch.setattr(np, "save", slow)
    kernel.define("make", lambda _: np.arange(100_000))
    run = kernel.engine.start(chain("make"))
    await until(writing.is_set)
    run.cancel()
    go_on.set()
    await until(lambda: run.status == "cancelled")
    assert [type(record.event).__name__ for record in run.records()][-2:] == ["TaskCancelled", "RunCancelled"]
    kernel.again()
    kernel.engine.store.collect_values()
    assert kernel.count() == 0


async def test_a_history_in_memory_passes_values_on_and_keeps_none(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def make() -> Any:
        return frame()

    run = engine.start(chain("make"))
    assert (await run).equals(frame())
    assert not run.at(4).output.hash
    assert isinstance(run.at(4).output, Unstored)


async def test_values_go_with_the_last_run_that_names_them(kernel: Kernel) -> None:
    kernel.define("make", lambda x: {"shared": frame(), "own": np.arange(x)})
    made = flow("given", {"x": "int"})
    made.start >> made.task("a", "make", x="=input.x") >> made.end()
    first = kernel.engine.start(made, x=1)
    await first
    second = kernel.engine.start(made, x=2)
    await second
    await kernel.engine.store.flush()
    assert kernel.count() == 5  # the table, two arrays, two dicts
    assert kernel.engine.collect_values() == 0
    (pos,) = kernel.engine.sql("select min(pos) pos from events where run = ?", [second.id])["pos"]
    kernel.cut(pos)
    kernel.again()
    assert kernel.engine.collect_values() == 2
    assert kernel.engine.run(first.id).output["shared"].equals(frame())
    assert kernel.count() == 3


# --- along with what people do to runs --------------------------------------------------------------


def three(*before: str) -> Flow:
    """Tasks `a`, `b` and `c`, of which the last reads the value of `a`; some more stand before it."""
    made = flow("three")
    at = made.start
    for id in before:
        at = at >> made.task(id, "other")
    last = made.task("c", "use", x="=a")
    at >> made.task("a", "make") >> made.task("b", "other") >> last >> made.end(output="=c")
    return made


async def test_a_fork_uses_stored_results_of_its_origin(kernel: Kernel) -> None:
    kernel.define("make", lambda _: frame())
    kernel.define("other", lambda _: 1)
    kernel.define("use", len)
    run = kernel.engine.start(three())
    await run
    kernel.again()
    kernel.calls.clear()
    fork = kernel.engine.fork(run.id, at=1, values={"b": 2})
    assert await fork == 3
    assert kernel.calls == []
    assert same(of(fork, "a"), frame())
    completed = [record.event for record in fork.records() if isinstance(record.event, TaskCompleted)]
    assert [(event.node, event.given) for event in completed] == [("a", "fork"), ("b", "pin"), ("c", "fork")]
    origin = kernel.engine.run(run.id).records()[2].event
    assert isinstance(origin, TaskCompleted)
    assert completed[0].unstored == origin.unstored
    assert kernel.count() == 1


async def test_a_fork_makes_a_result_again_that_is_gone_from_the_store(kernel: Kernel) -> None:
    kernel.define("make", lambda _: frame())
    kernel.define("other", lambda _: 1)
    kernel.define("use", len)
    run = kernel.engine.start(three())
    await run
    kernel.engine.close()
    with duckdb.connect(str(kernel.path)) as connection:
        connection.execute('delete from "values"')
    kernel.again()
    kernel.calls.clear()
    fork = kernel.engine.fork(run.id, at=1, values={"b": 2})
    assert await fork == 3
    assert kernel.calls == ["make", "use"]


async def test_a_fork_with_a_table_as_an_input(kernel: Kernel) -> None:
    made = flow("one", inputs={"t": "any"})
    wait = made.wait("w")
    made.start >> wait
    wait.on("go") >> made.task("c", "use", x="=input.t") >> made.end(output="=c")
    kernel.define("use", len)
    run = kernel.engine.start(made, t=frame(3))
    run.signal("go")
    assert await run == 3
    fork = kernel.engine.fork(run.id, inputs={"t": frame(4)})
    await asyncio.sleep(0)
    (found,) = await kernel.restart()
    assert found.id == fork.id
    found.signal("go")
    assert await found == 4


async def test_a_key_with_a_table_among_the_inputs(kernel: Kernel) -> None:
    made = flow("one", inputs={"t": "any"})
    made.start >> made.task("c", "use", x="=input.t") >> made.end(output="=c")
    kernel.define("use", len)
    run = kernel.engine.start(made, key="k", t=frame(3))
    assert kernel.engine.start(made, key="k", t=frame(3)) is run
    await run
    kernel.again()
    assert await kernel.engine.start(made, key="k", t=frame(3)) == 3
    with pytest.raises(InputError, match="other inputs"):
        kernel.engine.start(made, key="k", t=frame(4))
    assert kernel.calls == ["use"]


@pytest.mark.parametrize("persistence", ["hybrid", "snapshot"])
async def test_a_snapshot_stands_for_stored_values(kernel: Kernel, persistence: Any) -> None:
    made = flow("three")
    wait = made.wait("w")
    made.start >> made.task("a", "make") >> made.task("b", "other") >> wait
    wait.on("go") >> made.task("c", "use", x="=a") >> made.end(output="=c")
    kernel.define("make", lambda _: frame())
    kernel.define("other", lambda _: 1)
    kernel.define("use", len)
    run = kernel.engine.start(made, persistence=persistence, snapshots=Snapshots(events=1, keep=1))
    await until(lambda: run.status == "waiting")
    (found,) = await kernel.restart()
    numbers = [record.seq for record in found.records()]
    assert (numbers == [*range(1, len(numbers) + 1)]) is (persistence == "hybrid")
    assert kernel.engine.collect_values() == 0
    assert same(of(found, "a"), frame())
    found.signal("go")
    assert await found == 3
    assert kernel.calls == ["use"]


async def test_a_run_that_migrates_while_a_value_is_stored(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel.define("make", lambda _: frame())
    kernel.define("other", lambda _: 1)
    kernel.define("use", len)
    vault, going, go = kernel.engine._host.vault, asyncio.Event(), asyncio.Event()
    taken = vault.taken

    async def slowly(*arguments: Any, **named: Any) -> Unstored:
        going.set()
        await go.wait()
        return await taken(*arguments, **named)

    monkeypatch.setattr(vault, "taken", slowly)
    run = kernel.engine.start(three())
    await going.wait()
    run.migrate(three("z", "y"))
    go.set()
    assert await run == 3
    assert kernel.calls == ["make", "other", "use"]
    assert same(of(run, "a"), frame())


async def test_forgetting_runs_lets_their_values_go(kernel: Kernel) -> None:
    kernel.define("make", lambda _: frame())
    kernel.define("use", len)
    run = kernel.engine.start(used())
    await run
    assert kernel.count() == 1
    await kernel.engine.forget(runs=[run.id])
    assert kernel.count() == 0


async def test_a_history_in_a_folder_keeps_values(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path / "folder.parquet")
    kernel.define("make", lambda _: frame())
    kernel.define("use", len)
    kernel.held = {"use"}
    kernel.engine.start(used())
    await until(lambda: "use" in kernel.calls)
    (found,) = await kernel.restart()
    await found
    assert kernel.calls == ["use"]
    assert same(of(found, "a"), frame())
    kernel.engine.close()
