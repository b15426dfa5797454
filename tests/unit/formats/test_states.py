"""Pictures of state machines: every state and move is in them, whatever things are called."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.unit.machine.formal.nets import CANCEL, LOCKED, LOOP, PARALLEL, blocks, drawn, net
from wfnb.formats.states import draw_states, picture
from wfnb.machine.formal.statemachine import Role, explicit
from wfnb.machine.net import Net

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("of", [PARALLEL, LOOP, CANCEL, LOCKED, *map(drawn, range(40))])
def test_every_state_and_move_is_drawn(of: Net) -> None:
    machine = explicit(of)
    boxes, arrows = picture(machine)
    assert len(boxes) == len(machine.states)
    assert {(arrow.source, arrow.target) for arrow in arrows} == {(move.source, move.target) for move in machine.moves}
    svg = draw_states(machine)
    root = ET.fromstring(svg)
    assert len(list(root.iter(f"{SVG}rect"))) == len(boxes) + 1  # the ground
    assert len(list(root.iter(f"{SVG}path"))) == len(arrows) + 1  # the arrowhead
    for arrow in arrows:
        assert "".join((*arrow.lines, arrow.whole)) in texts(svg)


def test_roles_have_a_word_beside_the_colour() -> None:
    crossed = net({"fork": "i > a b", "one": "a > c", "two": "b > c", "join": "c d > o"}, "i", "o")
    assert {"✕ unsafe", "∞ trap", "c ×2"} <= set(texts(draw_states(explicit(crossed))))  # noqa: RUF001
    lost = net({"either": "i > a", "or": "i > b", "end": "a > o", "join": "b x > o"}, "i", "o")
    assert {"✕ deadlock", "✓ final"} <= set(texts(draw_states(explicit(lost))))
    assert "…" in texts(draw_states(explicit(blocks(1, wide=6), limit=10)))


def test_moves_between_two_states_share_an_arrow() -> None:
    several = net({"one": "i > o", "two": "i > o", "three": "i > o", "four": "i > o"}, "i", "o")
    _, (arrow,) = picture(explicit(several))
    assert (arrow.lines, arrow.whole) == (("one, two +2",), "one\ntwo\nthree\nfour")


def test_long_names_and_many_places_are_cut_and_markup_is_text() -> None:
    markup = net({"<script>alert(1)</script>": "i > " + "p" * 60 + " <b> c d e f g h"}, "i", "o")
    svg = draw_states(explicit(markup))
    assert "<script>alert(1)</script>" in "".join(texts(svg))
    assert {"p" * 26, "p" * 25 + "…", "… 8 places"} <= set(texts(svg))
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert tags == {"svg", "defs", "marker", "path", "rect", "text", "tspan", "title"}


def test_boxes_hold_their_lines() -> None:
    for box in picture(explicit(LOCKED))[0]:
        assert box.size[0] >= max(map(len, box.lines)) * 6
        assert box.size[1] >= len(box.lines) * 15
    assert [box.start for box in picture(explicit(LOOP))[0]] == [True, False, False, False]
    assert picture(explicit(LOOP))[0][3].role is Role.FINAL


def test_a_label_fits_between_the_boxes_that_it_joins() -> None:
    boxes, arrows = picture(explicit(net({"a signal with a long name": "i > a", "x": "a > o"}, "i", "o")))
    for arrow in arrows:
        one, other = boxes[arrow.source], boxes[arrow.target]
        room = other.at[0] - other.size[0] / 2 - one.at[0] - one.size[0] / 2
        assert room > 5.5 * max(map(len, arrow.lines))


def test_a_label_of_several_words_is_wrapped_before_it_is_cut() -> None:
    said = "signal 'open' frees 'the door that was closed'"
    _, (arrow,) = picture(explicit(net({said: "i > o"}, "i", "o")))
    assert " ".join(arrow.lines) == arrow.whole == said
    assert max(map(len, arrow.lines)) <= 22
    _, (arrow,) = picture(explicit(net({said * 4: "i > o"}, "i", "o")))
    assert len(arrow.lines) == 4
    assert arrow.lines[-1].endswith("…")
    assert arrow.whole == said * 4
