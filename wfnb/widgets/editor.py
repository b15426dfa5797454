"""The kernel's side of JupyterLab's document editor: checks and runs what the editor shows.

The editor opens a comm to this module; the file's text stays with the editor, which saves it.  A document's own history
is `.wfnb/history.duckdb` beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wfnb.author import builtins
from wfnb.author.document import Document
from wfnb.author.registry import registry
from wfnb.engine.engine import Engine
from wfnb.model.workflow import Workflow
from wfnb.widgets.home import at_home, opened_at_home
from wfnb.widgets.pagefile import PageFile
from wfnb.widgets.session import DesignSession

TARGET = "wfnb.document"
_engines: dict[Path, Engine] = {}
_editors: set[Editor] = set()


def history_of(document: Path) -> Path:
    """The history of a document that is run from its own editor."""
    return document.parent / ".wfnb" / "history.duckdb"


def engine_of(document: Path) -> Engine:
    """The engine for a document: the notebook's session if it has that file open, else one of the document's own.

    Raises:
        StoreLocked: another process has the history open.
    """
    file = history_of(document.resolve())
    engine = _engines.get(file)
    if engine is None or engine.closed:
        file.parent.mkdir(exist_ok=True)
        engine = _engines[file] = Engine(file)
    return engine


def past_of(document: Path) -> Engine | None:
    """The engine for a document that was run before; None for others: to look for runs makes no file.

    Raises:
        StoreLocked: another process has the history open.
    """
    return engine_of(document) if history_of(document.resolve()).exists() else None


class Editor:
    """One open document editor."""

    def __init__(self, comm: Any, path: Path) -> None:
        self.path = path
        self.session = DesignSession(
            Document(Workflow(name=path.name)),
            lambda: engine_of(path),
            comm.send,
            past=lambda: past_of(path),
            saved=path.name,
            registry=registry,
        )
        self.session.keeper = PageFile(path, lambda: self.session.document)
        comm.on_msg(at_home(self._receive))
        comm.on_close(at_home(self._closed))
        _editors.add(self)

    def _closed(self, message: dict[str, Any]) -> None:
        """Release the history with its last editor, unless a run is in progress there."""
        del message
        self.session.close()
        _editors.discard(self)
        file = history_of(self.path.resolve())
        engine = _engines.get(file)
        shared = any(history_of(other.path.resolve()) == file for other in _editors)
        if engine is not None and not shared and not engine.runs:
            engine.close()

    def _receive(self, message: dict[str, Any]) -> None:
        self.session.receive(message["content"]["data"])


def _opened(comm: Any, message: dict[str, Any]) -> None:
    builtins.define()
    Editor(comm, Path(message["content"]["data"]["path"]))


def register() -> None:
    """Let document editors open comms to this kernel; done when this module is imported in one."""
    from IPython import get_ipython  # noqa: PLC0415 - only a kernel has comms

    shell = get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        kernel.comm_manager.register_target(TARGET, opened_at_home(_opened))


def close() -> None:
    """Flush and release the histories of document editors."""
    for engine in _engines.values():
        engine.close()
    _engines.clear()


register()
