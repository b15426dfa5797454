"""Recorded runs, and workflows that have changed since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.patterns.kit import play, task
from wfnb.author.flow import Flow
from wfnb.errors import CompileError, DecodeError, ReplayMismatch, UnknownName
from wfnb.model.workflow import Workflow
from wfnb.testing import History, replay

Draw = Callable[[Flow], object]


def drawn(draw: Draw, inputs: dict[str, str] | None = None) -> Workflow:
    flow = Flow("w", inputs or {})
    draw(flow)
    return flow.workflow


def deciding(flow: Flow, *, most: int = 5, then: str = "small", output: str = "=a") -> None:
    """start >> a >> choice by what a gave >> small or large >> end."""
    a, gate = task(flow, "a", gives=4), flow.choice("gate")
    end = flow.end(output=output)
    flow.start >> a >> gate
    gate.when(f"a < {most}") >> task(flow, then) >> end
    gate.otherwise() >> task(flow, "large") >> end


def history(draw: Draw, acts: dict[float, Callable[[Any], object]] | None = None, **inputs: Any) -> History:
    return History.of(play(drawn(draw), acts, **inputs).run)


def why(recorded: History, draw: Draw, inputs: dict[str, str] | None = None) -> tuple[int | None, str]:
    with pytest.raises(ReplayMismatch) as caught:
        replay(recorded, drawn(draw, inputs))
    assert caught.value.run.startswith(recorded.run)
    return caught.value.seq, str(caught.value).partition("\n")[0].partition("workflow 'w': ")[2]


def test_what_has_changed_elsewhere_fits() -> None:
    def after(flow: Flow) -> None:
        deciding(flow)
        flow.node("large").options(label="renamed")
        flow.node("a").options(arguments={"id": "other"})

    found = replay(history(deciding), drawn(after))
    assert (found.events, found.status, found.ahead) == (6, "completed", ())


def test_another_task() -> None:
    assert why(history(deciding), lambda flow: deciding(flow, then="tiny")) == (4, "there is no 'small' in it")


def test_another_way() -> None:
    assert why(history(deciding), lambda flow: deciding(flow, most=3)) == (4, "it starts 'large' there")


def test_another_output() -> None:
    assert why(history(deciding), lambda flow: deciding(flow, output="=small")) == (6, "it gives 'small' there, not 4")


def test_an_input_more() -> None:
    assert why(history(deciding), deciding, {"n": "int"}) == (1, "it needs the input 'n', which was not given")


def test_an_expression_that_fails() -> None:
    seq, said = why(history(deciding), lambda flow: deciding(flow, output="=small['no']"))
    assert (seq, said.partition(":")[0]) == (6, "an expression fails there")


def test_an_error_that_is_not_caught_any_more() -> None:
    def trying(flow: Flow, *, error: str) -> None:
        tried = task(flow, "tried", fails="Bad")
        flow.start >> tried >> flow.end("never")
        tried.on_error(error) >> flow.end("caught")

    recorded = history(lambda flow: trying(flow, error="Bad"))
    assert why(recorded, lambda flow: trying(flow, error="Worse")) == (4, "it gives RunFailed there")


def waiting(flow: Flow, *, seconds: float = 60, signal: str = "go", more: bool = False) -> None:
    wait = flow.wait("wait")
    at = flow.start >> task(flow, "more") if more else flow.start
    at >> wait
    wait.on(signal) >> flow.end(output="=wait")
    wait.after(seconds) >> flow.end("late")


def test_signals_and_timers() -> None:
    recorded = history(waiting, {5: lambda run: run.signal("go", 1)})
    assert replay(recorded, drawn(lambda flow: waiting(flow, seconds=70))).status == "completed"
    assert why(recorded, lambda flow: waiting(flow, signal="other")) == (3, "nothing takes the signal there")
    assert why(recorded, lambda flow: waiting(flow, more=True)) == (2, "it starts 'more' there")


def test_a_run_that_is_not_over_says_what_is_ahead() -> None:
    def before(flow: Flow) -> None:
        flow.start >> flow.wait("wait")
        flow.node("wait").on("go") >> flow.end()

    def after(flow: Flow) -> None:
        flow.start >> flow.fork("fork") >> [flow.wait("wait"), task(flow, "beside")]
        flow.node("wait").on("go") >> flow.join("join") >> flow.end()
        flow.node("beside") >> flow.node("join")

    found = replay(history(before), drawn(after))
    assert (found.status, found.ahead) == ("running", ("starts 'beside'",))


def test_children_are_looked_at_too() -> None:
    def maps(flow: Flow, items: list[str]) -> None:
        flow.start >> flow.map("each", "work", items, id="=item") >> flow.end()

    recorded = history(lambda flow: maps(flow, ["x", "y"]))
    assert replay(recorded, drawn(lambda flow: maps(flow, ["x", "y"]))).events == 16
    assert why(recorded, lambda flow: maps(flow, ["x"])) == (2, "map 'each' goes through 1 items there, not 2")


def test_a_history_in_a_file(tmp_path: Path) -> None:
    recorded = history(deciding)
    path = recorded.save(tmp_path / "history.json")
    assert History.load(path) == recorded
    assert replay(path, drawn(deciding)).status == "completed"
    path.write_text("[]")
    with pytest.raises(DecodeError, match="is no history"):
        replay(path, drawn(deciding))


def test_what_can_not_be_replayed() -> None:
    recorded = history(deciding)
    with pytest.raises(UnknownName, match="no run 'other'"):
        History.read(recorded.store(), "other")
    with pytest.raises(CompileError):
        replay(recorded, Flow("empty"))
