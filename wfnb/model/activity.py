"""Activities: user code that a task runs, and what its signature says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from wfnb.model.records import records_of
from wfnb.model.types import Signature, signature_of
from wfnb.model.workflow import Retry


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an activity."""

    name: str
    annotation: str
    """The annotation as people wrote it; empty if there is none."""
    required: bool
    default: str = ""
    """The default as Python source; empty if required."""


@dataclass(frozen=True)
class Activity:
    """A registered function; calling it calls the function.

    Attributes:
        name: what a task's `activity` says; the function's `__name__`.
        function: the user's function.
        parameters: its named parameters, in order.
        open: whether it takes any further keyword (`**kwargs`).
        is_async: whether it is an `async def`, which runs on the loop; others run in a thread.
        retry, timeout, heartbeat: what tasks use that say nothing else.
        executor: where it runs, if not there: `loop`, `thread` or `process`.
        plain: whether it just runs on the loop for as long as it likes.
        blocks: whether it just runs in a thread for as long as it likes.
        prerequisites: names of activities that must have completed before, whichever way a run takes.
        builtin: whether it comes with wfnb, for imported workflows; people are not offered it.
    """

    name: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    open: bool
    returns: str
    is_async: bool
    doc: str = ""
    retry: Retry | None = None
    timeout: float | None = None
    __wrapped__: Callable[..., Any] | None = field(default=None, repr=False, compare=False)
    prerequisites: tuple[str, ...] = ()
    builtin: bool = False
    heartbeat: float | None = None
    executor: str = ""
    plain: bool = field(default=False, init=False, repr=False, compare=False)
    blocks: bool = field(default=False, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        free = self.timeout is None and self.heartbeat is None
        object.__setattr__(self, "plain", free and self.is_async and self.executor in ("", "loop"))
        object.__setattr__(self, "blocks", free and not self.is_async and self.executor in ("", "thread"))

    @cached_property
    def types(self) -> Signature:
        """The types of its parameters and of its result; resolved when first asked for."""
        return signature_of(self.function)

    @cached_property
    def records(self) -> Mapping[str, Any]:
        """Annotations of parameters in which a dataclass stands; resolved when it is first called."""
        return records_of(self.function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the user's function."""
        return self.function(*args, **kwargs)

    def missing(self, arguments: Mapping[str, Any]) -> list[str]:
        """Required parameters that `arguments` does not name."""
        return [p.name for p in self.parameters if p.required and p.name not in arguments]

    def unknown(self, arguments: Mapping[str, Any]) -> list[str]:
        """Arguments that are no parameter."""
        if self.open:
            return []
        known = {p.name for p in self.parameters}
        return [name for name in arguments if name not in known]


def offered(activities: Mapping[str, Activity]) -> list[str]:
    """The names of the activities that people may mean."""
    return [name for name, activity in activities.items() if not activity.builtin]


def describe(
    function: Callable[..., Any],
    *,
    name: str | None = None,
    retry: Retry | None = None,
    timeout: float | None = None,
    prerequisites: Iterable[str] = (),
    builtin: bool = False,
    heartbeat: float | None = None,
    executor: str = "",
) -> Activity:
    """The activity that a function makes.

    Raises:
        TypeError: it has positional-only parameters or `*args`, or is no function.
    """
    known_as = str(name or getattr(function, "__name__", ""))
    if not known_as:
        raise TypeError(f"an activity is a named function, not {function!r}")
    parameters, takes_any = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_any = True
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise TypeError(
                f"activity '{known_as}' has the parameter '{parameter}', which can not be passed by name\n"
                "give every parameter a name: a task passes its arguments as keywords"
            )
        else:
            required = parameter.default is parameter.empty
            parameters.append(
                Parameter(
                    parameter.name,
                    _written(parameter.annotation),
                    required,
                    "" if required else repr(parameter.default),
                )
            )
    return Activity(
        known_as,
        function,
        tuple(parameters),
        takes_any,
        _written(inspect.signature(function).return_annotation),
        inspect.iscoroutinefunction(function),
        inspect.getdoc(function) or "",
        retry,
        timeout,
        function,
        tuple(prerequisites),
        builtin,
        heartbeat,
        executor,
    )


def _written(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    if isinstance(annotation, str):
        return annotation
    if annotation is None:
        return "None"
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__qualname__
    return str(annotation).replace("typing.", "")
