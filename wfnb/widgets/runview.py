"""The run view: a run on the canvas, with a slider over its events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wfnb.engine.run import Run
from wfnb.formats.svg import draw
from wfnb.widgets.designer import CanvasOutput
from wfnb.widgets.home import at_home
from wfnb.widgets.replay import RunSession


class RunView(CanvasOutput):
    """A run on the canvas.  The right end of its slider is now; anywhere else is the past, replayed.

    Args:
        run: the run that is shown first.
        reopen: gives other runs of its history, which may be over, to be forked.

    Attributes:
        run: the run it was opened on.
    """

    def __init__(self, run: Run, reopen: Callable[[str], Run] | None = None) -> None:
        super().__init__(view="run")
        self.run = run

        def known(id: str) -> Run:
            return reopen(id) if reopen is not None and id != run.id else run

        self._session = RunSession(run.host, run.id, self.send, machine=run.machine, reopen=known)
        self.on_msg(at_home(self._receive))

    @property
    def at(self) -> int | None:
        """The event in focus; None follows the run."""
        return self._session.at

    def seek(self, at: int | None) -> None:
        """Show the run after event `at`; None goes back to now."""
        self._session.seek(at)

    def picture(self) -> str:
        """The run at the event in focus, as SVG text."""
        session = self._session
        states = {id: node.state for id, node in session.progress().nodes.items()}
        return draw(session.machine.workflow, states)

    def close(self) -> None:
        """Take the widget away and stop listening."""
        self._session.close()
        super().close()

    def __repr__(self) -> str:
        focus = "now" if self.at is None else f"event {self.at}"
        return f"<RunView of '{self._session.run}' at {focus}>"

    def _receive(self, widget: Any, content: Any, buffers: Any) -> None:
        del widget, buffers
        if isinstance(content, dict) and "type" in content:
            self._session.receive(content)
