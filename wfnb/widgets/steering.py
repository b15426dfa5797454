"""What a designer sets for the runs that are started from it, and what people do to the one in view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias, assert_never

import msgspec

from wfnb.author.edits import Edit, SetNode
from wfnb.engine.control import going
from wfnb.engine.run import Run
from wfnb.errors import WfnbError
from wfnb.model.workflow import Task, Workflow
from wfnb.widgets import messages as m

Steered: TypeAlias = m.Steer | m.RetryTask | m.SetBreakpoints | m.PinResult | m.UnpinResult | m.ValueOf


class Steerings:
    """The breakpoints and pins of one designer.

    They outlive the runs that they are given to, and follow nodes that are renamed.  What is set while a run is in
    progress holds for that one too, as far as its definition has such a node.

    Args:
        tell: takes messages to the canvas.
    """

    def __init__(self, tell: Callable[[m.Report], None]) -> None:
        self._tell = tell
        self._breakpoints: tuple[str, ...] = ()
        self._pins: dict[str, Any] = {}

    def tell(self) -> None:
        """Send what is set now."""
        self._tell(m.Steering(breakpoints=self._breakpoints, pins=self._pins))

    def within(self, workflow: Workflow) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The breakpoints and pins at nodes that a workflow has."""
        ids = {node.id for node in workflow.nodes}
        tasks = {node.id for node in workflow.nodes if isinstance(node, Task)}
        pins = {id: value for id, value in self._pins.items() if id in tasks}
        return tuple(id for id in self._breakpoints if id in ids), pins

    def follow(self, edits: Iterable[Edit]) -> None:
        """Keep to nodes that are renamed."""
        for edit in edits:
            if not isinstance(edit, SetNode) or edit.node.id == edit.id:
                continue
            if edit.id in self._breakpoints or edit.id in self._pins:
                new = {edit.id: edit.node.id}
                self._breakpoints = tuple(new.get(id, id) for id in self._breakpoints)
                self._pins = {new.get(id, id): value for id, value in self._pins.items()}
                self.tell()

    def run_from(self, run: Run | None, node: str) -> Run:
        """Another run, from just before the last visit of a node, with the breakpoints and pins that are set here.

        Raises:
            WfnbError: there is no run, or it can not be forked there.
        """
        made = _in_view(run).run_from(node)
        if going(made.state):
            breakpoints, pins = self.within(made.machine.workflow)
            made.breakpoints = breakpoints
            for id in made.pins.keys() - pins.keys():
                made.unpin(id)
            for id, value in pins.items():
                made.pin(id, value)
            if made.status == "paused":
                made.resume()  # it was to run from there, not to stop there
        return made

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
                _steer(_in_view(run), message)
            case m.RetryTask(node=node):
                _in_view(run).retry(node)
            case m.SetBreakpoints(nodes=nodes, on=on):
                rest = tuple(id for id in self._breakpoints if id not in nodes)
                self._set_breakpoints(run, (*rest, *nodes) if on else rest)
            case m.PinResult(node=node, value=value):
                if run is not None and going(run.state) and node in run.machine.graph.number:
                    run.pin(node, value)
                self._pins[node] = value
                self.tell()
            case m.UnpinResult(node=node):
                if run is not None and going(run.state):
                    run.unpin(node)
                self._pins.pop(node, None)
                self.tell()
            case m.ValueOf(node=node):
                self._tell(m.NodeValue(node=node, json=_written(run, node)))
            case _:
                assert_never(message)

    def _set_breakpoints(self, run: Run | None, nodes: tuple[str, ...]) -> None:
        if run is not None and going(run.state):
            others = [id for id in run.breakpoints if id not in self._breakpoints]
            known = run.machine.graph.number
            run.breakpoints = [*others, *(id for id in nodes if id in known and id not in others)]
        self._breakpoints = nodes
        self.tell()


def _in_view(run: Run | None) -> Run:
    if run is None:
        raise WfnbError("no run is in view here\nstart one")
    return run


def _steer(run: Run, message: m.Steer) -> None:
    match message.action:
        case "pause":
            run.pause()
        case "resume":
            run.resume()
        case "step":
            run.step(message.node)
        case "run_to":
            run.run_to(message.node)
        case _:
            assert_never(message.action)


def _written(run: Run | None, node: str) -> str:
    """The value of a node as JSON text."""
    values = {} if run is None else run.values
    try:
        return "" if node not in values else msgspec.json.format(msgspec.json.encode(values[node]), indent=1).decode()
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        return ""
