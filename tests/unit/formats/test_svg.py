"""Static pictures: everything is in them, nothing in them runs."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from wfnb.formats.placing import positions
from wfnb.formats.svg import draw
from wfnb.model.workflow import Choice, Edge, End, Fork, Join, Note, Start, Task, Workflow

SVG = "{http://www.w3.org/2000/svg}"
EVERYTHING = Workflow(
    name="all <kinds>",
    nodes=(
        Start("start"),
        Task("t", activity="fetch", label="<script>alert(1)</script>"),
        Choice("c"),
        Fork("f"),
        Join("j"),
        Note("n", text="<b>bold</b>\nsecond line"),
        End("end"),
    ),
    edges=(
        Edge(source="start", target="t"),
        Edge(source="t", target="c"),
        Edge(source="c", target="t", when='x < "1"'),
        Edge(source="c", target="f", otherwise=True),
        Edge(source="f", target="j"),
        Edge(source="j", target="end"),
    ),
)


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_every_node_and_guard_is_drawn() -> None:
    drawn = texts(draw(EVERYTHING))
    for text in ("fetch", "c", "f", "j", "end", 'x < "1"', "otherwise", "second line"):
        assert text in drawn
    assert len(list(ET.fromstring(draw(EVERYTHING)).iter(f"{SVG}path"))) >= len(EVERYTHING.edges)


def test_markup_in_labels_is_text() -> None:
    svg = draw(EVERYTHING)
    assert any(text.startswith("<script>") for text in texts(svg))
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert tags <= {"svg", "defs", "marker", "path", "rect", "circle", "text"}


def test_states_have_a_mark_beside_the_colour() -> None:
    assert "✓" in texts(draw(EVERYTHING, {"t": "completed"}))
    assert "✕" in texts(draw(EVERYTHING, {"t": "failed"}))


def test_a_drawing_keeps_its_positions_and_the_rest_gets_places_of_its_own() -> None:
    placed = Workflow(**{**as_fields(EVERYTHING), "layout": {"start": (5.0, 7.0), "t": (205.0, 7.0)}})
    found = positions(placed)
    assert (found["start"], found["t"]) == ((5.0, 7.0), (205.0, 7.0))
    assert len(set(found.values())) == len(placed.nodes)


def test_nothing_and_too_much_are_said_in_words() -> None:
    assert texts(draw(Workflow(name="empty"))) == ["empty: nothing is drawn yet"]
    many = Workflow(name="big", nodes=tuple(Task(f"t{i}", activity="a") for i in range(700)))
    assert texts(draw(many)) == ["big: 700 nodes"]


def as_fields(workflow: Workflow) -> dict[str, object]:
    return {name: getattr(workflow, name) for name in workflow.__struct_fields__}
