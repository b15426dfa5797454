"""A recorded run, enacted by another machine: outcomes come from the record, what follows from them does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import msgspec
from msgspec import UNSET

from wfnb.engine.arguments import items_of
from wfnb.errors import ExpressionError, ReplayMismatch
from wfnb.machine import command as c
from wfnb.machine import settle, triggered
from wfnb.machine.decide import decide, outdated
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.migration import follow, image_of, migrate, misfits
from wfnb.machine.output import output
from wfnb.machine.semantics import evolve
from wfnb.model import event as e
from wfnb.model.event import Event, Record
from wfnb.model.state import State
from wfnb.testing.commands import Key, in_words, key_of

_CALLED_OFF = (e.TaskCancelled, e.NodeCancelled)
_ENDS = (e.RunCancelled, e.RunFailed, e.CompensationStarted)
_IGNORED = (
    e.RunPaused, e.RunResumed, e.BreakpointsChanged, e.ValuePinned, e.ValueUnpinned,
    e.ProgressReported, e.OutputCaptured, e.AlertRaised,
)  # fmt: skip
"""What changes when things happen, and nothing of what they lead to."""


class Enacted:
    """One run, enacted.

    Args:
        run: its id.
        machine: the machine to follow.
        recorded: those that it was recorded with, in order.

    Attributes:
        state: where it stands.
        children: the child runs that have begun, each with what it follows now.
    """

    def __init__(self, run: str, machine: Machine, recorded: Sequence[Machine]) -> None:
        self.run = run
        self.machine = machine
        self.state = State()
        self.children: dict[str, Machine] = {}
        self._recorded = recorded
        self._image = image_of(recorded[0], machine)
        self._pending: dict[Key, c.Command] = {}
        self._due: list[Event] = []
        self._record = Record(run, 1, 0, 0, e.RunResumed())

    def follow(self, records: Sequence[Record]) -> None:
        """Follow what was recorded.

        A run that has migrated stands where it stood then, as the machine has that; what it did before is taken as it
        is.

        Raises:
            ReplayMismatch: it does not fit.
        """
        last = max((n for n, record in enumerate(records) if isinstance(record.event, e.RunMigrated)), default=-1)
        if last >= 0:
            self._migrate(records[: last + 1])
            records = records[last + 1 :]
        for number, record in enumerate(records):
            self._record = record
            try:
                self._take(record.event, [one.event for one in records[number + 1 : number + 200]])
                self._ask()
            except ExpressionError as error:
                self._differs(f"an expression fails there: {error}")
            except ReplayMismatch as error:
                if error.seq is not None:
                    raise
                self._differs(str(error).partition("\n")[0])

    def _migrate(self, records: Sequence[Record]) -> None:
        *earlier, latest = self._recorded
        before, state = follow(earlier, (record.event for record in records[:-1]))
        self._record, image = records[-1], image_of(before, self.machine)
        problem = next(iter(misfits(image, state, allow_unsound=True)), None)
        if problem is not None:
            self._differs(problem.message)
        self.state = migrate(image, state)
        self._image = image_of(latest, self.machine)
        target = self.machine.graph.target
        for run, edge in self.state.spawned.items():
            self.children[run] = self._child_machine(target[edge], edge)
        for node, children in self.state.children.items():
            self.children.update(dict.fromkeys(children.open.values(), self._child_machine(node, -1)))
        self._ask()

    def _child_machine(self, node: int, edge: int) -> Machine:
        return self.machine.special.spawns[edge] if edge >= 0 else self.machine.children[node].machine

    def ahead(self) -> tuple[str, ...]:
        """What the machine would do next, in words."""
        if self.state.status != "running":
            return ()
        live = [one for one in self._pending.values() if not outdated(self.machine, self.state, one)]
        return tuple(in_words(self.machine, one) for one in live)

    # ------------------------------------------------------------------------------------------------ event by event

    def _take(self, event: Event, later: Sequence[Event]) -> None:
        node = getattr(event, "node", None)
        if node is not None and node not in self.machine.graph.number and not isinstance(event, _IGNORED):
            self._differs(f"there is no '{node}' in it")
        if isinstance(event, _IGNORED):
            self.state.seq += 1
        elif self._due:
            self._expect(self._due.pop(0), event)
        elif getattr(event, "rerun", False) or isinstance(event, e.ValueEdited):
            evolve(self.machine, self.state, event)
        elif self.state.status not in ("created", "running"):
            self._after_its_end(event)
        elif not self._outcome(event):
            self._caused(event, later)

    def _after_its_end(self, event: Event) -> None:
        match event:
            case e.RunReopened():
                edges = self._image.edges
                moves = tuple(edges[move] for move in event.moves)
                evolve(self.machine, self.state, msgspec.structs.replace(event, moves=moves))
            case e.RunCompleted():
                self.state.seq += 1  # complete once more, after its output was made again
            case _:
                self._differs(f"the run is over there: it {self.state.status}")

    def _expect(self, expected: Event, event: Event) -> None:
        """What was settled must be recorded next."""
        same = type(expected) is type(event) and getattr(expected, "node", None) == getattr(event, "node", None)
        if not same:
            self._differs(f"it gives {_named(expected)} there")
        evolve(self.machine, self.state, expected)

    def _settled(self, events: list[Event]) -> bool:
        """Go on with what came of an outcome; all but its first event must be recorded next."""
        first, *self._due = events
        if type(first) is not type(self._record.event):
            self._differs(f"it gives {_named(first)} there")
        evolve(self.machine, self.state, first)
        return True

    def _outcome(self, event: Event) -> bool:  # noqa: PLR0912 - a case an event
        """Take what came from outside; False if the event is what follows from something."""
        machine, state, number = self.machine, self.state, self.machine.graph.number
        match event:
            case e.RunStarted():
                self._begin(event)
            case e.TaskCompleted():
                node = self._inside(event)
                value = event.unstored if event.value is UNSET else event.value
                settled = settle.settle_completed(machine, state, node, event.attempt, value)
                return self._settled(settled)
            case e.TaskFailed() if event.retry_at is not None:
                self._inside(event)
                evolve(machine, state, event)
            case e.TaskFailed():
                node = self._inside(event)
                return self._settled(settle.settle_failed(machine, state, node, event.attempt, event.error, None, 0, 0))
            case e.TimerFired():
                return self._settled(triggered.settle_timer(machine, state, self._running_timer(event)))
            case e.TimerStarted() if event.due < 0:
                return self._settled(triggered.settle_timer(machine, state, self._running_timer(event)))
            case e.SignalReceived():
                return self._signal(event)
            case e.SignalTaken() if event.at < 0:
                value = state.facts.signals.get(event.name)
                edge = self._edge(event)
                if edge not in (found for found, _ in triggered.listening(machine, state, event.name, value)):
                    self._differs(f"'{event.node}' does not take the signal there")
                return self._settled(triggered.settle_taken(machine, state, edge, event.name, -1, value))
            case e.ApprovalGiven():
                node = self._inside(event)
                return self._settled(settle.settle_approval(machine, state, node, event.value))
            case e.ChildCompleted():
                node, spawned = number[event.node], event.run in state.spawned
                self._has_child(event)
                value = event.unstored if event.value is UNSET else event.value
                settled = settle.settle_child(
                    machine, state, node, event.run, event.index, value, spawned=spawned, reversible=event.reversible
                )
                return self._settled(settled)
            case e.ChildFailed():
                node, spawned = number[event.node], event.run in state.spawned
                self._has_child(event)
                settled = settle.settle_child_failed(
                    machine, state, node, event.run, event.index, event.error, spawned=spawned
                )
                return self._settled(settled)
            case e.NodeFailed():
                node = number[event.node]
                if node not in state.busy and node not in state.ready:
                    self._differs(f"no token is at '{event.node}' there")
                return self._settled(settle.settle_node_failed(machine, state, node, event.error, event.visit))
            case e.TaskStarted() if event.attempt > 1:
                self._inside(event, started=True)
                evolve(machine, state, event)
            case _:
                return False
        return True

    def _begin(self, event: e.RunStarted) -> None:
        lacking = [name for name in self.machine.workflow.inputs if name not in {**event.input, **event.unstored}]
        if lacking:
            self._differs(f"it needs the input '{lacking[0]}', which was not given")
        self._settled(
            settle.settle_start(
                self.machine,
                {**event.input, **event.unstored},
                event.unstored,
                values={**event.values, **event.lost},
                lost=event.lost,
            )
        )

    def _signal(self, event: e.SignalReceived) -> bool:
        machine, state = self.machine, self.state
        taken = triggered.listening(machine, state, event.name, event.value)
        edge = taken[0][0] if taken else None
        takes = None if edge is None else machine.workflow.edges[edge].source
        if takes != event.node:
            self._differs("nothing takes the signal there" if takes is None else f"'{takes}' takes the signal there")
        return self._settled(triggered.settle_signal(machine, state, event.name, event.id, event.value, edge))

    # -------------------------------------------------------------------------------------------- what follows

    def _caused(self, event: Event, later: Sequence[Event]) -> None:  # noqa: PLR0912 - a case an event
        """Something must be decided there that says so."""
        state, machine, number = self.state, self.machine, self.machine.graph.number
        match event:
            case e.TaskStarted():
                self._commanded(event, (c.StartTask, number[event.node], event.visit))
            case e.TimerStarted():
                edge = self._edge(event)
                self._commanded(
                    msgspec.structs.replace(event, edge=edge), (c.StartTimer, number[event.node], event.visit, edge)
                )
            case e.ApprovalRequested():
                self._commanded(event, (c.RequestApproval, number[event.node], event.visit))
            case e.MapStarted():
                items = items_of(machine.children[number[event.node]], state)
                if len(items) != event.size:
                    self._differs(f"map '{event.node}' goes through {len(items)} items there, not {event.size}")
                self._commanded(event, (c.StartMap, number[event.node], event.visit))
            case e.ChildStarted():
                self._child(event)
            case e.MapCompleted():
                self._expect_command((c.FinishMap, number[event.node]))
                self._settled(settle.settle_map(machine, state, number[event.node]))
            case e.SignalTaken():
                edge = self._edge(event)
                command = self._expect_command((c.TakeSignal, edge))
                assert isinstance(command, c.TakeSignal)
                self._settled(triggered.settle_taken(machine, state, edge, event.name, command.at, command.value))
            case e.ConditionMet():
                edge = self._edge(event)
                self._expect_command((c.MeetCondition, edge))
                self._settled(triggered.settle_condition(machine, state, edge))
            case e.TaskCancelled() | e.NodeCancelled():
                if not self._ends(later):
                    self._expect_command((c.CallOff, number[event.node], event.visit))
                evolve(machine, state, event)
            case e.TaskCompensated():
                self._commanded(event, (c.Compensate, number[event.node], event.visit, ""))
            case e.ChildCompensated():
                self._commanded(event, (c.Compensate, number[event.node], event.visit, event.run))
            case e.CompensationStarted() | e.RunFailed() | e.RunCancelled() | e.RunCompleted():
                self._end(event)
            case _:
                evolve(machine, state, event)

    def _child(self, event: e.ChildStarted) -> None:
        node, edge = self.machine.graph.number[event.node], event.edge
        if edge >= 0:
            edge = self._edge(event)
        self._commanded(msgspec.structs.replace(event, edge=edge), (c.StartChild, node, event.visit, event.index, edge))
        self.children[event.run] = self._child_machine(node, edge)

    def _end(self, event: e.CompensationStarted | e.RunFailed | e.RunCancelled | e.RunCompleted) -> None:
        machine, state = self.machine, self.state
        match event:
            case e.RunCompleted():
                self._expect_command((c.Complete,))
                problem = settle.failing_end(machine, state)
                if problem is not None:
                    self._differs(f"it fails there, with {problem.type}")
                gives = output(machine, state)
                if event.unstored is UNSET and gives != event.output:
                    self._differs(f"it gives {gives!r} there, not {event.output!r}")
            case e.RunFailed() if state.ending is None and (c.Fail,) not in self._pending:
                self._expect_command((c.Complete,))
                if settle.failing_end(machine, state) is None:
                    self._differs("it completes there")
            case e.CompensationStarted() | e.RunCancelled() | e.RunFailed():
                pass  # a person has cancelled it, or what it was decided by has been looked at
        evolve(machine, state, event)

    def _ends(self, later: Sequence[Event]) -> bool:
        """Whether nothing but the end of the run follows on what is called off."""
        return isinstance(next((one for one in later if not isinstance(one, _CALLED_OFF)), None), _ENDS)

    def _commanded(self, event: Event, key: Key) -> None:
        self._expect_command(key)
        evolve(self.machine, self.state, event)

    def _expect_command(self, key: Key) -> c.Command:
        command = self._pending.pop(key, None)
        if command is None or outdated(self.machine, self.state, command):
            would = self.ahead()
            self._differs(f"it {', and '.join(would)} there" if would else "nothing follows there")
        return command

    def _ask(self) -> None:
        """Hear what is to be done now."""
        if self._due or self.state.status != "running":
            return
        self._pending = {
            key: one
            for key, one in self._pending.items()
            if key[0] in _LASTING and not outdated(self.machine, self.state, one)
        }
        for command in decide(self.machine, self.state):
            self._pending[key_of(command)] = command

    # ------------------------------------------------------------------------------------------------ what is where

    def _inside(self, event: Any, *, started: bool = False) -> int:
        """The node that an event is about, in which a token must be."""
        node, state = self.machine.graph.number[event.node], self.state
        if node not in state.busy or state.visits[node] != event.visit:
            self._differs(f"no token is in '{event.node}' there")
        kind = self.machine.kinds[node]
        wanted = Kind.APPROVAL if isinstance(event, e.ApprovalGiven) else Kind.TASK
        if kind is not wanted and not started:
            self._differs(f"'{event.node}' is a {kind.name.lower()} there")
        return node

    def _has_child(self, event: e.ChildCompleted | e.ChildFailed) -> None:
        children = self.state.children.get(self.machine.graph.number[event.node])
        if event.run not in self.state.spawned and (children is None or event.index not in children.open):
            self._differs(f"'{event.node}' has no child '{event.run}' in progress there")

    def _running_timer(self, event: e.TimerFired | e.TimerStarted) -> int:
        edge = self._edge(event)
        if edge not in self.state.timers:
            self._differs(f"no timer of '{event.node}' runs there")
        return edge

    def _edge(self, event: Any) -> int:
        """The edge of an event; where it leads elsewhere now, the only one of its kind that leaves the node."""
        image = self._image
        if event.edge in image.edges:
            return image.edges[event.edge]
        old = image.old.workflow.edges[event.edge]
        alike = [
            edge
            for edge in self.machine.graph.out[self.machine.graph.number[old.source]]
            if (one := self.machine.workflow.edges[edge]).trigger == old.trigger
            and one.spawn == old.spawn
            and one.on == old.on
        ]
        if len(alike) != 1:
            self._differs(f"no edge of '{old.source}' is that from '{old.source}' to '{old.target}'")
        return alike[0]

    def _differs(self, why: str) -> NoReturn:
        seq, kind = self._record.seq, type(self._record.event).__name__
        node = getattr(self._record.event, "node", None)
        about = f" of '{node}'" if node else ""
        raise ReplayMismatch(
            f"event {seq} ({kind}{about}) of run '{self.run}' does not fit workflow '{self.machine.name}': {why}\n"
            "runs that are open would go another way: let them end with the definition that they began with, or change "
            "it so that this holds",
            node=node,
            run=self.run,
            seq=seq,
        )


_LASTING = (c.StartTask, c.StartMap, c.StartChild, c.StartTimer, c.RequestApproval)
"""Commands that `decide` gives once; others it gives again as long as they hold."""


def _named(event: Event) -> str:
    node = getattr(event, "node", None)
    return type(event).__name__ + (f" of '{node}'" if node else "")
