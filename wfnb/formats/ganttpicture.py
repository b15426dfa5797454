"""A Gantt chart as a static picture: what `gantt.specification` says, drawn without Vega."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

from wfnb.history.gantt import STATUS, named
from wfnb.history.idle import labels_of
from wfnb.history.linking import Spec
from wfnb.history.looks import GREY

LEFT, WIDTH, RIGHT, ABOVE, BELOW = 190, 640, 30, 16, 34
"""Pixels: for labels, for bars, for marks beside them, for what gaps say, for the axis."""
TICKS = 8
TEXT = 'fill="currentColor" fill-opacity="0.8"'
"""That of the page: readable on whatever ground it has."""
COLOURS = {named(status): colour for status, (_, colour) in STATUS.items()}


def picture(spec: Spec) -> str:
    """The chart as SVG text for a page: it has no ground of its own, and texts have the colour of those around it."""
    bars, lines = spec["datasets"].get("bars", []), spec["datasets"].get("lines", [])
    if not bars:
        return ""
    axis = next(layer for layer in spec["layer"] if layer["data"]["name"] == "bars")["encoding"]
    labels: list[str] = json.loads(axis["y"]["axis"]["labelExpr"].removesuffix("[datum.value]"))
    end, step = axis["x"]["scale"]["domain"][1], spec["height"] / len(labels)
    above = ABOVE if spec["datasets"].get("breaks") else 0
    height = spec["height"] + BELOW

    def x(value: float) -> float:
        return round(LEFT + WIDTH * value / float(end), 2)

    ticks = labels_of(axis["x"]["axis"]) or [(at, f"{at:.6g}") for at in _ticks(end)]
    parts = [_tick(said, x(at), spec["height"]) for at, said in ticks]
    parts += [_break(gap, x, spec["height"]) for gap in spec["datasets"].get("breaks", ())]
    parts += [_label(label, (row + 0.5) * step) for row, label in enumerate(labels) if step >= 10 or row % 2 == 0]
    for line in lines:
        y, wide = (line["row"] + 0.5) * step, 1 if line["part"] == "wait" else max(2, step // 5)
        parts.append(
            f'<line x1="{x(line["x0"])}" x2="{x(line["x1"])}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GREY}" '
            f'stroke-width="{wide}"/>'
        )
    parts += [_bar(bar, x(bar["x0"]), x(bar["x1"]), step) for bar in bars]
    parts.append(
        f'<text x="{LEFT + WIDTH / 2}" y="{height - 2}" text-anchor="middle" {TEXT}>{axis["x"]["title"]}</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-above} {LEFT + WIDTH + RIGHT} {height + above:.0f}" '
        f'width="{LEFT + WIDTH + RIGHT}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{escape(spec["title"]["text"])}" font-family="system-ui, sans-serif" font-size="11">'
        + "".join(parts)
        + "</svg>"
    )


def _ticks(end: float) -> list[float]:
    """Round numbers from nothing to the end."""
    raw = end / TICKS
    power = 10.0 ** (len(f"{raw:e}".partition("e")[0]) and int(f"{raw:e}".partition("e")[2]))
    width = next(size * power for size in (1, 2, 5, 10) if size * power >= raw)
    return [number * width for number in range(int(end / width) + 1)]


def _tick(said: str, x: float, height: float) -> str:
    return (
        f'<line x1="{x}" x2="{x}" y1="0" y2="{height}" stroke="{GREY}" stroke-opacity="0.25"/>'
        f'<text x="{x}" y="{height + 14}" text-anchor="middle" {TEXT}>{said}</text>'
    )


def _break(gap: Spec, x: Callable[[float], float], height: float) -> str:
    """A band between broken lines, and above it how long nothing was done."""
    x0, x1 = x(gap["x0"]), x(gap["x1"])
    sides = "".join(
        f'<line x1="{at}" x2="{at}" y1="0" y2="{height}" stroke="{GREY}" stroke-dasharray="3 3"/>' for at in (x0, x1)
    )
    return (
        f'<rect x="{x0}" width="{x1 - x0:.2f}" y="0" height="{height}" fill="{GREY}" fill-opacity="0.14"/>{sides}'
        f'<text x="{x(gap["middle"])}" y="-4" text-anchor="middle" {TEXT}>{escape(gap["mark"])}</text>'
    )


def _label(label: str, y: float) -> str:
    text = label if len(label) <= 30 else f"{label[:29]}…"
    return f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {TEXT}>{escape(text)}</text>'


def _bar(bar: dict[str, Any], x0: float, x1: float, step: float) -> str:
    colour, high = COLOURS[bar["status"]], step * 0.75
    y, wide = bar["row"] * step + step * 0.125, max(1.0, x1 - x0)
    told = " · ".join(str(bar[key]) for key in ("task", "which", "status", "began", "took", "detail") if bar.get(key))
    opacity = 1 if bar["kind"] == "task" else 0.25
    mark = ""
    if step >= 14 or bar["status"] != named("completed"):
        mark = f'<text x="{x0 + wide + 4:.1f}" y="{y + high / 2 + 4:.1f}" fill="{colour}">{bar["mark"]}</text>'
    return (
        f'<rect x="{x0}" y="{y:.1f}" width="{wide:.2f}" height="{high:.1f}" rx="2" fill="{colour}" '
        f'fill-opacity="{opacity}" stroke="{colour}"><title>{escape(told)}</title></rect>{mark}'
    )
