"""A drawing in a Python file, written anew while all the rest stays as it is."""

from __future__ import annotations

import runpy
from pathlib import Path

import msgspec
import pytest

from wfnb.author.source import check_rewritable, drawn_in, from_python, rewritten, to_python
from wfnb.author.unpack import unpack
from wfnb.errors import SourceError
from wfnb.model.workflow import Call, Edge, End, Node, Start, Task, Workflow

BEFORE = '''\
"""Reviews of pages."""  # odd   spacing stays

import asyncio, wfnb as wf
from somewhere import *
from lib import fetch as get


@wf.activity(retries=2)
def score(text: str) -> int:
    return len(text)  # no network


'''
DRAWN = """\
review = wf.flow("review", {"url": str})
page = review.task("page", get, url="=input.url")
mark = review.task(
    "mark", "score",
    text="=page")
review.start >> page >> mark >> review.end("end")
"""
AFTER = """
if __name__ == "__main__":
    page_count = 3
    asyncio.run(wf.run(review, url="x"))   # noqa
"""


def renamed(workflow: Workflow, old: str, new: str) -> Workflow:
    """With another id for a task that nothing reads."""
    swap = {old: new}
    nodes: list[Node] = [msgspec.structs.replace(node, id=swap.get(node.id, node.id)) for node in workflow.nodes]
    edges = [Edge(source=swap.get(e.source, e.source), target=swap.get(e.target, e.target)) for e in workflow.edges]
    return msgspec.structs.replace(workflow, nodes=tuple(nodes), edges=tuple(edges))


def test_only_the_lines_of_the_drawing_change_and_names_stay_names() -> None:
    drawn = drawn_in(BEFORE + DRAWN + AFTER)
    assert [node.id for node in drawn.nodes] == ["start", "page", "mark", "end"]
    assert rewritten(BEFORE + DRAWN + AFTER, drawn) == BEFORE + DRAWN + AFTER  # its own layout stays while it can
    text = rewritten(BEFORE + DRAWN + AFTER, renamed(drawn, "mark", "score"))
    assert text.startswith(BEFORE + 'review = wf.flow("review", {"url": "str"})\n')
    assert text.endswith(AFTER)
    assert 'page = review.task("page", get, url="=input.url")' in text
    assert 'score_2 = review.task("score", "score", text="=page")' in text  # 'score' is the activity here
    assert drawn_in(text) == renamed(drawn, "mark", "score")


def test_what_was_exported_is_written_as_an_export_would_be() -> None:
    one = from_python(DRAWN)
    two = renamed(one, "mark", "weight")
    assert rewritten(to_python(one), two) == to_python(two)
    child = Workflow(name="part", nodes=(Start("start"), Task("t", activity="a"), End("end")))
    child = msgspec.structs.replace(child, edges=(Edge(source="start", target="t"), Edge(source="t", target="end")))
    nodes = (Start("start"), Call("c", workflow="part"), End("end"))
    edges = (Edge(source="start", target="c"), Edge(source="c", target="end"))
    whole = Workflow(name="whole", nodes=nodes, edges=edges, workflows={"part": child})
    alone, _ = unpack(whole, "c")
    assert rewritten(to_python(whole), alone) == to_python(alone)
    assert rewritten(to_python(alone), whole) == to_python(whole)


def test_other_line_endings_and_ways_to_import_stay() -> None:
    text = "from wfnb import flow\n\nx = flow('a')\nx.start >> x.end('end')"
    drawn = drawn_in(text)
    new = rewritten(text.replace("\n", "\r\n"), renamed(drawn, "end", "done"))
    assert new == (
        'from wfnb import flow\r\n\r\nimport wfnb as wf\r\n\r\nx = wf.flow("a")\r\n\r\nx.start >> x.end("done")'
    )


def test_a_file_that_is_written_runs_and_builds_what_is_drawn(tmp_path: Path) -> None:
    before = "import wfnb as wf\n\n@wf.activity\ndef score() -> int: return 1\n\n"
    text = before + 'f = wf.flow("f")\nf.start >> f.task("t", score) >> f.end("end")\nworkflow = f.workflow\n'
    drawn = drawn_in(text)
    file = tmp_path / "made.py"
    file.write_text(rewritten(text, renamed(drawn, "t", "u")))
    assert runpy.run_path(str(file))["workflow"] == renamed(drawn, "t", "u")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("print()", 1, "there is no workflow"),
        ("f = wf.flow('f')\nprint()\nf.task('t', 'a')", 3, "'f.task' draws more behind other statements"),
        ("f = wf.flow('f')\nt = f.task('t', 'a')\nprint(t)", 3, "'t' is used behind the drawing"),
        ("f = wf.flow('f')\nf.start >> f.end('e')\nfor x in y:\n    f.start >> x", 4, "'f.start' draws more"),
        ("import os as wf\nf = wf.flow('f')", 2, "there is no workflow"),
        ("f = wf.flow('f')\nf.taks('t', 'a')", 2, "'f.taks' is no part of a drawing"),
        ("def", 1, "invalid syntax"),
    ],
)
def test_what_can_not_be_read_says_where(text: str, line: int, message: str) -> None:
    with pytest.raises(SourceError, match=f"line {line}: .*{message}") as found:
        drawn_in(text)
    assert found.value.line == line


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("f = wf.flow('f')\n# why\nf.start >> f.end('e')", 2, "a comment stands between the builder's calls"),
        ("f = wf.flow('f')\nf.start >> f.end('e')  # why", 2, "a comment stands between"),
        ("p = wf.flow('p')\np.task('t', 'a')\nf = wf.flow('f')\nf.start >> f.end('e')", 1, "workflow 'p' is no part"),
        ("x = 1; f = wf.flow('f')\nf.start >> f.end('e')", 1, "a line has a part of the drawing and something else"),
        ("f = wf.flow('f')\nf = wf.flow('g')\ng = f.start\nf.start >> f.end('e'); print()", 4, "a line has a part"),
    ],
)
def test_what_would_get_lost_is_not_written(text: str, line: int, message: str) -> None:
    drawn = drawn_in(text)
    for write in (check_rewritable, lambda text: rewritten(text, renamed(drawn, "e", "x"))):
        with pytest.raises(SourceError, match=f"line {line}: .*{message}") as found:
            write(text)
        assert str(found.value).endswith("\nthe drawing goes into a file of its own")
