"""The drag-and-drop designer in a notebook cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets

from wfnb import formats
from wfnb.author.document import Document
from wfnb.author.resolve import resolver
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import DefinitionError
from wfnb.formats.svg import draw
from wfnb.machine.check import check
from wfnb.machine.report import Report
from wfnb.model.workflow import Workflow
from wfnb.widgets.home import at_home
from wfnb.widgets.keeping import Keeper
from wfnb.widgets.module import CanvasWidget
from wfnb.widgets.notation import Notation, Whole
from wfnb.widgets.opened import Opened, beside
from wfnb.widgets.session import DesignSession

DRAWING = "application/vnd.wfnb.drawing+json"
"""Our own output type: the live canvas where there is a kernel, the picture where there is none."""


class CanvasOutput(CanvasWidget):
    """A canvas widget that leaves a static picture in saved notebooks."""

    view = traitlets.Unicode("designer").tag(sync=True)

    def picture(self) -> str:
        """The drawing as SVG text."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        picture = self.picture()
        data[DRAWING] = {"model_id": self.model_id}
        data["image/svg+xml"] = picture  # for those who do not know our own type, and for it without a kernel
        data["text/plain"] = repr(self)
        return data, metadata


class Designer(CanvasOutput):
    """A canvas on a flow: what is drawn changes the flow, and what Python changes is drawn.

    Attributes:
        flow: the flow that is drawn.
        file: where it is saved as it changes, None if nowhere.
    """

    def __init__(self, opened: Opened, engine: Callable[[], Engine]) -> None:
        super().__init__(view="designer")
        self.flow = opened.flow
        self.file: Path | None = None
        self._engine = engine
        self._origin, self._apart = opened.file, opened.apart
        self._folder = None if opened.file is None else opened.file.parent
        self._session = DesignSession(opened.flow.document, engine, self.send, folder=self._folder)
        self.on_msg(at_home(self._receive))
        self._keeper: Keeper | None = None
        if opened.file is not None and opened.notation is not None:
            self._keep(opened.file, opened.notation)
        elif opened.file is not None:
            self._session.keep_apart(opened.apart, beside(opened.file), self._save_beside)

    @property
    def workflow(self) -> Workflow:
        """The definition as it is drawn now."""
        return self.flow.workflow

    @property
    def document(self) -> Document:
        """The document with its revisions."""
        return self.flow.document

    @property
    def run(self) -> Run | None:
        """The run that was last started here."""
        return self._session.run

    @run.setter
    def run(self, run: Run) -> None:
        self._session.watch(run)

    def start(self, **inputs: Any) -> Run:
        """Run the drawing as it stands, as its Run button does; `await` the run for its output."""
        return self._session.start(inputs)

    def check(self) -> Report:
        """What the check says about the drawing."""
        known = self._engine().registry
        return check(self.workflow, known, resolver(known, self._folder))

    def undo(self) -> None:
        """Take back the last gesture."""
        self.document.undo()

    def redo(self) -> None:
        """Do again what was last taken back."""
        self.document.redo()

    def save(self, path: str | Path | None = None) -> Path:
        """Write the document.

        Raises:
            DefinitionError: no path is given and the designer was not opened on one, or something would get lost there.
        """
        target = self.file if path is None else Path(path)
        if target is None:
            raise DefinitionError(
                self._apart or "this drawing has no file yet\ngive a path, such as pad.save('my.wf.json')"
            )
        if self._origin is not None and target.resolve() == self._origin.resolve():
            if self._keeper is None or target != self.file:
                raise DefinitionError(self._apart)
            self._keeper.save()
            if self._keeper.state.state != "saved":
                raise DefinitionError(self._keeper.state.why)
            return target
        return formats.save(self.workflow, target)

    def picture(self) -> str:
        """The drawing as SVG text."""
        states = {id: node.state for id, node in self._session.progress().items()}
        return draw(self.workflow, states)

    def close(self) -> None:
        """Take the widget away and stop listening."""
        self._session.close()
        if self._keeper is not None:
            self._keeper.close()
        super().close()

    def __repr__(self) -> str:
        count = len(self.workflow.nodes)
        return f"<Designer of '{self.flow.name}': {count} nodes, revision {self.document.revision}>"

    def _keep(self, file: Path, notation: Notation) -> None:
        self.file = file
        self._keeper = Keeper(self.document, file, notation)
        self._session.keep_with(self._keeper)

    def _save_beside(self, name: str) -> None:
        """Keep the drawing in a new document beside the file that it came from.

        Raises:
            DefinitionError: the name is none of a document, or there is such a file.
        """
        file = (self._folder or Path()) / name
        if Path(name).name != name or not name.endswith(".wf.json"):
            raise DefinitionError(f"'{name}' is no name of a document\ngive one such as 'my.wf.json'")
        if file.exists():
            raise DefinitionError(f"there is a file '{name}' already\nchoose another name")
        self._keep(formats.save(self.workflow, file), Whole())

    def _receive(self, widget: Any, content: Any, buffers: Any) -> None:
        del widget, buffers
        if isinstance(content, dict) and "type" in content:
            self._session.receive(content)
