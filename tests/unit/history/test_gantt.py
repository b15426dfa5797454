"""The Gantt chart: what is drawn where, and that it stays small and readable."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wfnb.formats.ganttpicture import picture
from wfnb.history import charts, frames, gantt, ganttrows
from wfnb.history.looks import GREY
from wfnb.history.rows import task_rows
from wfnb.history.tasktable import TaskRow
from wfnb.model.event import Event, Problem, RunStarted, TaskCompleted, TaskFailed, TaskStarted
from wfnb.store.memory import MemoryStore
from wfnb.testing import START, row

EVENTS: list[tuple[float, Event]] = [
    (0, RunStarted(workflow="w", definition="h", moves=(0,))),
    (1, TaskStarted("page", 1, 1)),
    (2, TaskFailed("page", 1, 1, Problem(type="E", message="m"), START + 3_000_000)),
    (4, TaskStarted("page", 1, 2)),
    (6, TaskCompleted("page", 1, 2, value="<b>x</b>", moves=(1,))),
    (6, TaskStarted("mark", 1, 1)),
    (8, TaskCompleted("mark", 1, 1, value=1, moves=(2,))),
    (8, TaskStarted("page", 2, 1)),
]
DOCUMENT = (
    b'{"wfnb":1,"nodes":[{"kind":"start","id":"s"},{"kind":"task","id":"page","activity":"fetch"},'
    b'{"kind":"task","id":"mark","activity":"score"}],"edges":[{"source":"s","target":"page"},'
    b'{"source":"page","target":"mark"},{"source":"mark","target":"page"}]}'
)


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.define("h", DOCUMENT)
    made.append("r", 0, 0, [row(e, START + int(at * 1e6)) for at, e in EVENTS])
    return made


def data(spec: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    datasets: dict[str, list[dict[str, Any]]] = spec["datasets"]
    return datasets


def labels(spec: dict[str, Any]) -> list[str]:
    bars = next(layer for layer in spec["layer"] if layer["data"]["name"] == "bars")
    expression = bars["encoding"]["y"]["axis"]["labelExpr"]
    names: list[str] = json.loads(expression.removesuffix("[datum.value]"))
    return names


def task(node: str, started: int, ended: int | None, status: Any = "completed", **more: Any) -> TaskRow:
    times = {"scheduled": START + started, "started": START + started, "ended": ended and START + ended}
    return TaskRow(
        **{
            "run": "r", "node": node, "visit": 1, "attempt": 1, "activity": "a", "status": status, "first": 1,
            **times, **more,
        }
    )  # fmt: skip


def test_bars_waits_and_pauses_lie_where_they_happened(store: MemoryStore) -> None:
    spec = gantt.specification(task_rows(store, "r"), "title")
    assert labels(spec) == ["page", "mark", "page ·2"]
    drawn = data(spec)
    assert [(b["row"], b["x0"], b["x1"], b["status"]) for b in drawn["bars"]] == [
        (0, 1, 2, "✕ failed"),
        (0, 4, 6, "✓ completed"),
        (1, 6, 8, "✓ completed"),
        (2, 8, 8, "● running"),
    ]
    assert drawn["lines"] == [
        {"row": 0, "x0": 0, "x1": 1, "part": "wait"},
        {"row": 0, "x0": 2, "x1": 3, "part": "pause"},
        {"row": 0, "x0": 3, "x1": 4, "part": "wait"},
    ]
    assert spec["title"]["text"] == "title"
    assert spec["title"]["subtitle"] == ["3 tasks · 1 more attempt · 8 s · from 2023-11-14 22:13:20 UTC"]


def test_a_frame_and_its_rows_give_the_same_chart(store: MemoryStore) -> None:
    of_frame = charts.gantt(frames.tasks(store, "r")).to_dict()
    assert of_frame == charts.gantt(task_rows(store, "r")).to_dict()
    assert of_frame == charts.gantt(frames.tasks(store, "r")).to_dict(), "the same each time"


def test_a_bar_tells_what_it_is(store: MemoryStore) -> None:
    first, second = data(gantt.specification(task_rows(store, "r"), ""))["bars"][:2]
    assert {name: first[name] for name in gantt.TOOLTIP} == {
        "task": "page", "kind": "task", "activity": "fetch", "which": "visit 1, attempt 1", "status": "✕ failed",
        "began": "2023-11-14 22:13:21.000 UTC", "took": "1 s", "waited": "1 s", "detail": "E: m",
    }  # fmt: skip
    assert second["detail"] == '"<b>x</b>"', "as text: Vega's tooltips escape markup"


@pytest.mark.parametrize(
    ("length", "unit"),
    [(1, "microseconds"), (900, "microseconds"), (2_000, "milliseconds"), (90_000_000, "seconds"),
     (120_000_000, "minutes"), (9_000_000_000, "hours"), (900_000_000_000, "days")],
)  # fmt: skip
def test_the_axis_has_a_fitting_unit(length: int, unit: str) -> None:
    spec = gantt.specification([task("t", 0, length)], "")
    assert spec["layer"][0]["encoding"]["x"]["title"] == f"{unit} since the start"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 µs"), (2.5e-5, "25 µs"), (0.084, "84 ms"), (1.234, "1.23 s"), (210, "3.5 min")]
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert gantt.span(seconds) == text


def test_every_status_has_a_mark_besides_its_colour() -> None:
    spec = gantt.specification([task(s, 0, 9, s) for s in gantt.STATUS], "")
    assert [b["mark"] for b in data(spec)["bars"]] == ["■", "✓", "✕", "!", "●", "◷"]
    assert len({colour for _, colour in gantt.STATUS.values()}) == len(gantt.STATUS)


def test_many_tasks_share_rows_and_the_subtitle_says_so() -> None:
    tasks = [task(f"t{n}", n * 10, n * 10 + 50, "failed" if n == 77 else "completed") for n in range(5_000)]
    spec = charts.gantt(tasks).to_dict()
    drawn = data(spec)["bars"]
    assert len(drawn) <= ganttrows.MAX_ROWS
    assert spec["height"] <= 1_000
    assert len(json.dumps(spec)) < 100_000
    assert spec["title"]["subtitle"][1].startswith("Too many to show each: 42 neighbours share a row")
    assert [b["status"] for b in drawn].count("✕ failed") == 1
    assert drawn[1]["task"] == "t42 to t83"
    assert drawn[1]["which"] == "42 visits: 1 failed, 41 completed"


def test_a_hundred_thousand_tasks_are_no_more_to_draw_than_a_few() -> None:
    tasks = [task(f"t{n}", n * 10, n * 10 + 50, "failed" if n == 77_777 else "completed") for n in range(100_000)]
    spec = gantt.specification(tasks, "")
    assert len(data(spec)["bars"]) <= ganttrows.MAX_ROWS
    assert len(json.dumps(spec)) < 100_000
    assert spec["title"]["subtitle"][1].startswith("Too many to show each: 834 neighbours share a row")
    assert [b["status"] for b in data(spec)["bars"]].count("✕ failed") == 1


def test_many_attempts_of_one_task_are_all_drawn() -> None:
    tasks = [task("t", n * 10, n * 10 + 5, "failed", attempt=n + 1, retry_at=START + n * 10 + 10) for n in range(5_100)]
    spec = charts.gantt(tasks).to_dict()
    assert len(data(spec)["bars"]) == 5_100


def test_several_runs_are_told_apart() -> None:
    spec = gantt.specification([task("t", 0, 5), task("t", 1, 5, run="s")], "")
    assert labels(spec) == ["r · t", "s · t"]


def test_what_is_no_task_is_drawn_lighter_and_counted_apart() -> None:
    tasks = [
        task("page", 0, 40),
        task("each", 40, 60, kind="map", note="3 done"),
        task("ask", 60, 99, kind="approval", activity=""),
        task("paid", 99, None, "waiting", kind="wait", visit=2, activity=""),
        task("gone", 100, None, "waiting", kind="wait", activity=""),
    ]
    spec = gantt.specification(tasks, "")
    assert labels(spec) == ["page", "each (map)", "ask (approval)", "paid ·2 (wait)", "gone (wait)"]
    assert spec["title"]["subtitle"][0].startswith("1 task · 1 map · 1 approval · 2 waits · ")
    drawn = data(spec)
    assert [b["which"] for b in drawn["bars"][:2]] == ["visit 1, attempt 1", "visit 1"]
    assert drawn["bars"][1]["detail"] == "3 done"
    assert {side: [mark["row"] for mark in drawn[side]] for side in ("inside", "lighter", "beside")} == {
        "inside": [0], "lighter": [1, 2], "beside": [3, 4],
    }  # fmt: skip
    (bars,) = [layer for layer in spec["layer"] if layer["mark"]["type"] == "bar"]
    assert bars["encoding"]["fillOpacity"]["condition"]["test"] == gantt.IS_WORK


def test_nothing_yet() -> None:
    (told,) = charts.gantt([], title="x").to_dict()["title"]["subtitle"]
    assert told == "nothing has started yet"
    assert charts.gantt(frames.tasks(MemoryStore())).to_dict()["height"] == 40


def luminance(colour: str) -> float:
    def linear(part: str) -> float:
        share = int(part, 16) / 255
        return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(colour[n : n + 2]) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("background", ["#ffffff", "#111111"])
def test_text_and_bars_are_readable_in_both_themes(background: str) -> None:
    def contrast(colour: str) -> float:
        light, dark = sorted((luminance(colour), luminance(background)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(GREY) > 4.2
    for _, colour in gantt.STATUS.values():
        assert contrast(colour) > 2.9
    spec = gantt.specification([], "")
    assert spec["config"]["background"] == "transparent"


def test_long_idle_times_are_drawn_shorter_and_say_so() -> None:
    second, night = 1_000_000, 8 * 3600 * 1_000_000
    tasks = [
        task("page", 0, 2 * second),
        task("sleeps", 2 * second, night, kind="wait"),
        task("mark", night, night + 2 * second),
    ]
    spec = gantt.specification(tasks, "")
    drawn = data(spec)
    (gap,) = drawn["breaks"]
    assert (gap["x0"], gap["x1"], gap["idle"]) == (2, pytest.approx(2.2), "8 h")
    assert [bar["took"] for bar in drawn["bars"]] == ["2 s", "8 h", "2 s"], "how long it was is said as it was"
    assert drawn["bars"][2]["x1"] == pytest.approx(4.2)
    assert spec["title"]["subtitle"][-1] == "Time in which nothing was done is drawn shorter: 8 h"
    assert "28,801" in picture(spec), "seconds since the start"
    assert "8 h" in picture(spec)
    whole = gantt.specification(tasks, "", compress=False)
    assert "breaks" not in data(whole)
    assert whole["layer"][0]["encoding"]["x"]["title"] == "hours since the start"


def test_what_others_do_is_not_idle() -> None:
    tasks = [task("page", 0, 10), task("child", 10, 1000, kind="call"), task("mark", 1000, 1010)]
    assert "breaks" not in data(gantt.specification(tasks, ""))


def test_where_only_some_is_shown_others_are_not_idle_either() -> None:
    shown = [task("page", 0, 10), task("mark", 1000, 1010)]
    assert "breaks" in data(gantt.specification(shown, ""))
    assert "breaks" not in data(gantt.specification(shown, "", among=[*shown, task("other", 5, 990)]))


def test_its_numbers_are_its_bars() -> None:
    frame = charts.gantt([task("page", 5, 9, scheduled=START)]).frame()
    assert frame[["task", "status"]].to_numpy().tolist() == [["page", "✓ completed"]]
    assert charts.gantt([]).frame().empty


def test_what_goes_on_reaches_to_the_present() -> None:
    (bar,) = data(gantt.specification([task("t", 0, None, "running")], "", now=START + 7_000_000))["bars"]
    assert (bar["x0"], bar["x1"], bar["took"]) == (0, 7, "")


def test_a_thousand_tasks_share_rows_and_each_has_its_bar() -> None:
    tasks = [task(f"t{n}", n * 10, n * 10 + 50, "failed" if n == 7 else "completed") for n in range(1_000)]
    spec = gantt.specification(tasks, "")
    drawn = data(spec)["bars"]
    assert len(drawn) == 1_000
    assert len({bar["row"] for bar in drawn}) <= ganttrows.MAX_ROWS
    assert labels(spec)[0] == "t0 +8"
    assert [bar["task"] for bar in drawn[:9]] == [f"t{n}" for n in (0, 1, 2, 3, 4, 5, 6, 8, 7)], (
        "what failed lies above"
    )
    assert spec["title"]["subtitle"][1] == "Too many for a row each: 9 neighbours share one"
