"""Options by keyword: one that is misspelt is told with the name that was meant."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from wfnb.errors import did_you_mean

P = ParamSpec("P")
R = TypeVar("R")


def known_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """A function that refuses unknown keywords with the known ones; Python says only that they are unexpected.

    The function then raises TypeError for one that it does not take, as it does without this.
    """
    parameters = inspect.signature(function).parameters.values()
    taken = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    known = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in taken:
                raise TypeError(
                    f"{function.__qualname__}() has no option '{name}'\n"
                    f"known options: {', '.join(known)}.{did_you_mean(name, known)}"
                )
        return function(*args, **kwargs)

    return checked
