"""A file that follows a drawing: saved as it changes, its versions kept, and never written over what others wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from wfnb.author.between import edits_between
from wfnb.author.document import Document
from wfnb.errors import DecodeError, DefinitionError
from wfnb.formats import write_whole
from wfnb.model.codec import encode
from wfnb.model.workflow import Workflow
from wfnb.widgets import messages as m
from wfnb.widgets.notation import Notation, Whole, read_exactly
from wfnb.widgets.pagefile import About
from wfnb.widgets.versions import Tell, Versions, collision, merged

SAVE_AFTER = 0.3
"""Seconds of rest after an edit before the file is written."""
LOOK_EVERY = 1.0
"""Seconds between looks at whether somebody else wrote the file."""
AGAIN_AFTER = 5.0
"""Seconds before a file that could not be written is tried again."""
SAVED = m.Saving(state="saved")


class Keeper:
    """Keeps a document in a file.

    Args:
        document: what is drawn.
        file: where it is kept; it holds the document as it is now.
        notation: how it stands there.
        now: the time, for the names of revisions.

    Attributes:
        state: how the file stands against the drawing.
    """

    def __init__(
        self,
        document: Document,
        file: Path,
        notation: Notation = Whole(),  # noqa: B008 - it has no state
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.file = file
        self._notation = notation
        self.state = SAVED
        self.versions = Versions(file, now)
        self._document = document
        self._known = read_exactly(file)
        """The text that the file had when it was last read or written here; what others write differs from it."""
        self._written = -SAVE_AFTER
        self._timer: asyncio.TimerHandle | None = None
        self._look: asyncio.TimerHandle | None = None
        self._listeners: list[Tell] = []
        self._stop = document.subscribe(lambda _: self.changed())

    def subscribe(self, listener: Tell) -> Callable[[], None]:
        """Tell `listener` of every change of the state; returns what stops that, and the looks with the last one."""
        self._listeners.append(listener)
        self._look_later()
        return lambda: self._leave(listener)

    def _leave(self, listener: Tell) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
        if self._look is not None and not self._listeners:
            self._look.cancel()
            self._look = None

    def close(self) -> None:
        """Write what is not written yet, and stop following."""
        self._stop()
        for timer in (self._timer, self._look):
            if timer is not None:
                timer.cancel()
        if self.state.state in ("saving", "unsaved"):
            self.save()

    def changed(self) -> None:
        """The drawing has changed: it is saved after a rest."""
        if self.state.state == "conflict":
            self._conflict(read_exactly(self.file))
            return
        self._set(m.Saving(state="saving"))
        self._save_in(SAVE_AFTER, at_once=True)

    def save(self) -> None:
        """Write the drawing now, unless somebody else wrote the file meanwhile."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            disk = read_exactly(self.file)
            if disk != self._known:
                self._conflict(disk)
                return
            self._write(self._notation.write(self._document.workflow, disk))
        except DecodeError as error:
            what, _, cure = str(error).partition("\n")
            self._set(m.Saving(state="unsaved", why=f"'{self.file.name}' is not written: {what}\n{cure}"))
            self._save_in(AGAIN_AFTER)
        except OSError as error:
            what = f"'{self.file.name}' can not be written: {error.strerror or error}"
            why = f"{what}\nmake room or give it leave; it is tried again"
            self._set(m.Saving(state="unsaved", why=why))
            self._save_in(AGAIN_AFTER)

    def look(self) -> None:
        """Notice what somebody else wrote: taken over as an edit where nothing of the drawing would be lost."""
        try:
            disk = read_exactly(self.file)
        except OSError:
            return
        if disk == self._known or self.state.state == "conflict":
            return
        if self.state.state != "saved" or disk is None:
            self._conflict(disk)
            return
        try:
            theirs = self._notation.read(disk, self.file.name)
        except DecodeError:
            return  # somebody is in the middle of writing it, or it stays so until the next edit
        self._keep(self._known)
        self._known = disk
        self._take(theirs, f"take {self.file.name} from disk")

    def answer(self, asked: About, tell: Tell) -> None:
        """Do what a canvas asks.

        Raises:
            WfnbError: there is no such revision, or what is on the disk is no workflow.
        """
        match asked:
            case m.Resolve():
                self.resolve(asked.choice)
            case m.ListRevisions():
                self.versions.tell(tell)
            case m.RestoreRevision():
                self.versions.restore(asked.id, self._document)
            case m.CompareRevision():
                tell(self.versions.compare(asked.id, self._document.workflow))
            case m.Kept() | m.Collision():
                pass  # only a page that writes the file itself has that to tell

    def resolve(self, choice: str) -> None:
        """End a conflict: keep what is drawn, take what is on the disk, or merge both.

        Both versions are kept as revisions, whatever is chosen.

        Raises:
            DecodeError: what is on the disk is no workflow.
            DefinitionError: both changed the same thing, so that they can not be merged; the file can not be read.
        """
        if self.state.state != "conflict":
            return
        try:
            disk, mine = read_exactly(self.file), self._document.workflow
        except OSError as error:
            what = f"'{self.file.name}' can not be read: {error.strerror or error}"
            raise DefinitionError(f"{what}\nput the file right, or save the drawing elsewhere") from None
        if choice != "mine" and disk is None:
            raise DefinitionError(f"'{self.file.name}' is gone\nkeep the drawing, which writes it anew")
        taken = mine
        if disk is not None and choice == "theirs":
            taken = self._notation.read(disk, self.file.name)
        elif disk is not None and choice == "merge":
            taken = merged(self._base(), mine, self._notation.read(disk, self.file.name))
        self._keep_first()
        self.versions.keep(encode(mine))
        self._keep(disk)
        self._known = disk
        self._set(m.Saving(state="saving"))
        self._take(taken, f"resolve {self.file.name}")
        self.save()

    def _take(self, workflow: Workflow, label: str) -> None:
        edits = edits_between(self._document.workflow, workflow)
        if edits:
            self._document.apply(edits, label)

    def _base(self) -> Workflow:
        """What this drawing and the file began with."""
        return self._notation.read(self._known, self.file.name) if self._known else Workflow()

    def _conflict(self, disk: str | None) -> None:
        self._set(collision(self.file.name, self._base(), self._document.workflow, disk, self._notation.read))

    def _write(self, text: str) -> None:
        if text != self._known:
            self._keep_first()
            write_whole(self.file, text)
            self._known = text
            self._keep(text)
            self._written = _time()
        self._set(SAVED)

    def _keep_first(self) -> None:
        if not self.versions.revisions.all():
            self._keep(self._known)

    def _keep(self, text: str | None) -> None:
        """Keep what the file has, or had, among the versions; what is no drawing has none to keep."""
        with suppress(DecodeError):
            self.versions.keep(None if text is None else self._notation.version(text))

    def _set(self, state: m.Saving) -> None:
        if state != self.state:
            self.state = state
            for listener in tuple(self._listeners):
                listener(state)

    def _save_in(self, seconds: float, *, at_once: bool = False) -> None:
        """Write after a rest; the first of several edits at once, so that a kernel that dies loses none."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # a script: there is no later
            if at_once:
                self.save()
            return
        if self._timer is not None:
            self._timer.cancel()
        rested = at_once and loop.time() >= self._written + seconds
        self._timer = loop.call_later(0 if rested else seconds, self.save)

    def _look_later(self) -> None:
        if self._look is not None:
            self._look.cancel()
        try:
            self._look = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look_and_go_on)
        except RuntimeError:
            self._look = None

    def _look_and_go_on(self) -> None:
        self.look()
        self._look_later()


def _time() -> float:
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return 0.0
