"""The histories that this process has open, under whatever names, and what becomes of them where it is forked.

A process that is forked has the objects of its parent, but not the threads, and it shares the files: whatever it did
with a history, even to close it, would be done to the one that its parent goes on writing to.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

from wfnb.errors import StoreError, StoreLocked
from wfnb.store.files import Identity, identity
from wfnb.store.opening import locked

_held: dict[str | Identity, int] = {}
"""The process that has it, by real path and by file.  DuckDB gives one process the same database twice, and two writers
would then number events independently; under a second name of the file it would even write twice."""


class Held(Protocol):
    """An open store."""

    def disown(self) -> None:
        """See that a process that was forked never touches its files."""


_stores: WeakSet[Held] = WeakSet()


def refuse_held(path: Path) -> None:
    """See that this process does not have a history open.

    Raises:
        StoreLocked: it has, or the process that it was forked from had at that moment.
        StoreError: there can be no file of this name, or nobody may look.
    """
    try:
        keys = _keys(path)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"the history '{path}' can not be opened: {error}\ncheck the path and its permissions"
        ) from error
    for key in keys:
        holder = _held.get(key)
        if holder == os.getpid():
            raise locked(path, holder)
        if holder is not None:
            raise StoreLocked(f"the history '{path}' {forked_from(holder)}", holder)


def hold(path: Path, store: Held) -> Collection[str | Identity]:
    """Remember that a store has a history open; gives what `let_go` wants."""
    keys = _keys(path)
    _held.update(dict.fromkeys(keys, os.getpid()))
    _stores.add(store)
    return keys


def let_go(keys: Collection[str | Identity]) -> None:
    """It is closed."""
    for key in keys:
        _held.pop(key, None)


def forked_from(holder: int) -> str:
    """What is wrong with a history that was open when this process was forked, and the cure."""
    return (
        f"was open in process {holder} when this one was forked\n"
        "use it there; another process is to be started anew: multiprocessing.get_context('spawn')"
    )


def immortal(one: object) -> None:
    """Let an object never be destroyed, not even at the end of the process."""
    import ctypes  # noqa: PLC0415 - few ever fork

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(one))


def _keys(path: Path) -> tuple[str | Identity, ...]:
    known = identity(path)
    return (str(path.resolve()), known) if known is not None and known[1] else (str(path.resolve()),)


def _disown() -> None:
    for store in tuple(_stores):
        store.disown()


if hasattr(os, "register_at_fork"):  # there is no fork elsewhere
    os.register_at_fork(after_in_child=_disown)
