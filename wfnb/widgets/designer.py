"""The drag-and-drop designer in a notebook cell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets

from wfnb import formats
from wfnb.author.bodies import is_path
from wfnb.author.document import Document
from wfnb.author.flow import Flow
from wfnb.author.registry import registry
from wfnb.author.resolve import resolver
from wfnb.engine.engine import Engine
from wfnb.engine.flows import as_workflow
from wfnb.engine.run import Run
from wfnb.errors import DefinitionError
from wfnb.formats.svg import draw
from wfnb.machine.check import check
from wfnb.machine.report import Report
from wfnb.model.workflow import End, Start, Workflow
from wfnb.widgets.home import at_home
from wfnb.widgets.keeping import Keeper
from wfnb.widgets.module import CanvasWidget
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

    def __init__(self, flow: Flow, engine: Callable[[], Engine], *, file: Path | None = None) -> None:
        super().__init__(view="designer")
        self.flow = flow
        self.file = file
        self._engine = engine
        self._session = DesignSession(flow.document, engine, self.send, saved="" if file is None else file.name)
        self.on_msg(at_home(self._receive))
        self._keeper = None if file is None else Keeper(flow.document, file)
        if self._keeper is not None:
            self._session.keep_with(self._keeper)

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
        return check(self.workflow, known, resolver(known))

    def undo(self) -> None:
        """Take back the last gesture."""
        self.document.undo()

    def redo(self) -> None:
        """Do again what was last taken back."""
        self.document.redo()

    def save(self, path: str | Path | None = None) -> Path:
        """Write the document.

        Raises:
            DefinitionError: no path is given and the designer was not opened on one.
        """
        target = self.file if path is None else Path(path)
        if target is None:
            raise DefinitionError("this drawing has no file yet\ngive a path, such as pad.save('my.wf.json')")
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

    def _receive(self, widget: Any, content: Any, buffers: Any) -> None:
        del widget, buffers
        if isinstance(content, dict) and "type" in content:
            self._session.receive(content)


def open_flow(flow: Flow | Workflow | str | Path | None) -> tuple[Flow, Path | None]:
    """The flow behind any way of giving one, and the file it is kept in."""
    if isinstance(flow, Flow):
        return flow, None
    if flow is None:
        return Flow("workflow", document=Document(blank("workflow"))), None
    if isinstance(flow, str) and flow in registry.workflows and not is_path(flow):
        return Flow(flow, document=registry.workflows.document(flow)), None
    if isinstance(flow, str | Path):
        file = Path(flow)
        if not file.exists():
            workflow = blank(file.name.removesuffix(".json").removesuffix(".wf"))
            formats.save(workflow, file)
        else:
            workflow = formats.load_workflow(file)
        # What was imported from another format is not written back over it.
        kept = file if _is_own(file) else None
        return Flow(workflow.name, document=Document(workflow)), kept
    workflow = as_workflow(flow)
    return Flow(workflow.name, document=Document(workflow)), None


def blank(name: str) -> Workflow:
    """A workflow with a start and an end, to draw between."""
    return Workflow(
        name=name, nodes=(Start("start"), End("end")), layout={"start": (80.0, 200.0), "end": (640.0, 200.0)}
    )


def _is_own(file: Path) -> bool:
    try:
        return "wfnb" in json.loads(file.read_bytes())
    except ValueError:
        return False
