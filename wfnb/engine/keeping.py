"""The history of an engine as a whole: finding runs in it, moving old ones out of it, copying it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from wfnb.engine.host import Host
from wfnb.engine.retention import leaving, root_of, time_before
from wfnb.errors import InputError, UnknownName, did_you_mean, listed
from wfnb.model.activity import Activity
from wfnb.store.protocol import EventStore, RunHead


class Keeping:
    """The part of an engine that needs no run in progress."""

    history: str | None
    _host: Host[Any]

    @property
    def host(self) -> Host[Any]:
        """What its runs share."""
        return self._host

    @property
    def store(self) -> EventStore:
        """Where the history is kept."""
        return self._host.store

    async def archive(self, *, runs: Iterable[str] = (), older_than: timedelta | datetime | None = None) -> list[str]:
        """Move runs that are over from a DuckDB history into Parquet files beside it; they are read as before.

        Args:
            runs: ids, or beginnings of them; children go with the run that people started.
            older_than: runs that ended longer ago, or before.

        Returns:
            The ids of what was moved.

        Raises:
            UnknownName: there is no such run.
            InputError: nothing says which, or the time is in the future.
            StoreError: one of `runs` is not over, or they can not be moved; nothing has changed then.
        """
        before = time_before(self._host.clock(), older_than)
        here = [head for head in self.store.heads() if not head.archived]
        moved = leaving(here, named=self._roots(runs, older_than), before=before)
        await self.store.archive(moved)
        return moved

    async def forget(
        self,
        *,
        runs: Iterable[str] = (),
        keep: int | None = None,
        older_than: timedelta | datetime | None = None,
        keep_failed: bool = False,
    ) -> list[str]:
        """Delete runs that are over, archived ones too, and the values that only they name; there is no way back.

        Args:
            runs: ids, or beginnings of them; children go with the run that people started.
            keep: all but the last so many go.
            older_than: runs that ended longer ago, or before, go.
            keep_failed: keep those that failed, unless `runs` names them.

        Returns:
            The ids of what was deleted.

        Raises:
            UnknownName: there is no such run.
            InputError: nothing says which, or the time is in the future.
            StoreError: one of `runs` is not over, or the history can not be written.
        """
        before = time_before(self._host.clock(), older_than)
        named = self._roots(runs, keep if older_than is None else older_than)
        gone = leaving(self.store.heads(), named=named, before=before, keep=keep, keep_failed=keep_failed)
        await self.store.forget(gone)
        held = [row.payload for run in self._host.runs.values() for row in run.held]
        await asyncio.to_thread(self._host.vault.collect, held)
        return gone

    def collect_values(self) -> int:
        """Let go of stored values that no run of the history names any more; gives how many went.

        `forget` does it, too.

        Raises:
            StoreError: the history takes no more, or archived runs, which may name some, are not there.
        """
        return self._host.vault.collect(row.payload for run in self._host.runs.values() for row in run.held)

    def forget_results(self, activity: Activity | str = "") -> None:
        """Do not use cached results again that are recorded already: of one activity, or of all.

        Raises:
            StoreError: the history takes no more.
        """
        self._host.cache.forget(activity if isinstance(activity, str) else activity.name)

    async def backup(self, path: str | Path) -> Path:
        """Make a copy of the history while runs go on: what was recorded before the call, at least.

        Raises:
            StoreError: there is something at this path already, or it can not be written.
        """
        await self.store.backup(path)
        return Path(path)

    def _roots(self, runs: Iterable[str], rule: object) -> set[str]:
        named = {root_of(self._head(run).run) for run in ([runs] if isinstance(runs, str) else runs)}
        if not named and rule is None:
            raise InputError("nothing says which runs\ngive runs=[...], or older_than=timedelta(days=30)")
        return named

    def _head(self, id: str) -> RunHead:
        """The run with this id, or with one that begins so."""
        heads = [head for head in self.store.heads() if head.run.startswith(id)]
        exact = [head for head in heads if head.run == id] or heads
        if len(exact) != 1:
            raise self._no_such(id, [head.run for head in exact])
        return exact[0]

    def _no_such(self, id: str, several: list[str]) -> UnknownName:
        """What to say where no run, or more than one, begins with an id."""
        where = "the history in memory" if self.history is None else f"the history '{self.history}'"
        if several:
            return UnknownName(f"{len(several)} runs of {where} begin with '{id}'\ngive more of it: {listed(several)}")
        known = [head.run for head in self.store.heads()]
        cure = (
            f"wf.runs() lists them.{did_you_mean(id, known)}" if known else "it has none yet: wf.start(...) makes one"
        )
        return UnknownName(f"no run of {where} is called '{id}'\n{cure}")
