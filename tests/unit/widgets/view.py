"""A canvas as the kernel sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from wfnb.author.document import Document
from wfnb.engine.engine import Engine
from wfnb.model.workflow import Workflow
from wfnb.widgets.session import DesignSession


class View:
    """A list of what was sent to a canvas, and a way to wait for what will be."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.more = asyncio.Event()

    def __call__(self, message: dict[str, Any]) -> None:
        self.got.append(message)
        self.more.set()

    def of(self, type: str) -> list[dict[str, Any]]:
        return [message for message in self.got if message["type"] == type]

    async def until(
        self, type: str, where: Callable[[dict[str, Any]], bool] = lambda _: True, **fields: Any
    ) -> dict[str, Any]:
        """The first message like this, waiting for it."""
        async with asyncio.timeout(5):
            while True:
                for message in self.of(type):
                    if where(message) and all(message.get(name) == value for name, value in fields.items()):
                        return message
                self.more.clear()
                await self.more.wait()


def opened(engine: Engine, workflow: Workflow) -> tuple[View, DesignSession]:
    """A canvas that shows a workflow, and has said so."""
    view = View()
    session = DesignSession(Document(workflow), lambda: engine, view, registry=engine.registry)
    session.receive({"type": "hello"})
    return view, session
