"""A file that the document editor saves, as the kernel knows it: earlier versions, and two put together."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from wfnb.author.document import Document
from wfnb.errors import DecodeError, DefinitionError, UnknownName
from wfnb.model.codec import decode, encode
from wfnb.model.workflow import End, Start, Task, Workflow
from wfnb.widgets import messages as m
from wfnb.widgets.pagefile import PageFile

BASE = Workflow(name="w", nodes=(Start("start"), Task("a", activity="f"), End("end")))


def plus(id: str, workflow: Workflow = BASE) -> Workflow:
    return msgspec.structs.replace(workflow, nodes=(*workflow.nodes, End(id)))


class Page:
    """A document, its file, and what the page is told."""

    def __init__(self, folder: Path) -> None:
        self.document = Document(BASE)
        self.told: list[m.Report] = []
        self.path = folder / "w.wf.json"
        self.path.write_text(encode(BASE))
        self.file = PageFile(self.path, lambda: self.document)

    def say(self, asked: m.Kept | m.Collision | m.Resolve | m.ListRevisions | m.RestoreRevision) -> None:
        self.file.answer(asked, self.told.append)

    def save(self, workflow: Workflow) -> None:
        self.document = Document(workflow)
        self.path.write_text(encode(workflow))
        self.say(m.Kept(text=encode(workflow)))

    def versions(self) -> list[Workflow]:
        self.say(m.ListRevisions())
        listed = self.told.pop()
        assert isinstance(listed, m.Revisions)
        return [self.file.versions.revisions.read(row.id) for row in listed.revisions]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_what_was_opened_is_the_first_version_once_anything_is_saved(page: Page) -> None:
    page.say(m.Kept(text=encode(BASE)))
    assert page.versions() == []
    page.save(plus("one"))
    page.save(plus("two"))
    assert page.versions() == [plus("two"), plus("one"), BASE]


def test_a_text_that_the_file_here_does_not_have_is_no_version_of_it(page: Page) -> None:
    page.say(m.Kept(text=encode(BASE)))
    page.say(m.Kept(text=encode(plus("elsewhere"))))
    page.path.unlink()
    page.say(m.Kept(text=encode(plus("gone"))))
    assert page.versions() == []


def test_a_version_is_brought_back_as_an_edit_of_the_copy(page: Page) -> None:
    page.say(m.Kept(text=encode(BASE)))
    page.save(plus("one"))
    (_, first) = page.file.versions.revisions.all()
    page.say(m.RestoreRevision(id=first.id))
    assert page.document.workflow == BASE
    assert page.document.undo_label == "restore a revision"
    with pytest.raises(UnknownName):
        page.say(m.RestoreRevision(id="20260101T000000000000-0123456789abcdef"))


def test_what_collides_is_compared_and_merged_and_both_versions_are_kept(page: Page) -> None:
    page.say(m.Kept(text=encode(BASE)))
    page.document = Document(plus("mine"))
    page.path.write_text(encode(plus("theirs")))
    page.say(m.Collision(base=encode(BASE), theirs=encode(plus("theirs"))))
    told = page.told.pop()
    assert isinstance(told, m.Saving)
    assert (told.state, told.mine, told.theirs) == ("conflict", ("+ added end mine",), ("+ added end theirs",))
    assert told.clashes == ()
    page.say(m.Resolve(choice="merge"))
    assert page.document.workflow == plus("theirs", plus("mine"))
    assert page.versions() == [plus("theirs"), plus("mine"), BASE]
    page.say(m.Resolve(choice="merge"))  # it is over
    assert page.document.revision == 1


def test_what_both_changed_is_not_merged(page: Page) -> None:
    mine, theirs = (
        msgspec.structs.replace(BASE, nodes=(Start("start"), Task("a", activity=name), End("end")))
        for name in ("mine", "theirs")
    )
    page.document = Document(mine)
    page.say(m.Collision(base=encode(BASE), theirs=encode(theirs)))
    told = page.told.pop()
    assert isinstance(told, m.Saving)
    assert told.clashes == ("node 'a'",)
    with pytest.raises(DefinitionError, match="both changed node 'a'"):
        page.say(m.Resolve(choice="merge"))
    assert page.document.workflow == mine
    page.say(m.Resolve(choice="mine"))  # the page does the rest
    assert page.document.workflow == mine


def test_a_file_that_is_no_workflow_can_not_be_merged(page: Page) -> None:
    page.say(m.Collision(base=encode(BASE), theirs="{"))
    told = page.told.pop()
    assert isinstance(told, m.Saving)
    assert told.clashes == ("all of it",)
    with pytest.raises(DecodeError):
        page.say(m.Resolve(choice="merge"))
    assert decode(page.path.read_text()) == BASE
