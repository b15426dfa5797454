"""Messages between a canvas and the kernel as JSON data, and what the palette is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from wfnb.author.registry import Registry
from wfnb.model.activity import Activity
from wfnb.widgets import messages as m
from wfnb.widgets import parts

_decoder = msgspec.json.Decoder(m.Request)
_encoder = msgspec.json.Encoder()

Send = Callable[[dict[str, Any]], None]


def request(content: Any) -> m.Request:
    """A message from a canvas.

    Raises:
        msgspec.ValidationError: it is none.
    """
    found: m.Request = _decoder.decode(msgspec.json.encode(content))
    return found


def wire(report: m.Report) -> dict[str, Any]:
    """A message to a canvas as plain JSON data."""
    plain: dict[str, Any] = msgspec.json.decode(_encoder.encode(report))
    return plain


def workflows(registry: Registry) -> tuple[parts.WorkflowInfo, ...]:
    """Workflows as calls and maps can name them."""
    return tuple(parts.WorkflowInfo(name=name, inputs=dict(found.inputs)) for name, found in registry.workflows.items())


def activities(known: Iterable[Activity]) -> tuple[parts.ActivityInfo, ...]:
    """Activities as the palette shows them."""
    return tuple(
        parts.ActivityInfo(
            name=activity.name,
            parameters=tuple(
                parts.Parameter(name=p.name, type=p.annotation, required=p.required, default=p.default)
                for p in activity.parameters
            ),
            returns=activity.returns,
            doc=activity.doc,
            retry=activity.retry,
            timeout=activity.timeout,
        )
        for activity in known
    )
