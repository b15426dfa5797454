"""XES, the IEEE standard for event logs (1849-2023): read as it streams, and written.

A trace is a case; `concept:name` names it, and names the activity of an event.  Where events have none, the keys of the
log's first event classifier do.  Other attributes become columns under their XES keys; lists and containers become
Python lists of (key, value) pairs.  Attributes of attributes are passed over.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from wfnb.errors import FormatError
from wfnb.formats.atomic import written
from wfnb.formats.moments import Moments, moment_of, ticks_of
from wfnb.history.log import UNKNOWN_TIME, EventLog, LogBuilder

MAX_BYTES = 4 << 30
"""How large a log may be when it is unpacked."""
MAX_VALUE = 1 << 20
"""How many characters one attribute may have."""
MAX_DEPTH = 64
MAX_COLUMNS = 1_000
_CHUNK = 1 << 18
_PENDING = 4 * MAX_VALUE
"""How many bytes may be read without one tag being whole."""
_SUPPORTED = "supported: XES 1.0 and 2.0, plain or gzipped, without <!DOCTYPE>"
_SIMPLE = {"string", "date", "int", "float", "boolean", "id"}
_NESTED = {"list", "container"}
_NAME, _TIME, _IDENTITY = "concept:name", "time:timestamp", "identity:id"


def read(path: str | Path) -> EventLog:
    """The log in a XES file.

    Times are UTC in the log.  Either every event says when it was, or none does; and either all times have a zone or
    offset, or none has one and they are taken for UTC.

    Raises:
        FormatError: it is no XES, or too large, or inconsistent; says at which line.  Nothing is kept of it.
        FileNotFoundError: there is no such file.
    """
    file = Path(path)
    with file.open("rb") as raw:
        return parse(_pieces(raw.read, file.name), file.name)


def parse(pieces: Iterator[bytes], where: str) -> EventLog:
    """As `read`, of the bytes of a file in pieces of any size; errors call it `where`.

    Raises:
        FormatError: as `read`.
    """
    reader = _Reader(where)
    parser = reader.parser
    read_so_far = 0
    try:
        for piece in pieces:
            read_so_far += len(piece)
            if read_so_far > MAX_BYTES:
                reader.refuse(f"it has more than {MAX_BYTES >> 30} GiB", "split the log into several files")
            parser.Parse(piece, False)
            if read_so_far - parser.CurrentByteIndex > _PENDING:
                reader.refuse(f"a tag has more than {_PENDING} bytes", _SUPPORTED)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        what = expat.errors.messages[error.code]
        raise FormatError(
            f"{where} is no XML: {what} at line {error.lineno}\nrepair it in a text editor, or export it once more"
        ) from error
    return reader.log()


def write(log: EventLog, path: str | Path) -> None:
    """Write a log as XES; gzipped where the name ends in `.gz`.  The file appears when it is whole.

    Raises:
        FormatError: a value of it is neither text, a number, a truth, a time nor a list of such.
    """
    with written(Path(path)) as file, gzip.open(file, "wb") if str(path).endswith(".gz") else file.open("wb") as out:
        out.writelines(line.encode() for line in _lines(log))


def _pieces(read_bytes: Callable[[int], bytes], where: str) -> Iterator[bytes]:
    """The pieces of a file, unpacked where it is gzipped."""
    piece = read_bytes(_CHUNK)
    if piece[:2] != b"\x1f\x8b":
        while piece:
            yield piece
            piece = read_bytes(_CHUNK)
        return
    unpacker = zlib.decompressobj(wbits=31)
    while piece:
        try:
            yield (unpacked := unpacker.decompress(piece, _CHUNK))
        except zlib.error as error:
            raise FormatError(f"{where} is no whole gzip file: {error}\nfetch it once more") from error
        piece = unpacker.unconsumed_tail
        if unpacker.eof:
            # A gzip file may have several members, one after the other.
            piece = unpacker.unused_data.lstrip(b"\0") or read_bytes(_CHUNK)
            unpacker = zlib.decompressobj(wbits=31)
        elif not piece and len(unpacked) < _CHUNK:
            piece = read_bytes(_CHUNK)
            if not piece:
                raise FormatError(f"{where} is no whole gzip file: it ends too early\nfetch it once more")


class _Reader:
    """What has been read of a log.  `levels` is the path of open elements that matter."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.built = LogBuilder()
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        # Entities multiply, and outside ones make files be opened: a log needs neither.
        self.parser.StartDoctypeDeclHandler = self._no_doctype
        self.parser.buffer_text = True
        self.depth = 0
        self.passed = 0
        """At what depth something that is passed over began; 0 outside of it."""
        self.classifier: tuple[str, ...] = ()
        self.case = -1
        self.says: dict[str, Any] | None = None
        """What the open event or trace says."""
        self.trace_says: dict[str, Any] = {}
        self.nested: list[list[tuple[str, Any]]] = []
        self.keys: list[str] = []
        self.line = 0
        """Where the open event began."""
        self.trace_line = 0
        self.timed: tuple[bool, int] | None = None
        self.moments = Moments(where)
        self.identities: dict[str, int] = {}
        self.lines: dict[str, int] = {}
        self.element = ""

    def refuse(self, what: str, cure: str, line: int = 0) -> NoReturn:
        raise FormatError(f"{self.where}: {what}, at line {line or self.parser.CurrentLineNumber}\n{cure}")

    def log(self) -> EventLog:
        return self.built.log()

    def _no_doctype(self, *_: object) -> NoReturn:
        self.refuse("it declares a document type or entities", _SUPPORTED)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.passed:
            return
        name = tag.rpartition(":")[2]
        if self.depth == 1:
            if name != "log":
                self.refuse(f"its root is '{name[:80]}', not 'log'", _SUPPORTED)
        elif name in _SIMPLE:
            self._said(attributes.get("key"), self._value(name, attributes.get("value")))
            self.passed = self.depth
        elif name == "event" and self.element == "trace":
            self.element, self.says, self.line = "event", {}, self.parser.CurrentLineNumber
        elif name == "trace" and self.depth == 2:
            self.element, self.trace_says, self.case = "trace", {}, -1
            self.says, self.trace_line = self.trace_says, self.parser.CurrentLineNumber
        elif name in _NESTED:
            if self.depth > MAX_DEPTH:
                self.refuse(f"attributes are nested more than {MAX_DEPTH} deep", _SUPPORTED)
            self.nested.append([])
            self.keys.append(attributes.get("key") or "")
        elif name == "classifier" and not self.classifier and attributes.get("scope", "event") == "event":
            self.classifier = _keys(attributes.get("keys", ""))
            self.passed = self.depth
        elif name != "values":  # of an older writer's list
            self.passed = self.depth

    def _end(self, tag: str) -> None:
        depth, self.depth = self.depth, self.depth - 1
        if self.passed:
            if depth == self.passed:
                self.passed = 0
            return
        name = tag.rpartition(":")[2]
        if name == "event":
            self._event()
            self.element, self.says = "trace", self.trace_says
        elif name == "trace":
            self._case()
            self.element, self.says = "", None
        elif name in _NESTED:
            value = self.nested.pop()
            self._said(self.keys.pop(), value)

    def _said(self, key: str | None, value: Any) -> None:
        if key is None:
            self.refuse("an attribute has no key", "give it one, or remove it")
        if self.nested:
            self.nested[-1].append((key, value))
        elif self.says is not None:
            self.says[key] = value
        else:
            self.built.about[key] = value

    def _value(self, kind: str, text: str | None) -> Any:
        if text is None:
            self.refuse(f"a <{kind}> has no value", "give it one, or remove it")
        if len(text) > MAX_VALUE:
            self.refuse(f"an attribute has {len(text)} characters, more than {MAX_VALUE}", "shorten it")
        try:
            match kind:
                case "int":
                    return int(text)
                case "float":
                    return float(text)
                case "boolean":
                    return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
                case "date":
                    return self.moments.moment(text, f"line {self.parser.CurrentLineNumber}")
                case _:
                    return text
        except (ValueError, KeyError):
            self.refuse(f"'{text[:80]}' is no {kind}", f"write {_EXAMPLES[kind]}")

    def _case(self) -> int:
        """The number of the open trace; it is named by what was said before its first event."""
        says = self.trace_says
        if self.case < 0:
            name = str(says.get(_NAME, "")) or f"case {len(self.built.cases) + 1}"
            if name in self.lines:
                self.refuse(
                    f"two traces are called '{name[:80]}', the first at line {self.lines[name]}",
                    "name each trace differently: concept:name tells cases apart",
                    self.trace_line,
                )
            self.lines[name] = self.trace_line
            self.case = self.built.add_case(name)
        self.built.add_case(
            _at(self.built.cases, self.case), {key: value for key, value in says.items() if key != _NAME}
        )
        return self.case

    def _event(self) -> None:
        says = self.says or {}
        if self.case < 0:
            self._case()
        activity = says.pop(_NAME, None)
        if activity is None:
            activity = self._classified(says)
        moment = says.pop(_TIME, None)
        self._check_time(moment)
        identity = says.get(_IDENTITY)
        if identity is not None:
            if identity in self.identities:
                self.refuse(
                    f"two events have the {_IDENTITY} '{str(identity)[:80]}', "
                    f"the first at line {self.identities[identity]}",
                    "keep one of them, or give each its own",
                    self.line,
                )
            self.identities[identity] = self.line
        self.built.add(self.case, str(activity), None if moment is None else ticks_of(moment), says)
        if len(self.built.columns) > MAX_COLUMNS:
            self.refuse(f"events have more than {MAX_COLUMNS} different attributes", "leave out what is not needed")

    def _classified(self, says: dict[str, Any]) -> str:
        known = [str(says[key]) for key in self.classifier if key in says]
        if not known:
            self.refuse(f"an event has no {_NAME}", "name its activity, or declare a classifier", self.line)
        return "+".join(known)

    def _check_time(self, moment: Any) -> None:
        there = moment is not None
        if there and not isinstance(moment, datetime):
            self.refuse(f"{_TIME} '{str(moment)[:40]}' is no <date>", "write it as a <date>", self.line)
        if self.timed is None:
            self.timed = there, self.line
        elif self.timed[0] is not there:
            this, other = ("a", "none") if there else ("no", "one")
            self.refuse(
                f"an event has {this} {_TIME}, and the one at line {self.timed[1]} has {other}",
                "give every event its time, or none",
                self.line,
            )


_EXAMPLES = {
    "date": "2026-11-25T10:00:00.000+01:00",
    "int": "a whole number",
    "float": "a number",
    "boolean": "true or false",
}


def _at(cases: dict[str, int], number: int) -> str:
    """The last case's name: cases are numbered as they come."""
    name = next(reversed(cases))
    assert cases[name] == number
    return name


def _keys(text: str) -> tuple[str, ...]:
    """The keys of a classifier: separated by spaces, those with spaces in quotes."""
    found, rest = [], text.strip()
    while rest:
        quote = rest[0] if rest[0] in "'\"" else ""
        key, _, rest = (rest[1:] if quote else rest).partition(quote or " ")
        found.append(key)
        rest = rest.strip()
    return tuple(found)


def _lines(log: EventLog) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="2.0" xmlns="http://www.xes-standard.org/">\n'
    for name, prefix in (
        ("Concept", "concept"),
        ("Time", "time"),
        ("Organizational", "org"),
        ("Lifecycle", "lifecycle"),
    ):
        address = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f'  <extension name="{name}" prefix="{prefix}" uri="{address}"/>\n'
    yield '  <classifier name="Activity" scope="event" keys="concept:name"/>\n'
    yield from _attributes(log.about, 1)
    bounds = log.starts.tolist()
    codes, times = log.activity.tolist(), log.times.tolist()
    for number, case in enumerate(log.cases):
        yield "  <trace>\n"
        yield from _attributes({_NAME: case} | _row(log.case_columns, number), 2)
        for at in range(bounds[number], bounds[number + 1]):
            yield "    <event>\n"
            says: dict[str, Any] = {_NAME: log.activities[codes[at]]}
            if times[at] != UNKNOWN_TIME:
                says[_TIME] = moment_of(times[at])
            yield from _attributes(says | _row(log.columns, at), 3)
            yield "    </event>\n"
        yield "  </trace>\n"
    yield "</log>\n"


def _row(columns: Mapping[str, Sequence[Any]], at: int) -> dict[str, Any]:
    return {name: values[at] for name, values in columns.items() if values[at] is not None}


def _attributes(says: Mapping[str, Any] | Sequence[tuple[str, Any]], depth: int) -> Iterator[str]:
    space = "  " * depth
    for key, value in says.items() if isinstance(says, Mapping) else says:
        named = f"key={quoteattr(str(key))}"
        if (pairs := _pairs(value)) is not None:
            yield f"{space}<list {named}>\n"
            yield from _attributes(pairs, depth + 1)
            yield f"{space}</list>\n"
            continue
        kind, text = _simple(key, value)
        yield f"{space}<{kind} {named} value={quoteattr(text)}/>\n"


def _pairs(value: Any) -> list[tuple[str, Any]] | None:
    """What a list holds, each with its key; None where it is no list."""
    if isinstance(value, Mapping):
        return [(str(key), inner) for key, inner in value.items()]
    if not isinstance(value, list | tuple):
        return None
    keyed = all(isinstance(item, tuple) and len(item) == 2 for item in value)
    return [(str(key), inner) for key, inner in value] if keyed else [(str(at), item) for at, item in enumerate(value)]


def _simple(key: str, value: Any) -> tuple[str, str]:
    match value:
        case bool():
            return "boolean", "true" if value else "false"
        case int():
            return "int", str(value)
        case float():
            return "float", repr(value)
        case datetime():
            return "date", value.isoformat(timespec="microseconds" if value.microsecond % 1000 else "milliseconds")
        case str():
            return "string", _legal(value)
        case _:
            raise FormatError(
                f"'{key}' has a value of type {type(value).__name__}, which XES can not hold\n"
                "it holds text, numbers, truths, times, and lists of them"
            )


def _legal(text: str) -> str:
    """The text without characters that no XML document may have."""
    return "".join(letter if letter >= " " or letter in "\t\n\r" else "�" for letter in text)
