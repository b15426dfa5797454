"""How runs are called."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_last_stamp = 0


def mark() -> str:
    """Two digits that differ between engines, mostly."""
    return secrets.choice(_ALPHABET) + secrets.choice(_ALPHABET)


def new_id(mark: str) -> str:
    """11 digits of base 32 that sort by start (microseconds, no two alike here), and those that differ by engine."""
    global _last_stamp  # noqa: PLW0603 - what makes them differ
    _last_stamp = stamp = max(time.time_ns() // 1_000, _last_stamp + 1)
    text = "".join(_ALPHABET[stamp >> shift & 31] for shift in range(50, -1, -5))
    return text + mark
