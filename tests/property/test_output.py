"""What a run gives where its ends do not say it: the nearest values back along the edges that were taken."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property import provenance
from tests.property.test_runs import ran
from wfnb.model.workflow import Workflow
from wfnb.testing.constructs import CONSTRUCTS
from wfnb.testing.workflows import workflows

CASES = workflows(constructs=CONSTRUCTS - {"failing"})
JOINS = workflows(size=30, constructs=["inclusive", "partial", "timer", "race", "wait"])
SEEN = Counter[str]()


def agrees(workflow: Workflow, seed: int) -> None:
    run, events, _ = ran(workflow, seed, failing=0.05)
    if run.status == "completed":
        assert run.output == provenance.given(run.machine, events, run.state.values, run.state.input)
        SEEN[type(run.output).__name__] += 1


@given(CASES | JOINS, st.integers(0, 2**32))
@settings(max_examples=200)
def test_it_is_what_the_tokens_carried(workflow: Workflow, seed: int) -> None:
    agrees(workflow, seed)


@pytest.mark.long
@pytest.mark.timeout(900)
@given(CASES | JOINS, st.integers(0, 2**32))
@settings(max_examples=5000, deadline=None)
def test_many_more(workflow: Workflow, seed: int) -> None:
    agrees(workflow, seed)
