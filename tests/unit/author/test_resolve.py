"""Which workflow a name means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wfnb.author.flow import Flow
from wfnb.author.resolve import find_workflow, resolve_workflow
from wfnb.errors import DecodeError, DefinitionError
from wfnb.model.codec import encode
from wfnb.model.workflow import Call, Map, Workflow

OWN, DEFINED, FILED = (Workflow(name="child", description=where) for where in ("own", "defined", "filed"))
BARE = Workflow(name="main")


def test_its_own_come_first_then_the_defined_then_files(tmp_path: Path) -> None:
    (tmp_path / "child.json").write_text(encode(FILED))
    main = Workflow(name="main", workflows={"child": OWN, "child.json": OWN})
    assert resolve_workflow("child", main, {"child": DEFINED}) is OWN
    assert resolve_workflow("child", BARE, {"child": DEFINED}) is DEFINED
    assert resolve_workflow("child.json", main, {"child.json": DEFINED}, tmp_path) is OWN
    assert resolve_workflow("child.json", BARE, {"child.json": DEFINED}, tmp_path) is DEFINED
    assert resolve_workflow("child.json", BARE, {}, tmp_path) == FILED


def test_a_path_starts_where_the_document_lies_or_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.wf.json").write_text(encode(FILED))
    (tmp_path / "top.wf.json").write_text(encode(DEFINED))
    monkeypatch.chdir(tmp_path)
    found = find_workflow("parts/a.wf.json", BARE, {})
    assert (found.workflow, found.folder) == (FILED, (tmp_path / "parts").resolve())
    assert find_workflow("../top.wf.json", BARE, {}, found.folder, root=tmp_path).workflow == DEFINED
    with pytest.raises(DefinitionError, match=r"workflow 'main' calls '\.\./top\.wf\.json', which lies outside of '"):
        find_workflow("../top.wf.json", BARE, {}, found.folder)


def test_what_belongs_to_a_document_is_known_inside_of_it() -> None:
    one = Workflow(name="one", nodes=(Call("c", workflow="two"),))
    two = Workflow(name="two", nodes=(Map("m", items=[], workflow="one"),))
    main = Workflow(name="main", workflows={"one": one, "two": two, "leaf": OWN})
    inside = resolve_workflow("one", main, {})
    assert inside.workflows == main.workflows
    again = resolve_workflow("two", inside, {"two": DEFINED})
    assert (again.nodes, again.workflows) == (two.nodes, main.workflows)
    assert resolve_workflow("leaf", main, {}) is OWN  # calls nothing, and stays as it is
    nearer = Workflow(name="one", nodes=one.nodes, workflows={"two": DEFINED})
    assert resolve_workflow(
        "two", resolve_workflow("one", Workflow(workflows={"one": nearer, "two": two}), {}), {}
    ) is (DEFINED)


def test_unknown_names() -> None:
    main = Workflow(name="main", workflows={"audit": OWN})
    with pytest.raises(DefinitionError) as refused:
        resolve_workflow("reveiw", main, {"review": DEFINED})
    assert str(refused.value) == (
        "workflow 'main' calls unknown workflow 'reveiw'\nknown workflows: audit, review. Did you mean 'review'?"
    )
    with pytest.raises(DefinitionError, match=r"calls unknown workflow 'x'\ndefine it with wf\.flow"):
        resolve_workflow("x", BARE, {})


def test_paths_that_lead_nowhere_or_out(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.json").write_text(encode(FILED))
    (inside / "child.json").write_text("{}")
    (inside / "folder.json").mkdir()
    (inside / "link.json").symlink_to(tmp_path / "secret.json")
    (inside / "ring.json").symlink_to(inside / "ring.json")
    os.mkfifo(inside / "pipe.json")  # reading it would wait for ever
    for name, message in (
        (str(tmp_path / "secret.json"), "no relative path"),
        ("C:\\x.json", "no relative path"),
        ("../secret.json", "lies outside of"),
        ("a/../../secret.json", "lies outside of"),
        ("link.json", "lies outside of"),
        ("..//", "lies outside of"),
        ("chlid.json", r"no such file in '.*inside'\nknown files: .*Did you mean 'child.json'\?"),
        ("none/child.json", r"no such file in '.*inside'\ncorrect the path"),
        ("folder.json", "no such file"),
        ("pipe.json", "no such file"),
        ("ring.json", "can not be read|no such file"),
        ("a\0.json", "can not be read"),
        ("x" * 5000 + ".json", "can not be read"),
    ):
        with pytest.raises(DefinitionError, match=message):
            resolve_workflow(name, BARE, {}, inside)
    with pytest.raises(DecodeError, match=r"child\.json is no wfnb document"):
        resolve_workflow("child.json", BARE, {}, inside)


def test_a_flow_is_found_as_it_stands_now() -> None:
    from wfnb.author.registry import Workflows

    known = Workflows()
    made = Flow("child")
    known.add(made.document)
    made.note("n", "new")
    assert resolve_workflow("child", BARE, known) == made.workflow
