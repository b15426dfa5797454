"""The child runs of a run: of its calls, its maps, and the edges that spawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from wfnb.engine import arguments
from wfnb.engine.again import Again, OutputLost
from wfnb.engine.ahead import Histories
from wfnb.engine.host import Host
from wfnb.engine.inputs import checked_inputs
from wfnb.engine.past import history, stood
from wfnb.engine.recording import problem_of, storable
from wfnb.engine.reopening import Stopped, can_go_on, has_stopped
from wfnb.engine.resume import is_read, lost_values
from wfnb.engine.undoing import Undoing, Undone
from wfnb.errors import ExpressionError, InputError, StoreError
from wfnb.machine import command as c
from wfnb.machine import settle
from wfnb.machine.inside import below
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.migration import Image
from wfnb.machine.offspring import children_in_progress
from wfnb.model.event import (
    BreakpointsChanged,
    Event,
    Problem,
    Record,
    RunPaused,
    RunResumed,
    Unstored,
    ValuePinned,
    ValueUnpinned,
)
from wfnb.model.state import State


class ChildRun(Undone, Protocol):
    """What a run asks of its children, which are runs too."""

    machine: Machine

    @property
    def cause(self) -> BaseException | None:
        """The exception that ended it, if any did."""

    def begin(
        self,
        input: dict[str, Any],
        *,
        values: dict[str, Any] | None = None,
        called_off: str = "",
        steered: Sequence[Event] = (),
    ) -> None:
        """Record the start and go on from there; or, where it is called off already, that it was cancelled."""

    def reopen(self, steered: Sequence[Event], records: Sequence[Record]) -> None:
        """Be in progress again where it stopped when its parent failed."""

    def migrate_to(self, machine: Machine) -> None:
        """Go on with another machine, and record that."""

    def pause(self, reason: str = "") -> None:
        """Let it begin nothing new."""

    def go_on(self, lost: list[tuple[int, int]]) -> None:
        """Go on after a restart."""

    def cancel(self, reason: str = "") -> None:
        """End it."""


R = TypeVar("R", bound=ChildRun)
"""What a run is; a type of its own, so that this module need not know runs, which know it."""


class Children(Generic[R]):
    """The children of one run.

    Args:
        host: what the run shares with others.
        run: the id of the run.
        machine: what it runs.
        state: where it stands; read here, never changed.
        make: makes a run with this id, machine, state and epoch, as a child.
        advance: takes the events of a child's outcome.
        stop: stops the run because of an error of the store, as one of its children has.
        blame: is told how a child failed, and with what exception.
    """

    def __init__(  # noqa: PLR0917 - what they need of their run
        self,
        host: Host[R],
        run: str,
        machine: Machine,
        state: State,
        make: Callable[[str, Machine, State, int], R],
        advance: Callable[[list[Event]], None],
        stop: Callable[[StoreError], None],
        blame: Callable[[Problem, BaseException], None],
    ) -> None:
        self._host = host
        self._run = run
        self._machine = machine
        self._state = state
        self._make = make
        self._advance = advance
        self._stop = stop
        self._blame = blame
        self.items: dict[int, list[Any]] = {}
        """What each map in progress goes through."""
        self._open: dict[str, tuple[R, int]] = {}
        self._stopped: Stopped | None = None
        """Those that stopped when the run failed, while it asks for them again."""
        self._going_on: dict[c.StartChild, tuple[str, Histories]] = {}
        """Those that go on where they stopped, by what starts them, and where their histories are to be read."""
        self._making: dict[str, asyncio.Task[None]] = {}
        """What makes the outputs of children again that were over before a restart."""
        self.called_off: list[tuple[R, str]] = []
        """Those that are to be cancelled, and why, once it is recorded that nothing waits for them."""
        self.held: set[str] = set()
        """Those that begin paused, because the run was paused before they did."""
        self._freed: set[str] = set()
        """Those that go on where they stopped, but not paused, because the run has been resumed before they do."""
        self.undoing = Undoing[R](host, run, make, advance, stop)
        """What takes those back that have completed."""
        self._leaving: set[str] = set()
        """Those that were called off as the run was ending, and still take back what they did."""

    def name(self, command: c.StartChild) -> str:
        """The id of the run that a command starts."""
        visit = f"#{command.visit}" if command.visit > 1 else ""
        item = f"[{command.index}]" if command.index >= 0 else ""
        return f"{self._run}/{self._machine.ids[command.node]}{visit}{item}"

    def choose(self, command: c.StartChild) -> str:
        """As `name`; but where the run was reopened, a child that stopped when it failed and can go on does that."""
        if not self._state.again:
            self._stopped = None
            return self.name(command)
        if self._stopped is None:
            self._stopped = Stopped(self._host.store, self._state, self._run)
        there = self._stopped.there
        for run in self._stopped.resumable(command):
            if self._can_go_on(run, command, there):
                self._going_on[command] = run, there
                return run
        return self.name(command)

    def _can_go_on(self, run: str, command: c.StartChild, there: Histories) -> bool:
        node, index, edge = command.node, command.index, command.edge
        wanted = self._machine_of(node, edge)
        try:
            given, values = self._given(node, index, edge, wanted)
        except (ExpressionError, InputError):
            return False  # which `start` says
        return can_go_on(there, run, wanted, given, values or {})

    def start(self, command: c.StartChild, id: str = "") -> None:
        """Start a child; one that was withdrawn meanwhile is a run that was cancelled before it did anything."""
        node, index, edge = command.node, command.index, command.edge
        if (stopped := self._going_on.pop(command, None)) and not id:
            if self._wanted(stopped[0], node, index):
                self.attach(stopped[0], node, index, edge, again=stopped[1])
            return
        state, id = self._state, id or self.name(command)
        wanted = self._wanted(id, node, index)
        machine = self._machine_of(node, edge)
        try:
            given, values = self._given(node, index, edge, machine)
        except (ExpressionError, InputError) as error:
            if wanted:
                problem = self._problem(node, type(error).__name__, str(error))
                self._advance(settle.settle_child_failed(self._machine, state, node, id, index, problem))
            return
        self._host.store.define(machine.hash, machine.document)
        child = self._make(id, machine, State(), 1)
        if wanted:
            self._keep(child, node, index)
            child.begin(given, values=values, steered=self._steered(child, node, spawned=edge >= 0))
        else:
            child.begin(given, values=values, called_off=f"'{self._machine.ids[node]}' was called off before it began")

    # --------------------------------------------------------------------------------------------- their course

    def runs(self) -> list[R]:
        """Those in progress here."""
        return [child for child, _ in self._open.values()]

    def hold(self) -> None:
        """Let those begin paused that are on record and have not begun."""
        self.held.update(id for id, *_ in self.in_progress() if id not in self._open)
        self._freed.clear()

    def free(self) -> None:
        """Let those go on that are on record and do not yet, where they stopped paused."""
        self._freed.update(id for id, *_ in self.in_progress() if id not in self._open)

    def inside(self, child: R, paths: Iterable[str]) -> list[str]:
        """Those of the nodes of a run that are nodes of one of its children, as that child calls them."""
        return self._inside(paths, self._open[child.id][1], child.machine, spawned=child.id in self._state.spawned)

    def _inside(self, paths: Iterable[str], node: int, machine: Machine, *, spawned: bool) -> list[str]:
        if not spawned:
            return list(below(paths, self._machine.ids[node]))
        return [
            path for path in paths if path in machine.graph.number or path.partition("/")[0] in machine.graph.number
        ]

    def _steered(self, child: R, node: int, *, spawned: bool) -> list[Event]:
        """What a child begins with: the breakpoints and pins of the run inside it, and its pause."""
        state, ids = self._state, self._machine.ids
        steered: list[Event] = []
        if state.breakpoints or state.inside:
            paths = [*(ids[number] for number in sorted(state.breakpoints)), *state.inside]
            if stops := self._inside(paths, node, child.machine, spawned=spawned):
                steered.append(BreakpointsChanged(tuple(stops)))
        for path, value in state.pins.items():
            for inner in self._inside([path], node, child.machine, spawned=spawned):
                steered.append(ValuePinned(inner, value, self._host.vault.known(value)))  # noqa: PERF401
        if child.id in self.held:
            self.held.discard(child.id)
            steered.append(RunPaused())
        return steered

    def _steered_again(self, child: R, node: int, *, spawned: bool) -> list[Event]:
        """As `_steered`, of a child that goes on where it stopped: what it had and the run has not is gone."""
        steered, before = self._steered(child, node, spawned=spawned), child.state
        if (before.breakpoints or before.inside) and not any(isinstance(e, BreakpointsChanged) for e in steered):
            steered.insert(0, BreakpointsChanged(()))
        pinned = {event.node for event in steered if isinstance(event, ValuePinned)}
        if child.id in self._freed:
            self._freed.discard(child.id)
            steered += [RunResumed()] * before.paused
        return [*(ValueUnpinned(path) for path in before.pins if path not in pinned), *steered]

    def _given(
        self, node: int, index: int, edge: int, machine: Machine
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The inputs of a child, and the values that one which an edge spawns knows of its parent."""
        if edge >= 0:
            return dict(self._state.input), dict(self._state.values)
        passed = self._passed(node, index)
        return checked_inputs(machine.workflow, passed, {}, self._host.registry), None

    def _passed(self, node: int, index: int) -> dict[str, Any]:
        item = self.items[node][index] if index >= 0 else None
        return arguments.of_child(self._machine.children[node], self._state, index, item)

    def _machine_of(self, node: int, edge: int) -> Machine:
        return self._machine.special.spawns[edge] if edge >= 0 else self._machine.children[node].machine

    def _keep(self, child: R, node: int, index: int) -> None:
        if child.state.status in ("created", "running"):
            self._host.take(child.id, child)
        self._open[child.id] = (child, node)
        child.when_over(lambda: self._over(child, node, index))

    def _wanted(self, id: str, node: int, index: int) -> bool:
        """Whether the run goes on and has this child in progress."""
        state = self._state
        known = state.children.get(node)
        going = state.status == "running" and state.ending is None
        return going and (id in state.spawned or (known is not None and known.open.get(index) == id))

    def _over(self, child: R, node: int, index: int, problem: Problem | None = None) -> None:
        """Go on from what became of a child, if the run still wants to know; with `problem` it has failed."""
        state = self._state
        mine, node = self._open.get(child.id, (None, node))
        if mine is child:  # else it was let go, and may go on as another one since
            del self._open[child.id]
        if child.broken is not None:
            self._stop(child.broken)  # as it has stopped, so does this run
        elif mine is child and self._wanted(child.id, node, index):
            spawned = child.id in state.spawned
            if problem is None and child.state.status == "completed":
                value, reversible = child.state.output, bool(child.state.done)
                if reversible:
                    self.undoing.keep(child)
                known = self._host.vault.known(value)
                if type(value) is Unstored and (spawned or is_read(self._machine, state, node)):
                    value = self._host.vault.load(value)
                happened = settle.settle_child(
                    self._machine, state, node, child.id, index, value, known, spawned=spawned, reversible=reversible
                )
            else:
                problem = problem or self._why(child, node, index)
                happened = settle.settle_child_failed(
                    self._machine, state, node, child.id, index, problem, spawned=spawned
                )
            self._advance(happened)

    def _why(self, child: R, node: int, index: int) -> Problem:
        """Why a child gave nothing."""
        cancelled = self._problem(node, "RunCancelled", f"run '{child.id}' was cancelled")
        problem = msgspec.structs.replace(child.state.error or cancelled, node=self._machine.ids[node])
        if child.cause is not None and self._counts(node, index):
            self._blame(problem, child.cause)
        return problem

    def _counts(self, node: int, index: int) -> bool:
        """Whether the node may fail with what a child of it failed with: a map that goes on, with the first item's."""
        if index < 0:
            return True
        others, failure = self._state.children[node].failed, self._machine.children[node].failure
        return failure == "stop" or (failure == "finish" and index < min(others, default=index + 1))

    def _problem(self, node: int, type: str, message: str) -> Problem:
        return Problem(type=type, message=storable(message), node=self._machine.ids[node])

    # ---------------------------------------------------------------------------------------------- a restart

    def in_progress(self) -> list[tuple[str, int, int, int]]:
        """Id, node, item and spawning edge of every child that the state says is in progress."""
        return [(run, *place) for run, place in children_in_progress(self._machine, self._state).items()]

    def find_items(self) -> None:
        """After a restart: what the maps in progress go through.

        Raises:
            ExpressionError: that can not be told any more.
        """
        for node in self._state.children:
            if self._machine.kinds[node] is Kind.MAP:
                self.items[node] = arguments.items_of(self._machine.children[node], self._state)

    def attach(self, id: str, node: int, index: int, edge: int, *, again: Histories | None = None) -> None:
        """Take up a child after a restart, or begin it where it had not begun.

        Args:
            id: its run.
            node: what it serves.
            index: the item of a map, else -1.
            edge: the edge that spawned it, else -1.
            again: where its history is to be read, if it had stopped when the run failed, and now goes on.
        """
        store = again or self._host.histories(id)
        if not store.read(id, 1, 2):
            if self._state.paused:
                self.held.add(id)
            self.start(c.StartChild(node, self._state.visits[node], index, edge), id)
            return
        wanted = self._machine_of(node, edge)
        machine, stands = stood(store, id, wanted)
        epoch = store.read(id, stands.seq)[-1].epoch
        child = self._make(id, machine, stands, epoch)
        self._host.vault.check(child.state)
        if child.state.status in ("failed", "cancelled") and (again or has_stopped(self._host.store, self._run, id)):
            child.reopen(self._steered_again(child, node, spawned=edge >= 0), store.read(id))
        given = child.state.output
        lost = type(given) is Unstored and not given.hash  # it was over before the restart; what it gave is gone
        if lost and edge < 0 and is_read(self._machine, self._state, node):
            self._open[id] = (child, node)
            self._give_again(child, node, index, edge)
            self._making[id] = self._host.loop.create_task(self._make_again(child, node, index, epoch))
            return
        self._keep(child, node, index)
        if child.state.status == "running":
            if machine is not wanted:  # the process died before it was recorded that the child had migrated, too
                child.migrate_to(wanted)
            self._give_again(child, node, index, edge)
            if self._state.paused and not child.state.paused and child.state.ending is None:
                child.pause()  # which it could not be told while the run was not in progress
            lost_here = lost_values(child.machine, child.state, history(store, id))
            child.go_on([(item.node, item.attempt) for item in lost_here])

    async def _make_again(self, child: R, node: int, index: int, epoch: int) -> None:
        """Make the output of a child again, and go on from that."""
        problem = None
        try:
            await Again(self._host, child.id, child.machine, child.state, epoch).make()
        except StoreError as error:
            if child.id in self._open:
                self._stop(error)
            return
        except OutputLost as error:
            problem = self._problem(node, "ValueLost", str(error))
        except BaseException as error:  # noqa: BLE001 - as in an attempt
            if child.id not in self._open or self._host.is_ending():
                return  # it was called off, or the script ends
            problem = problem_of(error, self._machine.ids[node])
            if self._counts(node, index):
                self._blame(problem, error)
        finally:
            self._making.pop(child.id, None)
        self._over(child, node, index, problem)

    def _give_again(self, child: R, node: int, index: int, edge: int) -> None:
        """Give a child once more what of its inputs was not recorded."""
        state, given = child.state, dict[str, Any]()
        if any(isinstance(value, Unstored) for value in state.input.values()):
            known_items = index < 0 or node in self.items
            given = self._state.input if edge >= 0 else self._passed(node, index) if known_items else {}
        for known, live in ((state.input, given), (state.values, self._state.values if edge >= 0 else {})):
            for name, value in known.items():
                if isinstance(value, Unstored) and name in live:
                    known[name] = live[name]

    # ------------------------------------------------------------------------------------------- another machine

    @property
    def making(self) -> bool:
        """Whether outputs of children that were over before a restart are being made again."""
        return bool(self._making)

    def follow(self, image: Image) -> None:
        """Go on with another machine, in which all children in progress have their place."""
        self._machine = image.new
        self._stopped = None
        self._going_on = {
            image.of(command): run for command, run in self._going_on.items() if command.node in image.nodes
        }
        self.items = {image.nodes[node]: items for node, items in self.items.items() if node in image.nodes}
        target, spawned = image.new.graph.target, self._state.spawned
        for id, (child, node) in self._open.items():
            self._open[id] = (child, target[spawned[id]] if id in spawned else image.nodes[node])

    # ------------------------------------------------------------------------------------------------ their end

    def let_go(self, node: int | None = None) -> None:
        """Let go of the children of a node, or of all; they end once that is recorded (see `end`)."""
        if node is None:
            self._stopped = None
        for id, (child, of) in list(self._open.items()):
            if node is None or of == node:
                del self._open[id]
                making = self._making.pop(id, None)
                if making is not None and making is not asyncio.current_task(self._host.loop):
                    making.cancel()
                why = f"run '{self._run}' has ended" if node is None else f"'{self._machine.ids[of]}' was called off"
                self.called_off.append((child, why))

    def end(self, *, suspend: bool) -> None:
        """Cancel those that nothing waits for any more, or stop them where their parent only stops."""
        called_off, self.called_off = self.called_off, []
        if suspend:
            self.undoing.suspend()
        for child, why in called_off:
            if suspend:
                child.suspend()
            elif child.state.status == "completed" and child.state.done:  # what nobody has heard of yet
                child.take_back(why)
            else:
                child.cancel(why)
        if self._state.ending is not None and not suspend:
            self.await_end([child for child, _ in called_off if child.state.status == "running"])

    @property
    def leaving(self) -> bool:
        """Whether some are still in progress, or take back what they did, though the run is ending."""
        return bool(self._open or self.called_off or self._leaving)

    def await_end(self, children: Iterable[R]) -> None:
        """Go on with the end of the run once these are over: what they did came after what it is to take back."""
        for child in children:
            self._leaving.add(child.id)
            child.when_over(partial(self._left, child.id))
        if not self._leaving and self._state.status == "running":
            self._advance([])

    def _left(self, id: str) -> None:
        self._leaving.discard(id)
        if not self._leaving and self._state.status == "running":
            self._advance([])
