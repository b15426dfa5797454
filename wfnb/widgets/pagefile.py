"""A file that JupyterLab's document editor saves: its earlier versions, and how two of them go together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wfnb.author.between import edits_between
from wfnb.author.document import Document
from wfnb.model.codec import decode, encode
from wfnb.widgets import messages as m
from wfnb.widgets.versions import Tell, Versions, collision, merged

About = m.Resolve | m.ListRevisions | m.RestoreRevision | m.CompareRevision | m.Kept | m.Collision
"""What a canvas asks of whoever knows the file."""


class PageFile:
    """Knows a file for the page that writes it.  What it changes is an edit of the kernel's copy, which the page makes.

    Args:
        file: the file; another one of that name may stand there, so a text is only kept as a version of what has it.
        document: the kernel's copy of what is drawn.
    """

    def __init__(self, file: Path, document: Callable[[], Document]) -> None:
        self.file = file
        self.versions = Versions(file)
        self._document = document
        self._opened: str | None = None
        """What the file had before this page first wrote it."""
        self._sides: tuple[str, str] | None = None
        """What both began with and what somebody else made of it, while that is not resolved."""

    def answer(self, asked: About, tell: Tell) -> None:
        """Do what a canvas asks.

        Raises:
            WfnbError: there is no such version, or two can not be put together.
        """
        match asked:
            case m.ListRevisions():
                self.versions.tell(tell)
            case m.RestoreRevision():
                self.versions.restore(asked.id, self._document())
            case m.CompareRevision():
                tell(self.versions.compare(asked.id, self._document().workflow))
            case m.Kept():
                self._keep(asked.text)
            case m.Collision():
                self._sides = asked.base, asked.theirs
                mine = self._document().workflow
                tell(collision(self.file.name, decode(asked.base, "the file as it was"), mine, asked.theirs))
            case m.Resolve():
                self._resolve(asked.choice)

    def _keep(self, text: str) -> None:
        if not self._has(text):
            return
        if self._opened is None:
            self._opened = text
        elif text != self._opened or self.versions.revisions.all():
            self.versions.keep_first(self._opened)
            self.versions.keep(text)

    def _resolve(self, choice: str) -> None:
        """Keep both versions, and merge them if that is what was chosen; the page does the rest."""
        if self._sides is None:
            return
        document, (base, theirs) = self._document(), self._sides
        mine = document.workflow
        if self._has(theirs):
            self.versions.keep_first(base)
            self.versions.keep(encode(mine))
            self.versions.keep(theirs)
        if choice == "merge":
            both = merged(decode(base), mine, decode(theirs, self.file.name))
            document.apply(edits_between(mine, both), f"resolve {self.file.name}")
        self._sides = None

    def _has(self, text: str) -> bool:
        try:
            return self.file.read_text(encoding="utf-8") == text
        except (OSError, ValueError):
            return False
