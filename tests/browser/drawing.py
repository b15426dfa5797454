"""A drawing on a page, as a person handles it: with the mouse and the keyboard."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Locator, expect


class Drawing:
    """A designer or a run view under some element of a page."""

    def __init__(self, around: Locator) -> None:
        self.root = around.locator(".wfnb-root")
        self.page = around.page
        self.canvas = self.root.locator(".wfnb-canvas")

    def ready(self) -> Drawing:
        """Wait until it shows a document, and have all of it in view."""
        expect(self.root.locator("[data-outline=nodes] li").first).to_be_attached()
        self.root.scroll_into_view_if_needed()
        return self

    # ------------------------------------------------------------------------------------------- what is there

    def card(self, id: str) -> Locator:
        """The card of a node."""
        return self.root.locator(f'.wfnb-card[data-id="{id}"]')

    def nodes(self) -> list[str]:
        """The ids of its nodes."""
        return [item.get_attribute("data-node") or "" for item in self.root.locator("[data-outline=nodes] li").all()]

    def edges(self) -> list[tuple[str, str]]:
        """Source and target of its edges."""
        return [
            (item.get_attribute("data-source") or "", item.get_attribute("data-target") or "")
            for item in self.root.locator("[data-outline=edges] li").all()
        ]

    def states(self) -> dict[str, str]:
        """How each node stands in the run in view."""
        return {
            item.get_attribute("data-node") or "": item.get_attribute("data-state") or ""
            for item in self.root.locator("[data-outline=nodes] li").all()
        }

    def expect_states(self, states: Mapping[str, str], *, seconds: float = 20) -> None:
        """Wait until these nodes stand so."""
        for id, state in states.items():
            item = self.root.locator(f'[data-outline=nodes] li[data-node="{id}"]')
            expect(item).to_have_attribute("data-state", state, timeout=seconds * 1000)

    # ----------------------------------------------------------------------------------------- what a person does

    def drop(self, x: float, y: float, *, activity: str = "", kind: str = "") -> str:
        """Drag an entry of the palette to a place on the canvas (shares of its width and height); gives the new id."""
        before = set(self.nodes())
        entry = f'[data-activity="{activity}"]' if activity else f'[data-kind="{kind}"]:not([data-activity])'
        source = self.root.locator(f".wfnb-entry{entry}")
        start = self._middle(source)
        box = self.canvas.bounding_box()
        assert box
        self._drag(start, (box["x"] + x * box["width"], box["y"] + y * box["height"]))
        expect(self.root.locator("[data-outline=nodes] li")).to_have_count(len(before) + 1)
        (made,) = set(self.nodes()) - before
        return made

    def connect(self, source: str, target: str) -> None:
        """Draw an edge from the port of one card to the middle of another."""
        before = len(self.edges())
        # In view first: what scrolls after a place was read makes it the wrong one.
        self.card(target).scroll_into_view_if_needed()
        self.page.mouse.move(*self._middle(self.card(source)))
        port = self.card(source).locator(".wfnb-port")
        expect(port).to_have_css("opacity", "1")
        self._drag(self._middle(port), self._middle(self.card(target)))
        expect(self.root.locator("[data-outline=edges] li")).to_have_count(before + 1)

    def select(self, id: str) -> None:
        """Click a card."""
        self.page.mouse.click(*self._middle(self.card(id)))

    def fill(self, field: str, text: str) -> None:
        """Type into a field of the inspector and leave it with Enter."""
        box = self.root.locator(f'.wfnb-inspector [data-field="{field}"]')
        box.fill(text)
        box.press("Enter")

    def press(self, action: str) -> None:
        """Press a button of the toolbar."""
        self.root.locator(f'[data-action="{action}"]').click()

    def run(self, **inputs: str) -> None:
        """Press Run, and fill in what it asks for."""
        self.press("run")
        for name, text in inputs.items():
            self.root.locator(f'[data-input="{name}"]').fill(text)
        if inputs:
            self.press("start-run")

    def _middle(self, element: Locator) -> tuple[float, float]:
        # Cards let the mouse through to the canvas below, so a locator's own click would wait for ever.
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(start[0] + 8, start[1] + 4, steps=2)
        mouse.move(*end, steps=12)
        mouse.up()
