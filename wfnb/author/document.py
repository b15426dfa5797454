"""A workflow that is being worked on: the one object behind a builder and every canvas that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wfnb.author.edits import Draft, Edit
from wfnb.model.workflow import Node, Workflow

MAX_UNDO = 1_000
"""How many gestures can be taken back."""


@dataclass(frozen=True, slots=True)
class Change:
    """Edits that took a document from `revision - 1` to `revision`."""

    revision: int
    edits: tuple[Edit, ...]
    client: str = ""
    """The view that asked; empty for Python and undo."""
    id: int = 0
    """That view's own count of its gestures."""


@dataclass(frozen=True, slots=True)
class _Gesture:
    label: str
    forward: tuple[Edit, ...]
    inverse: tuple[Edit, ...]


class Document:
    """A workflow with revisions, undo and listeners.

    Attributes:
        revision: counts the changes, from 0.
    """

    def __init__(self, workflow: Workflow) -> None:
        self._draft = Draft(workflow)
        self._built: Workflow | None = workflow
        self.revision = 0
        self._undo: list[_Gesture] = []
        self._redo: list[_Gesture] = []
        self._listeners: list[Callable[[Change], None]] = []

    @property
    def workflow(self) -> Workflow:
        """The workflow as it stands."""
        if self._built is None:
            self._built = self._draft.workflow()
        return self._built

    def node(self, id: str) -> Node:
        """The node with this id, which costs no look at the others.

        Raises:
            UnknownName: there is none.
        """
        at = self._draft.at.get(id)
        return self.workflow.node(id) if at is None else self._draft.nodes[at]

    @property
    def undo_label(self) -> str | None:
        """What `undo` would take back, None if nothing."""
        return self._undo[-1].label if self._undo else None

    @property
    def redo_label(self) -> str | None:
        """What `redo` would do again, None if nothing."""
        return self._redo[-1].label if self._redo else None

    def apply(self, edits: Sequence[Edit], label: str = "edit", *, client: str = "", id: int = 0) -> Change:
        """Apply edits as one gesture, which undo takes back as one.

        Raises:
            EditError: one of them does not fit; the document is as it was.
        """
        inverse = self._draft.apply_all(edits)
        self._undo.append(_Gesture(label, tuple(edits), inverse))
        del self._undo[:-MAX_UNDO]
        self._redo.clear()
        return self._changed(tuple(edits), client, id)

    def undo(self) -> Change | None:
        """Take back the last gesture; None if there is none."""
        if not self._undo:
            return None
        gesture = self._undo.pop()
        self._draft.apply_all(gesture.inverse)
        self._redo.append(gesture)
        return self._changed(gesture.inverse)

    def redo(self) -> Change | None:
        """Do the gesture that was last taken back again; None if there is none."""
        if not self._redo:
            return None
        gesture = self._redo.pop()
        self._draft.apply_all(gesture.forward)
        self._undo.append(gesture)
        return self._changed(gesture.forward)

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` after every change; returns what stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _changed(self, edits: tuple[Edit, ...], client: str = "", id: int = 0) -> Change:
        self.revision += 1
        self._built = None
        change = Change(self.revision, edits, client, id)
        for listener in tuple(self._listeners):
            listener(change)
        return change
