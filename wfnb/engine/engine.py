"""Runs workflows in the running event loop and keeps their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from wfnb.author.flow import Flow
from wfnb.author.registry import Registry
from wfnb.author.registry import registry as default_registry
from wfnb.author.resolve import resolver
from wfnb.engine import opened
from wfnb.engine.ahead import Histories, read_ahead
from wfnb.engine.calling import Places
from wfnb.engine.flows import as_workflow
from wfnb.engine.host import Host
from wfnb.engine.inputs import checked_inputs
from wfnb.engine.keeping import Keeping
from wfnb.engine.keys import Keys, require_same
from wfnb.engine.naming import new_id
from wfnb.engine.outside import checked_id, steering
from wfnb.engine.past import history as records_of
from wfnb.engine.past import past_state
from wfnb.engine.resume import Lost, has_child, lost_values, missing, refusal
from wfnb.engine.run import Run
from wfnb.engine.slots import Slots
from wfnb.engine.snapshots import Persistence, Snapshots, snapshots_of
from wfnb.engine.terms import Durability, Terms, known_durability
from wfnb.engine.waiting import Standing, waiting_runs
from wfnb.errors import WfnbError
from wfnb.machine.check import require_sound, require_values
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.parts import called_by
from wfnb.model.event import RunStarted
from wfnb.model.state import State
from wfnb.model.strategy import limit_of
from wfnb.model.workflow import Workflow
from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import EventStore, RunHead

if TYPE_CHECKING:
    from pandas import DataFrame


class Engine(Keeping):
    """Starts runs, records what happens in them, and takes up those that a crash left open.

    Args:
        history: path of a DuckDB file, or None to keep the history in memory.
        durability: of runs that say nothing else.  `"sync"`: a completion is committed before its successors start.
            `"async"`: commits follow within milliseconds, and awaiting a run waits for its last one.  `"exit"`: a run
            is committed once it is over, or asked for its history; a process that dies takes it along.
        strategy: how many tasks are in progress at once, of all runs together: `"sequential"` (one),
            `"parallel(n)"`, or `"concurrent"` (all that are ready).
        registry: where activities are found; by default what `@wf.activity` defined.
        persistence: what the history keeps of a run: `"events"`, all of them; `"hybrid"`, snapshots of its state beside
            them, which make it fast to read and to resume; `"snapshot"`, snapshots and the events since the oldest one.
        snapshots: when snapshots are written; `"hybrid"` where the pattern is not given.
        capture: what becomes of what activities print and log: `"both"` keeps it in the history and shows it, `"only"`
            keeps it, `"off"` shows it.
        workers: how many processes there may be for activities that ask for one; one a processor by default.
        start_method: how those begin, `"spawn"` or `"forkserver"`; docs/executors.md says what that means.

    Attributes:
        history: the path it was opened on, None if in memory.

    Raises:
        StoreLocked, StoreVersion, StoreCorrupt: the file can not be opened.
        ValueError: an option is none of these, or there are no workers.
    """

    def __init__(
        self,
        history: str | Path | None = None,
        *,
        durability: Durability = "sync",
        strategy: str = "concurrent",
        registry: Registry | None = None,
        persistence: Persistence | None = None,
        snapshots: Snapshots | None = None,
        capture: Literal["both", "only", "off"] = "both",
        workers: int | None = None,
        start_method: Literal["spawn", "forkserver"] = "spawn",
    ) -> None:
        limit = limit_of(strategy)
        self._snapshots = snapshots_of(persistence, snapshots)
        self.history = None if history is None else str(history)
        self.registry = default_registry if registry is None else registry
        known_durability(durability)
        places = Places(capture, workers, start_method)
        self._host: Host[Run] = Host(
            open_store(history), self.registry, durability, limit, places, compile=self.compile
        )
        self._compiled: dict[int, tuple[Workflow, int, Machine]] = {}
        self._keys = Keys(self.store)
        self._closed = False
        opened.note(self)

    @property
    def closed(self) -> bool:
        """Whether it takes no more runs."""
        return self._closed

    @property
    def runs(self) -> dict[str, Run]:
        """The runs in progress, by id."""
        return self._host.runs

    def __repr__(self) -> str:
        store = "closed" if self._closed else repr(self.store)
        return f"<Engine, {self._host.durability}: {store}, {len(self.runs)} runs in progress>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._closed:
                self._suspend()  # first, or what is flushed would make the runs go on
                await self.store.flush()
        finally:
            self.close()

    def close(self) -> None:
        """Stop runs in progress (to be resumed), make everything durable and release the file."""
        if self._closed:
            return
        self._closed = True
        opened.leave(self)
        self._suspend()
        self._host.close()

    def _suspend(self) -> None:
        for run in tuple(self.runs.values()):
            run.suspend()
        self.runs.clear()

    def start(
        self,
        flow: Flow | Workflow | Machine | str | Path,
        /,
        *,
        input: Mapping[str, Any] | None = None,
        allow_unsound: bool = False,
        durability: Durability | None = None,
        strategy: str = "",
        persistence: Persistence | None = None,
        snapshots: Snapshots | None = None,
        key: str = "",
        breakpoints: Iterable[str] = (),
        pins: Mapping[str, Any] | None = None,
        until: str = "",
        **inputs: Any,
    ) -> Run:
        """Start a run and return at once; `await` it for its output.

        Args:
            flow: a flow, a workflow, a compiled machine, or the path of a document.
            input: the inputs as a mapping, for names that are no identifiers.
            durability: as of an engine, for this run and its children; None: as the engine has it.
            strategy: how many tasks of this run and its children are in progress at once; as of an engine.
            key: names this very start: a second one with the same key gives the same run, in progress or over; one that
                a restart had left open is taken up.
            breakpoints: nodes before which the run pauses, those inside calls and maps as `call/node`; see
                `Run.breakpoints`.
            pins: what tasks give without running their activities, by id; see `Run.pin`.
            until: a node before which it pauses once; see `Run.run_to`.
            allow_unsound: start it even though it is proved that it can get stuck, that two tokens can meet, or that
                something is read before it is written.
            persistence: as for the engine, for this run and its children; a run that is resumed follows its engine.
            snapshots: likewise.
            inputs: the inputs by name.

        Raises:
            CompileError: the workflow has errors, or is not sound.
            InputError: an input is missing or unknown, or not of the declared type; so is a pin; or the key is no text,
                or that of another start.
            UnknownName: a breakpoint or a pin names no node.
            DecodeError: the document can not be read.
            StoreError: the history takes no more events.
            ValueError: the durability, the strategy or the persistence is not known.
            WfnbError: no event loop is running.
        """
        self._attach()
        if key != "":
            checked_id("the key", key)
        own = persistence is not None or snapshots is not None
        planned = snapshots_of(persistence, snapshots) if own else self._snapshots
        terms = self._agreed(durability or "", strategy, planned)
        machine = self._machine(flow)
        if not allow_unsound:
            require_values(machine, self.registry)
            require_sound(machine)
        given = checked_inputs(machine.workflow, input, inputs, self.registry)
        steered = steering(machine, self.registry, breakpoints, pins or {}, until)
        if key and (known := self._keys.run(key)):
            return self._same(known, key, machine, given)
        run = Run(self._host, new_id(self._host.mark), machine, State(), terms=terms)
        self.store.define(machine.hash, machine.document)
        calls = called_by(machine)
        for called in calls.values():
            self.store.define(called.hash, called.document)
        self._take(run)
        opening = {"durability": durability or "", "strategy": strategy, "key": key}
        run.begin(given, calls={name: called.hash for name, called in calls.items()}, opening=opening, steered=steered)
        if key:
            self._keys.note(key, run.id)
        return run

    def _same(self, id: str, key: str, machine: Machine, given: Mapping[str, Any]) -> Run:
        """The run that was started with a key, if this start is the same."""
        run = self.run(id)
        lost = self._host.vault.all_known(given, fresh=True)
        require_same(key, run.id, run.records(1, 2)[0].event, machine, given, lost=lost)
        if run.broken is None:
            return run
        self._take_up(id, skip_missing=False)
        return self.runs[id]

    def fork(
        self,
        run: Run | str,
        *,
        at: int | None = None,
        values: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
    ) -> Run:
        """Start another run in the past of one, with other values or inputs; see `Run.fork`.

        Args:
            run: the run, or the beginning of its id.
            at: the number of the last event that both have.
            values: by node, what it gave instead.
            inputs: those that are different.

        Raises:
            UnknownName: there is no such run, or no such node.
            ValueError, InputError, CompileError, WfnbError: as of `Run.fork`.
        """
        found = run if isinstance(run, Run) else self.run(run)
        return found.fork(at=at, values=values, inputs=inputs)

    def _agreed(self, durability: str, strategy: str, snapshots: Snapshots | None) -> Terms:
        """The terms of a run that says this; a run that sets limits has slots of its own."""
        limit, slots = limit_of(strategy), self._host.slots
        if limit is not None:
            slots = (*slots, Slots(limit, self._host.loop))
        return Terms(known_durability(durability or self._host.durability), slots, snapshots)

    async def resume(self, run: str | None = None, *, skip_missing: bool = False) -> list[Run]:
        """Take up every unfinished run of this history where it stopped, or one.

        Tasks that were in progress run again, as their next attempt; recorded results are used as they are.

        Args:
            run: the id of the one to take up, or the beginning of it; of a child, its parent is.
            skip_missing: leave runs alone that can not be resumed, instead of refusing to resume any.

        Returns:
            The runs, in progress; await each for its output.

        Raises:
            CompileError: a run needs activities that are not defined, or inputs that were not recorded; no run was
                resumed.  `.diagnostics` names each.
            UnknownName: there is no such run.
        """
        return self._take_up(run, skip_missing=skip_missing)

    def _take_up(self, run: str | None, *, skip_missing: bool) -> list[Run]:
        self._attach()
        only = None if run is None else self._head(run).run.partition("/")[0]
        opened: list[tuple[Run, list[Lost]]] = []
        children: list[Run] = []
        absent = []
        left = (head for head in self.store.heads() if head.status == "running" and head.run not in self.runs)
        wanted = (head for head in left if only is None or head.run.partition("/")[0] == only)
        ahead: dict[str, Histories] = {}
        for head, histories in read_ahead(self.store, wanted):
            ahead[head.run] = histories
            found = self._reopen(head, histories)
            first = histories.read(head.run, 1, 2)[0].event
            if isinstance(first, RunStarted) and first.origin:
                found.knows(list(records_of(self.store, first.origin)), list(records_of(self.store, head.run)))
            if found.parent:
                children.append(found)  # its parent takes it up, if that still has it in progress
                continue
            lost = lost_values(found.machine, found.state, records_of(self.store, found.id))
            lacking = missing(found.id, found.machine, found.state, self.registry, lost)
            if lacking:
                absent.extend(lacking)
            else:
                opened.append((found, lost))
        if absent and not skip_missing:
            raise refusal(absent)
        self._end_orphans(children)
        self._host.ahead = ahead  # for their children
        try:
            for found, lost in opened:
                self._take(found)
                found.go_on([(item.node, item.attempt) for item in lost])
        finally:
            self._host.ahead = {}
        return [found for found, _ in opened]

    def migrate(
        self, run: Run | str, flow: Flow | Workflow | Machine | str | Path, *, allow_unsound: bool = False
    ) -> Run:
        """Let a run that is not over go on with a changed definition; see `Run.migrate`.

        One that is not in progress here is taken up with it by `resume`.

        Args:
            run: the run, or the beginning of its id.
            flow: the changed definition.
            allow_unsound: as in `start`.

        Raises:
            As `Run.migrate`; UnknownName: there is no such run.
        """
        self._attach()
        found = self.run(run) if isinstance(run, str) else run
        found.migrate(flow, allow_unsound=allow_unsound)
        return found

    def waiting(self) -> dict[str, Standing]:
        """What each unfinished run that rests waits for, by its id; nothing is resumed."""
        return waiting_runs(self.store, {id: (run.machine, run.state) for id, run in self.runs.items()})

    def run(self, id: str) -> Run:
        """A run of this history, in progress or over; an unambiguous beginning of its id is enough.

        Raises:
            UnknownName: there is none, or several.
            TypeError: it is no text.
        """
        if not isinstance(id, str):
            raise TypeError(f"{id!r} is no run\ngive a run, or its id as wf.runs() lists it")
        if id in self.runs:
            return self.runs[id]
        self._attach()
        head = self._head(id)
        if head.run in self.runs:
            return self.runs[head.run]
        run = self._reopen(head)
        if run.state.status == "running":
            run.suspend()
        return run

    def compile(self, flow: Flow | Workflow | Machine | str | Path, *, folder: Path | None = None) -> Machine:
        """Compile a workflow against the activities known here.

        Args:
            flow: the workflow.
            folder: where relative paths of called files start; by default that of the document, else the current one.

        Raises:
            CompileError: the workflow has errors, or reads values that may not be there.
            DecodeError: the document can not be read.
        """
        machine = self._machine(flow, folder)
        require_values(machine, self.registry)
        return machine

    def _machine(self, flow: Flow | Workflow | Machine | str | Path, folder: Path | None = None) -> Machine:
        if isinstance(flow, Machine):
            return flow
        workflow = as_workflow(flow)
        version = self.registry.version + self.registry.workflows.version
        known = self._compiled.get(id(workflow))
        if known is not None and known[0] is workflow and known[1] == version:
            return known[2]
        if folder is None and isinstance(flow, str | Path):
            folder = Path(flow).parent
        files: list[str] = []
        machine = compile_workflow(workflow, self.registry, resolver(self.registry, folder, files.append))
        if files:
            return machine  # they may be others the next time
        if len(self._compiled) > 256:
            self._compiled.clear()
        self._compiled[id(workflow)] = (workflow, version, machine)
        return machine

    def sql(self, query: str, parameters: list[Any] | None = None) -> DataFrame:
        """Ask the history in SQL; see `wfnb.history.frames` for its tables."""
        from wfnb.history import frames  # noqa: PLC0415 - pandas is loaded when a table is asked for

        return frames.sql(self.store, query, parameters or ())

    # -------------------------------------------------------------------------------------- for runs, not people

    def _reopen(self, head: RunHead, histories: Histories | None = None) -> Run:
        """A run of this history; its own is read there, where it was read ahead."""
        histories = self.store if histories is None else histories
        machine, state = past_state(histories, head.run)
        self._host.vault.check(state)
        started = histories.read(head.run, 1, 2)[0].event
        parent, said = "", ("", "")
        if isinstance(started, RunStarted):
            parent, said = started.parent, (started.durability, started.strategy)
        terms = self._agreed(*said, self._snapshots)
        return Run(self._host, head.run, machine, state, head.epoch, parent=parent, terms=terms)

    def _attach(self) -> None:
        if self._closed:
            raise WfnbError("this engine is closed\nopen the history again with wf.connect(...) or wf.Engine(...)")
        self._host.attach()

    def _end_orphans(self, children: list[Run]) -> None:
        """End the children that their parents had called off, or survived, when the process ended."""
        heads = {head.run: head for head in self.store.heads()}
        known: dict[str, Run] = {}
        for child in sorted(children, key=lambda run: run.id.count("/")):
            known[child.id] = child
            parent = known.get(child.parent) or self.runs.get(child.parent)
            if parent is None and child.parent in heads:
                parent = known[child.parent] = self._reopen(heads[child.parent])
            if parent is not None and not has_child(parent.state, child.id):
                self._take(child)
                child.go_on([])
                child.cancel(f"run '{child.parent}' has ended")

    def _take(self, run: Run) -> None:
        """Keep a run while it is in progress."""
        self._host.take(run.id, run)


def open_store(history: str | Path | None) -> EventStore:
    """The store for a path: in memory for None, Parquet segments for a folder, else a DuckDB file.

    A path is a folder's if it ends in a slash or in `.parquet`, or if there is a folder.
    """
    if history is None:
        return MemoryStore()
    if str(history).endswith(("/", "\\", ".parquet")) or Path(history).is_dir():
        from wfnb.store.parquet import ParquetStore  # noqa: PLC0415

        return ParquetStore(history)
    from wfnb.store.duckdb import DuckDBStore  # noqa: PLC0415 - a history in memory needs no DuckDB

    return DuckDBStore(history)
