"""Event logs in XES: what is read, what is written, and what is refused and where."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.corpus import event_logs, needs_event_logs
from wfnb.errors import FormatError
from wfnb.formats import xes
from wfnb.history.log import UNKNOWN_TIME, LogBuilder
from wfnb.history.mining.follows import follows, variants

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n'


def parsed(text: str):
    return xes.parse(iter([text.encode()]), "a.xes")


def trace(name: str, *events: str) -> str:
    return f'<trace><string key="concept:name" value="{name}"/>\n' + "\n".join(events) + "</trace>\n"


def event(activity: str, time: str = "", more: str = "") -> str:
    said = f'<date key="time:timestamp" value="{time}"/>' if time else ""
    return f'<event><string key="concept:name" value="{activity}"/>{said}{more}</event>'


def test_a_log_is_read_with_everything_it_says() -> None:
    log = parsed(
        HEAD
        + '<string key="concept:name" value="all of it"/>\n'
        + '<trace><string key="concept:name" value="c1"/><int key="age" value="7"/>'
        + event("a", "2026-01-01T10:00:00.500+01:00", '<float key="cost" value="1.5"/><boolean key="ok" value="true"/>')
        + event("b", "2026-01-01T12:00:00Z", '<list key="tags"><string key="tag" value="x"/></list>')
        + "</trace>"
        + trace("c2", event("a", "2026-01-01T12:00:00Z", '<int key="n" value="3"><string key="meta" value="y"/></int>'))
        + "</log>"
    )
    assert list(log.traces()) == [("a", "b"), ("a",)]
    assert log.cases == ("c1", "c2")
    noon = int(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp() * 1_000_000)
    assert log.times.tolist() == [noon - 3 * 3_600_000_000 + 500_000, noon, noon]
    assert log.columns == {
        "cost": [1.5, None, None],
        "ok": [True, None, None],
        "tags": [None, [("tag", "x")], None],
        "n": [None, None, 3],
    }
    assert log.case_columns == {"age": [7, None]}
    assert log.about == {"concept:name": "all of it"}


def test_traces_without_a_name_and_events_without_times() -> None:
    log = parsed(HEAD + "<trace>" + event("a") + "</trace><trace></trace></log>")
    assert log.cases == ("case 1", "case 2")
    assert log.times.tolist() == [UNKNOWN_TIME]
    assert list(log.traces()) == [("a",), ()]


def test_a_classifier_names_events_that_have_no_name() -> None:
    text = HEAD + '<classifier name="both" keys="what \'the rest\'"/>'
    said = '<event><string key="what" value="x"/><string key="the rest" value="y"/></event>'
    assert list(parsed(text + trace("1", said) + "</log>").traces()) == [("x+y",)]


def test_a_namespace_prefix_does_not_matter() -> None:
    text = '<x:log xmlns:x="http://www.xes-standard.org/"><x:trace><x:event><x:string key="concept:name" value="a"/>'
    assert list(parsed(text + "</x:event></x:trace></x:log>").traces()) == [("a",)]


BOMB = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n<log>&b;</log>'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a.xes is no XML: no element found at line 1"),
        ("<log><trace></log>", "a.xes is no XML: mismatched tag at line 1"),
        ("<other/>", "a.xes: its root is 'other', not 'log', at line 1"),
        (BOMB, "a.xes: it declares a document type or entities, at line 1"),
        (HEAD + trace("1", "<event/>") + "</log>", "a.xes: an event has no concept:name, at line 4"),
        (
            HEAD + trace("1", event("a", "2026-01-01T00:00:00Z"), event("b")) + "</log>",
            "a.xes: an event has no time:timestamp, and the one at line 4 has one, at line 5",
        ),
        (
            HEAD + trace("1", event("a", "2026-01-01T00:00:00Z"), event("b", "2026-01-01T00:00:00")) + "</log>",
            "a.xes: the time '2026-01-01T00:00:00' has no offset, and the one at line 4 has one, at line 5",
        ),
        (HEAD + trace("1", event("a", "yesterday")) + "</log>", "a.xes: 'yesterday' is no time, at line 4"),
        (
            HEAD + trace("1", event("a")) + trace("1", event("b")) + "</log>",
            "a.xes: two traces are called '1', the first at line 3, at line 5",
        ),
        (
            HEAD + trace("1", *[event("a", more='<id key="identity:id" value="7"/>')] * 2) + "</log>",
            "a.xes: two events have the identity:id '7', the first at line 4, at line 5",
        ),
        (HEAD + trace("1", event("a", more='<int key="n" value="x"/>')) + "</log>", "a.xes: 'x' is no int, at line 4"),
        (HEAD + trace("1", event("a", more='<int key="n"/>')) + "</log>", "a.xes: a <int> has no value, at line 4"),
        (
            HEAD + trace("1", event("a", more='<int value="1"/>')) + "</log>",
            "a.xes: an attribute has no key, at line 4",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, says: str) -> None:
    with pytest.raises(FormatError) as refused:
        parsed(text)
    assert str(refused.value).splitlines()[0] == says
    assert len(str(refused.value).splitlines()) == 2


def test_a_huge_attribute_is_refused_before_it_is_whole() -> None:
    def pieces() -> Iterator[bytes]:
        yield (HEAD + '<trace><event><string key="concept:name" value="').encode()
        for _ in range(100_000):
            yield b"x" * (1 << 16)

    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="a tag has more than"):
            xes.parse(pieces(), "a.xes")
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_an_attribute_that_is_whole_may_be_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "MAX_VALUE", 10)
    with pytest.raises(FormatError, match="an attribute has 11 characters, more than 10, at line 4"):
        parsed(HEAD + trace("1", event("a" * 11)) + "</log>")


def test_a_log_may_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "MAX_BYTES", 1_000)
    with pytest.raises(FormatError, match="split the log"):
        xes.parse(iter([HEAD.encode(), b"<!-- -->" * 1_000]), "a.xes")


@pytest.mark.parametrize("cut", [10, 40, -1])
def test_a_gzip_file_that_ends_too_early_is_refused(tmp_path: Path, cut: int) -> None:
    whole = gzip.compress((HEAD + trace("1", event("a")) + "</log>").encode())
    (tmp_path / "a.xes.gz").write_bytes(whole[:cut])
    with pytest.raises(FormatError):
        xes.read(tmp_path / "a.xes.gz")


def test_several_members_of_a_gzip_file_are_one_log(tmp_path: Path) -> None:
    text = HEAD + trace("1", event("a"), event("b")) + "</log>"
    halves = gzip.compress(text[:90].encode()) + gzip.compress(text[90:].encode())
    (tmp_path / "a.xes.gz").write_bytes(halves)
    assert list(xes.read(tmp_path / "a.xes.gz").traces()) == [("a", "b")]


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    built = LogBuilder(about={"source": "a <test> & more"})
    case = built.add_case('the "first"', {"age": 7})
    built.add(case, "a&b", 1_700_000_000_123_456, {"cost": 1.5, "ok": False, "tags": [("t", "x"), ("t", 2)]})
    built.add(
        built.add_case("second"),
        "c",
        1_700_000_000_000_000,
        {"note": "line\nbreak", "at": datetime(2026, 1, 1, tzinfo=UTC)},
    )
    log = built.log()
    xes.write(log, tmp_path / name)
    again = xes.read(tmp_path / name)
    assert list(again.traces()) == list(log.traces())
    assert (again.cases, again.times.tolist()) == (log.cases, log.times.tolist())
    assert (dict(again.columns), dict(again.case_columns)) == (dict(log.columns), dict(log.case_columns))
    assert again.about == log.about


def test_what_xes_can_not_hold_leaves_no_file(tmp_path: Path) -> None:
    built = LogBuilder()
    built.add(built.add_case("1"), "a", None, {"x": object()})
    with pytest.raises(FormatError, match="'x' has a value of type object"):
        xes.write(built.log(), tmp_path / "log.xes")
    assert list(tmp_path.iterdir()) == []


@needs_event_logs
@pytest.mark.parametrize("path", event_logs(), ids=lambda path: path.name)
def test_known_logs_have_their_known_graphs(path: Path) -> None:
    known, log = event_logs()[path], xes.read(path)
    found = follows(log)
    assert (found.cases, found.events) == (known["cases"], known["events"])
    assert len(found.activities) == known["activities"]
    assert len(variants(log)) == known["variants"]
    assert (found.begins, found.ends) == (known["start"], known["end"])
    assert sorted([a, b, count] for (a, b), count in found.pairs.items()) == sorted(known["dfg"])
