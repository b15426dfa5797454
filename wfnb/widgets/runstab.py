"""The run view inside a designer: what its Runs side shows, apart from the drawing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.model.workflow import Workflow
from wfnb.widgets import messages as m
from wfnb.widgets.replay import RunSession
from wfnb.widgets.wiring import wire


class RunsTab:
    """Keeps a run view for as long as a designer shows one.

    Args:
        engine: gives the engine whose history is shown, asked when it is opened; None where nothing has run yet.
        workflow: the drawing, whose runs are listed.
        report: takes messages to the canvas.
    """

    def __init__(
        self, engine: Callable[[], Engine | None], workflow: Callable[[], Workflow], report: Callable[[m.Report], None]
    ) -> None:
        self._engine = engine
        self._workflow = workflow
        self._report = report
        self._session: RunSession | None = None
        self._asked = False

    def close(self) -> None:
        """Show no run any more."""
        self._asked = False
        if self._session is not None:
            self._session.close()
            self._session = None

    def take(self, message: m.ForRuns, run: Run | None) -> None:
        """Answer the run view.

        Args:
            message: what it says.
            run: the run in view of the designer, which is shown first.
        """
        if message.message is None:
            self.close()
        elif self._session is None:
            self._asked = True
            self._open(run)
        else:
            self._session.receive(message.message)

    def started(self, run: Run) -> None:
        """A run was started in the designer: show it, where there was none to show."""
        if self._asked and self._session is None:
            self._open(run)

    def _open(self, run: Run | None) -> None:
        engine, name = self._engine(), self._workflow().name
        if run is None and engine is not None:
            runs = [head.run for head in engine.store.heads() if head.workflow == name and "/" not in head.run]
            run = engine.run(runs[-1]) if runs else None
        if run is None or engine is None:
            self._tell(wire(m.DocumentState(document=self._workflow(), revision=0, read_only=True)))
            self._tell(wire(m.Runs(runs=())))
            return
        self._session = RunSession(run.host, run.id, self._tell, machine=run.machine, reopen=engine.run, workflow=name)
        self._session.receive({"type": "hello"})

    def _tell(self, message: dict[str, Any]) -> None:
        self._report(m.FromRuns(message=message))
