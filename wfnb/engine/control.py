"""What people do to the course of a run: pause it, go on, stop before a node, give values and pin them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wfnb.engine.beginning import Beginning
from wfnb.engine.outside import checked_breakpoint, checked_breakpoints, checked_pin, checked_update
from wfnb.engine.recording import storable, unstored
from wfnb.errors import WfnbError
from wfnb.model.event import (
    BreakpointsChanged,
    Event,
    RunPaused,
    RunResumed,
    ValueEdited,
    ValuePinned,
    ValueUnpinned,
)
from wfnb.model.state import State

_ENDS = {"running": "is ending: it takes back what it did", "cancelled": "is over: it was cancelled"}
"""How a run that goes forward no more stands, by its status; one that ends takes back first."""


class Control(Beginning):
    """A run whose course people control.  Everything they do is recorded; all may be called in any thread."""

    def _open(self) -> None:
        """Raise where the run is over, or on its way there.

        Raises:
            WfnbError: it is.
        """
        if not going(self._state):
            how = _ENDS.get(self._state.status, f"is over: it {self._state.status}")
            raise WfnbError(f"run '{self.id}' of '{self.machine.name}' {how}\nstart another one")

    # --------------------------------------------------------------------------------------------- pause and go on

    def pause(self, reason: str = "") -> None:
        """Begin nothing new, nor do its children, until `resume`; what is in progress goes on.

        Signals and answers are taken, and tokens move; a timer or the next attempt that comes due meanwhile waits for
        `resume`.  A paused run stays so after a restart.  Does nothing where it is paused already.

        Raises:
            WfnbError: the run is over.
        """
        self._open()
        if not self.host.is_here():
            self.host.tell(self.pause, reason)
            return
        if not self._state.paused:
            self._happened([RunPaused(storable(str(reason)))])
        if self._state.children or self._state.spawned:
            self._children.hold()
        for child in self._in_progress_children():
            if going(child.state):
                child.pause(reason)

    def resume(self) -> None:
        """Go on after a pause, or at a breakpoint; so do its children.  Does nothing where nothing is paused.

        Raises:
            WfnbError: the run is over.
        """
        self._open()
        if not self.host.is_here():
            self.host.tell(self.resume)
            return
        if self._offspring is not None:
            self._offspring.held.clear()
        if self._state.paused:
            self._go_on_after([RunResumed()])
        if self._offspring is not None:
            self._offspring.free()
        for child in self._in_progress_children():
            if going(child.state):
                child.resume()

    def _go_on_after(self, happened: list[Event]) -> None:
        """Apply what lets the run go on, and begin the attempts that came due while it was paused."""
        due = self._due_attempts()
        if self._over.done() or self._remaking is not None:
            self._happened(happened)
        else:
            self._advance(happened, due)

    def step(self, node: str = "") -> None:
        """Begin one thing while the run stays paused: a task, a call, the next item of a map.

        Args:
            node: what begins; empty: what a token has reached first.  Children that begin so are not paused.

        Raises:
            UnknownName: there is no such node.
            WfnbError: the run is not paused, not in progress here, or has nothing (there) that could begin.
        """
        self._open()
        self._in_progress()
        number = -1 if not node else checked_breakpoint(self.machine, node, inside=False)
        if not self._state.paused:
            raise WfnbError(
                f"run '{self.id}' is not paused\n`run.pause()`, or a breakpoint, makes single steps possible"
            )
        if not self.host.is_here():
            self.host.tell(self.step, node)
            return
        before = self._state.seq
        self._state.stepping = number
        self._advance([])
        self._state.stepping = None
        if self._state.seq == before:
            where = f"'{node}'" if node else "no node"
            raise WfnbError(f"nothing can begin now: a token that may go on waits before {where}\nrun.resume() goes on")

    def _in_progress_children(self) -> list[Any]:
        return [] if self._offspring is None else self._offspring.runs()

    def _in_progress(self) -> None:
        if self._over.done() or self._remaking is not None:
            raise WfnbError(f"run '{self.id}' is not in progress here\n`await wf.resume()` takes it up again")

    # ------------------------------------------------------------------------------------------------- breakpoints

    @property
    def breakpoints(self) -> tuple[str, ...]:
        """The nodes before which the run pauses, those inside calls and maps as `call/node`; assign others to it.

        Raises:
            UnknownName: (where it is assigned) there is no such node.
            InputError: no token ever waits at one of them, as at a choice.
            WfnbError: the run is over.
        """
        return (*(self.machine.ids[node] for node in sorted(self._state.breakpoints)), *self._state.inside)

    @breakpoints.setter
    def breakpoints(self, nodes: Iterable[str]) -> None:
        self._stop_before(checked_breakpoints(self.machine, nodes))

    def run_to(self, node: str) -> None:
        """Go on until a token reaches a node, and pause before that; a token that waits there already goes on.

        Raises:
            UnknownName: there is no such node.
            InputError: no token ever waits there, as at a choice.
            WfnbError: the run is over.
        """
        self._open()
        number = checked_breakpoint(self.machine, node, inside=False)
        if not self.host.is_here():
            self.host.tell(self.run_to, node)
            return
        if number not in self._state.breakpoints:
            once = [self.machine.ids[other] for other in sorted(self._state.once)]
            self._stop_before(BreakpointsChanged((*self.breakpoints, node), (*once, node)))
        self.resume()

    def _stop_before(self, changed: BreakpointsChanged) -> None:
        self._open()
        if not self.host.is_here():
            self.host.tell(self._stop_before, changed)
            return
        before = self.breakpoints
        if set(before) != set(changed.nodes):
            self._happened([changed])
        for child in self._in_progress_children():
            old, new = (self._children.inside(child, nodes) for nodes in (before, changed.nodes))
            if old != new and going(child.state):
                child.breakpoints = [*(node for node in child.breakpoints if node not in old), *new]

    # ------------------------------------------------------------------------------------------------------ values

    def update(self, node: str, value: Any) -> None:
        """Give the value of a node anew; what reads it from now on reads this, and conditions may hold now.

        Args:
            node: its id; one that has no value yet gets it, until it gives its own.
            value: a JSON value, checked against the node's type where that is known.

        Raises:
            UnknownName: there is no such node.
            InputError: it gives no value, or this one is no JSON or not of its type.
            WfnbError: the run is over.
        """
        self._open()
        checked_update(self.machine, self.host.registry, node, value)
        if not self.host.is_here():
            self.host.tell(self.update, node, value)
            return
        self._happened([ValueEdited(node, value, unstored(value))])

    @property
    def pins(self) -> Mapping[str, Any]:
        """What tasks give without running their activities, by id; `pin` and `unpin` change it."""
        return dict(self._state.pins)

    def pin(self, node: str, value: Any = None) -> None:
        """From its next start on, let a task give this value without running its activity, until `unpin`.

        Its contract and its retries do not apply then, and nothing is taken back for it.

        Args:
            node: the id of a task, or `call/task` of one inside a call or a map.
            value: a JSON value, checked against what its activity is declared to give.

        Raises:
            UnknownName: there is no such node.
            InputError: it is no task, or the value is no JSON or not of its type.
            WfnbError: the run is over.
        """
        self._open()
        checked_pin(self.machine, self.host.registry, node, value)
        self._pin(ValuePinned(node, value, unstored(value)))

    def unpin(self, node: str) -> None:
        """Let a task run its activity again; does nothing where it is not pinned.

        Raises:
            WfnbError: the run is over.
        """
        self._open()
        if node in self._state.pins:
            self._pin(ValueUnpinned(node))

    def _pin(self, event: ValuePinned | ValueUnpinned) -> None:
        if not self.host.is_here():
            self.host.tell(self._pin, event)
            return
        self._attempts.look_for_given()
        self._happened([event])
        for child in self._in_progress_children():
            for inside in self._children.inside(child, [event.node]) if going(child.state) else ():
                if isinstance(event, ValuePinned):
                    child.pin(inside, event.value)
                else:
                    child.unpin(inside)


def going(state: State) -> bool:
    """Whether a run goes forward."""
    return state.status == "running" and state.ending is None
