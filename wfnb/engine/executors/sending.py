"""What can go to a process of its own, and why something can not."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Mapping
from typing import Any

from wfnb.engine.signs import Attempt
from wfnb.errors import Unpicklable

_INSTEAD = 'or use executor="thread"'


def request_for(
    name: str, function: Callable[..., Any], arguments: Mapping[str, Any], attempt: Attempt | None
) -> bytes:
    """A call as a process can read it, and which attempt it is.

    Raises:
        Unpicklable: the function can not be found there, or an argument can not be sent.
    """
    reference = reference_to(name, function)
    try:
        given = pickle.dumps(dict(arguments))
    except Exception as error:
        raise _unsent(name, arguments, error) from error
    return pickle.dumps((sys.path, reference, given, attempt))


def reference_to(name: str, function: Callable[..., Any]) -> tuple[str, str] | bytes:
    """How a process finds an activity's function: by module and name, as pickle does it for functions.

    Not by pickle itself, because where the function was defined stands the activity that it was made.

    Raises:
        Unpicklable: it can not be found there.
    """
    module, path = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if path is None:  # a partial, or an object that can be called
        return _pickled(name, function)
    what = f"activity '{name}' can not run in a process of its own"
    if module == "__main__" and _is_interactive():
        raise Unpicklable(
            f"{what}: it is defined in the notebook, which the process can not import\n"
            f"write it into a module (%%writefile work.py) and import it, {_INSTEAD}"
        )
    if "<locals>" in path or "<lambda>" in path:
        raise Unpicklable(
            f"{what}: '{path}' is defined inside a function or has no name, so the process can not import it\n"
            f"define it at the top of a module, {_INSTEAD}"
        )
    found: Any = sys.modules.get(str(module))
    for part in path.split("."):
        found = getattr(found, part, None)
    if found is function:
        return str(module), path
    if getattr(found, "function", None) is function:
        return str(module), f"{path}.function"
    raise Unpicklable(
        f"{what}: '{module}.{path}' is something else now\n"
        f"import the module again and define the activity from what it has, {_INSTEAD}"
    )


def _is_interactive() -> bool:
    """Whether there is no file that a process could load as `__main__`."""
    main = sys.modules["__main__"]
    return getattr(main, "__spec__", None) is None and not hasattr(main, "__file__")


def _pickled(name: str, function: Callable[..., Any]) -> bytes:
    try:
        return pickle.dumps(function)
    except Exception as error:
        raise Unpicklable(
            f"activity '{name}' can not run in a process of its own: {type(error).__name__}: {error}\n"
            f"make it a function at the top of a module, {_INSTEAD}"
        ) from error


def _unsent(name: str, arguments: Mapping[str, Any], error: Exception) -> Unpicklable:
    for parameter, value in arguments.items():
        try:
            pickle.dumps(value)
        except Exception as found:  # noqa: BLE001 - whatever a value's own methods raise
            what = f"'{parameter}' of activity '{name}', a {type(value).__qualname__}, can not be sent to a process"
            return Unpicklable(
                f"{what}: {type(found).__name__}: {found}\n"
                f"give it data (a path instead of an open file, say), {_INSTEAD}"
            )
    return Unpicklable(f"the arguments of activity '{name}' can not be sent to a process: {error}\ngive it data")
