"""Charts with a row a node: how long its attempts took, what of them failed, what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wfnb.history.linking import fainter, linked
from wfnb.history.measures.cells import each, known
from wfnb.history.measures.counted import By, Part
from wfnb.history.measures.predicted import Prediction
from wfnb.history.measures.scope import Scope
from wfnb.history.plots.axes import (
    BLUE,
    GREY,
    MOST_NAMES,
    ORANGE,
    SHORTEST,
    STATUS,
    TEXT,
    VIOLET,
    Spec,
    amounts,
    colours,
    counted,
    durations,
    framed,
    layer,
    looked_at,
    names,
    nothing,
    sentence,
    span,
    stacked,
    tips,
)

if TYPE_CHECKING:
    from pandas import DataFrame

PERCENTILES = {"p50": BLUE, "p90": VIOLET, "p95": ORANGE, "p99": STATUS["failed"][1]}
ROW = 24
"""Pixels of a row."""


def latency(summary: DataFrame, spread: DataFrame, scope: Scope, title: str, *, part: Part, by: By) -> Spec:
    """How durations are distributed, with their percentiles, a row a name."""
    if summary.empty:
        return nothing(title, sentence("nothing has ended yet", *looked_at(scope)))
    shown = summary
    if len(summary) > MOST_NAMES:  # those that the most time went into
        total = (summary["count"] * summary["mean"]).sort_values(ascending=False)
        shown = summary.loc[sorted(total.index[:MOST_NAMES])]
    order = list(shown["name"])
    marks = []
    for row in each(shown):
        told = {name: span(getattr(row, name)) for name in PERCENTILES}
        facts = {"name": row.name, "count": f"{row.count:,}", "mean": span(row.mean), "longest": span(row.longest)}
        marks += [
            {**facts, **told, "percentile": name, "seconds": max(float(getattr(row, name)), SHORTEST)}
            for name in PERCENTILES
        ]
    strips = [
        {
            "name": row.name, "from": row.from_, "to": row.to, "share": row.share, "attempts": f"{row.count:,}",
            "range": f"{span(row.from_)} to {span(row.to)}", "part": f"{row.share:.1%}",
        }
        for row in each(spread[spread["name"].isin(order)])
    ]  # fmt: skip
    what = "an attempt took" if part == "service" else "an attempt waited before it started"
    reach = (min(strip["from"] for strip in strips), max(strip["to"] for strip in strips))
    x = durations("from", f"how long {what} (logarithmic)", log=reach)
    depth = {"field": "share", "type": "quantitative", "scale": {"range": [0.12, 0.75]}, "legend": None}
    strip = layer(
        "strips",
        {"type": "bar", "color": GREY},
        {"x": x, "x2": {"field": "to"}, "y": names(order), "fillOpacity": depth, "opacity": fainter("name"),
         "tooltip": tips(name=by, range="took", attempts="attempts", part="share")},
    )  # fmt: skip
    tick = layer(
        "marks",
        {"type": "tick", "thickness": 3, "size": ROW - 5, "orient": "vertical"},
        {"x": {**x, "field": "seconds"}, "y": names(order), "opacity": fainter("name"),
         "color": colours("percentile", list(PERCENTILES), list(PERCENTILES.values())),
         "tooltip": tips(name=by, count="attempts", p50="p50", p90="p90", p95="p95", p99="p99", mean="mean",
                         longest="longest")},
    )  # fmt: skip
    attempts = counted(summary["count"].sum(), "attempt")
    lines = [sentence(f"{attempts} of {counted(len(summary), by, _plural(by))}", *looked_at(scope))]
    lines.append("A strip is stronger where more of the row's attempts are")
    if part == "wait" and reach[0] <= SHORTEST:
        lines.append("Those that did not wait are at 1 µs, as a logarithm has no place for them")
    if len(shown) < len(summary):
        lines.append(f"Too many to show each: the {MOST_NAMES} that the most time went into")
    spec = framed([strip, tick], {"strips": strips, "marks": marks}, ROW * len(order), title, lines)
    return linked(spec, "name", by=by, runs=scope.runs, workflow=scope.workflow)


def _plural(by: By) -> str:
    return "nodes" if by == "node" else "activities"


def failures(found: DataFrame, scope: Scope, title: str) -> Spec:
    """How many attempts failed, a row a node; those that were tried again apart."""
    if found.empty:
        return nothing(title, sentence("nothing failed", *looked_at(scope)))
    totals = found.groupby("node")["count"].sum().sort_values(ascending=False, kind="stable")
    order = list(totals.index[:MOST_NAMES])
    rows = []
    for row in each(found[found["node"].isin(order)]):
        facts = {
            "name": row.node, "error": row.error_type, "example": (row.example or "")[:200],
            "share": f"{row.share:.1%}", "attempts": f"{row.attempts:,}",
        }  # fmt: skip
        rows += [
            {**facts, "count": int(count), "what": what}
            for what, count in (("for good", row.final), ("tried again", row.retried))
            if count
        ]
    rows.sort(key=lambda row: (order.index(row["name"]), row["what"]))
    x, y = amounts("from", "attempts that failed", float(totals.max())), names(order)
    bars = layer(
        "bars",
        {"type": "bar", "stroke": GREY, "strokeWidth": 0.5},
        {"x": x, "x2": {"field": "to"}, "y": y,
         "opacity": fainter("name"),
         "color": colours("what", ["for good", "tried again"], [STATUS["failed"][1], ORANGE]),
         "tooltip": tips(name="node", error="error", count="attempts that failed", what="and", example="such as",
                         attempts="of attempts", share="share of them")},
    )  # fmt: skip
    attempts = found.groupby("node")["attempts"].first()
    ends = [{"name": node, "to": int(totals[node]), "said": f"{totals[node] / attempts[node]:.1%}"} for node in order]
    text = layer(
        "ends",
        {"type": "text", "align": "left", "dx": 5, "color": TEXT, "fontSize": 11},
        {"x": {**x, "field": "to"}, "y": y, "text": {"field": "said", "type": "nominal"}},
    )
    kinds = counted(found["error_type"].nunique(), "kind of error", "kinds of errors")
    lines = [sentence(f"{counted(found['count'].sum(), 'attempt')} failed with {kinds}", *looked_at(scope))]
    lines.append("Behind a bar: the share of the node's attempts")
    if len(order) < len(totals):
        lines.append(f"Too many to show each: the {MOST_NAMES} nodes of {len(totals):,} with the most")
    data = {"bars": stacked(rows, "name", "count"), "ends": ends}
    spec = framed([bars, text], data, ROW * len(order), title, lines)
    return linked(spec, "name", runs=scope.runs, workflow=scope.workflow)


def predicted(found: Prediction, title: str) -> Spec:
    """What each node took beside what was expected of it."""
    measured = found.nodes.dropna(subset=["measured"])
    if measured.empty:
        return nothing(title, "no task has completed yet")
    order = list(measured["node"][:MOST_NAMES])
    rows = [
        {
            "name": row.node, "predicted": float(row.predicted) if known(row.predicted) else None,
            "measured": float(row.measured), "took": span(row.measured), "earlier": f"{row.earlier:,}",
            "expected": span(row.predicted) if known(row.predicted) else "",
        }
        for row in each(measured[: len(order)])
    ]  # fmt: skip
    shown = tips(name="node", took="measured", expected="predicted", earlier="from earlier attempts")
    longest = max(value for row in rows for value in (row["measured"], row["predicted"] or 0.0))
    x = durations("measured", "an attempt: bar measured, line predicted", most=longest)
    y = names(order)
    bars = layer(
        "numbers", {"type": "bar", "color": BLUE}, {"x": x, "y": y, "opacity": fainter("name"), "tooltip": shown}
    )
    ticks = layer(
        "numbers",
        {"type": "tick", "color": ORANGE, "thickness": 3, "size": ROW - 2, "orient": "vertical"},
        {"x": {**x, "field": "predicted"}, "y": y, "opacity": fainter("name"), "tooltip": shown},
    )
    whole = f"the run: {span(found.seconds)} measured"
    source = "there is no earlier run to predict from"
    if found.runs:
        whole += f", {span(found.predicted)} predicted"
        source = f"medians of {counted(found.runs, 'earlier run')}"
    lines = [sentence(f"run {found.run}", whole, source)]
    if len(order) < len(measured):
        lines.append(f"Too many to show each: the first {MOST_NAMES} of {len(measured):,} nodes")
    spec = framed([bars, ticks], {"numbers": rows}, ROW * len(order), title, lines)
    return linked(spec, "name", runs=(found.run,))
