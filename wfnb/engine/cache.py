"""Results that are used again: of the same activity, with the same code and the same arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from wfnb.engine.recording import size_of, text_of
from wfnb.engine.values import Values, is_large
from wfnb.errors import StoreError
from wfnb.machine.machine import TaskPlan
from wfnb.model.activity import Activity
from wfnb.model.event import AlertRaised, Event, TaskCompleted, Unstored
from wfnb.model.fingerprint import Fingerprint, Untold
from wfnb.store.protocol import EventStore


@dataclass(frozen=True, slots=True)
class Found:
    """What the cache says of an attempt.

    Attributes:
        key: under which its result can be found; empty if it can not.
        hit: whether there is one.
        value: it.
        why: what keeps the result from being used again, if anything does.
    """

    key: str = ""
    hit: bool = False
    value: Any = None
    why: str = ""

    def told(self, happened: list[Event], known: Unstored | UnsetType) -> list[Event]:
        """The events of a completion, of which the first says what the cache has to do with it."""
        completed = happened[0]
        assert isinstance(completed, TaskCompleted)
        why = self.why
        if known is not UNSET and not known.hash:
            why = why or f"its result is a {known.type}: {known.why or 'it has no codec'}"
        elif not why:
            given: Any = "cache" if self.hit else ""
            return [msgspec.structs.replace(completed, key=self.key, given=given), *happened[1:]]
        told = f"the result of task '{completed.node}' is not cached: {why}"
        return [AlertRaised("cache", told, completed.node, completed.visit), *happened]


class Cache:
    """The results of one history.

    Args:
        store: the history.
        values: gives those that are not JSON.
        activities: the activities, by name.
    """

    def __init__(self, store: EventStore, values: Values, activities: Mapping[str, Activity]) -> None:
        self._store = store
        self._values = values
        self._activities = activities
        self._index: dict[str, tuple[str, int]] | None = None

    async def find(self, plan: TaskPlan, arguments: Mapping[str, Any]) -> Found:
        """What is known of a task's result before it runs."""
        activity = self._activities.get(plan.activity)
        if activity is None:
            return Found(why=f"activity '{plan.activity}' is not defined")

        def name() -> str:
            told = Fingerprint(self._values.digest).of(activity.function, dict(sorted(arguments.items())))
            return f"{plan.activity}/{told}"

        try:
            large = is_large(list(arguments.values()), Unstored(type="", size=size_of(arguments)))
            key = await self._values.in_thread(name) if large else name()
        except Untold as error:
            return Found(why=str(error))
        except Exception as error:  # noqa: BLE001 - a user's objects may raise anything
            return Found(why=text_of(error))
        if not self._store.durable:
            return self._look_up(key)
        return await self._values.in_thread(lambda: self._look_up(key))

    def _look_up(self, key: str) -> Found:
        """Find a result; in any thread."""
        try:
            if self._index is None:
                self._index = self._store.cached_results()
            where = self._index.get(key)
            records = self._store.read(where[0], where[1], where[1] + 1) if where else []
            event = records[0].event if records else None
            if isinstance(event, TaskCompleted) and event.key == key:
                value = event.value if event.unstored is UNSET else self._values.load(event.unstored)
                return Found(key, hit=True, value=value)
        except StoreError:
            pass  # what can not be read is made again
        return Found(key)

    def note(self, found: Found, run: str, seq: int) -> None:
        """Remember that a run's event has the result of a key."""
        if found.key and self._index is not None:
            self._index[found.key] = (run, seq)

    def forget(self, activity: str = "") -> None:
        """Use no result of an activity, or none at all, that is recorded already.

        Raises:
            StoreError: the history takes no more.
        """
        self._store.forget_results(activity)
        self._index = None
