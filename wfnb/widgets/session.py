"""The kernel's side of one canvas, whatever carries its messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from wfnb.author.document import Change, Document
from wfnb.author.edits import Move
from wfnb.author.inputs import declared_by
from wfnb.author.registry import Registry
from wfnb.author.registry import registry as default_registry
from wfnb.author.resolve import resolver
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import DecodeError, EditError, WfnbError
from wfnb.history.nodestates import NodeProgress
from wfnb.model.codec import decode
from wfnb.model.workflow import Task, Workflow
from wfnb.widgets import messages as m
from wfnb.widgets import parts
from wfnb.widgets.asks import answer
from wfnb.widgets.checks import Checks
from wfnb.widgets.elsewhere import Elsewhere, foreign
from wfnb.widgets.expressions import KNOWN_FUNCTIONS, looked_at
from wfnb.widgets.inside import LiveInside
from wfnb.widgets.keeping import Keeper
from wfnb.widgets.live import LiveStatus
from wfnb.widgets.numbers import as_they_were
from wfnb.widgets.pagefile import PageFile
from wfnb.widgets.palette import activities
from wfnb.widgets.pythontab import told
from wfnb.widgets.runstab import RunsTab
from wfnb.widgets.steering import Steered, Steerings
from wfnb.widgets.structure import proposal
from wfnb.widgets.wiring import Send, request, wire, workflows


class DesignSession:
    """Answers one canvas that edits a document and runs it.

    Args:
        document: the document; other sessions may share it.
        engine: gives the engine that runs are started in, asked anew each time.
        send: takes messages to the canvas, as JSON data.
        past: gives the engine whose runs are listed, None while there is none; the same engine, if omitted.
        saved: where the document is kept, for display.
        registry: the activities that the palette offers.
        folder: where relative paths of called files start; by default where the kernel is.
    """

    def __init__(
        self,
        document: Document,
        engine: Callable[[], Engine],
        send: Send,
        *,
        past: Callable[[], Engine | None] | None = None,
        saved: str = "",
        registry: Registry = default_registry,
        folder: Path | None = None,
    ) -> None:
        self.document = document
        self.run: Run | None = None
        self.saved = saved
        self.keeper: Keeper | PageFile | None = None
        self._engine = engine
        self._send = send
        self._live: LiveStatus | None = None
        self._inside: LiveInside | None = None
        self._calls: tuple[str, ...] = ()  # what leads to the child run that is shown inside a call
        self._text_revision: int | None = None  # what the document editor calls the text it sent last
        self._registry = registry
        self._folder = folder
        self._heard: dict[str, int] = {}
        self._apart: m.Saving | None = None
        self._save_as: Callable[[str], None] | None = None
        self._elsewhere = Elsewhere(self._foreign, self.report, self._check_soon)
        self._checks = Checks(self._to_check, self.report, resolver(registry, folder), lambda: self._elsewhere.known)
        self._stop: list[Callable[[], None]] = [document.subscribe(self._edited)]
        self._workflows: tuple[parts.WorkflowInfo, ...] = ()
        self._steering = Steerings(self.report, document.workflow)
        self._runs = RunsTab(past or engine, lambda: self.document.workflow, self.report)
        self._stop.append(self._registry.subscribe(self._defined))
        self._stop.append(self._registry.workflows.subscribe(self._workflow_defined))

    def keep_with(self, keeper: Keeper) -> None:
        """Let a file follow the drawing, and tell the canvas how it stands."""
        self.keeper, self.saved, self._apart = keeper, keeper.file.name, None
        self._stop.append(keeper.subscribe(self.report))

    def keep_apart(self, why: str, beside: str, save: Callable[[str], None]) -> None:
        """Say that what is drawn is not written into the file that it came from.

        Args:
            why: first line what, second line the cure.
            beside: the name of a document that it can be saved as.
            save: keeps it in a document of a name.
        """
        self._apart, self._save_as = m.Saving(state="apart", why=why, beside=beside), save

    def close(self) -> None:
        """Stop listening."""
        for stop in self._stop:
            stop()
        self._checks.stop()
        self._elsewhere.close()
        self._runs.close()
        self._steering.close()
        for followed in (self._live, self._inside):
            if followed is not None:
                followed.close()

    def receive(self, content: Any) -> None:
        """Take a message from the canvas; what is wrong with it is answered, not raised."""
        try:
            self._handle(request(content))
        except msgspec.ValidationError as error:
            self.report(m.Failure(message=f"the canvas sent what this kernel does not know: {error}\nreload the page"))
        except WfnbError as error:
            self.report(m.Failure(message=str(error)))

    def report(self, report: m.Report) -> None:
        """Send a message to the canvas."""
        self._send(wire(report))

    def progress(self) -> dict[str, NodeProgress]:
        """How the nodes stand in the run in view; empty if there is none."""
        return self._live.progress.nodes if self._live is not None else {}

    def watch(self, run: Run) -> None:
        """Show a run on this canvas, from now on."""
        self._steering.watch(run)
        self._show(run)

    def _show(self, run: Run) -> None:
        if self._live is not None:
            self._live.close()
        self.run = run
        self._live = LiveStatus(run, self.report)
        self._look_inside()
        self._runs.started(run)

    def _look_inside(self) -> None:
        if self._inside is not None:
            self._inside.close()
            self._inside = None
        if self.run is not None and self._calls:
            self._inside = LiveInside(self.run, self._calls, self.report)

    def _handle(self, message: m.Request) -> None:  # noqa: PLR0912 - a case a message
        match message:
            case m.Hello():
                self._greet()
            case m.EditRequest():
                self._edit(message)
            case m.Undo():
                self.document.undo()
            case m.Redo():
                self.document.redo()
            case m.Resolve() | m.ListRevisions() | m.RestoreRevision() | m.CompareRevision() | m.Kept() | m.Collision():
                if self.keeper is not None:
                    self.keeper.answer(message, self.report)
            case m.SaveAs():
                if self._save_as is not None:
                    self._save_as(message.name)
                    self._greet()
            case m.AskSource() | m.DrawSource():
                self.report(told(message, self._meant(message)))
            case m.LookAt():
                self.report(looked_at(message, self.document.workflow))
            case m.RunRequest():
                self.start(message.input, until=message.until)
            case m.CancelRequest():
                self._cancel()
            case m.DocumentText():
                self._replace(message)
            case m.Restructure():
                self.report(proposal(self.document.workflow, message))
            case m.Inside():
                self._calls = message.calls
                self._look_inside()
            case m.Approve() | m.SendSignal():
                answer(self.run, message, self.report)
            case m.ForRuns():
                self._runs.take(message, self.run)
            case m.Seek() | m.OpenRun() | m.ForkRun() | m.CompareWith():
                pass  # only run views replay
            case _:
                self._steer(message)

    def _cancel(self) -> None:
        if self.run is not None:
            self.run.cancel()

    def _edit(self, message: m.EditRequest) -> None:
        if message.id <= self._heard.get(message.client, 0):
            return  # sent again, though it had come
        self._heard[message.client] = message.id
        try:
            edits = as_they_were(message.edits, self.document.workflow)
            more = declared_by(edits, self.document.workflow, self._registry, self._registry.workflows)
            edits = (*edits, *more)
            self.document.apply(edits, message.label, client=message.client, id=message.id)
        except EditError as error:
            self.report(m.Rejected(client=message.client, id=message.id, message=str(error)))

    def _steer(self, message: Steered | m.RunFrom) -> None:
        if isinstance(message, m.RunFrom):
            self._show(self._steering.run_from(self.run, message.node))
        else:
            self._steering.take(self.run, message)

    def start(self, input: dict[str, Any], *, until: str = "") -> Run:
        """Run the document as it stands, with the breakpoints and pins that are set here, and show the run.

        Args:
            input: the inputs by name.
            until: a node before which it pauses once; one inside a call or a map as `call/node`.

        Raises:
            WfnbError: it does not compile, an input is missing, or the history takes no events.
        """
        machine = self._engine().compile(self.document.workflow, folder=self._folder)
        run = self._steering.start(self._engine(), machine, input, until)
        self._show(run)
        return run

    def _greet(self) -> None:
        document = self.document
        self.report(
            m.DocumentState(
                document=document.workflow,
                revision=document.revision,
                undo=document.undo_label,
                redo=document.redo_label,
                saved=self.saved,
                file=str(self.keeper.file.resolve()) if self.keeper is not None else "",
                heard=self._heard,
            )
        )
        if isinstance(self.keeper, Keeper):
            self.report(self.keeper.state)
        elif self._apart is not None:
            self.report(self._apart)
        self._defined()
        self._elsewhere.look(again=True)
        self._steering.greet()
        if self._live is not None:
            self._live.snapshot()

    def _edited(self, change: Change) -> None:
        self._steering.follow(self.document.workflow)
        self.report(
            m.Edited(
                revision=change.revision,
                edits=change.edits,
                client=change.client,
                id=change.id,
                undo=self.document.undo_label,
                redo=self.document.redo_label,
            )
        )
        if not all(isinstance(edit, Move) for edit in change.edits):  # a place calls nothing
            self._elsewhere.look()
        self._checks.soon()

    def _check_soon(self) -> None:
        self._checks.soon()

    def _foreign(self) -> dict[str, parts.Foreign]:
        return foreign(self.document.workflow, self._registry.workflows, self._folder)

    def _meant(self, message: m.AskSource | m.DrawSource) -> Workflow:
        name = message.foreign if isinstance(message, m.AskSource) else ""
        return self._elsewhere.workflow(name) if name else self.document.workflow

    def _defined(self) -> None:
        self._workflows = workflows(self._registry)
        self.report(m.Activities(activities=self._offered(), workflows=self._workflows, functions=KNOWN_FUNCTIONS))
        self._checks.soon()

    def _workflow_defined(self) -> None:
        """Every change of a flow counts as a definition; the page need not know of all of them."""
        self._elsewhere.look()
        if workflows(self._registry) != self._workflows:
            self._defined()
        else:
            self._checks.soon()

    def _to_check(self) -> tuple[Workflow, Registry, int]:
        revision = self.document.revision if self._text_revision is None else self._text_revision
        return self.document.workflow, self._registry, revision

    def _offered(self) -> tuple[parts.ActivityInfo, ...]:
        """What the palette shows: wfnb's own activities only where the document has them already."""
        used = {node.activity for node in self.document.workflow.nodes if isinstance(node, Task)}
        return activities(a for a in self._registry.values() if not a.builtin or a.name in used)

    def _replace(self, message: m.DocumentText) -> None:
        """The document editor's text is the document of record there; this side follows it."""
        self._text_revision = message.revision
        try:
            workflow = decode(message.text, self.saved or "the document")
        except DecodeError as error:
            self._checks.stop()  # nothing is said of a text that is no drawing
            report = m.DocumentState(document=Workflow(), revision=0, read_only=True, unreadable=str(error))
            self.report(report)
            return
        if workflow != self.document.workflow:
            self._stop[0]()
            self.document = Document(workflow)
            self._stop[0] = self.document.subscribe(self._edited)
            self._steering.follow(workflow)
            self._elsewhere.look()
        self._checks.soon()
