"""What runs in processes of its own in tests: it must stand in a module that they can import."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import wfnb as wf


class Odd(Exception):
    """Does not survive being pickled: its `__init__` takes something else than it passes on."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code}: {why}")


def double(x: int) -> int:
    return 2 * x


def pid() -> int:
    return os.getpid()


async def waits(x: int) -> list[Any]:
    await asyncio.sleep(0)
    return [x, os.getpid()]


def segfaults() -> None:
    ctypes.string_at(0)


def leaves(code: int) -> None:
    os._exit(code)


def is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def blocks(file: str) -> None:
    """Tell that it has begun, and never return."""
    Path(file).write_text(str(os.getpid()))
    threading.Event().wait()


def ignores_being_asked(file: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    blocks(file)


def raises(kind: str) -> None:
    raise {"Odd": Odd(7, "because"), "SystemExit": SystemExit(3), "ValueError": ValueError("no")}[kind]


def gives_a_lock() -> Any:
    return threading.Lock()


def tells(name: str) -> str:
    wf.heartbeat()
    wf.progress(0.5, f"half of {name}")
    print("printed by", name)
    print("complained by", name, file=sys.stderr)
    logging.getLogger("errand").warning("logged by %s", name)
    return name


def beats(times: int) -> int:
    for _ in range(times):
        time.sleep(0.01)
        wf.heartbeat()
    return times


def keyed() -> tuple[str, int]:
    """The key of the attempt that this is, and its number."""
    found = wf.attempt()
    assert found is not None
    return found.key, found.number
