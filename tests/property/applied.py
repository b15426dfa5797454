"""Seeing every event that runs apply, wherever the engine does it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from wfnb.engine.run import Run
from wfnb.machine.machine import Machine
from wfnb.model.event import Event
from wfnb.model.state import State


@contextmanager
def applied_by(evolve: Callable[[Machine, State, Event], State]) -> Iterator[None]:
    """Have runs apply their events by this, and not by `wfnb.machine.semantics.evolve`."""
    rooms = [sys.modules[part.__module__] for part in Run.__mro__]
    with ExitStack() as stack:
        for room in rooms:
            if hasattr(room, "evolve"):
                stack.enter_context(patch.object(room, "evolve", evolve))
        yield
