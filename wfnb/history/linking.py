"""What links a chart with the canvases of its page: which field of its marks names what they are of.

In JupyterLab and Notebook wfnb's labextension draws the chart, by their own Vega (extension/src/plugins/charts.ts): a
mark that is pressed is selected on the canvases that show it, and what is selected there keeps its colour while all
other marks are faint.  Anywhere else the chart is what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

Spec: TypeAlias = dict[str, Any]
MIME = "application/vnd.wfnb.chart+json"
KEY = "wfnb"
"""Under which a specification has it among what Vega ignores (`usermeta`)."""
PICKED = "picked"
"""The parameter of a chart that has the names of what is selected."""
FAINT = 0.2
INK = "ink"
"""The parameter of a chart that has the colour of its texts: who draws it says what is readable where it stands."""
MOMENT = "moment"
"""The parameter of a chart over time that has what is looked at: from when to when, in milliseconds since the epoch."""
PLAIN: Spec = {"by": "none", "field": "", "runs": [], "workflow": ""}
"""What a chart says that no canvas can follow: it is drawn by the same hands, in the colours of the page."""


def fainter(field: str, than: Spec | None = None) -> Spec:
    """An opacity: faint for all marks but those of what is selected, if anything is.

    Args:
        field: names what a mark is of.
        than: the opacity that marks have otherwise; fully opaque if left out.
    """
    other = {"test": f"length({PICKED}) && indexof({PICKED}, datum.{field}) < 0", "value": FAINT}
    if than is None:
        return {"condition": other, "value": 1}
    if "condition" not in than:
        return {**than, "condition": other}
    before = than["condition"]
    return {**than, "condition": [other, *(before if isinstance(before, list) else [before])]}


def linked(
    spec: Spec,
    field: str,
    *,
    by: Literal["node", "activity", "run", "time"] = "node",
    runs: Sequence[str] = (),
    workflow: str | None = None,
) -> Spec:
    """A chart that canvases can follow; marks that are to become faint have an opacity of `fainter`.

    Args:
        spec: the chart, which is changed.
        field: names what a mark is of.
        by: whether that is a node, the activity of nodes, a run, or a time: then any place in the chart is one.
        runs: those that it shows; all if empty.
        workflow: the one that it shows runs of, if there is only one.
    """
    spec["params"] = [*spec.get("params", ()), {"name": PICKED, "value": []}]
    spec.setdefault("usermeta", {})[KEY] = {"by": by, "field": field, "runs": list(runs), "workflow": workflow or ""}
    return spec
