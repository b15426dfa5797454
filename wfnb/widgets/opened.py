"""What a designer is opened on: a flow, a name, a file; and where its drawing is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from wfnb import formats
from wfnb.author.bodies import is_path
from wfnb.author.document import Document
from wfnb.author.flow import Flow
from wfnb.author.registry import registry
from wfnb.engine.flows import as_workflow
from wfnb.model.workflow import End, Start, Workflow
from wfnb.widgets.notation import Notation, PythonPart, Whole, python_trouble, read_exactly


@dataclass(frozen=True, slots=True)
class Opened:
    """A flow, and the file that it came from.

    Attributes:
        flow: what is drawn.
        file: the file, None where it came from none.
        notation: how the drawing stands in the file as it changes; None where the file is not written.
        apart: why it is not: first line what, second line the cure.
    """

    flow: Flow
    file: Path | None = None
    notation: Notation | None = None
    apart: str = ""


def open_flow(flow: Flow | Workflow | str | Path | None) -> Opened:
    """The flow behind any way of giving one.

    Raises:
        DecodeError: a file can not be read as a drawing.
    """
    if isinstance(flow, Flow):
        return Opened(flow)
    if flow is None:
        return Opened(Flow("workflow", document=Document(blank("workflow"))))
    if isinstance(flow, str) and flow in registry.workflows and not is_path(flow):
        return Opened(Flow(flow, document=registry.workflows.document(flow)))
    if isinstance(flow, str | Path):
        return _open_file(Path(flow))
    workflow = as_workflow(flow)
    return Opened(Flow(workflow.name, document=Document(workflow)))


def _open_file(file: Path) -> Opened:
    if not file.exists():
        formats.save(blank(file.name.removesuffix(".json").removesuffix(".wf").removesuffix(".py")), file)
    if file.suffix == ".py":
        workflow = PythonPart().read(read_exactly(file) or "", file.name)
        notation: Notation | None = PythonPart()
        trouble = python_trouble(file)
    else:
        workflow = formats.load_workflow(file)
        # What was imported from another format is not written back over it.
        notation = Whole()
        trouble = "" if _is_own(file) else "it has another format\n"
    made = Flow(workflow.name, document=Document(workflow))
    if not trouble:
        return Opened(made, file, notation)
    what, _, _ = trouble.partition("\n")
    cure = f"save it as a document of its own; in a cell: pad.save('{beside(file)}')"
    return Opened(made, file, apart=f"what is drawn is not written into '{file.name}': {what}\n{cure}")


def beside(file: Path) -> str:
    """The name of a document beside a file of another format."""
    stem = file.name.removesuffix(".gz").removesuffix(".json").removesuffix(".py")
    return f"{stem.removesuffix('.wf')}.wf.json"


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
