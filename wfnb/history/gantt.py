"""What a Gantt chart of tasks shows, as a Vega-Lite specification.

Backgrounds are transparent, so that one chart serves the light and the dark theme.  Only what is drawn is put into it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from wfnb.history.ganttrows import Attempt, Row, attempts_of, rows_of, shared
from wfnb.history.idle import Gap, Ruler, gaps
from wfnb.history.linking import Spec, fainter
from wfnb.history.looks import GREY, NUMBERS, TEXT, framed, layer
from wfnb.history.tasktable import TaskRow
from wfnb.history.words import clock

if TYPE_CHECKING:
    from pandas import DataFrame

ROOMY = 0.04
"""Share of the width from which a bar has room for its mark."""
STATUS: Mapping[str, tuple[str, str]] = {
    "failed": ("✕", "#d9534f"),
    "interrupted": ("!", "#c9811f"),
    "cancelled": ("■", "#8e96a3"),
    "waiting": ("◷", "#8a6cc0"),
    "running": ("●", "#3f83d6"),
    "completed": ("✓", "#4a9a55"),
}
"""Mark and colour of each status, the one that matters most first."""
MOST_BARS = 2_000
"""Attempts that each have a bar, where rows are shared; of more, a bar says what is in its row."""
UNITS = (("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("min", 60.0), ("h", 3600.0), ("days", 86400.0))
NAMES = {
    "µs": "microseconds", "ms": "milliseconds", "s": "seconds", "min": "minutes", "h": "hours", "days": "days",
}  # fmt: skip


TOOLTIP = {
    "task": "node", "kind": "kind", "activity": "activity", "which": "which", "status": "status", "began": "started",
    "took": "took", "waited": "waited", "detail": "result",
}  # fmt: skip
"""Titles of what is shown of a bar under the mouse."""
MARKED = ("row", "x1", "mark", "status", "task", "visit", "attempt")
"""What a mark has of its bar."""
KINDS = ("task", "map", "call", "approval", "wait")
"""What has rows, in the order in which the subtitle counts it."""
IS_WORK = "datum.kind === 'task'"
"""What is no task is drawn lighter: it waits, or others do the work."""
BUSY = ("task", "map", "call")
"""While one of these is in progress, time is not idle."""
At: TypeAlias = Callable[[int], float]
"""Where a time is drawn."""


def specification(
    tasks: DataFrame | Iterable[TaskRow],
    title: str,
    *,
    compress: bool = True,
    among: Iterable[TaskRow] | None = None,
    now: int = 0,
) -> Spec:
    """The chart of `charts.gantt`.

    Args:
        tasks: what it shows.
        title: above it.
        compress: draw long times in which nothing is done shorter than they were.
        among: everything that was done, where only some of it is shown.
        now: until when what goes on has been in progress, in microseconds since the epoch; the last event if left out.
    """
    attempts = sorted(attempts_of(tasks), key=lambda a: (a.started, a.run, a.node, a.visit, a.attempt))
    if not attempts:
        return framed(
            [layer("bars", {"type": "bar"}, {})],
            {"bars": []},
            40,
            title,
            ["nothing has started yet"],
        )
    origin = min(a.scheduled for a in attempts)
    now = max(now, *(max(a.ended or 0, a.started) for a in attempts))
    rows, share = shared(rows_of(attempts))
    single = len(attempts) <= MOST_BARS
    done = attempts if among is None else attempts_of(among)
    busy = ((a.started, now if a.ended is None else a.ended) for a in done if a.kind in BUSY)
    ruler = Ruler(origin, now, tuple(gaps(busy, origin, now)) if compress else ())
    unit, microseconds = _unit(ruler.width / 1e6)

    def at(ts: int) -> float:
        return round(ruler.at(ts) / microseconds, 6)

    bars, lines = _bars(rows, at, now, single=single)
    step = 20 if len(rows) <= 30 else max(6, 720 // len(rows))
    end = max(at(now), at(origin + 1))
    axis = ruler.axis(microseconds)
    layers = _layers(rows, {bar["status"] for bar in bars}, step=step, unit=NAMES[unit], end=end, axis=axis)
    data = {"bars": bars, "lines": lines, **_marks(bars, step, end)}
    said = _subtitle(attempts, share, origin, now, single=single)
    if ruler.gaps:
        data["breaks"] = [_break(gap, at) for gap in ruler.gaps]
        layers = _broken(layers)
        said.append(f"Time in which nothing was done is drawn shorter: {_idle(ruler.gaps)}")
    spec = framed(layers, data, step * len(rows), title, said)
    spec["usermeta"][NUMBERS] = ["bars"]
    return spec


# ------------------------------------------------------------------------------------------------- what is drawn


def _unit(seconds: float) -> tuple[str, float]:
    """The largest unit in which the span is at least two, and its microseconds."""
    name, size = next((u for u in reversed(UNITS) if seconds >= 2 * u[1]), UNITS[0])
    return name, size * 1e6


def _bars(rows: Sequence[Row], at: At, now: int, *, single: bool) -> tuple[list[Spec], list[Spec]]:
    """What is drawn in each row: bars, and lines for waits and pauses; of a row that is shared, its bars alone."""
    bars: list[Spec] = []
    lines: list[Spec] = []
    for number, row in enumerate(rows):
        if row.visits > 1:
            shown = [_bar(number, a, at, now) for a in row.attempts] if single else [_summary(number, row, at, now)]
            bars += sorted(shown, key=lambda bar: -LEVELS.index(bar["status"]))  # what matters most lies above
            continue
        for this, after in zip(row.attempts, [*row.attempts[1:], None], strict=True):
            bars.append(_bar(number, this, at, now))
            if this.scheduled < this.started:
                lines.append({"row": number, "x0": at(this.scheduled), "x1": at(this.started), "part": "wait"})
            if this.retry_at is not None and this.ended is not None:
                pause = min(this.retry_at, after.started if after else now)
                if pause > this.ended:
                    lines.append({"row": number, "x0": at(this.ended), "x1": at(pause), "part": "pause"})
    return bars, lines


def _bar(number: int, a: Attempt, at: At, now: int) -> dict[str, Any]:
    ended = now if a.ended is None else a.ended
    return {
        "row": number,
        "x0": at(a.started),
        "x1": at(ended),
        "status": named(a.status),
        "mark": STATUS[a.status][0],
        "task": a.node,
        "kind": a.kind,
        "activity": a.activity,
        "which": f"visit {a.visit}" + (f", attempt {a.attempt}" if a.kind == "task" else ""),
        "visit": a.visit,
        "attempt": a.attempt,
        "began": clock(a.started, digits=3),
        "took": "" if a.ended is None else span((a.ended - a.started) / 1e6),
        "waited": span((a.started - a.scheduled) / 1e6),
        "detail": a.detail,
    }


def _summary(number: int, row: Row, at: At, now: int) -> dict[str, Any]:
    """One bar for several visits, in the colour of the status that matters most."""
    last = {(a.run, a.node, a.visit): a for a in row.attempts}.values()
    counts = Counter(a.status for a in last)
    worst = next(status for status in STATUS if counts[status])
    ended = max(now if a.ended is None and a.status == "running" else a.ended or a.started for a in row.attempts)
    began = min(a.started for a in row.attempts)
    return {
        "row": number,
        "x0": at(began),
        "x1": at(ended),
        "status": named(worst),
        "mark": STATUS[worst][0],
        "task": f"{row.attempts[0].node} to {row.attempts[-1].node}",
        "kind": ", ".join(dict.fromkeys(a.kind for a in row.attempts)),
        "activity": ", ".join(sorted({a.activity for a in row.attempts if a.activity}))[:80],
        "which": f"{row.visits} visits: " + ", ".join(f"{counts[s]} {s}" for s in STATUS if counts[s]),
        "began": clock(began, digits=3),
        "took": span((ended - began) / 1e6),
        "waited": "",
        "detail": "",
    }


def named(status: str) -> str:
    """A status with its mark, as in the legend."""
    return f"{STATUS[status][0]} {status}"


def span(seconds: float) -> str:
    """A duration with its unit, to three digits: `84 ms`, `1.2 s`, `3.5 min`."""
    name, size = next((u for u in reversed(UNITS) if seconds >= u[1]), UNITS[0])
    return f"{seconds / size:.3g} {name}"


LEVELS = [named(status) for status in STATUS]
"""Statuses as bars have them, the one that matters most first."""


def _subtitle(attempts: Sequence[Attempt], share: int, origin: int, now: int, *, single: bool) -> list[str]:
    visits = Counter(kind for *_, kind in {(a.run, a.node, a.visit, a.kind) for a in attempts})
    counts = [f"{visits[kind]:,} {kind}" + "s" * (visits[kind] != 1) for kind in KINDS if visits[kind]]
    retries = len(attempts) - visits.total()
    parts = counts + ([f"{retries:,} more attempt" + "s" * (retries != 1)] if retries else [])
    lines = [" · ".join([*parts, span((now - origin) / 1e6), f"from {clock(origin)}"])]
    if share > 1 and single:
        lines.append(f"Too many for a row each: {share} neighbours share one")
    elif share > 1:
        lines.append(f"Too many to show each: {share} neighbours share a row, coloured by what matters most among them")
    return lines


# ----------------------------------------------------------------------------------------------------- how


def _layers(
    rows: Sequence[Row], statuses: Iterable[str], *, step: int, unit: str, end: float, axis: Spec
) -> list[Spec]:
    present = [status for status in reversed([*STATUS]) if named(status) in statuses]
    colors = {"domain": [named(s) for s in present], "range": [STATUS[s][1] for s in present]}
    row_axis = {
        "labelExpr": f"{json.dumps([row.label for row in rows])}[datum.value]",
        "labelOverlap": True,
        "labelLimit": 180,
        "ticks": False,
        "domain": False,
        "grid": False,
    }
    y = {
        "field": "row",
        "type": "ordinal",
        "title": None,
        "scale": {"domain": [*range(len(rows))], "paddingInner": 0.25, "paddingOuter": 0.25},
        "axis": row_axis,
    }
    x = {
        "field": "x0",
        "type": "quantitative",
        "title": f"{unit} since the start",
        "scale": {"domain": [0, end], "nice": False},
        "axis": axis,
    }
    legend = {"orient": "top", "direction": "horizontal", "symbolType": "square", "title": None}
    color = {"field": "status", "type": "nominal", "scale": colors, "legend": legend}
    place = {"x": x, "x2": {"field": "x1"}, "y": y}
    tooltip = [{"field": name, "type": "nominal", "title": shown} for name, shown in TOOLTIP.items()]
    size = {
        "field": "part",
        "type": "nominal",
        "scale": {"domain": ["wait", "pause"], "range": [1, max(2, step // 5)]},
        "legend": None,
    }
    thin = layer("lines", {"type": "rule", "color": GREY, "opacity": 0.75}, {**place, "size": size})
    # The outline keeps what is shorter than a pixel in sight.
    box = layer(
        "bars",
        {"type": "bar", "strokeWidth": 1, "cornerRadius": 2 if step > 12 else 0},
        {
            **place,
            "color": color,
            "stroke": {**color, "legend": None},
            "fillOpacity": {"condition": {"test": IS_WORK, "value": 1}, "value": 0.25},
            "opacity": fainter("task"),
            "tooltip": tooltip,
        },
    )
    text = {"type": "text", "fontSize": min(11, step + 2), "clip": False}
    where = {
        "x": {**x, "field": "x1"},
        "y": y,
        "text": {"field": "mark", "type": "nominal"},
        "opacity": fainter("task"),
    }
    inside = layer("inside", {**text, "align": "right", "dx": -4, "color": "white"}, where)
    lighter = layer("lighter", {**text, "align": "right", "dx": -4}, {**where, "color": color})
    beside = layer("beside", {**text, "align": "left", "dx": 4}, {**where, "color": color})
    return [thin, box, inside, lighter, beside]


def _marks(bars: list[Spec], step: int, end: float) -> dict[str, list[Spec]]:
    """The marks of bars that have room for them, and of those that have not."""
    marks: dict[str, list[Spec]] = {"inside": [], "lighter": [], "beside": []}
    for bar in bars:
        # On thin rows only what went another way than it should is marked.
        if step >= 14 or bar["status"] != named("completed"):
            within = "inside" if bar["kind"] == "task" else "lighter"
            side = within if bar["x1"] - bar["x0"] >= ROOMY * end else "beside"
            marks[side].append({name: bar[name] for name in MARKED if name in bar})
    return marks


def _break(gap: Gap, at: At) -> Spec:
    """A gap that is drawn shorter."""
    idle = span(gap.length / 1e6)
    return {
        "x0": at(gap.start), "x1": at(gap.end), "middle": round((at(gap.start) + at(gap.end)) / 2, 6),
        "mark": f"// {idle}", "idle": idle,
        "began": clock(gap.start, digits=3), "until": clock(gap.end, digits=3),
    }  # fmt: skip


def _idle(found: Sequence[Gap]) -> str:
    total = span(sum(gap.length for gap in found) / 1e6)
    return total if len(found) == 1 else f"{total} in {len(found)} gaps"


def _broken(layers: list[Spec]) -> list[Spec]:
    """The layers with those of `breaks`: a band behind all, between broken lines, and how long it was above it."""
    x = next(layer for layer in layers if layer["data"]["name"] == "bars")["encoding"]["x"]
    high = {"y": {"value": 0}, "y2": {"value": "height"}}
    tooltip = [
        {"field": name, "type": "nominal", "title": shown}
        for name, shown in {"idle": "nothing was done for", "began": "from", "until": "until"}.items()
    ]
    band = layer(
        "breaks",
        {"type": "rect", "color": GREY, "opacity": 0.14},
        {"x": x, "x2": {"field": "x1"}, **high, "tooltip": tooltip},
    )
    line = {"type": "rule", "color": GREY, "strokeDash": [3, 3]}
    sides = [layer("breaks", line, {"x": {**x, "field": side}, **high}) for side in ("x0", "x1")]
    text = {"type": "text", "color": TEXT, "fontSize": 10.5, "baseline": "bottom", "clip": False, "dy": -3}
    said = {"x": {**x, "field": "middle"}, "y": {"value": 0}, "text": {"field": "mark", "type": "nominal"}}
    return [band, *sides, *layers, layer("breaks", text, said)]
