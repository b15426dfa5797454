"""The picture of a difference."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from wfnb.author.comparing import compare
from wfnb.formats.difference import SIGNS, both, draw_difference, pictured
from wfnb.model.workflow import Edge, End, Start, Task, Workflow

OLD = Workflow(
    name="w",
    nodes=(Start("start"), Task("a", activity="one"), Task("b", activity="two"), End("end")),
    edges=(Edge(source="start", target="a"), Edge(source="a", target="b"), Edge(source="b", target="end")),
    layout={"start": (0, 0), "a": (200, 0), "b": (400, 0), "end": (600, 0)},
)
NEW = Workflow(
    name="w",
    nodes=(Start("start"), Task("a", activity="three"), Task("<c>", activity="four"), End("end")),
    edges=(Edge(source="start", target="a"), Edge(source="a", target="<c>"), Edge(source="<c>", target="end")),
    layout={"start": (0, 0), "a": (200, 0), "<c>": (400, 90), "end": (600, 40)},
)


def test_both_versions_are_in_one_drawing() -> None:
    drawn, fates = both(compare(OLD, NEW))
    assert [node.id for node in drawn.nodes] == ["start", "a", "<c>", "end", "b"]
    assert fates.nodes == {"a": "changed", "b": "removed", "<c>": "added", "end": "moved"}
    assert {(drawn.edges[i].source, drawn.edges[i].target): fate for i, fate in fates.edges.items()} == {
        ("a", "<c>"): "added",
        ("<c>", "end"): "added",
        ("a", "b"): "removed",
        ("b", "end"): "removed",
    }
    assert drawn.layout["b"] == (400, 0)


def test_each_fate_has_a_sign_and_what_is_gone_is_dashed() -> None:
    picture = draw_difference(compare(OLD, NEW))
    root = ET.fromstring(picture)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    for fate in ("added", "removed", "changed", "moved"):
        assert SIGNS[fate] in texts
    assert picture.count('stroke="#c62828" stroke-width="2.5" stroke-dasharray="5 4"') == 2


def test_a_renamed_node_keeps_its_edges() -> None:
    renamed = Workflow(
        name="w",
        nodes=(Start("start"), Task("z", activity="one"), Task("b", activity="two"), End("end")),
        edges=(Edge(source="start", target="z"), Edge(source="z", target="b"), Edge(source="b", target="end")),
        layout={"start": (0, 0), "z": (200, 0), "b": (400, 0), "end": (600, 0)},
    )
    drawn, fates = both(compare(OLD, renamed))
    assert fates.nodes == {"z": "renamed"}
    assert fates.edges == {}
    assert len(drawn.edges) == 3


def test_a_cell_shows_picture_and_lines() -> None:
    bundle = pictured(compare(OLD, NEW))._repr_mimebundle_()
    assert bundle["text/html"].startswith("<div><svg")
    assert "<li>" in bundle["text/html"]
    assert bundle["text/plain"] == str(compare(OLD, NEW))
    assert "svg" not in pictured(compare(OLD, OLD))._repr_mimebundle_()["text/html"]
