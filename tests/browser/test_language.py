"""The whole control-flow language on the canvas, by real mouse and keyboard: kinds, triggers, groups."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canvas import Open, kept, middle, node_ids, shows
from tests.browser.drawing import Drawing

KINDS: dict[str, dict[str, Any]] = {
    "task": {"activity": ""},
    "choice": {},
    "fork": {},
    "join": {},
    "wait": {},
    "approval": {},
    "map": {"items": []},
    "call": {"workflow": ""},
    "end": {},
    "group": {},
    "note": {"text": "Note"},
}


def node(page: Page, id: str) -> dict[str, Any]:
    """A node of the kept document."""
    (found,) = [one for one in kept(page, "nodes") if one["id"] == id]
    return dict(found)


def field(drawing: Drawing, name: str) -> Any:
    """A field of the inspector."""
    return drawing.root.locator(f'.wfnb-inspector [data-field="{name}"]')


def test_every_kind_is_drawn_with_the_mouse_and_taken_back_exactly(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty", 1400)
    before = page.evaluate("JSON.stringify(keeper.document)")
    for number, (kind, fields) in enumerate(KINDS.items()):
        id = drawing.drop(0.15 + 0.14 * (number % 6), 0.15 if number < 6 else 0.8, kind=kind)
        expect(drawing.card(id)).to_have_attribute("data-kind", kind)
        shows(drawing, 3 + number)
        assert node(page, id) == {"kind": kind, "id": id, **fields}
    for count in reversed(range(len(KINDS))):
        page.keyboard.press("Control+z")
        page.wait_for_function(f"keeper.done.length === {count}")
    assert page.evaluate("JSON.stringify(keeper.document)") == before


def test_every_kind_is_found_and_added_with_the_keyboard(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    for number, kind in enumerate(KINDS):
        find = drawing.root.locator(".wfnb-palette input")
        find.fill(kind)
        find.press("Enter")
        shows(drawing, 3 + number)
    assert sorted(n["kind"] for n in kept(page, "nodes")[2:]) == sorted(KINDS)


def test_an_edge_from_a_wait_asks_what_frees_it(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    wait = drawing.drop(0.4, 0.3, kind="wait")
    drawing.connect("start", wait)
    drawing.connect(wait, "end")
    chip = drawing.root.locator(".wfnb-chip")
    expect(chip).to_have_text("what …?")
    chooser = field(drawing, "trigger")
    chooser.select_option("on")
    expect(chip).to_have_text("signal …?")
    drawing.fill("on", "paid")
    drawing.fill("when", 'signal("paid") > 10')
    expect(chip).to_have_attribute("title", 'paid if signal("paid") > 10')
    expect(chip.locator("svg")).to_have_count(1)  # the icon tells it apart, not a colour
    drawing.connect(wait, "end")  # freed by a second thing
    chooser.select_option("after")
    drawing.fill("after", "5 min")
    chooser.select_option("until")
    drawing.fill("until", "2027-01-31T09:00")
    chooser.select_option("after")
    drawing.fill("after", "soon")
    expect(drawing.root.locator(".wfnb-inspector")).to_contain_text("A time such as 30 s is needed")
    drawing.fill("after", "2 h")
    page.wait_for_function("keeper.document.edges.at(-1).after === 7200")
    assert kept(page, "edges")[1:] == [
        {"source": "wait", "target": "end", "when": 'signal("paid") > 10', "on": "paid"},
        {"source": "wait", "target": "end", "after": 7200},
    ]
    drawing.select(wait)
    expect(drawing.root.locator(".wfnb-guard")).to_have_count(2)


def test_the_second_edge_of_a_task_catches_its_errors(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    task = drawing.drop(0.4, 0.3, activity="fetch")
    other = drawing.drop(0.7, 0.8, kind="end")
    drawing.connect("start", task)
    drawing.connect(task, "end")
    drawing.connect(task, other)
    expect(field(drawing, "trigger")).to_have_value("error")
    expect(drawing.root.locator(".wfnb-chip")).to_have_text("any error")
    drawing.fill("error", "HTTPError")
    page.wait_for_function("keeper.document.edges.at(-1).error === 'HTTPError'")
    lines = "mounted[0].svg().match(/stroke-dasharray/g)?.length ?? 0"
    assert page.evaluate(lines) == 1, "it interrupts"
    field(drawing, "trigger").select_option("")
    page.wait_for_function("!('error' in keeper.document.edges.at(-1))")
    assert page.evaluate(lines) == 0


def test_nodes_are_grouped_dragged_together_and_ungrouped(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    page.keyboard.down("Shift")
    drawing.select("mark")
    page.keyboard.up("Shift")
    page.keyboard.press("g")
    shows(drawing, 8)
    assert node(page, "group") == {"kind": "group", "id": "group", "members": ["page", "mark"]}
    frame = drawing.card("group")
    expect(frame).to_have_class(re.compile("wfnb-form-frame"))
    around, inside = frame.bounding_box(), drawing.card("page").bounding_box()
    assert around
    assert inside
    assert around["x"] < inside["x"]
    assert around["y"] < inside["y"]
    # By its edge, where nothing else lies: what is inside comes along.
    before = page.evaluate("JSON.stringify(keeper.document)")
    other = middle(drawing.card("again"))
    page.mouse.move(around["x"] + 40, around["y"] + 10)
    page.mouse.down()
    page.mouse.move(around["x"] + 60, around["y"] + 70, steps=6)
    page.mouse.up()
    page.wait_for_function("keeper.done.length === 2")
    moved = drawing.card("page").bounding_box()
    assert moved
    assert (round(moved["x"] - inside["x"]), round(moved["y"] - inside["y"])) == (20, 60)
    assert middle(drawing.card("again")) == other
    assert "group" not in kept(page, "layout"), "a frame has no place of its own"
    page.keyboard.press("Control+z")
    page.wait_for_function("keeper.done.length === 1")
    assert page.evaluate("JSON.stringify(keeper.document.nodes)") in before
    page.keyboard.press("Shift+g")
    shows(drawing, 7)
    expect(drawing.root.locator(".wfnb-card.wfnb-selected")).to_have_count(2)


def test_what_is_dropped_into_a_frame_belongs_to_it(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1400)
    frame = drawing.card("inner").bounding_box()
    box = drawing.canvas.bounding_box()
    assert frame
    assert box
    x = (frame["x"] + frame["width"] / 2 - box["x"]) / box["width"]
    y = (frame["y"] + 8 - box["y"]) / box["height"]
    made = drawing.drop(x, y, activity="fetch")
    page.wait_for_function("keeper.done.length === 1")
    assert node(page, "inner")["members"][-1] == made
    drawing.root.locator('[data-action="take-out"]').click()
    page.wait_for_function("keeper.done.length === 2")
    assert made not in node(page, "inner")["members"]
    page.keyboard.press("Escape")
    page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] - 6)
    field(drawing, "cancel").check()
    drawing.fill("lock", "door")
    page.wait_for_function("keeper.done.length === 4")
    assert node(page, "inner")["lock"] == "door"
    expect(drawing.card("inner")).to_contain_text("lock door")


def test_fields_of_every_kind_are_edited(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1400)

    def change(id: str, **fields: str) -> dict[str, Any]:
        drawing.select(id)
        for name, text in fields.items():
            drawing.fill(name.replace("__", "."), text)
        expect(drawing.root.locator(".wfnb-state")).not_to_contain_text("Sending")
        return node(page, id)

    drawing.select("enough")
    field(drawing, "rest").select_option("absorb")
    assert change("enough", need__count="3") == {"kind": "join", "id": "enough", "need": 3}
    expect(drawing.card("enough")).to_contain_text("3/3")
    each = change("each", items="=input.orders[:9]", width="2")
    assert (each["items"], each["width"]) == ("=input.orders[:9]", 2)
    field(drawing, "failure").select_option("skip")
    expect(drawing.card("each")).to_contain_text("2 at once")
    drawing.select("review")
    field(drawing, "prompt").fill("=input.when")
    field(drawing, "prompt").press("Control+Enter")  # Enter alone is a line of its own
    page.wait_for_function("keeper.document.nodes.some(n => n.prompt === '=input.when')")
    drawing.press("add-form")
    field(drawing, "form.new").fill("stars")
    field(drawing, "form.new").press("Enter")
    drawing.fill("form.stars.value", "int")
    drawing.select("refused")
    field(drawing, "ends").select_option("terminate")
    page.wait_for_function("keeper.document.nodes.some(n => n.id === 'refused' && n.terminate && !n.error)")
    assert node(page, "review")["form"] == {"ok": "bool", "why": "str", "stars": "int"}
    drawing.select("pack")
    for summary in drawing.root.locator(".wfnb-inspector summary").all():
        summary.click()
    task = change(
        "pack", requires="len(input.orders) > 0", ensures="pack", priority="5", deadline="1 h", heartbeat="10 s",
        lock="door", prerequisites="fetch, score", compensate__activity="ask",
    )  # fmt: skip
    assert {name: task[name] for name in task if name not in ("kind", "id", "activity", "arguments")} == {
        "requires": "len(input.orders) > 0", "ensures": "pack", "priority": 5, "deadline": 3600, "heartbeat": 10,
        "lock": "door", "prerequisites": ["fetch", "score"], "compensate": {"activity": "ask"},
    }  # fmt: skip
    drawing.canvas.focus()
    page.keyboard.press("Escape")
    drawing.press("add-signals")
    field(drawing, "signals.new").fill("late")
    field(drawing, "signals.new").press("Enter")
    field(drawing, "signals.late.transient").check()
    page.wait_for_function("keeper.document.signals.late?.transient === true")
    assert kept(page, "signals") == {
        "paid": {"type": "float"},
        "stop": {"transient": True},
        "late": {"transient": True},
    }


def test_a_layout_keeps_groups_together(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1400)
    drawing.press("layout")
    page.wait_for_function("keeper.done.length === 1")
    assert set(kept(page, "layout")) == set(node_ids(page)) - {"shipping", "inner"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_whole_language_has_a_picture(open_canvas: Open, page: Page, artifacts: Path, theme: str) -> None:
    drawing = open_canvas("whole" + ("&dark" if theme == "dark" else ""), 1400)
    expect(drawing.root.locator(".wfnb-card")).to_have_count(17)
    expect(drawing.root.locator(".wfnb-form-frame")).to_have_count(2)
    page.screenshot(path=artifacts / f"language-{theme}.png")
