"""Static pictures: everything is in them, nothing in them runs."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from wfnb.formats.glyphs import span
from wfnb.formats.placing import positions
from wfnb.formats.routes import route
from wfnb.formats.svg import draw
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Note,
    Start,
    Task,
    Wait,
    Workflow,
)

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


WHOLE = Workflow(
    name="whole",
    nodes=(
        Start("start"),
        Wait("rests"),
        Approval("ask", form={"ok": "bool"}),
        Map("each", items="=input.x", activity="fetch", width=4),
        Call("sub", workflow="other"),
        Fork("some", join="two"),
        Join("two", need=2, rest="cancel"),
        Join("first", need="any"),
        Group("outer", members=("inner", "sub"), lock="door"),
        Group("inner", members=("ask", "each"), cancel=True),
        Group("empty"),
        Group("odd", members=("odd", "nobody")),
        End("stop", terminate=True),
        End("bad", error="Refused"),
    ),
    edges=(
        Edge(source="start", target="rests"),
        Edge(source="rests", target="ask", on="paid", when="signal('paid') > 3"),
        Edge(source="rests", target="each", when="reached('x')"),
        Edge(source="rests", target="sub", until="=input.when"),
        Edge(source="ask", target="stop", after=5400),
        Edge(source="each", target="bad", error="*"),
        Edge(source="sub", target="bad", error="ValueError"),
        Edge(source="sub", target="two", spawn=True),
        Edge(source="start", target="two"),
        Edge(source="inner", target="stop", on="enough"),
    ),
)


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_long_name_is_cut_between_its_letters() -> None:
    for kind in (Task("<&>" * 20, activity="f"), Wait("<&>" * 20), Choice("<&>" * 20)):
        ET.fromstring(draw(Workflow(nodes=(kind,))))


def test_every_node_and_guard_is_drawn() -> None:
    drawn = texts(draw(EVERYTHING))
    for text in ("fetch", "c", "f", "j", "end", 'x < "1"', "otherwise", "second line"):
        assert text in drawn
    assert len(list(ET.fromstring(draw(EVERYTHING)).iter(f"{SVG}path"))) >= len(EVERYTHING.edges)


def test_markup_in_labels_is_text() -> None:
    svg = draw(EVERYTHING)
    assert any(text.startswith("<script>") for text in texts(svg))
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert tags <= {"svg", "defs", "marker", "path", "rect", "circle", "text", "tspan", "g", "title"}


def test_states_have_a_mark_beside_the_colour() -> None:
    assert "✓" in texts(draw(EVERYTHING, {"t": "completed"}))
    assert "✕" in texts(draw(EVERYTHING, {"t": "failed"}))


def test_every_kind_and_trigger_is_told_in_words_and_shapes() -> None:
    svg = draw(WHOLE, {"rests": "waiting", "ask": "completed"})
    # What was cut for want of room is told whole in the title.
    drawn = [*texts(svg), *(title.text or "" for title in ET.fromstring(svg).iter(f"{SVG}title"))]
    for text in (
        "ok", "each: fetch, 4 at once", "other", "⇉?", "2/2", "✕ rest", "any", "outer · lock door", "inner · ✕ cancels",
        "empty", "bad: Refused", "paid if signal('paid') > 3", "reached('x')",
        "at =input.when", "90 min", "any error", "ValueError", "spawn", "enough", "◷",
    ):  # fmt: skip
        assert any(text[:25] in one for one in drawn), text
    paths = [element.attrib for element in ET.fromstring(svg).iter(f"{SVG}path")]
    dashes = [attributes.get("stroke-dasharray") for attributes in paths if "marker-end" in attributes]
    assert dashes == [None, None, None, None, "6 4", "6 4", "6 4", "1 4", None, "6 4"]


def test_a_group_lies_around_its_members_and_behind_them() -> None:
    svg = ET.fromstring(draw(WHOLE))
    frames = [e for e in svg.iter(f"{SVG}rect") if e.get("stroke-dasharray")]
    assert len(frames) == 4
    outer, inner = (
        tuple(float(frame.attrib[name]) for name in ("x", "y", "width", "height"))
        for frame in sorted(frames, key=lambda e: -float(e.attrib["width"]) * float(e.attrib["height"]))[:2]
    )
    assert outer[0] < inner[0]
    assert outer[0] + outer[2] > inner[0] + inner[2]
    first_edge = next(i for i, e in enumerate(svg) if e.get("marker-end"))
    assert all(list(svg).index(frame) < first_edge for frame in frames)


def test_durations_are_written_as_people_do() -> None:
    texts = {5: "5 s", 0.5: "0.5 s", 90: "90 s", 300: "5 min", 7200: "2 h", 86400: "1 d", "=x": "=x"}
    assert {value: span(value) for value in texts} == texts


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


def test_a_line_goes_around_what_lies_between_its_ends() -> None:
    boxes = {"a": (20.0, 20.0), "b": (100.0, 40.0), "c": (20.0, 20.0)}
    straight, middle = route({"a": (0, 0), "b": (200, 90), "c": (400, 0)}, boxes, "a", "c")
    assert straight == "M10,0 C199,0 199,0 388,0"
    assert middle == (199, 0)
    around, (x, y) = route({"a": (0, 0), "b": (200, 0), "c": (400, 0)}, boxes, "a", "c")
    assert (x, y) == (199, -34), "above the box"
    assert around == "M10,0 C199,-45 199,-45 388,0"
