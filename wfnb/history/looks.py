"""How every chart looks: its frame, and the greys that are readable on the ground that it stands on."""

from __future__ import annotations

from wfnb.history.linking import INK, KEY, PLAIN, Spec

GREY = "#78797c"
"""As readable on white as on JupyterLab's dark background: 4.3 to 1 on either, enough for lines and areas."""
TEXT = {"expr": INK}
"""The colour of what is to be read: `GREY`, until who draws the chart says what is readable on its ground."""
NUMBERS, EDGE = "numbers", "edge"
"""Under which a chart says which of its data sets are its numbers (`usermeta`), and what a row has that is none of
them: it only makes a line reach the end of the chart."""
WIDTH = 640
"""Pixels of what is drawn; where there is less room or more, who draws the chart makes it fit."""


def layer(data: str, mark: Spec, encoding: Spec) -> Spec:
    """A layer of a chart, over one of its named data sets."""
    return {"data": {"name": data}, "mark": mark, "encoding": encoding}


def framed(layers: list[Spec], data: dict[str, list[Spec]], height: int, title: str, subtitle: list[str]) -> Spec:
    """The chart of these layers, readable on light and dark; data sets are by the names that the layers have."""
    lines = dict.fromkeys(("tickColor", "domainColor", "gridColor"), GREY)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH,
        "height": height,
        "title": {"text": title, "subtitle": subtitle, "anchor": "start", "offset": 8},
        "params": [{"name": INK, "value": GREY}],
        "usermeta": {KEY: PLAIN, NUMBERS: [layers[0]["data"]["name"]]},
        "layer": layers,
        "datasets": data,
        "config": {
            "background": "transparent",
            "font": "system-ui, sans-serif",
            "view": {"stroke": None},
            "axis": {
                **lines, "labelColor": TEXT, "titleColor": TEXT, "gridOpacity": 0.25, "titleFontWeight": "normal",
            },
            "legend": {"labelColor": TEXT, "labelFontSize": 12, "symbolStrokeWidth": 0},
            "title": {"color": TEXT, "subtitleColor": TEXT, "fontSize": 14, "subtitleFontSize": 12},
        },
    }  # fmt: skip
