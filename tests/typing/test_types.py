"""What a type checker says of a user's file: nothing, and the right thing where something is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GOOD = """
import asyncio
from typing import Any

import wfnb as wf


@wf.activity(retries=3, timeout=30)
async def fetch(url: str) -> str:
    return url


@wf.activity
def score(text: str) -> float:
    return len(text) / 10


flow: wf.Flow = wf.flow("review", {"url": str})
page = flow.task("page", fetch, url="=input.url").options(retries=1, label="Page")
mark = flow.task("mark", score, text="=page")
gate = flow.choice("gate")
flow.start >> page >> mark >> gate
gate.when("mark > 0.8") >> flow.end("kept")
gate.otherwise() >> flow.end("dropped", output={"ok": False})
flow.start >> flow.fork("fork") >> [page, mark] >> flow.join("join")
[page, mark] >> flow.join("other")
paid = flow.wait("paid")
paid.on(flow.signal("payment", float), when="signal('payment') > 0") >> flow.approval("ok", form={"yes": bool})
paid.after(3.5) >> flow.call("child", wf.seq(fetch, score, flow))
paid.until("2030-01-01T00:00:00Z") >> flow.map("all", fetch, "=input.urls", width=2, url="=item")
both: wf.Workflow = wf.par(fetch, wf.cond("1 > 2", fetch, score), wf.cond(("1 > 2", flow)), wf.loop(score, limit=3))
wide: wf.Workflow = wf.optimize(both).workflow


async def main() -> Any:
    engine: wf.Engine = wf.connect("history.duckdb", durability="async")
    ok: bool = wf.check(flow).ok
    machine: wf.Machine = wf.compile(wf.load("x.wf.json"))
    run: wf.Run = wf.start(machine, url="x")
    status: str = run.status
    again: list[wf.Run] = await wf.resume()
    async with wf.Engine(None) as other:
        await other.start(flow, input={"url": "y"})
    try:
        return await run, ok, status, again, engine, run.events(), wf.runs()
    except wf.ActivityFailed as error:
        print(error.type, error.cause, error.node)
    except wf.CompileError as error:
        print(error.diagnostics)


asyncio.run(main())
"""
BAD = """
import wfnb as wf

wf.connect("x", durability="never")  # [arg-type]
wf.flow(5)  # [arg-type]
status: int = wf.start(wf.flow("x")).status  # [assignment]
wf.absent  # [attr-defined]
wf.seq(5)  # [arg-type]
wf.loop(wf.flow("x"), "until")  # [call-arg]
wf.cond("x")  # [call-overload]
wf.flow("x").join("j", need="most")  # [arg-type]
wf.start(5)  # [arg-type]
wf.flow("x").end("a", "b", True)  # [call-arg]
"""


@pytest.mark.timeout(180)
def test_a_users_file(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\nfollow_imports = silent\n")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "good.py", "bad.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    found = [line for line in checked.stdout.splitlines() if ": error:" in line]
    expected = {
        (f"bad.py:{number}", line.rpartition("# ")[2])
        for number, line in enumerate(BAD.splitlines(), 1)
        if "# [" in line
    }
    assert {(line.partition(": ")[0], line.rpartition("  ")[2]) for line in found} == expected, checked.stdout
