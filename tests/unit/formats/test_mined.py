"""What is drawn of a log: counts along ways, what was missing or unexpected, and that it says what was left out."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.unit.history.mining.trees import log_of_words
from wfnb.formats.mined import MINUS, DrawnConformance, drawn
from wfnb.history.log import UNKNOWN_TIME, EventLog
from wfnb.history.mining import frequencies as counting
from wfnb.history.mining.discovery import discover
from wfnb.history.mining.drawing import workflow_of
from wfnb.history.mining.tree import Exclusive, Leaf, Sequence

CHAIN = workflow_of(Sequence((Leaf("a"), Leaf("b"), Leaf("c"))), "chain")
CHOICE = workflow_of(Sequence((Leaf("a"), Exclusive((Leaf("b"), Leaf("c"))))), "choice")


def words(*texts: str) -> EventLog:
    return log_of_words(tuple(text) for text in texts)


def timed(*cases: list[tuple[str, float | None]]) -> EventLog:
    """A log with seconds."""
    log = words(*("".join(name for name, _ in case) for case in cases))
    times = [UNKNOWN_TIME if at is None else round(at * 1e6) for case in cases for _, at in case]
    return EventLog(log.cases, log.activities, log.starts, log.activity, np.array(times, dtype=np.int64))


def badges(svg: str) -> list[str]:
    return re.findall(rf">([{MINUS}+][\d,]+)</text>", svg)


def test_deviations_stand_where_they_happened() -> None:
    found = DrawnConformance(words("abc", "ac", "ac", "abxc", "xabc"), CHAIN)
    assert found.nodes().to_dict("records") == [
        {"node": "start", "done": 0, "missing": 0, "unexpected": 1},
        {"node": "a", "done": 5, "missing": 0, "unexpected": 0},
        {"node": "b", "done": 3, "missing": 2, "unexpected": 1},
        {"node": "c", "done": 5, "missing": 0, "unexpected": 0},
    ]
    assert sorted(badges(found.svg)) == ["+1", "+1", f"{MINUS}2"]
    assert "2 times passed without it" in found.svg
    html = found._repr_html_()
    assert "1 of 5 cases fit" in html
    assert "passed without it, 2 times in all" in html
    assert "no place behind it, 2 times in all" in html
    assert html.count("<tr") == 4, "a head, and a row a deviation"


def test_what_fits_is_only_counted() -> None:
    found = DrawnConformance(words("ab", "ab", "ac"), CHOICE)
    assert badges(found.svg) == []
    assert "<table" not in found._repr_html_()
    assert "3 of 3 cases fit" in found._repr_html_()
    assert ">2 x<" in found.svg


def test_what_a_log_brought_is_text() -> None:
    found = DrawnConformance(log_of_words([("a", "<img src=x>")]), CHAIN)
    assert "<img" not in found._repr_html_()
    assert "&lt;img" in found._repr_html_()


def test_many_deviations_are_cut_and_that_is_said() -> None:
    found = DrawnConformance(log_of_words([("a", "b", "c", f"x{n}") for n in range(25)]), CHAIN)
    assert found._repr_html_().count("<tr") == 21
    assert "and 5 more" in found._repr_html_()


def test_a_discovery_counts_its_ways_and_says_what_passed() -> None:
    log = timed([("a", 0), ("b", 2), ("c", 12)], [("a", 5), ("b", 9), ("c", None)], [("a", 7)])
    found = drawn(discover(log, name="<b>"))
    counts = found.frequencies()
    assert counts.before == {"b": 3, "c": 10}
    assert counts.nodes == {"a": 3, "b": 2, "c": 2}
    by_edge = {(edge.source, edge.target): counts.edges[n] for n, edge in enumerate(found.workflow.edges)}
    assert by_edge["start", "a"] == 3
    assert by_edge["b", "c"] == 2
    html = found._repr_html_()
    assert ">2 x · 3 s<" in html
    assert "mean time since the event before" in html
    assert "Counted along" not in html
    assert "<b>:" not in html


def test_more_variants_than_are_followed_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_VARIANTS", 1)
    found = drawn(discover(words("ab", "ab", "ac")))
    assert found.frequencies().cases == 2
    assert "Counted along 2 of the cases" not in found._repr_html_(), "it says of how many"
    assert "Counted along 2 of 3 cases" in found._repr_html_()
    assert "since the event before" not in found._repr_html_(), "no times are known"


@pytest.mark.parametrize("found", [DrawnConformance(words("abc", "ac", "abxc"), CHAIN), drawn(discover(words("ab")))])
def test_in_a_cell_it_has_the_colours_of_the_theme_and_its_picture_is_on_white(found: Any) -> None:
    assert 'fill="#fff" rx="8"/>' in found.svg
    shown = found._repr_html_()
    assert 'fill="var(--jp-layout-color1,#fff)" rx="8"/>' in shown
    assert not re.findall(r'(?:fill|stroke)="#', shown)


def test_a_node_that_is_named_after_its_activity_says_it_once() -> None:
    assert drawn(discover(words("ab"))).svg.count(">a</text>") == 1
