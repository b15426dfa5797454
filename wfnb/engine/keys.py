"""Starts that have a key: there is one run for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wfnb.engine.recording import frozen
from wfnb.errors import InputError
from wfnb.machine.machine import Machine
from wfnb.machine.settle import settle_start
from wfnb.model.event import Event, RunStarted, Unstored
from wfnb.store.protocol import EventStore, RunHead


class Keys:
    """The runs of one history by the key that they were started with.

    Args:
        store: the history; it is asked once, for the first key, and nobody else writes to it meanwhile.
    """

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._known: dict[str, str] | None = None

    def run(self, key: str) -> str:
        """The id of the run that was started with a key, empty if there is none."""
        if self._known is None:
            self._known = {named: head.run for head in self._store.heads() if (named := self._key_of(head))}
        return self._known.get(key, "")

    def _key_of(self, head: RunHead) -> str:
        if not head.archived:
            return head.key
        first = self._store.read(head.run, 1, 2)
        return first[0].event.key if first and isinstance(first[0].event, RunStarted) else ""

    def note(self, key: str, run: str) -> None:
        """A run was started with a key."""
        if self._known is not None:
            self._known[key] = run


def require_same(
    key: str, run: str, first: Event, machine: Machine, given: Mapping[str, Any], *, lost: Mapping[str, Unstored]
) -> None:
    """Check that a start with a known key is the same start.

    Args:
        key: the key.
        run: the run that was started with it.
        first: the first event of that run.
        machine: what is to be started now.
        given: its inputs.
        lost: what is recorded in the place of those that are not JSON.

    Raises:
        InputError: the definition or the inputs differ.
    """
    now = frozen(settle_start(machine, dict(given), dict(lost))[0])
    assert isinstance(first, RunStarted)
    assert isinstance(now, RunStarted)
    same = first.input == now.input and _named(first.unstored) == _named(now.unstored)
    if first.definition != now.definition or not same:
        what = "another definition" if first.definition != now.definition else "other inputs"
        raise InputError(f"run '{run}' was started with the key '{key}' and has {what}\ngive another key")


def _named(values: Mapping[str, Unstored]) -> dict[str, object]:
    """What tells values apart: their content, where it was stored."""
    return {name: known.hash or known for name, known in values.items()}
