"""From what the machine decides to the events that say that it is being done."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from wfnb.engine import arguments
from wfnb.engine.children import Children
from wfnb.engine.given import Given
from wfnb.engine.known import Service
from wfnb.engine.recorder import Launch, Recorder
from wfnb.engine.recording import storable
from wfnb.errors import ExpressionError, StoreError
from wfnb.machine import command as c
from wfnb.machine import settle, triggered
from wfnb.machine.command import StartTask
from wfnb.machine.decide import outdated
from wfnb.machine.machine import Kind
from wfnb.machine.output import output
from wfnb.machine.semantics import evolve
from wfnb.model import event as events
from wfnb.model.event import Event, Problem, RunCompleted, TaskStarted


class Deeds(Recorder):
    """Carries commands out, as far as events can; what they set going is left to be launched once it is recorded."""

    @property
    @abstractmethod
    def _children(self) -> Children[Any]:
        """The children, there from now on."""

    def _carry_out_all(self, commands: list[c.Command], batch: list[Event], launch: list[Launch]) -> None:
        """Turn commands into events, but for what another one of them has made pointless."""
        state = self._state
        for command in commands:
            if type(command) is StartTask:
                if command.node in state.ready and state.status == "running" and state.ending is None:
                    self._start(command, batch)
                    launch.append(command)
            elif not outdated(self.machine, state, command):
                self._carry_out(command, batch, launch)

    def _start(self, command: StartTask, batch: list[Event]) -> None:
        started = TaskStarted(self.machine.ids[command.node], command.visit, command.attempt)
        evolve(self.machine, self._state, started)
        batch.append(started)

    def _carry_out(self, command: c.Command, batch: list[Event], launch: list[Launch]) -> None:  # noqa: PLR0912 - a case a command
        """Turn a command into the events that say that it is being done."""
        state, machine, ids = self._state, self.machine, self.machine.ids
        try:
            match command:
                case c.Complete() | c.Fail() | c.EndEarly():
                    self._end(command, batch)
                case c.Compensate():
                    if not self._is_taken_back(command):
                        launch.append(command)
                case c.StartTimer():
                    at = triggered.due(machine, state, command.edge, self.host.clock())
                    self._apply([events.TimerStarted(ids[command.node], command.visit, command.edge, at)], batch)
                case c.RequestApproval():
                    prompt = storable(arguments.prompt_of(machine, state, command.node))
                    self._apply([events.ApprovalRequested(ids[command.node], command.visit, prompt)], batch)
                case c.TakeSignal():
                    taken = triggered.settle_taken(
                        machine, state, command.edge, command.name, command.at, command.value
                    )
                    self._apply(taken, batch)
                case c.MeetCondition():
                    self._apply(triggered.settle_condition(machine, state, command.edge), batch)
                case c.StartMap():
                    items = arguments.items_of(machine.children[command.node], state)
                    self._children.items[command.node] = items
                    self._apply([events.MapStarted(ids[command.node], command.visit, len(items))], batch)
                case c.StartChild():
                    known = None if self._attempts.given is None else self._known_child(self._attempts.given, command)
                    name = self._children.choose(command) if known is None else known[0]
                    started = events.ChildStarted(ids[command.node], command.visit, name, command.index, command.edge)
                    self._apply([started], batch)
                    if known is None:
                        launch.append(command)
                    else:
                        self._apply(self._given_by_child(command, *known), batch)
                case c.FinishMap():
                    self._apply(settle.settle_map(machine, state, command.node), batch)
                case c.CallOff():
                    self._call_off(command, batch)
                case c.Pause():
                    self._apply([events.RunPaused("breakpoint", ids[command.node])], batch)
                case StartTask():
                    raise AssertionError("started where it is decided")
        except ExpressionError as error:
            self._fail_at(command, error, batch)

    def _known_child(self, given: Given, command: c.StartChild) -> tuple[str, Any] | None:
        """The child of a fork's origin that has done what this one would do, and what it gave; None if none has."""
        node, index = command.node, command.index
        item = self._children.items[node][index] if index >= 0 else None
        found = given.child(Service(self.machine.ids[node], command.visit, index, command.edge), item)
        if found is None:
            return None
        try:
            return found.run, self.host.vault.load(found.value)
        except StoreError:
            return None  # it is made again

    def _given_by_child(self, command: c.StartChild, run: str, value: Any) -> list[Event]:
        return settle.settle_child(
            self.machine,
            self._state,
            command.node,
            run,
            command.index,
            value,
            self.host.vault.known(value),
            spawned=command.edge >= 0,
        )

    def _is_taken_back(self, command: c.Compensate) -> bool:
        """Whether something is being taken back, or children that were called off come first."""
        if self._offspring is not None and (self._offspring.leaving or command.run in self._offspring.undoing):
            return True
        return not command.run and command.node in self._attempts

    def _apply(self, happened: list[Event], batch: list[Event]) -> None:
        batch.extend(self._applied(happened))

    def _fail_at(self, command: c.Command, error: ExpressionError, batch: list[Event]) -> None:
        """An expression that a node needs failed: for a map that is its own failure, which an edge may catch."""
        at = getattr(command, "node", None)
        node = error.node if at is None else self.machine.ids[at]
        problem = Problem(type="ExpressionError", message=storable(str(error)), node=node)
        if isinstance(command, c.StartMap):
            failed = settle.settle_node_failed(self.machine, self._state, command.node, problem, command.visit)
            self._apply(failed, batch)
        else:
            self._apply(settle.settle_end(self.machine, self._state, events.RunFailed(problem)), batch)

    def _end(self, command: c.Complete | c.Fail | c.EndEarly, batch: list[Event]) -> None:
        machine, state = self.machine, self._state
        match command:
            case c.Complete():
                ending = self._completed()
            case c.Fail():
                ending = settle.settle_end(machine, state, events.RunFailed(command.problem))
            case c.EndEarly():
                assert state.ending is not None
                error = state.ending.error
                ending = [events.RunCancelled(state.ending.reason) if error is None else events.RunFailed(error)]
        self._apply(ending, batch)
        if isinstance(ending[0], RunCompleted):
            state.output = ending[0].output

    def _completed(self) -> list[Event]:
        """How a run without tokens ends: failed where an end says so."""
        machine, state = self.machine, self._state
        try:
            problem = settle.failing_end(machine, state)
            if problem is not None:
                return settle.settle_end(machine, state, events.RunFailed(problem))
            value = output(machine, state)
        except ExpressionError as error:
            failed = events.RunFailed(Problem(type="ExpressionError", message=storable(str(error))))
            return settle.settle_end(machine, state, failed)
        return [RunCompleted(value, self.host.vault.known(value))]

    def _call_off(self, command: c.CallOff, batch: list[Event]) -> None:
        """Stop what a withdrawn token had set going."""
        node, id = command.node, self.machine.ids[command.node]
        kind = self.machine.kinds[node]
        if kind is Kind.TASK:
            self._apply(self._attempts.last_words(node), batch)
            batch.append(events.TaskCancelled(id, command.visit, command.attempt))
        else:
            batch.append(events.NodeCancelled(id, command.visit))
        evolve(self.machine, self._state, batch[-1])
        self._attempts.call_off(node)
        if self._offspring is not None:
            self._offspring.let_go(node)
