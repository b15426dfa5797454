"""The shell around the pure machine: from what happened to what follows, recorded before it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self

from wfnb.engine.attempts import Attempts
from wfnb.engine.children import Children
from wfnb.engine.deeds import Deeds
from wfnb.engine.host import Host
from wfnb.engine.outcomes import Ties
from wfnb.engine.recorder import Launch
from wfnb.engine.recording import storable
from wfnb.engine.slots import gate
from wfnb.engine.snapshots import Shadow
from wfnb.engine.terms import Terms
from wfnb.engine.timers import Timers
from wfnb.errors import ExpressionError, StoreError
from wfnb.machine import command as c
from wfnb.machine import settle, triggered
from wfnb.machine.command import StartTask
from wfnb.machine.decide import decide
from wfnb.machine.machine import Machine
from wfnb.machine.migration import Image, migrate
from wfnb.machine.semantics import evolve
from wfnb.model import event as events
from wfnb.model.event import (
    Event,
    Problem,
    RunMigrated,
    TaskStarted,
)
from wfnb.model.state import State


class Driver(Deeds):
    """Drives the machine of one run: applies events, decides what follows, records both, and sets tasks going."""

    def __init__(
        self,
        host: Host[Self],
        id: str,
        machine: Machine,
        state: State,
        epoch: int = 1,
        *,
        terms: Terms,
        parent: str = "",
    ) -> None:
        super().__init__(host, id, machine, state, epoch, terms=terms, parent=parent)
        self._gate = gate(machine, terms.slots, host.loop)
        ties = Ties(
            host, id, machine, state, self._advance, self.suspend, self._blame, self._took_down, self._tell_progress
        )
        self._attempts = Attempts(ties)
        self._attempts.gate = self._gate
        if state.pins or machine.disabled:
            self._attempts.look_for_given()
        self._later: dict[int, StartTask] | None = None
        """Attempts that came due while the run was paused, if any did."""
        self._timers = Timers(self._due) if machine.special.timers else None
        self._remaking: asyncio.Task[None] | None = None
        self._images: list[Image] = []
        """The machines that it followed before, oldest first, each with what of it is what in the next."""

    def suspend(self) -> None:
        """Stop without an event, as if the process had ended: `resume` takes it up again."""
        self.bring_up()
        error = StoreError(f"run '{self.id}' is not in progress here\n`await wf.resume()` takes it up again")
        if self.host.loop.is_closed():  # nothing of the run is left, and nobody can be told
            self._broken = error
        else:
            self._break(error)

    # ------------------------------------------------------------------------------------ what happened, what follows

    def _advance(  # noqa: PLR0912 - the hot path
        self,
        batch: list[Event],
        starts: Sequence[Launch] = (),
        live: tuple[dict[str, Any], dict[str, Any]] | None = None,
        first: int | None = None,
    ) -> None:
        """Apply events, decide what follows, record all of it in one append, and start what is to run.

        Args:
            batch: the events; what follows is put behind them.
            starts: attempts to start, if nothing holds them back.
            live: the run's inputs and values as they were given, which events may not have.
            first: the number of the event before them, if they are applied already.
        """
        state, machine = self._state, self.machine
        if first is None:
            first = state.seq
            for event in batch:
                evolve(machine, state, event)
        if live is not None:
            state.input, state.values = live
        launch: list[Launch] = [start for start in starts if self._start_again(start, batch)] if starts else []
        while commands := decide(machine, state):
            if self._gate is not None:
                commands = self._admitted(commands)
                if not commands:
                    continue
            command = commands[0]
            if type(command) is StartTask and len(commands) == 1:
                started = TaskStarted(machine.ids[command.node], command.visit, command.attempt)
                evolve(machine, state, started)
                batch.append(started)
                launch.append(command)
            else:
                self._carry_out_all(commands, batch, launch)
                if state.ending is not None and type(command) is c.Compensate:
                    break
                if type(commands[-1]) is not StartTask:
                    continue
            if not (state.fresh or state.kept or machine.special.conditions):
                break  # tasks that begin make nothing else follow
        if state.status != "running" or state.ending is not None:
            if self._attempts.stations is not None:  # what attempts have told comes before what ends them
                batch[:0] = self._applied(self._attempts.last_words())
            self._stop_all()
        elif self._timers is not None:
            self._timers.follow({} if state.paused else state.timers, self.host.loop, self.host.clock())
        self._record(batch, first, launch, state.status != "running")
        if self._offspring is not None and self._offspring.called_off:
            self._offspring.end(suspend=self._broken is not None)

    def _happened(self, events: list[Event]) -> None:
        """Go on from what came from outside."""
        first = self._state.seq
        self._took_note(self._applied(events), first)

    def _took_note(self, batch: list[Event], first: int) -> None:
        """Go on from what has been applied; a run that is not in progress here (yet) only records it."""
        if self._over.done() or self._remaking is not None:
            self._record(batch, first)
        else:
            self._advance(batch, first=first)

    def _start_again(self, command: Launch, batch: list[Event]) -> bool:
        """Start the next attempt of a task, if nothing holds it back."""
        if type(command) is StartTask:
            if not self._is_next(command):
                return False  # its token was withdrawn while it waited for its turn
            if self._state.paused and command.node in self._state.retrying:
                self._later = {**(self._later or {}), command.node: command}
                return False
            again = partial(self._again, command, self.machine)
            if self._gate is not None and not self._gate.admit(command.node, again):
                return False
            self._start(command, batch)
        return True

    def _is_next(self, command: StartTask) -> bool:
        """Whether a task in progress has come to the attempt before this one."""
        state, node = self._state, command.node
        return state.busy.get(node) == command.attempt - 1 and state.visits[node] == command.visit

    def _again(self, command: StartTask, machine: Machine) -> None:
        """Try once more to start an attempt that was held back."""
        self._advance([], self._renumbered([command], machine))

    def _renumbered(self, launch: Sequence[Launch], machine: Machine) -> Sequence[Launch]:
        """Commands for an earlier machine as commands for that of today."""
        for image in self._images if machine is not self.machine else ():
            if image.old is machine:
                launch = [image.of(command) for command in launch if command.node in image.nodes]
                machine = image.new
        return launch

    def _due_attempts(self) -> list[StartTask]:
        """The attempts that came due while the run was paused, of tasks that still wait for them."""
        state, later = self._state, self._later or {}
        self._later = None
        return [
            command
            for node, command in later.items()
            if node in state.retrying and (state.busy[node], state.visits[node]) == (command.attempt - 1, command.visit)
        ]

    def _admitted(self, commands: list[c.Command]) -> list[c.Command]:
        """Commands but for the starts of tasks that have to wait until fewer are in progress."""
        assert self._gate is not None
        admitted, state = [], self._state
        for command in commands:
            if type(command) is StartTask:
                if not self._gate.admit(command.node, partial(self._ask_again, command.node)):
                    state.queued |= {command.node}
                    continue
                state.queued -= {command.node}
            admitted.append(command)
        return admitted

    def _ask_again(self, node: int) -> None:
        """Try to start a task that was held back."""
        state = self._state
        if node in state.queued and state.status == "running" and not self._over.done():
            state.queued -= {node}
            if node in state.ready:
                state.fresh.append(node)
                self._advance([])

    def _fail(self, error: ExpressionError) -> None:
        problem = Problem(type="ExpressionError", message=storable(str(error)), node=error.node)
        self._happened(settle.settle_end(self.machine, self._state, events.RunFailed(problem)))

    def _stop_all(self) -> None:
        if self._gate is not None:
            self._gate.release_all()
        if self._timers is not None:
            self._timers.stop()
        self._attempts.stop()
        if self._remaking is not None and self._remaking is not asyncio.current_task(self.host.loop):
            self._remaking.cancel()
        if self._offspring is not None:
            self._offspring.let_go()

    def _launch(self, launch: Sequence[Launch]) -> None:
        for command in launch:
            if type(command) is StartTask:
                self._attempts.start(command)
            elif type(command) is c.StartChild:
                self._children.start(command)
            elif type(command) is not c.Compensate:
                continue
            elif command.run:
                self._children.undoing.begin(self.machine.ids[command.node], command)
            else:
                self._attempts.take_back(command)

    @property
    def _children(self) -> Children[Any]:
        if self._offspring is None:
            self._offspring = Children[Any](
                self.host,
                self.id,
                self.machine,
                self._state,
                self._child,
                self._from_child,
                self._stop_with_child,
                self._blame_child,
            )
        return self._offspring

    def _child(self, id: str, machine: Machine, state: State, epoch: int) -> Self:
        return type(self)(self.host, id, machine, state, epoch, parent=self.id, terms=self._terms_of(id))

    def _terms_of(self, child: str) -> Terms:
        """A child's terms: its parent's, and its tasks count where the node counts that it is started by."""
        if self._gate is None:
            return self.terms
        nodes = [node for node, known in self._state.children.items() if child in known.open.values()]
        slots = self._gate.slots(nodes[0]) if nodes else self.terms.slots
        return replace(self.terms, slots=slots)

    def _from_child(self, batch: list[Event]) -> None:
        if not self._over.done():
            self._advance(batch)

    def _stop_with_child(self, error: StoreError) -> None:
        if not self._over.done():
            self._break(error)

    @property
    def keeps(self) -> bool:
        """Whether children of it that are to be taken back know what no history does."""
        return self._offspring is not None and self._offspring.undoing.keeps

    def _blame(self, error: BaseException) -> None:
        self._cause = error

    def _blame_child(self, problem: Problem, error: BaseException) -> None:
        self._blamed[problem.node or ""] = (problem, error)

    def _due(self, edge: int) -> None:
        """A timer's time has come."""
        if self._state.status == "running" and edge in self._state.timers:
            try:
                fired = triggered.settle_timer(self.machine, self._state, edge)
            except ExpressionError as error:
                self._fail(error)
                return
            self._advance(fired)

    def _follow(self, image: Image, event: RunMigrated) -> None:
        """Go on with another machine from where the run stands."""
        first = self._state.seq
        migrate(image, self._state)
        self.machine = image.new
        self._images.append(image)
        self._differing = self.terms.differ(image.new)
        self._gate = gate(image.new, self.terms.slots, self.host.loop)
        self._attempts.follow(image, self._gate)
        if self._later:
            later = [image.of(command) for node, command in self._later.items() if node in image.nodes]
            self._later = {command.node: command for command in later}
        if self._offspring is not None:
            self._offspring.follow(image)
        if self._timers is not None:
            self._timers.stop()
        self._timers = Timers(self._due) if image.new.special.timers else None
        self._shadow = None
        self._took_note([event], first)
        if self.terms.snapshots is not None:  # one that begins to fold behind this event
            self._shadow = Shadow(self.host, self.id, image.new, self.terms.snapshots)
