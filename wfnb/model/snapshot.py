"""A state as JSON, so that a run can be taken up without folding its whole history.

A snapshot is what replay gives, nothing else: it can be thrown away at any time.  One that another version of this
module made, or that is of another definition or of another event than it says, is not read at all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeAlias, get_type_hints

import msgspec

from wfnb.model.event import Unstored
from wfnb.model.state import State

FORMAT = 2
"""Of what `encode` gives.  A snapshot with other fields than `State` has is unreadable by itself; count this up where
what a field means or holds changes, or how the nodes and edges of a machine are numbered."""
_LEFT_OUT = frozenset({"fresh", "queued", "stepping", "refused"})
"""Fields that `evolve` never reads: `wfnb.machine.decide.reopen` makes the first again, and with it what is queued; the
last only spares work."""
_Path: TypeAlias = tuple[str | int, ...]


class _Lost(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a value that is not JSON, and where in the state it belongs."""

    path: _Path
    unstored: Unstored


_FIELDS = {name: kind for name, kind in get_type_hints(State).items() if name not in _LEFT_OUT}
_FIELDS["seen"] = list[tuple[str, str]]  # JSON has no pairs as keys
_LATER = ("again",)
"""Fields that older snapshots do not have, and that are left out where they are empty."""
_Snapshot = msgspec.defstruct(
    "_Snapshot",
    [
        ("format", int),
        *(item for item in _FIELDS.items() if item[0] not in _LATER),
        ("lost", list[_Lost]),
        *((name, _FIELDS[name], msgspec.field(default_factory=dict)) for name in _LATER),
    ],
    forbid_unknown_fields=True,
)
"""All else of it required, so that nothing is made up for what a snapshot does not say."""
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Snapshot)


def encode(state: State) -> bytes:
    """A state as JSON: the same bytes for the same history.

    Values may be `msgspec.Raw`, and are then taken as they are.

    Raises:
        TypeError, OverflowError, RecursionError: a live value in it is not JSON.
    """
    lost: list[_Lost] = []
    fields: dict[str, Any] = {"format": FORMAT}
    for name in _FIELDS:
        value = getattr(state, name)
        if name in _LATER and not value:
            continue
        if isinstance(value, set | frozenset):
            value = sorted(value)
        elif name == "seen":
            value = list(value)
        elif name in ("input", "values", "pins"):
            value = _stored(value, (name,), lost)
        elif name == "output":
            value = _stored_one(value, (name,), lost)
        fields[name] = value
    fields["facts"] = {**msgspec.structs.asdict(state.facts), "reached": sorted(state.facts.reached)}
    fields["children"] = {
        node: dataclasses.replace(children, results=_stored(children.results, ("children", node, "results"), lost))
        for node, children in state.children.items()
    }
    return _encoder.encode({**fields, "lost": lost})


def decode(snapshot: bytes | str, definition: str, seq: int) -> State | None:
    """The state after event `seq` of a run of this definition; None if the snapshot does not fit.

    What `decide` is still to hand out is not in it, as after a restart (see `wfnb.machine.decide.reopen`).
    """
    try:
        found = _decoder.decode(snapshot)
        state = State(**{name: getattr(found, name) for name in _FIELDS})
        state.seen = dict.fromkeys(found.seen)
        for one in found.lost:
            _put(state, one.path, one.unstored)
    except (msgspec.MsgspecError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return state if (found.format, state.definition, state.seq) == (FORMAT, definition, seq) else None


def _stored(values: Mapping[Any, Any], path: _Path, lost: list[_Lost]) -> dict[Any, Any]:
    """Values with None in the place of those that are not JSON, which are noted."""
    return {key: _stored_one(value, (*path, key), lost) for key, value in values.items()}


def _stored_one(value: Any, path: _Path, lost: list[_Lost]) -> Any:
    """As `_stored`: one value, which may be the list that a map gave."""
    if type(value) is Unstored:
        lost.append(_Lost(path, value))
        return None
    if type(value) is list and any(type(item) is Unstored for item in value):
        return [_stored_one(item, (*path, at), lost) for at, item in enumerate(value)]
    return value


def _put(state: State, path: _Path, value: Unstored) -> None:
    *way, last = path
    at: Any = state
    for key in way:
        at = _inside(at, key)
    if isinstance(at, State):
        setattr(at, str(last), value)
    else:
        at[last] = value


def _inside(holder: Any, key: str | int) -> Any:
    match holder:
        case dict():
            return holder[key]
        case list():
            return holder[int(key)]
        case _:
            return getattr(holder, str(key))
