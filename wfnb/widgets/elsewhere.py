"""What a document calls that does not belong to it: workflows that are defined in the kernel, and files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from wfnb.author.bodies import is_path
from wfnb.author.resolve import find_workflow
from wfnb.author.selfcontained import called
from wfnb.errors import DefinitionError
from wfnb.model.workflow import Workflow
from wfnb.widgets import messages as m
from wfnb.widgets import parts

LOOK_EVERY = 1.0
"""Seconds between looks at the files that are called."""


def foreign(
    workflow: Workflow, defined: Mapping[str, Workflow], folder: Path | None = None
) -> dict[str, parts.Foreign]:
    """All that a document calls, and that this calls in turn, as far as it does not belong to the document.

    Runs nothing.  A name means the same wherever it stands, unless a workflow there has its own of that name.

    Args:
        workflow: the document.
        defined: the workflows that are defined.
        folder: where relative paths start; by default where the kernel is.
    """
    found: dict[str, parts.Foreign] = {}
    frontier: list[tuple[Workflow, frozenset[str]]] = [(workflow, frozenset())]
    while frontier:
        one, around = frontier.pop()
        known = around | one.workflows.keys()
        frontier.extend((inner, known) for inner in one.workflows.values())
        for name in called(one):
            if name not in known and name not in found:
                found[name] = _found(name, one, defined, folder)
                frontier.extend((inner, frozenset[str]()) for inner in (found[name].document,) if inner is not None)
    return found


def _found(name: str, caller: Workflow, defined: Mapping[str, Workflow], folder: Path | None) -> parts.Foreign:
    file = name if name not in defined and is_path(name) else ""
    try:
        return parts.Foreign(document=find_workflow(name, caller, defined, folder).workflow, file=file)
    except DefinitionError as error:
        return parts.Foreign(file=file, why=str(error))


class Elsewhere:
    """Tells a canvas what is called of elsewhere, whenever that changes: by a cell, on the disk, in the drawing.

    Args:
        look: gives it as it is now.
        tell: takes messages to the canvas.
        changed: is called where something is otherwise than it was.
    """

    def __init__(
        self,
        look: Callable[[], dict[str, parts.Foreign]],
        tell: Callable[[m.Report], None],
        changed: Callable[[], None],
    ) -> None:
        self._find = look
        self._tell = tell
        self._changed = changed
        self._timer: asyncio.TimerHandle | None = None
        self.known: dict[str, parts.Foreign] = {}

    def look(self, *, again: bool = False) -> None:
        """Find it anew, and tell of it if it changed since the last time, or `again`."""
        found = self._find()
        same = found == self.known
        self.known = found
        if again or not same:
            self._tell(m.Elsewhere(workflows=found))
        if not same:
            self._changed()
        self._look_later()

    def workflow(self, name: str) -> Workflow:
        """The foreign workflow of this name.

        Raises:
            DefinitionError: there is none; says why.
        """
        found = self.known.get(name, parts.Foreign())
        if found.document is None:
            raise DefinitionError(found.why or f"nothing calls '{name}' any more\ngo back to the document")
        return found.document

    def close(self) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self) -> None:
        """Files change without anybody telling."""
        self.close()
        if any(found.file for found in self.known.values()):
            try:
                self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY, self.look)
            except RuntimeError:  # a script: there is no later
                return
