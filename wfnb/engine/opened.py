"""The engines that this process has open, so that what shows runs finds those that hold their histories."""

from __future__ import annotations

from weakref import WeakSet

from wfnb.engine.keeping import Keeping

_opened: WeakSet[Keeping] = WeakSet()


def note(engine: Keeping) -> None:
    """An engine was opened."""
    _opened.add(engine)


def leave(engine: Keeping) -> None:
    """An engine was closed."""
    _opened.discard(engine)


def open_engines() -> list[Keeping]:
    """Those that are open, in no order; one that nobody refers to any more may be among them or not."""
    return list(_opened)
