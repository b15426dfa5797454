"""Times as text, in files of other people: to microseconds since the epoch, all with a zone or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wfnb.errors import FormatError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of times that say no zone
_TICK = timedelta(microseconds=1)


class Moments:
    """Reads the times of one file; all of them have to say their offset from UTC, or none, and then they are UTC."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.zoned: bool | None = None
        self.first = ""

    def moment(self, text: str, place: str) -> datetime:
        """The time that `text` says, in ISO 8601.

        Raises:
            FormatError: it is no time, or has an offset where others have none; says at which place.
        """
        try:
            found = datetime.fromisoformat(text.strip())
        except ValueError:
            raise FormatError(
                f"{self.where}: '{text[:80]}' is no time, at {place}\nwrite times as 2026-11-25T10:00:00.000+01:00"
            ) from None
        zoned = found.tzinfo is not None
        if self.zoned is None:
            self.zoned, self.first = zoned, place
        elif self.zoned is not zoned:
            this, other = ("an offset", "none") if zoned else ("no offset", "one")
            raise FormatError(
                f"{self.where}: the time '{text[:40]}' has {this}, and the one at {self.first} has {other}, "
                f"at {place}\n"
                "write every time with its offset from UTC, such as +01:00, or none of them"
            )
        return found

    def ticks(self, text: str, place: str) -> int:
        """As `moment`, in microseconds since the epoch, UTC.

        Raises:
            FormatError: as `moment`.
        """
        return ticks_of(self.moment(text, place))


def moment_of(ticks: int) -> datetime:
    """The time so many microseconds after the epoch, in UTC."""
    return _EPOCH + timedelta(microseconds=ticks)


def ticks_of(moment: datetime) -> int:
    """Microseconds since the epoch; a time without a zone is taken for UTC."""
    return (moment - (_EPOCH if moment.tzinfo else _NAIVE_EPOCH)) // _TICK
