"""What links charts with canvases: which field names what a mark is of, and that the others become faint."""

from __future__ import annotations

from wfnb.history import charts
from wfnb.history.labchart import MIME as VEGA
from wfnb.history.linking import FAINT, MIME, fainter, linked
from wfnb.history.looks import GREY
from wfnb.history.tasktable import TaskRow
from wfnb.testing import START

TASK = TaskRow(
    run="r", node="page", visit=2, attempt=1, activity="a", status="completed", first=1, scheduled=START,
    started=START, ended=START + 9,
)  # fmt: skip


def test_a_chart_names_what_its_marks_are_of() -> None:
    bundle = charts.gantt([TASK], run="r", workflow="w")._repr_mimebundle_()
    assert next(iter(bundle)) == MIME, "who knows it looks for it first"
    assert bundle[MIME] == {"by": "node", "field": "task", "runs": ["r"], "workflow": "w"}
    spec = bundle[VEGA]
    assert spec["params"] == [{"name": "ink", "value": GREY}, {"name": "picked", "value": []}]
    (bar,) = spec["datasets"]["bars"]
    assert (bar["task"], bar["visit"], bar["attempt"]) == ("page", 2, 1)
    (mark,) = spec["datasets"]["inside"]
    assert (mark["task"], mark["visit"], mark["attempt"]) == ("page", 2, 1), "a press on the mark is one on the bar"


def test_marks_are_faint_where_others_are_selected() -> None:
    picked = "length(picked) && indexof(picked, datum.name) < 0"
    assert fainter("name") == {"condition": {"test": picked, "value": FAINT}, "value": 1}
    assert fainter("name", {"value": 0.5}) == {"condition": {"test": picked, "value": FAINT}, "value": 0.5}
    twice = fainter("name", {"condition": {"test": "datum.x", "value": 1}, "value": 0.5})
    assert [each["value"] for each in twice["condition"]] == [FAINT, 1]


def test_a_chart_without_links_is_only_a_chart() -> None:
    bundle = charts.drawn({"layer": [], "datasets": {}, "title": {"text": "t"}})._repr_mimebundle_()
    assert set(bundle) == {VEGA, "text/plain"}
    assert linked({}, "run", by="run")["usermeta"]["wfnb"] == {"by": "run", "field": "run", "runs": [], "workflow": ""}
