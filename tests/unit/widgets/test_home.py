"""Messages of a canvas that come in another thread, as by a subshell of the kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Thread, get_ident
from typing import Any

import pytest

from wfnb.widgets.home import at_home, opened_at_home


class Comm:
    """A line to a page, as a kernel has it."""

    def __init__(self) -> None:
        self.takes: Callable[[Any], None] | None = None
        self.ends: Callable[[Any], None] | None = None

    def on_msg(self, callback: Callable[[Any], None]) -> None:
        self.takes = callback

    def on_close(self, callback: Callable[[Any], None]) -> None:
        self.ends = callback

    def handle_msg(self, message: Any) -> None:
        assert self.takes is not None
        self.takes(message)

    def handle_close(self, message: Any) -> None:
        assert self.ends is not None
        self.ends(message)


def elsewhere(work: Callable[[], None]) -> None:
    """Do something in another thread, to its end."""
    thread = Thread(target=work)
    thread.start()
    thread.join()


async def test_what_comes_in_another_thread_is_taken_in_this_one_in_its_order() -> None:
    taken: list[tuple[int, int]] = []
    receive = at_home(lambda number: taken.append((number, get_ident())))
    elsewhere(lambda: [receive(number) for number in range(3)])  # type: ignore[func-returns-value]
    assert taken == []  # not in the middle of what this does
    await asyncio.sleep(0)
    receive(3)
    assert taken == [(number, get_ident()) for number in range(4)]


def test_without_a_loop_a_callback_stays_as_it_is() -> None:
    assert at_home(print) is print
    assert opened_at_home(print) is print


@pytest.mark.parametrize("later", [True, False], ids=["another thread", "this thread"])
async def test_what_a_page_says_before_it_is_heard_is_not_lost(*, later: bool) -> None:
    comm, told = Comm(), list[tuple[str, Any, int]]()

    def opened(line: Comm, said: dict[str, Any]) -> None:
        told.append(("opened", said, get_ident()))
        line.on_msg(at_home(lambda message: told.append(("said", message, get_ident()))))
        line.on_close(at_home(lambda message: told.append(("closed", message, get_ident()))))

    open_anywhere = opened_at_home(opened)

    def page() -> None:
        open_anywhere(comm, {"path": "a"})
        comm.handle_msg(1)
        comm.handle_msg(2)
        comm.handle_close(3)

    elsewhere(page) if later else page()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    here = get_ident()
    assert told == [("opened", {"path": "a"}, here), ("said", 1, here), ("said", 2, here), ("closed", 3, here)]
