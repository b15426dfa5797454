"""How often the cases of a log went along each edge of a workflow, and what passed before each activity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wfnb.history.log import UNKNOWN_TIME, EventLog
from wfnb.history.mining.alignment import Aligner
from wfnb.history.mining.played import Played
from wfnb.model.workflow import Workflow

MOST_VARIANTS = 300
"""Variants that are followed; those of most logs' most cases are far fewer."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """What the cases that were followed did.

    Attributes:
        nodes: node id → how often it was completed.
        edges: number of an edge → how often it was taken.
        cases: how many cases were followed: those of the most frequent variants, if they fit.
        of: how many there are.
        before: activity → seconds that passed since the event before it, on average over the whole log; without
            those of which no time is known.
    """

    nodes: Mapping[str, int]
    edges: Mapping[int, int]
    cases: int
    of: int
    before: Mapping[str, float]


def frequencies(log: EventLog, workflow: Workflow, variants: Mapping[tuple[str, ...], int]) -> Frequencies:
    """Follow the most frequent variants of a log through a workflow.

    Args:
        log: the log.
        workflow: what they fit, more or less.
        variants: its traces, most frequent first, each with how many cases have it.

    Raises:
        CompileError: the workflow has errors.
    """
    played = Played(workflow, log.activities)
    aligner = Aligner(played)
    nodes: Counter[str] = Counter()
    edges = Counter(dict.fromkeys(range(len(workflow.edges)), 0))
    cases = 0
    for trace, count in list(variants.items())[:MOST_VARIANTS]:
        path = aligner.fitting(trace)
        if path is None:
            continue
        cases += count
        for number in path:
            meaning = played.meanings[number]
            if played.labels[number] is not None:
                nodes[played.ids[meaning.node]] += count
            for edge in meaning.edges:
                edges[edge] += count
    return Frequencies(dict(nodes), dict(edges), cases, len(log.cases), _before(log))


def _before(log: EventLog) -> dict[str, float]:
    if len(log) < 2:
        return {}
    follows = np.ones(len(log), dtype=bool)
    follows[log.starts[:-1][np.diff(log.starts) > 0]] = False  # the first event of a case
    known = log.times != UNKNOWN_TIME
    counted = follows[1:] & known[1:] & known[:-1]
    passed = np.maximum(np.where(counted, log.times[1:] - np.where(known[:-1], log.times[:-1], 0), 0), 0)
    codes, size = log.activity[1:][counted], len(log.activities)
    counts = np.bincount(codes, minlength=size)
    sums = np.bincount(codes, weights=passed[counted] / 1e6, minlength=size)
    return {log.activities[code]: float(sums[code] / counts[code]) for code in np.flatnonzero(counts).tolist()}
