"""A file that follows a drawing: saved at once, never over what others wrote, its versions kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from wfnb.author.document import Document
from wfnb.author.edits import AddEdge, AddNode, Move, RemoveNode, SetNode
from wfnb.errors import DefinitionError, UnknownName
from wfnb.formats.revisions import KEPT, Revisions
from wfnb.model.codec import decode, encode
from wfnb.model.workflow import Edge, End, Start, Task, Workflow
from wfnb.testing import virtual_time
from wfnb.widgets import messages as m
from wfnb.widgets.keeping import Keeper

BASE = Workflow(name="w", nodes=(Start("start"), Task("a", activity="f"), End("end")))


def with_activity(workflow: Workflow, id: str, activity: str) -> Workflow:
    changed = msgspec.structs.replace(workflow.node(id), activity=activity)
    nodes = tuple(changed if node.id == id else node for node in workflow.nodes)
    return msgspec.structs.replace(workflow, nodes=nodes)


def written(file: Path) -> Workflow:
    return decode(file.read_text())


def write(file: Path, workflow: Workflow) -> None:
    file.write_text(encode(workflow))


def remove(file: Path) -> None:
    file.unlink()


def put_folder(file: Path) -> None:
    file.mkdir()


def take_folder(file: Path) -> None:
    file.rmdir()


def is_gone(file: Path) -> bool:
    return not file.exists()


def kept(tmp_path: Path, main: Callable[[Document, Keeper, Path], Awaitable[None]]) -> list[m.Report]:
    """Run `main` in virtual time on a document and its keeper; gives what a canvas was told."""
    file = tmp_path / "w.wf.json"
    write(file, BASE)
    told: list[m.Report] = []

    async def run() -> None:
        document = Document(BASE)
        keeper = Keeper(document, file)
        stop = keeper.subscribe(told.append)
        await main(document, keeper, file)
        stop()
        keeper.close()

    virtual_time(run())
    return told


def test_an_edit_is_in_the_file_at_once_and_the_state_says_so(tmp_path: Path) -> None:
    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        document.apply([AddNode(node=End("late"))])
        assert keeper.state.state == "saving"
        await asyncio.sleep(0.001)
        assert written(file) == document.workflow
        assert keeper.state.state == "saved"
        document.apply([AddNode(node=End("later"))])
        document.apply([AddNode(node=End("latest"))])
        await asyncio.sleep(0.4)
        assert written(file) == document.workflow

    states = [report.state for report in kept(tmp_path, main) if isinstance(report, m.Saving)]
    assert states == ["saving", "saved", "saving", "saved"]


def test_what_is_not_written_yet_is_written_when_the_drawing_is_closed(tmp_path: Path) -> None:
    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        document.apply([AddNode(node=End("late"))])
        keeper.close()
        assert written(file) == document.workflow

    kept(tmp_path, main)


def test_a_file_that_can_not_be_written_says_why_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("wfnb.widgets.keeping.write_whole", _no_room)
            document.apply([AddNode(node=End("late"))])
            await asyncio.sleep(1)
            assert keeper.state.state == "unsaved"
            assert keeper.state.why.startswith("'w.wf.json' can not be written: No space left on device\n")
        await asyncio.sleep(6)
        assert keeper.state.state == "saved"
        assert written(file) == document.workflow

    kept(tmp_path, main)


def _no_room(file: Path, text: str) -> Path:
    del file, text
    raise OSError(28, "No space left on device")


def test_what_somebody_else_writes_is_taken_as_an_edit_where_nothing_is_lost(tmp_path: Path) -> None:
    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        write(file, with_activity(BASE, "a", "theirs"))
        await asyncio.sleep(1.5)
        assert document.workflow == with_activity(BASE, "a", "theirs")
        document.undo()
        assert document.workflow == BASE
        await asyncio.sleep(0.5)
        assert written(file) == BASE
        assert [encode(keeper.versions.revisions.read(one.id)) for one in keeper.versions.revisions.all()][
            -1
        ] == encode(BASE)

    kept(tmp_path, main)


@pytest.mark.parametrize("choice", ["mine", "theirs", "merge"])
def test_neither_version_is_ever_lost(tmp_path: Path, choice: str) -> None:
    theirs = msgspec.structs.replace(BASE, nodes=(*BASE.nodes, End("theirs")))

    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        document.apply([SetNode(id="a", node=Task("a", activity="mine"))])
        mine = document.workflow
        write(file, theirs)
        await asyncio.sleep(2)
        assert written(file) == theirs, "written over"
        assert keeper.state.state == "conflict"
        assert keeper.state.mine == ('~ changed task a (activity: "f" → "mine")',)
        assert keeper.state.theirs == ("+ added end theirs",)
        assert keeper.state.clashes == ()
        keeper.answer(m.Resolve(choice=choice), lambda _: None)  # type: ignore[arg-type] - parametrized
        merged = with_activity(theirs, "a", "mine")
        assert document.workflow == {"mine": mine, "theirs": theirs, "merge": merged}[choice]
        assert written(file) == document.workflow
        assert keeper.state.state == "saved"
        texts = [encode(keeper.versions.revisions.read(one.id)) for one in keeper.versions.revisions.all()]
        assert {encode(BASE), encode(mine), encode(theirs)} <= set(texts)
        if choice != "mine":
            document.undo()
            assert document.workflow == mine

    kept(tmp_path, main)


def test_what_both_changed_is_named_and_not_merged(tmp_path: Path) -> None:
    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        document.apply([SetNode(id="a", node=Task("a", activity="mine"))])
        write(file, with_activity(BASE, "a", "theirs"))
        await asyncio.sleep(2)
        assert keeper.state.clashes == ("node 'a'",)
        with pytest.raises(DefinitionError, match="both changed node 'a'\nkeep one of the two versions"):
            keeper.resolve("merge")
        assert keeper.state.state == "conflict"
        document.apply([Move(positions={"a": (1.0, 2.0)})])
        await asyncio.sleep(2)
        assert written(file) == with_activity(BASE, "a", "theirs")

    kept(tmp_path, main)


def test_a_file_that_is_gone_is_not_made_again_unasked(tmp_path: Path) -> None:
    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        remove(file)
        await asyncio.sleep(1.5)
        assert keeper.state.state == "conflict"
        assert (keeper.state.why, keeper.state.theirs) == (f"'{file.name}' was deleted, or moved", ())
        assert is_gone(file)
        put_folder(file)
        with pytest.raises(DefinitionError, match=f"'{file.name}' can not be read: .*\nput the file right"):
            keeper.resolve("mine")
        assert keeper.state.state == "conflict"
        take_folder(file)
        keeper.resolve("mine")
        assert written(file) == document.workflow

    kept(tmp_path, main)


def test_going_back_to_a_revision_is_an_edit(tmp_path: Path) -> None:
    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        for name in ("one", "two"):
            document.apply([AddNode(node=End(name))])
            await asyncio.sleep(0.5)
        told: list[m.Report] = []
        keeper.answer(m.ListRevisions(), told.append)
        (listed,) = told
        assert isinstance(listed, m.Revisions)
        assert [row.changes for row in listed.revisions] == [("+ added end two",), ("+ added end one",), ()]
        before = document.workflow
        keeper.answer(m.RestoreRevision(id=listed.revisions[-1].id), told.append)
        assert encode(document.workflow) == encode(BASE)
        await asyncio.sleep(0.5)
        assert written(file) == BASE
        document.undo()
        assert document.workflow == before
        with pytest.raises(UnknownName, match="there is no revision 'x'"):
            keeper.answer(m.RestoreRevision(id="x"), told.append)

    kept(tmp_path, main)


def test_a_revision_is_compared_with_what_is_drawn_now(tmp_path: Path) -> None:
    async def main(document: Document, keeper: Keeper, file: Path) -> None:
        del file
        document.apply([AddNode(node=End("one"))])
        await asyncio.sleep(0.5)
        document.apply([RemoveNode(id="one"), AddNode(node=Task("new", activity="f"))])
        document.apply([AddEdge(edge=Edge(source="new", target="end"))])
        told: list[m.Report] = []
        keeper.answer(m.ListRevisions(), told.append)
        (listed,) = told
        assert isinstance(listed, m.Revisions)
        keeper.answer(m.CompareRevision(id=listed.revisions[0].id), told.append)
        compared = told[-1]
        assert isinstance(compared, m.Unlike)
        assert compared.time == listed.revisions[0].time
        assert {"one", "new"} < {node.id for node in compared.document.nodes}
        assert compared.nodes == {"one": "removed", "new": "added"}
        edge = len(compared.document.edges) - 1
        assert compared.edges == {str(edge): "added"}
        assert [(row.fate, row.node, row.edge) for row in compared.changes] == [
            ("removed", "one", None),
            ("added", "new", None),
            ("added", "", edge),
        ]
        with pytest.raises(UnknownName, match="there is no revision 'x'"):
            keeper.answer(m.CompareRevision(id="x"), told.append)

    kept(tmp_path, main)


def test_revisions_are_bounded_and_old_ones_thinned(tmp_path: Path) -> None:
    revisions = Revisions(tmp_path / "w.wf.json")
    start = datetime(2030, 1, 1, tzinfo=UTC)
    for second in range(100):
        revisions.add(str(second), start + timedelta(seconds=second))
    assert len(revisions.all()) == 32
    assert revisions.add("99", start + timedelta(seconds=100)) is None
    for hour in range(1, KEPT + 20):
        revisions.add(f"hour {hour}", start + timedelta(hours=hour))
    found = revisions.all()
    assert len(found) == KEPT
    assert found[0].time == start + timedelta(hours=KEPT + 19)
