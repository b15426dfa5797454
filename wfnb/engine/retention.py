"""Which runs may leave a history: whole families that are over, by name, by age or by number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from wfnb.errors import InputError
from wfnb.store.protocol import RunHead


def leaving(
    heads: Iterable[RunHead],
    *,
    named: Collection[str] = (),
    before: int | None = None,
    keep: int | None = None,
    keep_failed: bool = False,
) -> list[str]:
    """The runs to take out of a history, children with the run that people started.

    Args:
        heads: every run, oldest first.
        named: ids of runs that go whatever the rest says.
        before: families that ended earlier go, microseconds since the epoch.
        keep: all but so many go, the youngest being kept; one that is not over counts, and stays.
        keep_failed: of these, families whose first run failed stay.

    Returns:
        Their ids, oldest first.  Unless it is named, a family with a run that is not over stays.
    """
    families: dict[str, list[RunHead]] = {}
    for head in heads:
        families.setdefault(root_of(head.run), []).append(head)
    found: list[list[str]] = []
    for age, (root, family) in enumerate(reversed(families.items())):
        ends = [head.ended for head in family]
        over = [end for end in ends if end is not None]
        old = (before is not None and max(over, default=0) < before) or (keep is not None and age >= keep)
        spared = len(over) < len(ends) or (keep_failed and any(h.run == root and h.status == "failed" for h in family))
        if root in named or (old and not spared):
            found.append([head.run for head in family])
    return [run for family in reversed(found) for run in family]


def root_of(run: str) -> str:
    """The run that people started, of one that it or its children started."""
    return run.partition("/")[0]


def time_before(now: int, older_than: timedelta | datetime | None) -> int | None:
    """A point in time as microseconds since the epoch.

    Raises:
        InputError: it is in the future, or has no time zone.
    """
    if older_than is None:
        return None
    if isinstance(older_than, timedelta):
        moment = now - older_than // timedelta(microseconds=1)
    elif older_than.tzinfo is None:
        raise InputError(
            f"{older_than!r} is no point in time\ngive it a time zone, or say how long: timedelta(days=30)"
        )
    else:
        moment = (older_than.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    if moment > now:
        raise InputError(f"{older_than!r} is in the future\ngive how long ago, such as timedelta(days=30)")
    return moment
