"""The versions of a file that a drawing is kept in, as views are told of them: earlier ones, and two that collide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from wfnb.author.between import edits_between
from wfnb.author.comparing import REORDERED, Difference, compare
from wfnb.author.document import Document
from wfnb.author.merging import merge
from wfnb.errors import DecodeError, DefinitionError, WfnbError
from wfnb.formats.difference import Fates, both
from wfnb.formats.revisions import Revision, Revisions
from wfnb.model.codec import decode
from wfnb.model.workflow import Workflow
from wfnb.widgets import messages as m
from wfnb.widgets import parts

MOST_LINES = 40
"""Differences that a page is told."""
Tell = Callable[[m.Report], None]


class Versions:
    """The earlier versions of one file.

    Args:
        file: the file.
        now: the time, for the names of versions.
    """

    def __init__(self, file: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.revisions = Revisions(file)
        self._now = now

    def keep(self, text: str | None) -> None:
        """Keep a version, if there is one and it is not the newest already."""
        if text is None:
            return
        try:
            self.revisions.add(text, self._now())
        except OSError:
            return  # the document itself is saved; a version is only a help

    def keep_first(self, text: str | None) -> None:
        """Keep what the file had before anything was drawn."""
        if not self.revisions.all():
            self.keep(text)

    def restore(self, id: str, document: Document) -> None:
        """Make a document as it was in a version, which undo takes back.

        Raises:
            UnknownName: there is no such version.
            DecodeError: it is no workflow.
        """
        document.apply(edits_between(document.workflow, self.revisions.read(id)), "restore a revision")

    def compare(self, id: str, now: Workflow) -> m.Unlike:
        """What is different between a version and the drawing as it is now.

        Raises:
            UnknownName: there is no such version.
            DecodeError: it is no workflow.
        """
        revision = self.revisions.find(id)
        difference = compare(self.revisions.read(id), now)
        drawn, fates = both(difference)
        return m.Unlike(
            id=id,
            time=_milliseconds(revision),
            document=drawn,
            nodes=dict(fates.nodes),
            edges={str(index): fate for index, fate in fates.edges.items()},
            changes=tuple(_changes(difference, drawn, fates))[:MOST_LINES],
        )

    def tell(self, tell: Tell) -> None:
        """Tell of every version and of what each changed."""
        found = self.revisions.all()
        rows = [self._row(new, old) for new, old in pairwise(found)]
        tell(m.Revisions(revisions=(*rows, *(self._row(one, None) for one in found[-1:]))))

    def _row(self, new: Revision, old: Revision | None) -> parts.RevisionRow:
        try:
            changes = _lines(self.revisions.read(old.id), self.revisions.read(new.id)) if old is not None else ()
        except (WfnbError, OSError) as error:
            changes = (str(error).partition("\n")[0],)
        return parts.RevisionRow(id=new.id, time=_milliseconds(new), changes=changes)


def collision(
    name: str, base: Workflow, mine: Workflow, disk: str | None, read: Callable[[str, str], Workflow] = decode
) -> m.Saving:
    """What is different where a file was written by somebody else.

    Args:
        name: the file's name.
        base: what both began with.
        mine: what is drawn.
        disk: what the file has; None where it is gone.
        read: gives the drawing that a text is, in a file of this name.
    """
    why, ours, all_of_it = f"'{name}' was changed by somebody else", _lines(base, mine), ("all of it",)
    if disk is None:
        return m.Saving(state="conflict", why=f"'{name}' was deleted, or moved", mine=ours, clashes=all_of_it)
    try:
        theirs = read(disk, name)
    except DecodeError as error:
        first = str(error).partition("\n")[0]
        return m.Saving(state="conflict", why=why, mine=ours, theirs=(first,), clashes=all_of_it)
    clashes = merge(base, mine, theirs)[1]
    return m.Saving(state="conflict", why=why, mine=ours, theirs=_lines(base, theirs), clashes=clashes)


def merged(base: Workflow, mine: Workflow, theirs: Workflow) -> Workflow:
    """Both versions together.

    Raises:
        DefinitionError: both changed the same thing.
    """
    both, clashes = merge(base, mine, theirs)
    if clashes:
        raise DefinitionError(f"both changed {', '.join(clashes)}\nkeep one of the two versions")
    return both


def _lines(old: Workflow, new: Workflow) -> tuple[str, ...]:
    lines = [*compare(old, new).lines()]
    more = [f"… and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return (*lines[:MOST_LINES], *more)


def _changes(difference: Difference, drawn: Workflow, fates: Fates) -> Iterator[parts.ChangeRow]:
    """The differences, with their nodes and edges of a drawing of both."""
    for field in difference.workflow:
        yield parts.ChangeRow(text=f"~ changed {field}", fate="changed")
    for node in difference.nodes:
        yield parts.ChangeRow(text=str(node), fate=node.fate, node=node.id)
    places = {(drawn.edges[at].source, drawn.edges[at].target, fate): at for at, fate in fates.edges.items()}
    for edge in difference.edges:
        yield parts.ChangeRow(text=str(edge), fate=edge.fate, edge=places.get((edge.source, edge.target, edge.fate)))
    if difference.reordered:
        yield parts.ChangeRow(text=REORDERED, fate="changed")


def _milliseconds(revision: Revision) -> float:
    return revision.time.timestamp() * 1e3
