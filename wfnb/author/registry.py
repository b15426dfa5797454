"""The activities that are defined: what a notebook's cells made with `@activity`, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, overload

from wfnb.model.activity import Activity, describe
from wfnb.model.workflow import Retry


class Registry(Mapping[str, Activity]):
    """Activities by name; defining one again replaces it."""

    def __init__(self) -> None:
        self._known: dict[str, Activity] = {}
        self._listeners: list[Callable[[], None]] = []
        self.version = 0
        """Counts the definitions."""

    def __getitem__(self, name: str) -> Activity:
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, activity: Activity) -> Activity:
        """Define an activity and tell those who listen."""
        self._known[activity.name] = activity
        self.version += 1
        for listener in tuple(self._listeners):
            listener()
        return activity

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every definition; returns what stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None


registry = Registry()
"""The one that `@activity` fills."""


@overload
def activity(function: Callable[..., Any], /) -> Activity: ...


@overload
def activity(
    *,
    retries: int | None = None,
    retry: Retry | None = None,
    timeout: float | None = None,
    name: str | None = None,
    prerequisites: Iterable[str] = (),
) -> Callable[[Callable[..., Any]], Activity]: ...


def activity(
    function: Callable[..., Any] | None = None,
    /,
    *,
    retries: int | None = None,
    retry: Retry | None = None,
    timeout: float | None = None,
    name: str | None = None,
    prerequisites: Iterable[str] = (),
) -> Activity | Callable[[Callable[..., Any]], Activity]:
    """Make a function an activity that tasks can run; works bare and with options.

    An `async def` runs in the event loop, a `def` in a thread, so that neither blocks the notebook.  The function can
    still be called as before.

    Args:
        function: the function, where used without parentheses.
        retries: how often a failed call is tried again (from 1 s, doubling); `retry` says it in full.
        retry: the retry policy.
        timeout: seconds one attempt may take.
        name: what tasks call it; the function's name by default.
        prerequisites: names of activities that must have completed before, whichever way a run takes.

    Raises:
        TypeError: a parameter can not be passed by name.
        ValueError: both `retries` and `retry` are given, or one is out of range.
    """
    policy = retry_policy(retries, retry)
    if timeout is not None and timeout <= 0:
        raise ValueError(f"timeout is {timeout}\ngive a positive number of seconds, or None for no limit")

    def register(defined: Callable[..., Any]) -> Activity:
        plain = defined.function if isinstance(defined, Activity) else defined
        return registry.add(describe(plain, name=name, retry=policy, timeout=timeout, prerequisites=prerequisites))

    return register if function is None else register(function)


def retry_policy(retries: int | None, retry: Retry | None) -> Retry | None:
    """The policy that two ways of saying it mean.

    Raises:
        ValueError: both are given, or `retries` is negative.
    """
    if retries is None:
        return retry
    if retry is not None:
        raise ValueError("both retries= and retry= are given\nkeep one")
    if retries < 0:
        raise ValueError(f"retries is {retries}\ngive how often to try again: 0, 1, 2, ...")
    return Retry(attempts=retries + 1)
