"""What a designer sets for the runs that are started from it, and what people do to the one in view."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias, assert_never

import msgspec

from wfnb.engine.control import going
from wfnb.engine.engine import Engine
from wfnb.engine.past import past_child
from wfnb.engine.run import Run
from wfnb.errors import UnknownName, WfnbError
from wfnb.machine.inside import located, way
from wfnb.machine.machine import RESTING, Kind, Machine
from wfnb.model.workflow import Workflow
from wfnb.widgets import messages as m
from wfnb.widgets.halts import Halts, Paused, paused
from wfnb.widgets.inside import newest_child
from wfnb.widgets.marks import Marks

Steered: TypeAlias = m.Steer | m.RetryTask | m.SetBreakpoints | m.PinResult | m.UnpinResult | m.ValueOf


class Steerings:
    """The breakpoints and pins of one designer.

    They outlive the runs that they are given to, and follow nodes that are renamed, made a workflow of their own, or
    unpacked.  What is set while a run is in progress holds for that one too, as far as its definition has such a node.
    Nodes inside calls and maps are named `call/node`, as the engine names them.

    Args:
        tell: takes messages to the canvas.
        document: what is drawn.
    """

    def __init__(self, tell: Callable[[m.Report], None], document: Workflow) -> None:
        self._tell = tell
        self._marks = Marks(document)
        self._until = ""  # a node inside a call at which the run in view is to pause once
        self._halts: Halts | None = None

    def tell(self) -> None:
        """Send what is set now."""
        self._tell(m.Steering(breakpoints=self._marks.breakpoints, pins=self._marks.pins))

    def greet(self) -> None:
        """Send everything, to a view that has just opened."""
        self.tell()
        if self._halts is not None:
            self._halts.tell(again=True)

    def close(self) -> None:
        """Stop listening."""
        if self._halts is not None:
            self._halts.close()

    def within(self, machine: Machine) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The breakpoints and pins at nodes that a machine has."""
        pins = {path: value for path, value in self._marks.pins.items() if _kind(machine, path) is Kind.TASK}
        return tuple(path for path in self._marks.breakpoints if _kind(machine, path) in RESTING), pins

    def follow(self, document: Workflow) -> None:
        """Keep to nodes that have moved in the document, which is this now."""
        if self._marks.follow(document):
            self.tell()

    # -------------------------------------------------------------------------------------------- runs that begin

    def start(self, engine: Engine, machine: Machine, input: dict[str, Any], until: str) -> Run:
        """A run with the breakpoints and pins that are set here, which pauses once before the node `until`.

        Raises:
            WfnbError: an input is missing, or the history takes no events.
        """
        breakpoints, pins = self.within(machine)
        inside = until not in machine.graph.number and until
        once = "" if inside else until
        stops = (*breakpoints, inside) if inside and inside not in breakpoints else breakpoints
        run = engine.start(machine, input=input, breakpoints=stops, pins=pins, until=once)
        self._watch(run, inside or "")
        return run

    def run_from(self, run: Run | None, node: str) -> Run:
        """Another run, from just before the last visit of a node, with the breakpoints and pins that are set here.

        Raises:
            WfnbError: there is no run, or it can not be forked there.
        """
        made = _in_view(run).run_from(node)
        if going(made.state):
            breakpoints, pins = self.within(made.machine)
            made.breakpoints = breakpoints
            for id in made.pins.keys() - pins.keys():
                made.unpin(id)
            for id, value in pins.items():
                made.pin(id, value)
            if made.status == "paused":
                made.resume()  # it was to run from there, not to stop there
        self.watch(made)
        return made

    def watch(self, run: Run) -> None:
        """Tell the canvas from now on where a run is paused inside its calls."""
        self._watch(run, "")

    def _watch(self, run: Run, until: str) -> None:
        self.close()
        self._marks.begun()
        self._until = until
        self._halts = Halts(run, self._tell, partial(self._paused, run))

    def _paused(self, run: Run, found: list[Paused]) -> None:
        """Where a child has come to what the run was to run to, do not stop there again."""
        until = self._until
        if any(one.stands_before(node) for one in found for node in below_calls(until, one.calls)):
            self._until = ""
            if until not in self._marks.breakpoints and going(run.state):
                run.breakpoints = [path for path in run.breakpoints if path != until]

    # -------------------------------------------------------------------------------------------- the run in view

    def take(self, run: Run | None, message: Steered) -> None:
        """Do what a message asks for; what does not work is told, not raised.

        A message may arrive in another thread than the run's loop; it then takes effect with the loop's next turn.
        """
        if run is None or run.host.is_here():
            self._take(run, message)
        else:
            run.host.loop.call_soon_threadsafe(partial(self._take, run, message))

    def _take(self, run: Run | None, message: Steered) -> None:
        try:
            self._done(run, message)
        except WfnbError as error:
            self._tell(m.Failure(message=str(error)))

    def _done(self, run: Run | None, message: Steered) -> None:
        match message:
            case m.Steer():
                self._steer(_in_view(run), message)
            case m.RetryTask():
                _retry(_in_view(run), message)
            case m.SetBreakpoints(nodes=nodes, on=on):
                rest = tuple(id for id in self._marks.breakpoints if id not in nodes)
                self._set_breakpoints(run, (*rest, *nodes) if on else rest)
            case m.PinResult(node=node, value=value):
                if run is not None and going(run.state) and _kind(run.machine, self._in(run, node)) is not None:
                    run.pin(self._in(run, node), value)
                self._marks.pins[node] = value
                self.tell()
            case m.UnpinResult(node=node):
                if run is not None and going(run.state):
                    run.unpin(self._in(run, node))
                self._marks.pins.pop(node, None)
                self.tell()
            case m.ValueOf(node=node):
                self._tell(m.NodeValue(node=node, json=_written(run, node)))
            case _:
                assert_never(message)

    def _set_breakpoints(self, run: Run | None, nodes: tuple[str, ...]) -> None:
        if run is not None and going(run.state):
            ours = [self._in(run, id) for id in self._marks.breakpoints]
            others = [id for id in run.breakpoints if id not in ours]
            known = (self._in(run, id) for id in nodes)
            run.breakpoints = [
                *others,
                *(id for id in known if id not in others and _kind(run.machine, id) is not None),
            ]
        self._marks.breakpoints = nodes
        self.tell()

    def _in(self, run: Run, path: str) -> str:
        return self._marks.in_run(run.machine, path)

    def _steer(self, run: Run, message: m.Steer) -> None:
        match message.action:
            case "pause":
                run.pause()
            case "resume":
                run.resume()
            case "step":
                _step(run, message)
            case "run_to":
                self._run_to(run, message.node)
            case _:
                assert_never(message.action)

    def _run_to(self, run: Run, node: str) -> None:
        path = self._in(run, node)
        if located(run.machine, path)[0] is run.machine:
            run.run_to(path)
            return
        if path not in run.breakpoints:
            run.breakpoints = [*run.breakpoints, path]
            self._until = path
        run.resume()


def below_calls(path: str, calls: tuple[str, ...]) -> list[str]:
    """The rest of a path behind these calls; none where it does not go through them."""
    before = "/".join((*calls, ""))
    return [path[len(before) :]] if path.startswith(before) else []


def _kind(machine: Machine, path: str) -> Kind | None:
    """What kind of node a path leads to; None where it leads to none."""
    with suppress(UnknownName):
        within, node = located(machine, path)
        return within.kinds[node]
    return None


def _in_view(run: Run | None) -> Run:
    if run is None:
        raise WfnbError("no run is in view here\nstart one")
    return run


def _step(run: Run, message: m.Steer) -> None:
    """Begin one thing of what is paused, and let everything else rest: what follows is not to run away.

    Raises:
        WfnbError: nothing can begin.
    """
    inside = [found.run for found in paused(run)]
    asked = [child for child in inside if child.id == message.run]
    if inside and not run.state.paused:
        run.pause()
    elif not asked:
        inside = [run, *inside]
    first: WfnbError | None = None
    for one in asked or inside or [run]:
        try:
            one.step(message.node)
        except WfnbError as error:
            first = first or error
        else:
            return
    if first is not None:
        raise first


def _retry(run: Run, message: m.RetryTask) -> None:
    """Try a task again; that of a child which is over only with what had called it.

    Raises:
        WfnbError: nothing is to be tried again.
    """
    child = run.host.runs.get(message.run) if message.run else run
    if child is None:
        run.retry()
    else:
        child.retry(message.node)


def _written(run: Run | None, path: str) -> str:
    """The value of a node as JSON text; inside calls, in the newest of the children."""
    try:
        value = None if run is None else _value(run, path)
        return "" if value is None else msgspec.json.format(msgspec.json.encode(value[0]), indent=1).decode()
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        return ""


def _value(run: Run, path: str) -> tuple[Any] | None:
    """What a node gave; None where it gave nothing."""
    try:
        *calls, last = (within.ids[node] for within, node in way(run.machine, path))
    except UnknownName:
        return None
    id = newest_child(run, calls) or ""
    live = run if not calls else run.host.runs.get(id)
    if live is not None:
        values = live.values
    else:
        stands = past_child(run.host.store, id) if id else None
        values = {} if stands is None else run.host.vault.opened(stands[1]).values
    return (values[last],) if last in values else None
