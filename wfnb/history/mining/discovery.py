"""What discovery finds in a log, in one object."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from wfnb.history.log import EventLog
from wfnb.history.mining.drawing import workflow_of
from wfnb.history.mining.follows import Follows, coded_variants, follows
from wfnb.history.mining.inductive import discover_tree
from wfnb.history.mining.tree import Tree
from wfnb.model.workflow import Workflow

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Discovery:
    """A log, and the workflow that was found behind it.

    Attributes:
        log: the log.
        dfg: its directly-follows graph.
        variants: its traces, most frequent first, each with how many cases have it.
        tree: the process tree.
        workflow: the same as a workflow, which opens in the designer; its activities are to be defined.
    """

    log: EventLog
    dfg: Follows
    variants: Counter[tuple[str, ...]]
    tree: Tree
    workflow: Workflow = field(repr=False)

    def variant_table(self) -> DataFrame:
        """The variants: `variant` (text), `cases`, `share` (of all cases, from 0 to 1), `events` (of one case)."""
        import pandas as pd

        total = self.dfg.cases
        rows = [(" → ".join(trace), count, count / total, len(trace)) for trace, count in self.variants.items()]
        return pd.DataFrame(rows, columns=["variant", "cases", "share", "events"])

    def _repr_html_(self) -> str:
        dfg = self.dfg
        said = (
            f"{dfg.cases} cases, {dfg.events} events, {len(dfg.activities)} activities, {len(self.variants)} variants"
        )
        return f"<p><b>{escape(self.workflow.name)}</b>: {said}</p><p><code>{escape(str(self.tree))}</code></p>"


def discover(log: EventLog, *, noise: float = 0.0, name: str = "discovered") -> Discovery:
    """The workflow behind a log, by inductive discovery.

    Without noise every case fits it.  It is always sound, and block-structured: choices, forks with their joins, loops.

    Args:
        log: the log.
        noise: from 0 to 1: what is rarer than this part of the most frequent alternative may be left out.
        name: what to call the workflow.

    Raises:
        ValueError: the noise is not between 0 and 1, or the log has no events.
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise is {noise}\nit is a part, between 0 and 1")
    if not len(log):
        raise ValueError("the log has no events\nthere is nothing to discover")
    coded = coded_variants(log)
    names, found = log.activities, follows(log)
    ranked = Counter({tuple(names[code] for code in trace): count for trace, count in coded.most_common()})
    tree = discover_tree(coded, names, noise)
    return Discovery(log, found, ranked, tree, workflow_of(tree, name, found.activities))
