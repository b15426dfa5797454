"""OCEL 2.0, object-centric event logs (ocel-standard.org), as JSON: read by flattening, and written.

An event of such a log concerns several objects.  A log of cases is a view of it: the objects of one type are the cases,
and an event belongs to the case of every such object that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from wfnb.errors import FormatError, did_you_mean, listed
from wfnb.formats.atomic import written
from wfnb.formats.moments import Moments, moment_of
from wfnb.history.log import UNKNOWN_TIME, EventLog, LogBuilder

MAX_BYTES = 1 << 30
_SUPPORTED = "supported: OCEL 2.0 as JSON (objectTypes, eventTypes, objects, events)"


class _Attribute(msgspec.Struct):
    name: str
    value: Any = None
    time: str = ""


class _Relation(msgspec.Struct, rename={"object": "objectId"}):
    object: str
    qualifier: str = ""


class _Event(msgspec.Struct):
    id: str
    type: str
    time: str
    attributes: list[_Attribute] = []
    relationships: list[_Relation] = []


class _Object(msgspec.Struct):
    id: str
    type: str
    attributes: list[_Attribute] = []
    relationships: list[_Relation] = []


_Named = TypeVar("_Named", _Event, _Object)


class _Log(msgspec.Struct):
    objects: list[_Object]
    events: list[_Event]
    objectTypes: list[Any] = []  # noqa: N815 - the names of the format
    eventTypes: list[Any] = []  # noqa: N815


def read(path: str | Path, object_type: str | None = None) -> EventLog:
    """The log of the objects of one type in an OCEL 2.0 file (`.jsonocel`, `.json`).

    Events of a case are in the order of their times, and of the file where they are equal.  What an event says becomes
    columns, and so does what objects say (the first value of each attribute) as columns of the cases.

    Args:
        path: the file.
        object_type: which objects are the cases; may be left out where events name objects of one type only.

    Raises:
        FormatError: it is no OCEL 2.0, or inconsistent, or has several types and none was named.
        FileNotFoundError: there is no such file.
    """
    file = Path(path)
    if file.stat().st_size > MAX_BYTES:
        raise FormatError(f"{file.name} has more than {MAX_BYTES >> 30} GiB\nsplit the log into several files")
    return parse(file.read_bytes(), file.name, object_type)


def parse(data: bytes, where: str, object_type: str | None = None) -> EventLog:
    """As `read`, of the bytes of a file; errors call it `where`.

    Raises:
        FormatError: as `read`.
    """
    found = _decoded(data, where)
    objects = _unique(found.objects, where, "objects")
    _unique(found.events, where, "events")
    chosen = _chosen(found, objects, where, object_type)
    moments = Moments(where)
    timed = sorted(
        ((moments.ticks(event.time, f"event '{event.id}'"), at) for at, event in enumerate(found.events)),
    )
    built = LogBuilder(about={"object type": chosen})
    numbers = {
        name: built.add_case(name, {said.name: said.value for said in reversed(each.attributes)})
        for name, each in objects.items()
        if each.type == chosen
    }
    for time, at in timed:
        event = found.events[at]
        says = {"id": event.id} | {said.name: said.value for said in event.attributes}
        for name in dict.fromkeys(relation.object for relation in event.relationships):
            if name not in objects:
                raise FormatError(
                    f"{where}: event '{event.id}' names the object '{name}', which is not there\n"
                    "add the object, or remove the relationship"
                )
            if (case := numbers.get(name)) is not None:
                built.add(case, event.type, time, says)
    return built.log()


def write(log: EventLog, path: str | Path, object_type: str = "case") -> None:
    """Write a log as OCEL 2.0: its cases are objects of one type, its events name one of them each.

    Raises:
        FormatError: an event has no time, which OCEL demands.
    """
    names = sorted({*log.columns})
    case_names = sorted({*log.case_columns})
    document = {
        "objectTypes": [{"name": object_type, "attributes": _typed(case_names, log.case_columns)}],
        "eventTypes": [{"name": name, "attributes": _typed(names, log.columns)} for name in log.activities],
        "objects": [
            {
                "id": case,
                "type": object_type,
                "attributes": [
                    said | {"time": _written_time(0)} for said in _said(case_names, log.case_columns, number)
                ],
                "relationships": [],
            }
            for number, case in enumerate(log.cases)
        ],
        "events": [*_events(log, names)],
    }
    with written(Path(path)) as part:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1))


def _events(log: EventLog, names: list[str]) -> Iterable[dict[str, Any]]:
    cases = log.case_of().tolist()
    for at, (code, time) in enumerate(zip(log.activity.tolist(), log.times.tolist(), strict=True)):
        if time == UNKNOWN_TIME:
            raise FormatError(
                f"event {at + 1}, '{log.activities[code]}' of case '{log.cases[cases[at]]}', has no time\n"
                "OCEL 2.0 demands one of every event; XES does not"
            )
        yield {
            "id": f"e{at + 1}",
            "type": log.activities[code],
            "time": _written_time(time),
            "attributes": _said(names, log.columns, at),
            "relationships": [{"objectId": log.cases[cases[at]], "qualifier": "case"}],
        }


def _written_time(ticks: int) -> str:
    return moment_of(ticks).isoformat().replace("+00:00", "Z")


def _said(names: Iterable[str], columns: Mapping[str, Any], at: int) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name in names if (value := columns[name][at]) is not None]


_TYPES = {bool: "boolean", int: "integer", float: "float", datetime: "time"}


def _typed(names: Iterable[str], columns: Mapping[str, Any]) -> list[dict[str, str]]:
    def type_of(name: str) -> str:
        kinds = {type(value) for value in columns[name] if value is not None}
        return _TYPES.get(kinds.pop(), "string") if len(kinds) == 1 else "string"

    return [{"name": name, "type": type_of(name)} for name in names]


def _decoded(data: bytes, where: str) -> _Log:
    try:
        return msgspec.json.decode(data, type=_Log)
    except msgspec.ValidationError as error:
        raise FormatError(f"{where} is no OCEL 2.0: {error}\n{_SUPPORTED}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"{where} is no JSON: {error}\nrepair it in a text editor, or export it once more") from error


def _unique(items: list[_Named], where: str, what: str) -> dict[str, _Named]:
    found = {item.id: item for item in items}
    if len(found) < len(items):
        seen: set[str] = set()
        twice = next(item.id for item in items if item.id in seen or seen.add(item.id))  # type: ignore[func-returns-value]
        raise FormatError(f"{where} has two {what} with the id '{twice[:80]}'\ngive each an id of its own")
    return found


def _chosen(found: _Log, objects: dict[str, _Object], where: str, object_type: str | None) -> str:
    """The type of object that the cases are."""
    types = sorted({item.type for item in found.objects})
    if object_type is not None:
        if object_type not in types:
            raise FormatError(
                f"{where} has no object of type '{object_type}'\n"
                f"its types: {listed(types)}.{did_you_mean(object_type, types)}"
            )
        return object_type
    used = sorted({objects[r.object].type for e in found.events for r in e.relationships if r.object in objects})
    if len(used) != 1:
        raise FormatError(
            f"{where} has events of {len(used)} types of object: {listed(used)}\n"
            "say which are the cases: object_type='...', or --object-type"
        )
    return used[0]
