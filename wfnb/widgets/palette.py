"""Activities as the palette and the forms of a designer show them."""

from __future__ import annotations

from collections.abc import Iterable

from wfnb.model.activity import Activity
from wfnb.model.types import Record
from wfnb.widgets import parts
from wfnb.widgets.docstrings import told


def activities(known: Iterable[Activity]) -> tuple[parts.ActivityInfo, ...]:
    """What a canvas is told of activities."""
    return tuple(map(_info, known))


def _info(activity: Activity) -> parts.ActivityInfo:
    doc = told(activity.doc)
    return parts.ActivityInfo(
        name=activity.name,
        parameters=tuple(
            parts.Parameter(
                name=p.name,
                type=p.annotation,
                required=p.required,
                default=p.default,
                help=doc.arguments.get(p.name, ""),
            )
            for p in activity.parameters
        ),
        returns=activity.returns,
        fields=_fields(activity),
        doc=doc.summary,
        retry=activity.retry,
        timeout=activity.timeout,
        executor=activity.executor,
    )


def _fields(activity: Activity) -> tuple[str, ...]:
    result = activity.types.returns
    return tuple(field.name for field in result.fields) if isinstance(result, Record) else ()
