"""Earlier versions of a document, in `.wfnb/revisions/` beside it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wfnb.errors import DecodeError, UnknownName
from wfnb.formats import write_whole
from wfnb.model.codec import decode
from wfnb.model.workflow import Workflow

KEPT = 200
"""How many there are at most."""
RECENT = 30
"""So many of the newest are all kept; of older ones, the last of every `APART` seconds."""
APART = 60
_NAME = re.compile(r"(\d{8}T\d{12})-([0-9a-f]{16})\.wf\.json")
_TIME = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Revision:
    """One earlier version."""

    id: str
    """Its time and the hash of its text: the name of its file without the suffix."""
    time: datetime
    file: Path


class Revisions:
    """The versions of one document, each in a file named after its time and its content.

    Args:
        document: the document's file.
    """

    def __init__(self, document: Path) -> None:
        self.folder = document.parent / ".wfnb" / "revisions" / document.name

    def add(self, text: str, time: datetime) -> Revision | None:
        """Keep a version; None where it is the newest already.

        Raises:
            OSError: it can not be written.
        """
        known = self.all()
        hash = _hash(text)
        if known and known[0].id.endswith(hash):
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        id = f"{time.astimezone(UTC).strftime(_TIME)}-{hash}"
        made = Revision(id, time, self.folder / f"{id}.wf.json")
        write_whole(made.file, text)
        for left in _surplus([made, *known]):
            left.file.unlink(missing_ok=True)
        return made

    def all(self) -> list[Revision]:
        """The versions that there are, newest first."""
        found = []
        for file in self.folder.glob("*.wf.json"):
            named = _NAME.fullmatch(file.name)
            if named is not None:
                time = datetime.strptime(named[1], _TIME).replace(tzinfo=UTC)
                found.append(Revision(file.name.removesuffix(".wf.json"), time, file))
        return sorted(found, key=lambda revision: revision.id, reverse=True)

    def read(self, id: str) -> Workflow:
        """One version.

        Raises:
            UnknownName: there is none of this id.
            DecodeError: its file is not what was written.
        """
        text = self.find(id).file.read_text(encoding="utf-8")
        if not id.endswith(_hash(text)):
            raise DecodeError(f"revision '{id}' is damaged\nchoose another one")
        return decode(text, f"revision '{id}'")

    def find(self, id: str) -> Revision:
        """What is known of one version.

        Raises:
            UnknownName: there is none of this id.
        """
        for revision in self.all():
            if revision.id == id:
                return revision
        raise UnknownName(f"there is no revision '{id}'\nonly the newest {KEPT} are kept")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _surplus(revisions: list[Revision]) -> list[Revision]:
    """Those that go, of some from the newest on: old ones with a newer one of the same minute, and those too many."""
    taken = set[float]()
    kept, gone = list[Revision](), list[Revision]()
    for at, revision in enumerate(revisions):
        slot = revision.time.timestamp() // APART
        spare = (at >= RECENT and slot in taken) or len(kept) >= KEPT
        (gone if spare else kept).append(revision)
        if at >= RECENT:
            taken.add(slot)
    return gone
