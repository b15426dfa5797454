"""One page on what happened in a run, which needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from wfnb.errors import UnknownName
from wfnb.formats.atomic import written
from wfnb.formats.ganttpicture import picture
from wfnb.formats.heatmap import marks_of, said
from wfnb.formats.svg import draw
from wfnb.formats.tints import BAD, DIM, IN_JUPYTER, OK, ON_ITS_OWN, RUN, themed
from wfnb.history import frames
from wfnb.history.critical import CriticalPath, path_of_run
from wfnb.history.gantt import span, specification
from wfnb.history.measures import counted, heat
from wfnb.history.measures.cells import each, known
from wfnb.history.measures.predicted import Prediction, predicted
from wfnb.history.measures.scope import Scope
from wfnb.history.rows import task_rows
from wfnb.history.words import clock, short
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_ROWS = 100
"""Rows of a table on the page."""
STYLE = f"""
.wfnb-report{{font:14px/1.45 system-ui,sans-serif;max-width:1000px;color:var(--jp-ui-font-color1,CanvasText)}}
.wfnb-report h1{{font-size:22px;margin:0 0 4px}}.wfnb-report h2{{font-size:16px;margin:26px 0 8px}}
.wfnb-report p{{margin:4px 0;opacity:.8}}
.wfnb-report div{{overflow-x:auto;margin:0 0 8px}}
.wfnb-report.wfnb-report table{{border-collapse:collapse;font-size:13px;table-layout:auto;margin:0}}
.wfnb-report.wfnb-report tr{{background:none}}
.wfnb-report.wfnb-report :is(td,th){{padding:3px 12px 3px 0;text-align:left;vertical-align:top;white-space:normal;
border-bottom:1px solid rgba(128,128,128,.3);background:none;color:inherit;max-width:560px;overflow-wrap:break-word}}
.wfnb-report.wfnb-report :is(td,th).n{{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}}
.wfnb-report .s{{display:inline-block;padding:1px 10px;border-radius:10px;color:#fff;font-size:13px;
vertical-align:middle;margin-left:8px}}
{IN_JUPYTER}
"""
COLOURS = {"completed": OK, "failed": BAD, "cancelled": DIM}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>body{{margin:24px;background:Canvas;color:CanvasText}}{style}{alone}</style></head>
<body>{body}</body></html>
"""


@dataclass(frozen=True, slots=True)
class Report:
    """A page on a run; a notebook shows it.

    Attributes:
        run: the run.
        title: of the page.
        body: what is on it, as HTML without scripts.
    """

    run: str
    title: str
    body: str

    @property
    def html(self) -> str:
        """The whole page: no request leaves the machine that shows it, and nothing on it is executed."""
        return PAGE.format(title=escape(self.title), style=STYLE, alone=ON_ITS_OWN, body=self.body)

    def save(self, path: str | Path) -> Path:
        """Write the page as a file.

        Raises:
            OSError: it can not be written.
        """
        with written(Path(path)) as part:
            part.write_text(self.html, encoding="utf-8")
        return Path(path)

    def _repr_html_(self) -> str:
        return f"<style>{STYLE}</style>{self.body}"

    def __repr__(self) -> str:
        return f"<Report on run '{self.run}': .save('{self.run}.html') writes it>"


def report_of(store: EventStore, run: str, title: str | None = None) -> Report:
    """What happened in a run, as a page.

    Args:
        store: the history.
        run: its id.
        title: of the page; workflow and run if left out.

    Raises:
        UnknownName: there is no such run.
        StoreCorrupt: its events can not be read.
    """
    found = frames.table(store, "runs", run=run)
    if found.empty:
        raise UnknownName(f"there is no run '{run}' in this history\nwf.runs() lists those that are")
    about = found.iloc[0]
    title = title or f"{about['workflow']} · {run}"
    scope = Scope((run,))
    own = heat.heat(store, Scope((run,)), about["definition"])
    spec = specification(task_rows(store, run), title)
    path = path_of_run(store, run)
    summary, _ = counted.latency(store, scope)
    sections = [
        _head(title, about),
        _section("What was done when", _told(spec["title"]["subtitle"]), picture(spec)),
        _section("Critical path", _told([_path_said(path)]), _path(path), _gains(path)),
        _section("Where it went", _told([said(own)]), themed(draw(own.workflow, marks=marks_of(own)))),
        _section("How long attempts took", _latency(summary)),
        _section("What was expected", _expected(predicted(store, run))),
        _section("What failed", _failures(counted.failures(store, scope))),
        _section("What its nodes gave", _values(frames.table(store, "values", run=run))),
        _section("Its children", _children(store, run)),
    ]
    return Report(run, title, f'<div class="wfnb-report">{"".join(sections)}</div>')


def _section(name: str, *parts: str) -> str:
    """A part of the page, left out where there is nothing in it."""
    return f"<h2>{escape(name)}</h2>{''.join(parts)}" if parts[-1] else ""


def _told(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _head(title: str, about: Any) -> str:
    status = str(about["status"])
    badge = f'<span class="s" style="background:{COLOURS.get(status, RUN)}">{escape(status)}</span>'
    rows = [("run", about["run"]), ("started", clock(about["started"].value // 1000, digits=3))]
    if about["ended"] == about["ended"]:
        rows += [("ended", clock(about["ended"].value // 1000, digits=3)), ("took", span(about["seconds"]))]
    rows += [("events", f"{about['events']:,}"), ("input", _text(about["input"]))]
    if about["error_type"] or about["error"]:
        rows.append(("error", ": ".join(part for part in (about["error_type"], about["error"]) if part)))
    elif status == "completed":
        rows.append(("output", _text(about["output"])))
    rows += [(name, about[name]) for name in ("parent", "origin") if about[name]]
    rows.append(("definition", about["definition"]))
    return f"<h1>{escape(title)}{badge}</h1>" + _table(("", ""), rows)


def _path_said(path: CriticalPath) -> str:
    return (
        f"{len(path.path):,} visits one after the other made the run {span(path.seconds)} long. A gain is by how much "
        "it would be shorter if the work of a node took no time, or half of its time; waits stay as they were."
    )


def _path(path: CriticalPath) -> str:
    frame = path.frame()
    rows = [
        (row.node, row.visit, row.activity, clock(row.started.value // 1000, digits=3), span(row.wait),
         span(row.service), span(row.pause), f"{row.share:.1%}")
        for row in each(frame)
    ]  # fmt: skip
    return _table(
        ("node", "visit", "activity", "started", "waited", "worked", "paused", "share"), rows, right=(1, 4, 5, 6, 7)
    )


def _gains(path: CriticalPath) -> str:
    rows = [
        (row.node, row.activity, span(row.service), span(row.gain), span(row.gain_half), f"{row.share:.1%}")
        for row in each(path.gains())
    ]
    heads = ("node", "activity", "worked", "gain", "gain if twice as fast", "share of the run")
    return "<p></p>" + _table(heads, rows, right=(2, 3, 4, 5)) if rows else ""


def _latency(summary: DataFrame) -> str:
    rows = [
        (
            row.name,
            f"{row.count:,}",
            *(span(value) for value in (row.mean, row.p50, row.p90, row.p95, row.p99, row.longest)),
        )
        for row in each(summary)
    ]
    return _table(("node", "attempts", "mean", "p50", "p90", "p95", "p99", "longest"), rows, right=range(1, 8))


def _expected(found: Prediction) -> str:
    if not found.runs:
        return ""
    rows = [
        (
            row.node,
            span(row.predicted),
            span(row.measured),
            f"{row.measured / row.predicted - 1:+.0%}" if row.predicted else "",
        )
        for row in each(found.nodes.dropna(subset=["predicted"]))
    ]
    runs = f"{found.runs:,} earlier run" + "s" * (found.runs != 1)
    told = f"By the medians of {runs}: {span(found.predicted)}; measured: {span(found.seconds)}"
    return _told([told]) + _table(("node", "predicted", "measured", "difference"), rows, right=(1, 2, 3))


def _failures(found: DataFrame) -> str:
    rows = [
        (row.node, row.error_type, row.count, row.retried, row.final, f"{row.share:.1%}", row.example)
        for row in each(found)
    ]
    heads = ("node", "error", "attempts", "tried again", "for good", "share", "such as")
    return _table(heads, rows, right=(2, 3, 4, 5))


def _values(found: DataFrame) -> str:
    rows = [
        (
            row.node,
            row.visit if known(row.visit) else "",
            _text(row.value) if row.type is None else f"<{row.type}>",
            row.how,
        )
        for row in each(found)
    ]
    return _table(("node", "visit", "value", "how"), rows, right=(1,))


def _children(store: EventStore, run: str) -> str:
    found = store.query(
        "select run, workflow, status, seconds from runs where starts_with(run, ? || '/') order by pos", (run,)
    )
    rows = [(row.run, row.workflow, row.status, span(row.seconds) if known(row.seconds) else "") for row in each(found)]
    return _table(("run", "workflow", "status", "took"), rows, right=(3,))


def _text(value: Any) -> str:
    return short(msgspec.to_builtins(value))


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Iterable[int] = ()) -> str:
    """A table; '' where it has no rows."""
    if not rows:
        return ""
    far = set(right)

    def line(cells: Sequence[Any], tag: str) -> str:
        marked = ((" class=n" if number in far else "", cell) for number, cell in enumerate(cells))
        return "<tr>" + "".join(f"<{tag}{mark}>{escape(_cell(cell))}</{tag}>" for mark, cell in marked) + "</tr>"

    head = line(heads, "th") if any(heads) else ""
    more = f"<p>and {len(rows) - MOST_ROWS:,} more</p>" if len(rows) > MOST_ROWS else ""
    return f"<div><table>{head}{''.join(line(row, 'td') for row in rows[:MOST_ROWS])}</table></div>{more}"


def _cell(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN does not equal itself
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
