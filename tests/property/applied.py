"""Seeing every event that runs apply, wherever the engine does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from wfnb.engine import deeds, driver, recorder
from wfnb.engine import run as running
from wfnb.machine.machine import Machine
from wfnb.model.event import Event
from wfnb.model.state import State


@contextmanager
def applied_by(evolve: Callable[[Machine, State, Event], State]) -> Iterator[None]:
    """Have runs apply their events by this, and not by `wfnb.machine.semantics.evolve`."""
    with ExitStack() as stack:
        for module in (running, driver, recorder, deeds):
            stack.enter_context(patch.object(module, "evolve", evolve))
        yield
