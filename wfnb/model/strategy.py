"""Strategies: how many tasks are in progress at once."""

from __future__ import annotations

import re

_PARALLEL = re.compile(r"parallel\(\s*([1-9][0-9]{0,8})\s*\)")


def limit_of(strategy: str) -> int | None:
    """How many tasks a strategy lets be in progress at once; None where it sets no limit.

    Args:
        strategy: `"sequential"` (one), `"parallel(n)"` (n of them), `"concurrent"` or empty (all that are ready).

    Raises:
        ValueError: it is none of these.
    """
    if strategy in ("", "concurrent"):
        return None
    if strategy == "sequential":
        return 1
    found = _PARALLEL.fullmatch(str(strategy))
    if found is None:
        raise ValueError(
            f"strategy is {strategy!r}\nknown: 'sequential', 'parallel(4)' or another number, 'concurrent'"
        )
    return int(found[1])
