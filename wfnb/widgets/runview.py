"""The run view: a run on the canvas, with a slider over its events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from wfnb.engine.engine import Engine
from wfnb.engine.past import past_machine
from wfnb.engine.run import Run
from wfnb.errors import WfnbError
from wfnb.formats.svg import draw
from wfnb.history.progress import fold
from wfnb.history.rows import TaskTable, detail_of, moves_of
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import replay
from wfnb.model.event import Event, Record, RunCompleted, RunStarted, TaskCompleted, Unstored
from wfnb.widgets import messages as m
from wfnb.widgets.designer import CanvasOutput
from wfnb.widgets.live import PERIOD, status
from wfnb.widgets.session import Send, request, wire

MAX_RUNS = 100
