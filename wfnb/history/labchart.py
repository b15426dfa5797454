"""Altair charts that a notebook draws by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt  # noqa: TID253 - this module is imported when a chart is drawn

from wfnb.history import linking
from wfnb.history.looks import EDGE, NUMBERS

if TYPE_CHECKING:
    from pandas import DataFrame

MIME = "application/vnd.vegalite.v5+json"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


class LabChart(alt.LayerChart):
    """A layered chart shown by the Vega-Lite that is part of JupyterLab, Notebook and VS Code.

    Altair's own output is a page that loads Vega from the network, which a machine without one can not show and a
    saved notebook should not ask for.  The charts here use nothing newer than Vega-Lite 5, which is what the notebooks
    have; they keep a picture of it in the saved file.
    """

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        spec = self.to_dict(validate=False)  # ours, and tested: looking at each part takes seconds
        spec["$schema"] = SCHEMA
        title = spec.get("title")
        text = title.get("text", "") if isinstance(title, dict) else title or ""
        links = spec.get("usermeta", {}).get(linking.KEY)
        # First: who knows it draws the chart by it, and takes the specification from beside it.
        return ({linking.MIME: links} if links else {}) | {MIME: spec, "text/plain": f"<Chart '{text}'>"}

    def frame(self) -> DataFrame:
        """The numbers that it shows: a row a bar, a mark, or a place of a line; none where there is nothing to show."""
        import pandas as pd

        rows = [row for name in self.usermeta[NUMBERS] for row in self.datasets[name]]
        return pd.DataFrame([row for row in rows if not row.get(EDGE)])
