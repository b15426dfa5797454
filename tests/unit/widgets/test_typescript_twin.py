"""The page applies the same edits and writes the same file as the kernel: both are asked the same things."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wfnb.author import edits as e
from wfnb.errors import EditError
from wfnb.model.codec import decode, encode
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Compensation,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Note,
    Retry,
    Signal,
    Start,
    Task,
    Wait,
    Workflow,
)

EXTENSION = Path(__file__).parents[3] / "extension"
BUILT = EXTENSION / "node_modules" / ".cache" / "wfnb-tests" / "twin.mjs"

BEGIN = Workflow(
    name="twin",
    inputs={"url": "str"},
    signals={"paid": Signal(), "ping": Signal(type="int", transient=True)},
    nodes=(
        Start("start"),
        Task("page", activity="fetch", arguments={"url": "=input.url", "n": 3, "ü": ["=x", None, True]}, timeout=30),
        Task("mark", label="Märk", activity="score", arguments={"text": "=page"}, retry=Retry(attempts=5, delay=0.5)),
        Choice("gate"),
        End("kept", output="=page"),
        End("two words", output={"a": 1.5}),
        Note("why", text='"quoted"\nand </script>'),
        Note("large", text="t", width=320, height=99.5),
        Wait("rests"),
        Approval("ask", prompt="=f'keep {page}?'", form={"ok": "bool", "why": "str | None"}),
        Map("each", items="=page", workflow="inner", arguments={"x": "=item + mark"}, width=4, failure="skip"),
        Call("sub", workflow="inner", arguments={"text": "=page"}),
        Fork("some", join="two"),
        Join("two", need=2, rest="cancel"),
        Join("one", need="any"),
        Group("outer", members=("inner", "page", "nobody"), lock="door"),
        Group("inner", members=("mark", "each"), cancel=True),
        End("bad", error="Refused", message="=str(mark)", terminate=True),
        Task(
            "careful",
            activity="pay",
            retry=Retry(maximum=5, jitter=0.5, errors=("OSError",)),
            heartbeat=1,
            executor="process",
            priority=-2,
            deadline=90.5,
            resources={"cpu": 2, "memory": 0.5},
            requires="mark > 0",
            ensures="careful is not None",
            compensate=Compensation(activity="unpay", arguments={"what": "=careful", "page": "=page"}),
            cache=True,
            lock="door",
            prerequisites=("fetch",),
        ),
    ),
    edges=(
        Edge(source="start", target="page"),
        Edge(source="page", target="mark"),
        Edge(source="mark", target="gate"),
        Edge(source="gate", target="kept", when="mark > 0.8 and page != 'page'"),
        Edge(source="gate", target="two words", otherwise=True),
        Edge(source="rests", target="ask", on="paid", when="reached('page') and error('mark') is None"),
        Edge(source="rests", target="ask", after=30),
        Edge(source="rests", target="ask", after="=mark * 2"),
        Edge(source="rests", target="each", until="=page"),
        Edge(source="ask", target="bad", error="*"),
        Edge(source="outer", target="bad", on=""),
        Edge(source="some", target="careful", spawn=True),
    ),
    workflows={
        "inner": Workflow(
            name="inner",
            description="Inside.",
            nodes=(Start("start"), Task("page", activity="a", timeout=1), End("end")),
            edges=(Edge(source="start", target="page", after=2),),
            layout={"page": (1, 2.5)},
        )
    },
    layout={"page": (240, 80.5), "gate": (1e-7, -3)},
)


@pytest.fixture(scope="module")
def twin() -> Iterator[subprocess.Popen[str]]:
    node = shutil.which("node")
    if node is None or not (EXTENSION / "node_modules" / "esbuild").exists():
        pytest.skip("no node, or the extension's packages are not installed")
    subprocess.run([node, "tests/run.mjs", "--build"], cwd=EXTENSION, check=True)
    with subprocess.Popen([node, str(BUILT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def gesture(workflow: Workflow, luck: random.Random, depth: int = 0) -> list[e.Edit]:
    """One change at random; it may not fit."""
    nodes, edges = list(workflow.nodes), list(workflow.edges)
    some = luck.choice(nodes)
    fresh = f"n{luck.randrange(40)}"
    kinds: list[list[e.Edit]] = [
        [
            e.AddNode(
                node=Task(fresh, activity="a", arguments={"x": f"={some.id}"} if some.id.isidentifier() else {}),
                position=luck.choice([None, (luck.randrange(900), luck.random() * 100)]),
                at=luck.choice([None, luck.randrange(len(nodes))]),
            )
        ],
        [
            *(e.RemoveEdge(edge=edge) for edge in edges if some.id in (edge.source, edge.target)),
            e.RemoveNode(id=some.id),
        ],
        [e.RemoveNode(id=some.id)],
        [e.SetNode(id=some.id, node=msgspec.structs.replace(some, label=luck.choice(["", "L"])))],
        [e.SetNode(id=some.id, node=msgspec.structs.replace(some, id=fresh))],
        [e.AddEdge(edge=Edge(source=some.id, target=luck.choice(nodes).id), at=luck.choice([None, 0]))],
        [e.Move(positions={some.id: luck.choice([None, (luck.random() * 1000, 7)])})],
        [e.SetWorkflow(name=fresh, description=luck.choice(["", "d"]))],
        [e.SetWorkflow(signals=luck.choice([{}, {fresh: Signal(transient=True)}]))],
        [e.SetWorkflow(workflows=luck.choice([{}, BEGIN.workflows]))],
        [e.AddNode(node=Group(fresh, members=(some.id, luck.choice(nodes).id, "later")))],
        [e.AddNode(node=Fork("later", join=some.id))],
    ]
    if edges:
        edge = luck.choice(edges)
        to = msgspec.structs.replace(
            edge,
            when=luck.choice([None, "page > 1"]),
            otherwise=luck.random() < 0.3,
            after=luck.choice([None, 5, 0.5, "=mark"]),
            error=luck.choice([None, "*"]),
            spawn=luck.random() < 0.1,
        )
        kinds.append([e.SetEdge(edge=edge, to=to, at=luck.choice([None, luck.randrange(len(edges))]))])
    if depth == 0:
        inner = workflow.workflows.get("inner", BEGIN.workflows["inner"])
        if inner.nodes:
            inside = e.Within(workflow="inner", edits=tuple(gesture(inner, luck, 1)))
            kinds += [[inside]] * 3
    return luck.choice(kinds)


def ask(process: subprocess.Popen[str], workflow: Workflow, edits: list[e.Edit]) -> dict[str, Any]:
    """What the page makes of it."""
    assert process.stdin
    assert process.stdout
    wire = json.loads(msgspec.json.encode(edits))
    process.stdin.write(json.dumps({"text": encode(workflow), "edits": wire}) + "\n")
    process.stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


def test_the_page_and_the_kernel_agree_on_every_edit(twin: subprocess.Popen[str]) -> None:
    luck = random.Random(20)
    refused = 0
    for _ in range(20):
        workflow = BEGIN
        for _ in range(25):
            edits = gesture(workflow, luck)
            answer = ask(twin, workflow, edits)
            try:
                after, _inverse = e.apply(workflow, edits)
            except EditError:
                refused += 1
                assert "error" in answer, edits
                continue
            assert answer.get("text") == encode(after), edits
            assert answer["back"] == encode(workflow), edits
            workflow = after
            if not workflow.nodes:
                break
    assert refused > 20


def test_the_page_reads_what_the_kernel_writes(twin: subprocess.Popen[str]) -> None:
    assert ask(twin, BEGIN, [])["text"] == encode(BEGIN)
    assert decode(ask(twin, BEGIN, [])["text"]) == BEGIN
