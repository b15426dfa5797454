"""What was found in a log, on the drawing of a workflow: how often its ways were gone, and where cases left them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import msgspec

from wfnb.formats.marks import Marks
from wfnb.formats.svg import draw
from wfnb.formats.tints import BAD, WAIT, themed
from wfnb.history.gantt import span
from wfnb.history.measures.cells import each
from wfnb.history.mining.conformance import Conformance
from wfnb.history.mining.discovery import Discovery
from wfnb.history.mining.frequencies import Frequencies, frequencies
from wfnb.model.workflow import Position, Task

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_ROWS = 20
"""Deviations that a notebook lists."""
MISSING, UNEXPECTED = BAD, WAIT
MINUS, PLUS = "\N{MINUS SIGN}", "+"


@dataclass(frozen=True, slots=True)
class Deviations:
    """What stands around the nodes of a drawing that cases deviated at.

    Attributes:
        missing: node id → how often it was passed without what it does.
        unexpected: node id → how often something happened behind it that has no place there.
    """

    missing: Mapping[str, int]
    unexpected: Mapping[str, int]

    def around(self, id: str, at: Position, size: tuple[float, float]) -> str:
        """A broken frame with how often something was missing; at its right what was unexpected behind it."""
        (x, y), (width, height) = at, size
        left, top, right = x - width / 2 - 3, y - height / 2 - 3, x + width / 2 + 3
        missing, unexpected = self.missing.get(id, 0), self.unexpected.get(id, 0)
        parts = []
        if missing:
            parts.append(
                f'<g><title>{_times(missing)} passed without it</title><rect x="{left:.0f}" y="{top:.0f}" '
                f'width="{width + 6:.0f}" height="{height + 6:.0f}" rx="9" fill="none" stroke="{MISSING}" '
                f'stroke-width="2" stroke-dasharray="5 4"/>{_badge(left, top, MINUS, missing, MISSING)}</g>'
            )
        if unexpected:
            parts.append(
                f"<g><title>{_times(unexpected)} something that has no place here</title>"
                f"{_badge(right, top, PLUS, unexpected, UNEXPECTED)}</g>"
            )
        return "".join(parts)

    def line(self, index: int) -> str:
        """Nothing: edges have their counts."""
        del index
        return ""


def _badge(x: float, y: float, sign: str, count: int, colour: str) -> str:
    text = f"{sign}{count:,}"
    width = 7 * len(text) + 10
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - 9:.0f}" width="{width}" height="18" rx="9" fill="{colour}"/>'
        f'<text x="{x:.1f}" y="{y + 4:.0f}" text-anchor="middle" fill="#fff" font-size="11.5" font-weight="700">'
        f"{text}</text>"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


class DrawnConformance(Conformance):
    """A comparison that a notebook shows on the drawing, with its deviations in a table below."""

    @property
    def svg(self) -> str:
        """The workflow with how often cases took each edge and completed each node, and what they did otherwise."""
        rows = list(each(self.nodes()))
        found = Deviations(
            {row.node: row.missing for row in rows}, {row.node: row.unexpected for row in rows if row.node}
        )
        notes = {row.node: f"{row.done:,} x" for row in rows if row.done}
        taken = self.edge_counts()
        counts = {number: taken[edge] for number, edge in enumerate(self.workflow.edges)}
        return draw(self.workflow, marks=Marks({}, notes, counts), fates=found)

    def _repr_html_(self) -> str:
        return f"{_said([repr(self)[1:-1], self._summed()])}{themed(self.svg)}{_table(self.deviations())}"

    def _summed(self) -> str:
        table = self.deviations()
        kinds = table.groupby("kind")["times"].sum().to_dict()
        if not kinds:
            return "Below a node: how often it was completed; on an edge: how often it was taken"
        said = "Below a node: how often it was completed"
        if "missing" in kinds:
            said += f"; {MINUS} in a broken frame: passed without it, {_times(kinds['missing'])} in all"
        if "unexpected" in kinds:
            said += f"; {PLUS} at its right: something had no place behind it, {_times(kinds['unexpected'])} in all"
        return said


@dataclass(frozen=True, slots=True)
class DrawnDiscovery(Discovery):
    """A discovery that a notebook shows as a drawing, with how often its ways were gone."""

    def frequencies(self) -> Frequencies:
        """How often each edge was taken and each node completed, and what passed before each activity."""
        return frequencies(self.log, self.workflow, self.variants)

    @property
    def svg(self) -> str:
        """The workflow with these numbers on it."""
        return self._drawing(self.frequencies())

    def _drawing(self, found: Frequencies) -> str:
        activities = {node.id: node.activity for node in self.workflow.nodes if isinstance(node, Task)}
        notes = {}
        for id, count in found.nodes.items():
            waited = found.before.get(activities.get(id, id))
            notes[id] = f"{count:,} x" + ("" if waited is None else f" · {span(waited)}")
        # Its guards only ask which way to go (see `workflow_of`): how often each was gone says more.
        edges = tuple(msgspec.structs.replace(edge, when=None, otherwise=False) for edge in self.workflow.edges)
        plain = msgspec.structs.replace(self.workflow, edges=edges)
        return draw(plain, marks=Marks({}, notes, found.edges))

    def _repr_html_(self) -> str:
        found, dfg = self.frequencies(), self.dfg
        counts = f"{dfg.cases:,} cases, {dfg.events:,} events, {len(dfg.activities):,} activities"
        below = "how often it was completed" + (", and the mean time since the event before" if found.before else "")
        facts = [f"{self.workflow.name}: {counts}, {len(self.variants):,} variants"]
        facts.append(f"Below a node: {below}; on an edge: how often it was taken")
        if found.cases < found.of:
            followed = f"{found.cases:,} of {found.of:,} cases"
            facts.append(f"Counted along {followed}: those of the most frequent variants, as far as they fit")
        return f"{_said(facts)}{themed(self._drawing(found))}<p><code>{escape(str(self.tree))}</code></p>"

    def __repr__(self) -> str:
        counts = f"{self.dfg.cases:,} cases, {len(self.dfg.activities):,} activities, {len(self.variants):,} variants"
        return f"<Discovery '{self.workflow.name}': {counts}>"


def drawn(found: Discovery) -> DrawnDiscovery:
    """The same discovery, with its drawing."""
    return DrawnDiscovery(found.log, found.dfg, found.variants, found.tree, found.workflow)


def _said(lines: Sequence[str]) -> str:
    return "".join(f'<div style="font-size:12px;opacity:.75;margin:0 0 6px">{escape(line)}</div>' for line in lines)


def _table(deviations: DataFrame) -> str:
    if deviations.empty:
        return ""
    more = len(deviations) - MOST_ROWS
    left = _said([f"and {more:,} more: .deviations() has them all"]) if more > 0 else ""
    return f"{deviations.head(MOST_ROWS).to_html(index=False, border=0)}{left}"
