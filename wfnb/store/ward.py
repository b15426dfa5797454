"""A history that is looked at, of whatever kind: what is wrong with it, and which of its runs are whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from wfnb.errors import listed
from wfnb.model.event import RunMigrated, RunStarted, decode
from wfnb.store.scan import Row, Unreadable

Kind: TypeAlias = Literal[
    "locked",
    "version",
    "file",
    "log",
    "block",
    "gap",
    "run",
    "payload",
    "definition",
    "orphan",
    "archive",
    "stray",
    "value",
]
KEEP_FILE = "keep the file as it is; --salvage NEW writes every run that is whole to a new history"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: Kind
    what: str
    cure: str
    runs: tuple[str, ...] = ()
    """Those that can not be saved because of it."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is known of a history.

    Attributes:
        path: of the history.
        findings: everything that is wrong.
        good: the runs that are whole, with the number of their events, in the order of their first.
        runs: how many there are, as far as can be seen.
    """

    path: Path
    findings: tuple[Finding, ...]
    good: dict[str, int]
    runs: int

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


class Life:
    """What is seen of one run while its events pass; `fault` says what is wrong with it, empty where nothing is."""

    __slots__ = ("definitions", "dropped", "epoch", "fault", "parent", "seq")

    def __init__(self, dropped: int = 1) -> None:
        self.dropped = dropped
        self.seq = self.epoch = 0
        self.fault = ""
        self.parent = ""
        self.definitions: set[str] = set()


class Ward(ABC):
    """A history that is being looked at.

    Attributes:
        path: of the history.
        readable: whether anything of it can be read.
        findings: what is wrong, so far.
        lost: the values that can not be read, by their hash.
    """

    keep = KEEP_FILE
    """What to do about most damage."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.readable = False
        self.findings: list[Finding] = []
        self.lost: set[str] = set()

    def diagnosis(self) -> Diagnosis:
        """Look at everything."""
        lives: dict[str, Life] = {}
        if self.readable:
            self._see_events(lives)
            self._see_archive(lives)
            self._judge(lives)
            self._see_values()
        good = {run: life.seq for run, life in lives.items() if not life.fault}
        return Diagnosis(self.path, tuple(self.findings), good, len(lives))

    @abstractmethod
    def rows(self) -> Iterator[Row | Unreadable]:
        """Every event that is not archived, in the order in which they lie there."""

    @abstractmethod
    def definitions(self) -> dict[str, str]:
        """The definitions that can be read."""

    @abstractmethod
    def _gone(self) -> list[tuple[int, int]]:
        """The positions that are not there for a good reason: the first and the last of each range, in order."""

    @abstractmethod
    def _dropped(self) -> Mapping[str, int]:
        """The last event of those that a run has a snapshot for in their place."""

    @abstractmethod
    def _faults(self) -> Iterable[tuple[str, str]]:
        """The hash of each value, and what is wrong with it; empty where nothing is."""

    def _see_archive(self, lives: dict[str, Life]) -> None:  # noqa: B027 - not every history has some
        """Look at what left the history, and is still part of it."""

    def _end(self) -> int:
        """The position that must have been reached, as far as is known besides."""
        return 0

    def _life(self, lives: dict[str, Life], run: str) -> Life:
        return lives.get(run) or lives.setdefault(run, Life(self._dropped().get(run, 1)))

    def _see_events(self, lives: dict[str, Life]) -> None:
        gone = self._gone()[::-1]
        last, gaps, blocks = 0, [], []
        for row in self.rows():
            if isinstance(row, Unreadable):
                blocks.append(row)
                continue
            while gone and gone[-1][0] == last + 1:
                last = gone.pop()[1]
            if row.pos != last + 1:
                gaps.append((last, row.pos))
            last = row.pos
            see(self._life(lives, row.run), row)
        if self._end() > last:
            gaps.append((last, self._end() + 1))
        if blocks:
            rows, why = sum(block.rows for block in blocks), blocks[0].why
            self._find("block", f"{rows} events lie in a damaged part of the file: {why}", self.keep)
        if gaps:
            shown = listed([f"{after} to {pos}" for after, pos in gaps])
            self._find("gap", f"positions go from {shown}", self.keep)

    def _see_values(self) -> None:
        """Compare what is stored of values with the hashes that name them."""
        lost, why = self.lost, ""
        for hash, fault in self._faults():
            if fault:
                lost.add(hash)
                why = why or f"'{hash[:12]}...' {fault}"
        if lost:
            cure = "a backup may have it; a task whose value can not be read runs again where it is missing altogether"
            self._find("value", f"{len(lost)} stored values can not be read, the first of them {why}", cure)

    def _judge(self, lives: dict[str, Life]) -> None:
        """Say of each run whether it is whole."""
        for fault in ("payload", "run"):
            for run in [run for run, life in lives.items() if life.fault.startswith(fault)]:
                self._find(fault, lives[run].fault.partition(": ")[2], self.keep, [run])
        known = self.definitions().keys()
        lacking: dict[str, list[str]] = {}
        for run, life in lives.items():
            if not life.fault and (missing := life.definitions - known):
                life.fault = "definition"
                lacking.setdefault(min(missing), []).append(run)
        for hash_, runs in lacking.items():
            what = f"the definition '{hash_}' is not there, which {listed(runs)} follow"
            self._find("definition", what, "a backup may have it: these runs can not be replayed without it", runs)
        for run in sorted(lives, key=lambda run: run.count("/")):
            life = lives[run]
            if not life.fault and life.parent and (life.parent not in lives or lives[life.parent].fault):
                life.fault = "orphan"
                what = f"run '{run}' is a child of '{life.parent}', which is not whole"
                self._find("orphan", what, "its parent would have to be saved with it", [run])

    def _find(self, kind: Kind, what: str, cure: str, runs: list[str] | set[str] | tuple[str, ...] = ()) -> None:
        self.findings.append(Finding(kind, what, cure, tuple(sorted(runs))))


def see(life: Life, row: Row) -> None:
    """Take in a run's next event."""
    life.seq = max(life.seq, life.dropped if life.seq else 0) + 1
    if life.fault:
        return
    if row.seq != life.seq or row.epoch < life.epoch:
        before = f"event {life.seq - 1}" if life.seq > 1 else "its beginning"
        life.fault = f"run: run '{row.run}' has event {row.seq} after {before}"
        return
    life.epoch = row.epoch
    try:
        event = decode(row.payload)
    except (msgspec.DecodeError, UnicodeError) as error:
        life.fault = f"payload: event {row.seq} of run '{row.run}' can not be read: {error}"
        return
    if row.seq == 1 and not isinstance(event, RunStarted):
        life.fault = f"run: run '{row.run}' begins with {row.type}"
    elif isinstance(event, RunStarted | RunMigrated):
        life.definitions |= {event.definition, *event.calls.values()}
        life.parent = event.parent if isinstance(event, RunStarted) else life.parent
