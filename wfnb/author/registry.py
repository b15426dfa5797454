"""What is defined, by name: activities that a notebook's cells made with `@activity`, workflows made with `flow`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias, get_args, overload

from wfnb.author.document import Document
from wfnb.author.keywords import known_keywords
from wfnb.model.activity import Activity, describe
from wfnb.model.workflow import Retry, Workflow

Executor: TypeAlias = Literal["loop", "thread", "process"]
"""Where activities run."""


class _Heard:
    """Counts definitions and tells those who listen."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []
        self.version = 0
        """Counts the definitions."""

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every definition; returns what stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _tell(self) -> None:
        self.version += 1
        for listener in tuple(self._listeners):
            listener()


class Workflows(_Heard, Mapping[str, Workflow]):
    """Workflows by name, each as it stands now; defining one again replaces it.

    A workflow that is being worked on is known by the name that it has now, and every change of it counts as a
    definition.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Workflow | Document] = {}
        self._stop: dict[str, Callable[[], None]] = {}

    def __getitem__(self, name: str) -> Workflow:
        found = self._known[name]
        return found.workflow if isinstance(found, Document) else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, defined: Workflow | Document) -> None:
        """Define a workflow (`flow.document` for one that may still change) under its name; tell those who listen."""
        name = defined.name if isinstance(defined, Workflow) else defined.workflow.name
        if self._known.get(name) is defined:
            return
        self._forget(name)
        self._known[name] = defined
        if isinstance(defined, Document):
            self._stop[name] = defined.subscribe(lambda _: self._changed(name, defined))
        self._tell()

    def document(self, name: str) -> Document:
        """What is behind a name, to work on: who calls it calls what becomes of it.

        Raises:
            KeyError: there is none.
        """
        found = self._known[name]
        if isinstance(found, Workflow):
            found = Document(found)
            self.add(found)
        return found

    def _changed(self, name: str, document: Document) -> None:
        if document.workflow.name == name:
            self._tell()
        else:
            self._forget(name)
            self.add(document)

    def _forget(self, name: str) -> None:
        self._known.pop(name, None)
        self._stop.pop(name, lambda: None)()


class Registry(_Heard, Mapping[str, Activity]):
    """Activities by name; defining one again replaces it.

    Attributes:
        workflows: the workflows that calls and maps find by name.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Activity] = {}
        self.workflows = Workflows()

    def __getitem__(self, name: str) -> Activity:
        return self._known[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The activity of this name, or `default`; the inherited way of finding it is slow, and every attempt asks."""
        return self._known.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, activity: Activity) -> Activity:
        """Define an activity and tell those who listen."""
        self._known[activity.name] = activity
        self._tell()
        return activity


registry = Registry()
"""The one that `@activity` and `flow` fill."""


@overload
def activity(function: Callable[..., Any], /) -> Activity: ...


@overload
def activity(
    *,
    retries: int | None = None,
    retry: Retry | None = None,
    timeout: float | None = None,
    heartbeat: float | None = None,
    executor: Executor | None = None,
    name: str | None = None,
    prerequisites: Iterable[Activity | Callable[..., Any] | str] = (),
) -> Callable[[Callable[..., Any]], Activity]: ...


@known_keywords
def activity(
    function: Callable[..., Any] | None = None,
    /,
    *,
    retries: int | None = None,
    retry: Retry | None = None,
    timeout: float | None = None,
    heartbeat: float | None = None,
    executor: Executor | None = None,
    name: str | None = None,
    prerequisites: Iterable[Activity | Callable[..., Any] | str] = (),
) -> Activity | Callable[[Callable[..., Any]], Activity]:
    """Make a function an activity that tasks can run; works bare and with options.

    An `async def` runs in the event loop, a `def` in a thread, so that neither blocks the notebook; `executor` says
    otherwise.  The function can still be called as before.

    Args:
        function: the function, where used without parentheses.
        retries: how often a failed call is tried again (from 1 s, doubling); `retry` says it in full.
        retry: the retry policy.
        timeout: seconds one attempt may take.
        heartbeat: seconds that an attempt may go without `wf.heartbeat()` or `wf.progress(...)`.
        executor: where it runs: `loop`, `thread`, or `process` for what computes long, or may crash.  A function in a
            process must stand in a module, and what it takes and gives must be picklable.
        name: what tasks call it; the function's name by default.
        prerequisites: activities that must have completed before, whichever way a run takes; `check` proves it.

    Raises:
        TypeError: a parameter can not be passed by name.
        ValueError: both `retries` and `retry` are given, or one is out of range.
    """
    policy = retry_policy(retries, retry)
    _refuse_seconds("timeout", timeout)
    _refuse_seconds("heartbeat", heartbeat)
    if executor not in (None, *get_args(Executor)):
        raise ValueError(f"executor is {executor!r}\nknown: {', '.join(map(repr, get_args(Executor)))}")

    given = [prerequisites] if isinstance(prerequisites, str) else prerequisites
    before = tuple(one if isinstance(one, str) else getattr(one, "name", "") or one.__name__ for one in given)

    def register(defined: Callable[..., Any]) -> Activity:
        plain = defined.function if isinstance(defined, Activity) else defined
        return registry.add(
            describe(
                plain,
                name=name,
                retry=policy,
                timeout=timeout,
                prerequisites=before,
                heartbeat=heartbeat,
                executor=executor or "",
            )
        )

    return register if function is None else register(function)


def retry_policy(retries: int | None, retry: Retry | None) -> Retry | None:
    """The policy that two ways of saying it mean.

    Raises:
        ValueError: both are given, `retries` is negative, or `retry` is no policy.
    """
    if retry is not None and not isinstance(retry, Retry):
        raise ValueError(f"retry is {retry!r}\ngive a wf.Retry(...), or a number of times as retries=")
    if retries is None:
        return retry
    if retry is not None:
        raise ValueError("both retries= and retry= are given\nkeep one")
    if retries < 0:
        raise ValueError(f"retries is {retries}\ngive how often to try again: 0, 1, 2, ...")
    return Retry(attempts=retries + 1)


def _refuse_seconds(option: str, given: Any) -> None:
    if given is not None and not (isinstance(given, int | float) and given > 0):
        raise ValueError(f"{option} is {given!r}\ngive a positive number of seconds, or None for no limit")
