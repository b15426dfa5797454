"""WfFormat: every recorded workflow runs in the order of its dependencies; what is none is refused, saying where."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.corpus import largest_wfinstance, needs_wfinstances, wfinstance, wfinstances
from wfnb import formats
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.errors import DecodeError, FormatError
from wfnb.formats.wfformat import ACTIVITY, read
from wfnb.machine.check import check
from wfnb.model.activity import describe
from wfnb.model.event import TaskCompleted, TaskStarted
from wfnb.model.workflow import Task


def registry() -> Registry:
    async def instant(runtime: float, speed: float) -> float:
        return runtime / speed

    made = Registry()
    made.add(describe(instant, name=ACTIVITY))
    return made


def parents_in(document: dict[str, Any]) -> dict[str, set[str]]:
    """Parents by task, read from the file without our reader."""
    tasks = document["workflow"]["specification"]["tasks"]
    found = {task["id"]: set(task.get("parents", [])) for task in tasks}
    for task in tasks:
        for child in task.get("children", []):
            found[child].add(task["id"])
    return found


async def ran_in_order(workflow: Any, parents: dict[str, set[str]]) -> None:
    async with Engine(registry=registry()) as engine:
        run = engine.start(workflow)
        await run
        done: set[str] = set()
        started = []
        for record in run.records():
            if isinstance(record.event, TaskStarted):
                assert parents[record.event.node] <= done, f"{record.event.node} started before its parents were done"
                started.append(record.event.node)
            elif isinstance(record.event, TaskCompleted):
                done.add(record.event.node)
        assert sorted(started) == sorted(parents)
        assert done == set(parents)


@needs_wfinstances
def test_the_corpus_is_whole() -> None:
    assert len(wfinstances()) == 13


@pytest.mark.parametrize("path", wfinstances(), ids=lambda path: path.name.partition(".")[0])
async def test_every_recorded_workflow_runs_in_order(path: Path) -> None:
    document = wfinstance(path)
    workflow = formats.load(path, speed=1e6)
    assert check(workflow, registry()).ok
    runtimes = {task["id"]: task["runtimeInSeconds"] for task in document["workflow"]["execution"]["tasks"]}
    for node in workflow.nodes:
        if isinstance(node, Task):
            assert node.arguments == {"runtime": runtimes[node.id], "speed": 1e6}
    await ran_in_order(workflow, parents_in(document))


@needs_wfinstances
@pytest.mark.timeout(60)
async def test_the_largest_side_by_side() -> None:
    _, document = largest_wfinstance()
    parents = parents_in(document)
    copies = -(-2_000 // len(parents))
    many = {
        f"{id}#{copy}" if copy > 1 else id: {f"{p}#{copy}" if copy > 1 else p for p in named}
        for copy in range(1, copies + 1)
        for id, named in parents.items()
    }
    assert len(many) >= 2_000
    await ran_in_order(read(document, copies=copies), many)


SMALL: dict[str, Any] = {
    "name": "small",
    "schemaVersion": "1.5",
    "workflow": {
        "specification": {
            "tasks": [
                {"id": "a", "name": "a", "parents": [], "children": ["b", "c"]},
                {"id": "b", "name": "b", "parents": ["a"], "children": ["d"]},
                {"id": "c", "name": "c", "parents": ["a"], "children": ["d"]},
                {"id": "d", "name": "d", "parents": ["b", "c"], "children": []},
            ]
        },
        "execution": {"tasks": [{"id": "a", "runtimeInSeconds": 1.5}, {"id": "b", "runtimeInSeconds": 2}]},
    },
}


def test_the_smallest() -> None:
    workflow = read(SMALL)
    assert workflow.name == "small"
    assert [(node.kind, node.id) for node in workflow.nodes] == [
        ("start", "start"),
        ("task", "a"),
        ("task", "b"),
        ("task", "c"),
        ("task", "d"),
        ("join", "join d"),
        ("fork", "fork a"),
        ("end", "end"),
    ] or {node.id for node in workflow.nodes} == {"start", "a", "b", "c", "d", "join d", "fork a", "end"}
    given = {node.id: node.arguments["runtime"] for node in workflow.nodes if isinstance(node, Task)}
    assert given == {"a": 1.5, "b": 2.0, "c": 0.0, "d": 0.0}


async def test_either_side_of_a_dependency_is_enough() -> None:
    for key in ("parents", "children"):
        half = copy.deepcopy(SMALL)
        for task in half["workflow"]["specification"]["tasks"]:
            del task[key]
        assert {(e.source, e.target) for e in read(half).edges} == {(e.source, e.target) for e in read(SMALL).edges}


async def test_ids_that_are_taken() -> None:
    taken = {
        "schemaVersion": 1.5,
        "workflow": {
            "specification": {"tasks": [{"id": id} for id in ("start", "end", "fork start", "a", "a#2", "join end")]}
        },
    }
    for copies in (1, 2, 3):
        workflow = read(taken, copies=copies)
        ids = [node.id for node in workflow.nodes]
        assert len(ids) == len(set(ids))
        assert sum(isinstance(node, Task) for node in workflow.nodes) == 6 * copies
        assert check(workflow, registry()).ok


async def test_no_task_at_all() -> None:
    empty = {"schemaVersion": "1.5", "workflow": {"specification": {"tasks": []}}}
    async with Engine(registry=registry()) as engine:
        assert await engine.start(read(empty)) is None


def changed(path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(SMALL)
    at: Any = document
    *first, last = path.split(".")
    for key in first:
        at = at[int(key)] if key.isdigit() else at[key]
    if value is None:
        del at[last]
    else:
        at[int(last) if last.isdigit() else last] = value
    return document


TASKS = "workflow.specification.tasks"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (changed("schemaVersion", "1.4"), "x: schemaVersion is '1.4' at $.schemaVersion\nsupported: WfFormat 1.5"),
        (changed("schemaVersion", None), "x: schemaVersion is None at $.schemaVersion\nsupported: WfFormat 1.5"),
        (changed("workflow", []), "x: 'specification' is missing at $.workflow\nsupported: WfFormat 1.5"),
        (changed(TASKS, None), "x: 'tasks' is missing at $.workflow.specification\nsupported: WfFormat 1.5"),
        (changed(TASKS, {}), "x: expected a list at $.workflow.specification.tasks\nsupported: WfFormat 1.5"),
        (
            changed(f"{TASKS}.1", 5),
            "x: a task needs an id at $.workflow.specification.tasks[1]\ngive it one that no other task has",
        ),
        (
            changed(f"{TASKS}.1.id", ""),
            "x: a task needs an id at $.workflow.specification.tasks[1]\ngive it one that no other task has",
        ),
        (
            changed(f"{TASKS}.1.id", 7),
            "x: a task needs an id at $.workflow.specification.tasks[1]\ngive it one that no other task has",
        ),
        (
            changed(f"{TASKS}.1.id", "a"),
            "x: 1 task ids are repeated at $.workflow.specification.tasks\ngive each task its own id",
        ),
        (
            changed(f"{TASKS}.1.parents", "a"),
            "x: expected a list of ids at $.workflow.specification.tasks[1].parents\nwrite [] where there are none",
        ),
        (
            changed(f"{TASKS}.1.children", [["d"]]),
            "x: expected a list of ids at $.workflow.specification.tasks[1].children\nwrite [] where there are none",
        ),
        (
            changed(f"{TASKS}.1.parents", ["z"]),
            "x: 'z' is no task, at $.workflow.specification.tasks[1].parents\nadd the task, or take the id out.",
        ),
        (
            changed(f"{TASKS}.0.parents", ["d"]),
            "x: the dependencies of task 'a' form a cycle, at $.workflow.specification.tasks\na record has no loops",
        ),
        (
            changed(f"{TASKS}.0.parents", ["a"]),
            "x: the dependencies of task 'a' form a cycle, at $.workflow.specification.tasks\na record has no loops",
        ),
        (changed("workflow.execution", 5), "x: 'tasks' is missing at $.workflow.execution\nsupported: WfFormat 1.5"),
        (
            changed("workflow.execution.tasks.0", 5),
            "x: a task needs an id at $.workflow.execution.tasks[0]\nname the task that it tells the runtime of",
        ),
        (
            changed("workflow.execution.tasks.0.runtimeInSeconds", -1),
            "x: -1 is no runtime, at $.workflow.execution.tasks[0].runtimeInSeconds\ngive seconds, 0 or more",
        ),
        (
            changed("workflow.execution.tasks.0.runtimeInSeconds", "3"),
            "x: '3' is no runtime, at $.workflow.execution.tasks[0].runtimeInSeconds\ngive seconds, 0 or more",
        ),
        (
            changed("workflow.execution.tasks.0.runtimeInSeconds", float("nan")),
            "x: nan is no runtime, at $.workflow.execution.tasks[0].runtimeInSeconds\ngive seconds, 0 or more",
        ),
    ],
)
def test_what_is_wrong_is_said_and_where(document: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError) as refused:
        read(document, where="x")
    assert str(refused.value) == message
    file = tmp_path / "x"
    file.write_text(json.dumps(document))
    if "workflow" in document:
        with pytest.raises(FormatError):
            formats.load(file)


def test_options_out_of_range() -> None:
    for speed in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="speed is"):
            read(SMALL, speed=speed)
    with pytest.raises(ValueError, match="copies is 0"):
        read(SMALL, copies=0)
    with pytest.raises(FormatError, match="more than 200000"):
        read(SMALL, copies=100_000)


# --- files of any format ----------------------------------------------------------------------------------------


def test_a_file_is_known_by_what_is_inside(tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain.json", tmp_path / "odd.name.gz"
    plain.write_text(json.dumps(SMALL))
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    own = formats.save(read(SMALL), tmp_path / "own.wf.json")
    assert formats.load(plain) == formats.load(packed) == formats.load(own) == formats.load(str(own))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["odd.name.gz", "own.wf.json", "plain.json"]


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    good = gzip.compress(json.dumps(SMALL).encode())
    for name, data, error, message in (
        ("a.gz", b"no gzip", FormatError, "'a.gz' is no complete gzip file"),
        ("b.gz", good[:40], FormatError, "'b.gz' is no complete gzip file"),
        ("c.gz", good[:20] + b"\xff" * 9 + good[29:], FormatError, "'c.gz' is no complete gzip file"),
        ("d.gz", gzip.compress(b" " * (64 * 1024 * 1024 + 1)), FormatError, "'d.gz' unpacks to more than"),
        ("e.json", b"{", DecodeError, "e.json is not JSON"),
        ("f.json", b"", DecodeError, "f.json is empty"),
        ("g.json", b"[" * 100_000, DecodeError, "g.json"),
        ("h.json", b'{"workflow": 1, "wfnb": 1}', DecodeError, "unknown field `workflow`"),
        ("i.json", b'{"workflow": 1}', FormatError, "i.json: schemaVersion is None"),
    ):
        file = tmp_path / name
        file.write_bytes(data)
        with pytest.raises(error, match=message):
            formats.load(file)
        assert file.read_bytes() == data
    with pytest.raises(FileNotFoundError):
        formats.load(tmp_path / "absent.wf.json")
    with pytest.raises(DecodeError, match="is a folder"):
        formats.load(tmp_path)
    with pytest.raises(FormatError, match=r"'x.yaml' has no suffix that can be written"):
        formats.save(read(SMALL), tmp_path / "x.yaml")


def test_a_file_that_can_not_be_written_stays(tmp_path: Path) -> None:
    file = formats.save(read(SMALL), tmp_path / "x.wf.json")
    before = file.read_bytes()
    assert read({**SMALL, "name": "\ud800"}).name == "?"
    broken = msgspec.structs.replace(read(SMALL), name="\ud800")
    with pytest.raises((UnicodeEncodeError, ValueError)):
        formats.save(broken, file)
    assert file.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.wf.json"]
