"""Gestures at random in two views, with the real keeper of documents behind them and Python beside them.

Whatever is made, in whatever order it comes to the kernel and back: both views and the kernel have one document in the
end, and undoing all of it gives back the beginning to the byte.
"""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import pytest

from tests.browser.canvas import Open, script
from wfnb.author.document import Document
from wfnb.author.edits import AddNode, Move, SetNode
from wfnb.errors import EditError
from wfnb.model.codec import encode
from wfnb.model.workflow import Choice, Edge, End, Group, Note, Start, Task, Workflow
from wfnb.widgets.checks import Checks
from wfnb.widgets.session import DesignSession

__all__ = ["script"]

SAMPLE = 8
SEEDS = 500
GESTURES = 24
BEGINNING = Workflow(
    name="wild",
    inputs={"url": "str"},
    nodes=(
        Start("start"),
        Task("page", activity="fetch", arguments={"url": "=input.url"}),
        Task("mark", activity="score", arguments={"text": "=page"}),
        Choice("gate"),
        End("kept", output="=page"),
        End("dropped"),
        Group("work", members=("page", "mark")),
        Note("why", text="because"),
    ),
    edges=(
        Edge(source="start", target="page"),
        Edge(source="page", target="mark"),
        Edge(source="mark", target="gate"),
        Edge(source="gate", target="kept", when="mark > 0.8"),
        Edge(source="gate", target="dropped", otherwise=True),
    ),
    layout={"page": (240.0, 80.0), "mark": (420.0, 80.0), "why": (40.0, 300.0)},
)


class Wild:
    """One document, its two sessions, and what is on its way between them and the canvases of a page."""

    def __init__(self, page: Any, seed: int) -> None:
        self.page = page
        self.luck = random.Random(seed)
        self.document = Document(BEGINNING)
        self.coming: deque[tuple[int, dict[str, Any]]] = deque()
        self.going: list[dict[str, Any]] = []
        self.done = [f"seed {seed}"]
        self.sessions = [DesignSession(self.document, self._no_engine, self._to(view)) for view in (0, 1)]
        page.evaluate("bridge.reset(); bridge.sent()")
        for session in self.sessions:
            session.receive({"type": "hello"})
        self.settle()

    def _no_engine(self) -> Any:
        raise AssertionError("nothing runs here")

    def _to(self, view: int) -> Any:
        return lambda message: self.going.append({"view": view, "message": message})

    def close(self) -> None:
        for session in self.sessions:
            session.close()

    def fetch(self) -> None:
        self.coming += [(one["view"], one["message"]) for one in self.page.evaluate("bridge.sent()")]

    def take(self) -> None:
        view, message = self.coming.popleft()
        self.sessions[view].receive(message)

    def bring(self, count: int | None = None) -> None:
        told, self.going = self.going[:count], [] if count is None else self.going[count:]
        self.page.evaluate("told => bridge.tell(told)", told)

    def settle(self) -> None:
        """Let everything arrive."""
        self.bring()
        self.fetch()
        while self.coming or self.going:
            while self.coming:
                self.take()
            self.bring()
            self.fetch()

    def python(self) -> None:
        """Change the document from a cell."""
        nodes = self.document.workflow.nodes
        node = self.luck.choice(nodes) if nodes else None
        place = (float(self.luck.randrange(900)), float(self.luck.randrange(500)))
        try:
            match self.luck.randrange(4):
                case 0:
                    new = Task(f"python{self.luck.randrange(99)}", activity="f")
                    self.document.apply([AddNode(node=new, position=place)])
                case 1 if node is not None:
                    self.document.apply([Move(positions={node.id: place})])
                case 2 if isinstance(node, Task):
                    self.document.apply([SetNode(id=node.id, node=Task(node.id, activity="g"))])
                case _:
                    self.document.undo()
        except EditError:
            pass  # that name is taken

    def step(self) -> None:
        if self.luck.random() < 0.12:
            self.python()
            self.done.append("python")
        else:
            view, seed = self.luck.randrange(2), self.luck.randrange(2**31)
            self.done.append(f"{view} {self.page.evaluate('([view, seed]) => bridge.act(view, seed)', [view, seed])}")
        self.fetch()
        for _ in range(self.luck.choice((0, 1, 3))):
            if self.coming:
                self.take()
        if self.luck.random() < 0.7:
            self.bring(self.luck.randrange(len(self.going) + 1))

    def all_equal(self, text: str) -> None:
        assert encode(self.document.workflow) == text, self.done
        assert self.page.evaluate("bridge.texts()") == [text, text], self.done
        assert self.page.evaluate("bridge.waiting()") == [0, 0]
        for drawn in self.page.evaluate("bridge.drawn()"):
            assert drawn["nodes"] == drawn["known"], self.done


def play(page: Any, seed: int) -> None:
    wild = Wild(page, seed)
    wild.all_equal(encode(BEGINNING))
    for _ in range(GESTURES):
        wild.step()
    wild.settle()
    end = encode(wild.document.workflow)
    wild.all_equal(end)
    undone = 0
    while wild.document.undo_label is not None:
        wild.sessions[undone % 2].receive({"type": "undo"})
        undone += 1
    wild.settle()
    wild.all_equal(encode(BEGINNING))
    for _ in range(undone):
        wild.sessions[0].receive({"type": "redo"})
    wild.settle()
    wild.close()


@pytest.fixture(autouse=True)
def _unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Checks, "soon", lambda _: None)


def test_gestures_at_random(open_canvas: Open) -> None:
    page = open_wild(open_canvas)
    for seed in range(SAMPLE):
        play(page, seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_more_gestures_at_random(open_canvas: Open) -> None:
    page = open_wild(open_canvas)
    for seed in range(SAMPLE, SEEDS):
        play(page, seed)


def open_wild(open_canvas: Open) -> Any:
    """The page with two canvases that nobody has told anything yet."""
    return open_canvas("bridge", ready=False).page
