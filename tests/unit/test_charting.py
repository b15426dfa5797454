"""The verbs that draw: what each shows of a run, that much is aggregated and says so, and the page on a run."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import wfnb as wf
from tests.bench.measuring import write
from tests.unit.history.measures.test_measures import DOCUMENT, TOOK, add, life
from wfnb import cli
from wfnb.errors import UnknownName
from wfnb.history.labchart import MIME
from wfnb.history.measures import counted, levels
from wfnb.model.event import Problem, RunFailed, RunStarted, TaskFailed, TaskStarted
from wfnb.store.duckdb import DuckDBStore

CHARTS: dict[str, Callable[..., Any]] = {
    "latency": wf.latency, "throughput": wf.throughput, "concurrency": wf.concurrency, "queue": wf.queue,
    "resource_use": wf.resource_use, "failures": wf.failures, "trend": wf.trend,
}  # fmt: skip
OF_RUN = {"critical_chart": wf.critical_chart, "predicted": wf.predicted}


@pytest.fixture
def history(tmp_path: Path) -> Iterator[Path]:
    """Ten runs whose every duration is known, one with a name that is no HTML, and one that failed."""
    path = tmp_path / "h.duckdb"
    store = DuckDBStore(path)
    store.define("h", DOCUMENT)
    for number, took in enumerate(TOOK):
        add(store, f"r{number}", life(100 * number, took))
    add(
        store,
        "<b>",
        [
            (2000, RunStarted(workflow="w", definition="h", input={"x": "<script>"}, moves=(0,))),
            (2000, TaskStarted("a", 1, 1)),
            (2001, TaskFailed("a", 1, 1, Problem(type="E", message="<img src=x>"))),
            (2001, RunFailed(Problem(type="E", message="<img src=x>"))),
        ],
    )
    store.close()
    yield path
    wf.close()


@pytest.fixture
def opened(history: Path) -> Path:
    wf.connect(history)
    return history


def bundle(chart: Any) -> dict[str, Any]:
    spec: dict[str, Any] = chart._repr_mimebundle_()[MIME]
    return json.loads(json.dumps(spec))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.usefixtures("opened")
def test_each_chart_says_what_it_shows(name: str) -> None:
    for given in ({}, {"runs": "r3"}, {"runs": ["r3", "r4"]}, {"workflow": "w"}):
        spec = bundle(CHARTS[name](**given, title="<Title>"))
        assert spec["title"]["text"] == "<Title>"
        assert all(spec["title"]["subtitle"])
        assert spec["config"]["background"] == "transparent"
        assert {layer["data"]["name"] for layer in spec["layer"]} == set(spec["datasets"])
        for layer in spec["layer"]:
            rows = spec["datasets"][layer["data"]["name"]]
            fields = {
                part["field"]
                for part in layer["encoding"].values()
                if isinstance(part, dict) and "field" in part and part["field"] not in {"peak", "predicted"}
            }
            assert all(fields <= set(row) for row in rows)
    said = " ".join(bundle(CHARTS[name](workflow="w", until=datetime(2030, 1, 1, tzinfo=UTC)))["title"]["subtitle"])
    assert "workflow w" in said
    assert "until 2030-01-01 00:00:00 UTC" in said


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.usefixtures("opened")
def test_where_nothing_is_shown_it_says_so(name: str) -> None:
    spec = bundle(CHARTS[name](until=datetime(1980, 1, 1)))  # noqa: DTZ001 - without a zone it is UTC
    assert "until 1980-01-01 00:00:00 UTC" in spec["title"]["subtitle"][0]
    assert not any(spec["datasets"].values())
    with pytest.raises(UnknownName, match="absent"):
        CHARTS[name]("absent")


@pytest.mark.usefixtures("opened")
def test_times_name_their_zone_and_durations_their_unit() -> None:
    for chart in (wf.concurrency(), wf.trend(), wf.throughput()):
        x = bundle(chart)["layer"][0]["encoding"]["x"]
        assert x["title"] == "time (UTC)"
        assert x["scale"]["type"] == "utc"
        assert "'%H:%M:%S.%L'" in x["axis"]["labelExpr"], "parts of a second have their clock"
    assert "' ms'" in bundle(wf.latency())["layer"][0]["encoding"]["x"]["axis"]["labelExpr"]


@pytest.mark.usefixtures("opened")
def test_much_is_aggregated_and_the_subtitle_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "EXACT", 5)
    monkeypatch.setattr(counted, "MOST_RUNS", 5)
    for chart in (wf.concurrency(), wf.trend()):
        assert "Too many" in bundle(chart)["title"]["subtitle"][-1]
        assert all(len(rows) <= 201 for rows in chart.datasets.values())


@pytest.mark.usefixtures("opened")
def test_a_chart_gives_its_numbers() -> None:
    frame = wf.concurrency("r0").frame()
    assert list(frame["level"]) == [1, 0, 1, 0, 1, 0]


@pytest.mark.usefixtures("opened")
def test_what_is_not_on_the_critical_path_is_faint() -> None:
    spec = bundle(wf.critical_chart("r2"))
    assert all(bar["critical"] for bar in spec["datasets"]["bars"])
    assert spec["datasets"]["links"] == [{"x": 3, "x2": 5, "row": 0, "to": 1}]
    assert "it gains: b " in spec["title"]["subtitle"][-1]
    for verb in OF_RUN.values():
        with pytest.raises(UnknownName, match="absent"):
            verb("absent")


@pytest.mark.usefixtures("opened")
def test_a_prediction_says_what_it_is_made_of() -> None:
    spec = bundle(wf.predicted("r9"))
    assert "36 s measured" in spec["title"]["subtitle"][0]
    assert "medians of 9 earlier runs" in spec["title"]["subtitle"][0]
    assert "no earlier run" in bundle(wf.predicted("r0"))["title"]["subtitle"][0]


@pytest.mark.usefixtures("opened")
def test_a_heat_map_counts_on_the_drawing() -> None:
    found = wf.heatmap()
    assert list(found.edges["count"]) == [11, 10, 10]
    assert ">10<" in found.svg
    assert "20 x" not in found.svg, "visits, not attempts"
    assert "10 failed" in found.svg
    assert "multiply" in found.svg
    assert '[data-jp-theme-light="false"] .wfnb-shade{mix-blend-mode:screen' in found._repr_html_()
    assert 'fill="#fff"' not in found._repr_html_(), "in a cell the ground is the theme's"
    assert wf.heatmap("r1").heat.runs == 1
    with pytest.raises(UnknownName):
        wf.heatmap("absent")


@pytest.mark.usefixtures("opened")
def test_a_workflow_that_never_ran_has_no_heat() -> None:
    flow = wf.flow("other")
    flow.start >> flow.task("t", "act") >> flow.end("end")
    with pytest.raises(UnknownName, match="no run of the definition"):
        wf.heatmap(flow)


class Page(HTMLParser):
    """What a page would load, and how its elements nest."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.usefixtures("opened")
def test_a_report_is_one_page_that_loads_nothing(tmp_path: Path) -> None:
    path = wf.report("r9").save(tmp_path / "r9.html")
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert page.loads == []
    assert not {"script", "link", "iframe", "img", "object"} & set(page.tags)
    for part in ("completed", "36 s", "Critical path", "p99", "What failed", "tried again", "By the medians of 9"):
        assert part in page.text
    assert page.tags.count("svg") == 2, "the Gantt chart and the drawing"
    assert not re.search(r"(url\(|@import|https?:)(?!//www\.w3\.org|#)", path.read_text(encoding="utf-8"))


@pytest.mark.usefixtures("opened")
def test_what_a_run_brought_is_text_on_its_page() -> None:
    html = wf.report("<b>").html
    page = Page()
    page.feed(html)
    assert not {"script", "img", "b"} & set(page.tags)
    assert "E: <img src=x>" in page.text
    assert ":root{--jp-layout-color1:Canvas" in html, "alone the page has the colours that the reader's system prefers"
    assert ":root" not in wf.report("<b>")._repr_html_(), "in a notebook those of its theme"
    with pytest.raises(UnknownName, match="absent"):
        wf.report("absent")


def test_a_report_in_the_shell(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.html"
    assert cli.main(["report", "r4", "--history", str(history), "--out", str(out), "--title", "My run"]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    assert "<title>My run</title>" in out.read_text(encoding="utf-8")
    assert cli.main(["report", "r4", "--history", str(history), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"run": "r4", "file": str(out)}
    assert cli.main(["report", "absent", "--history", str(history)]) == 2


@pytest.mark.parametrize("name", CHARTS)
def test_each_verb_shows_its_filters(name: str) -> None:
    verb = CHARTS[name]
    assert verb.__name__ == name
    assert {"runs", "workflow", "since", "until", "title"} <= set(inspect.signature(verb).parameters)
    assert all(f"    {filter}: " in (verb.__doc__ or "") for filter in ("runs", "workflow", "since", "until"))


@pytest.mark.long
def test_a_hundred_thousand_tasks_are_aggregated_and_the_subtitles_say_so(tmp_path: Path) -> None:
    path = tmp_path / "many.duckdb"
    assert write(path, 240_000) == 20_000  # runs of five tasks
    wf.connect(path)
    for name, chart in CHARTS.items():
        spec = bundle(chart())
        assert sum(map(len, spec["datasets"].values())) <= 1_500, name
        assert len(json.dumps(spec)) < 300_000, name
    for chart in (wf.concurrency(), wf.trend()):
        assert "Too many" in bundle(chart)["title"]["subtitle"][-1]
    assert "100,000" in " ".join(bundle(wf.latency())["title"]["subtitle"])
    found = wf.critical_paths()
    assert (len(found.paths), found.of) == (200, 20_000)
    behind = wf.runs_behind("check", 0.999)
    assert 20 <= len(behind) <= 100, "as many as took just as long"
    assert behind["share"].min() > 0.999
    assert wf.bottlenecks()["attempts"].tolist() == [20_000] * 5
    wf.close()


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.usefixtures("opened")
def test_of_several_runs_all_must_be_there_and_where_nothing_is_there_are_no_numbers(name: str) -> None:
    with pytest.raises(UnknownName, match="there is no run 'absent'"):
        CHARTS[name](["r1", "absent"])
    assert CHARTS[name](until=datetime(1980, 1, 1)).frame().empty  # noqa: DTZ001 - without a zone it is UTC


@pytest.mark.usefixtures("opened")
def test_charts_of_a_run_in_which_nothing_has_ended_say_so() -> None:
    store = wf.connect().store
    store.define("h", DOCUMENT)
    add(store, "open", [(0, RunStarted(workflow="w", definition="h", moves=(0,))), (0, TaskStarted("a", 1, 1))])
    add(store, "bare", [(0, RunStarted(workflow="w", definition="h", moves=(0,)))])
    for run in ("open", "bare"):
        assert "No critical path yet" in bundle(wf.critical_chart(run))["title"]["subtitle"][-1]
        assert bundle(wf.predicted(run))["title"]["subtitle"] == ["no task has completed yet"]
        assert wf.throughput(run, of="tasks").frame().empty
        assert "<svg" in wf.report(run).html
