"""Random drawings as Python and back: the same to the byte, and moving a node changes its line alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfnb.author.registry import Workflows, registry
from wfnb.author.source import from_python, to_python
from wfnb.errors import SourceError
from wfnb.model.codec import definition_hash, encode
from wfnb.model.workflow import Workflow
from wfnb.testing.constructs import CONSTRUCTS
from wfnb.testing.workflows import documents, workflows

slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
drawings = documents() | workflows(constructs=CONSTRUCTS, sound=False)


def comes_back(workflow: Workflow) -> None:
    text = to_python(workflow)
    again = from_python(text)
    assert encode(again) == encode(workflow), text
    assert definition_hash(again) == definition_hash(workflow)
    assert to_python(again) == text


@given(drawings)
@settings(slow, max_examples=20)
def test_a_drawing_comes_back_from_its_python(workflow: Workflow) -> None:
    comes_back(workflow)


@pytest.mark.long
@given(drawings)
@settings(slow, max_examples=500)
@pytest.mark.timeout(600)
def test_many_more_come_back(workflow: Workflow) -> None:
    comes_back(workflow)


@given(drawings)
@settings(slow, max_examples=10)
def test_the_python_builds_the_same_when_it_is_run(workflow: Workflow) -> None:
    known, registry.workflows = registry.workflows, Workflows()
    made: dict[str, Any] = {}
    try:
        exec(to_python(workflow), made)
    finally:
        registry.workflows = known
    assert encode(made["flow"].workflow) == encode(workflow)


@given(drawings, st.data(), st.floats(-1e4, 1e4))
@settings(slow, max_examples=10)
def test_moving_a_node_changes_only_lines_of_the_layout(workflow: Workflow, data: st.DataObject, x: float) -> None:
    ids = [node.id for node in workflow.nodes]
    layout: dict[str, tuple[float, float]] = {id: (0.0, float(at)) for at, id in enumerate(ids)}
    if not ids:
        return
    before = msgspec.structs.replace(workflow, layout=layout)
    chosen = data.draw(st.sampled_from(ids))
    after = msgspec.structs.replace(workflow, layout={**layout, chosen: (x, 7.0)})
    one, other = to_python(before).split("\n"), to_python(after).split("\n")
    assert len(one) == len(other)
    changed = [at for at, line in enumerate(one) if line != other[at]]
    assert len(changed) == 1
    assert changed[0] > max(at for at, line in enumerate(one) if line == "flow.layout(")


@given(workflows(constructs=CONSTRUCTS))
@settings(slow, max_examples=8)
def test_it_is_laid_out_as_a_formatter_would(workflow: Workflow) -> None:
    text = to_python(workflow)
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "88", "-"]
    formatted = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True, timeout=20)
    assert formatted.stdout == text


@given(st.text(max_size=60) | st.lists(st.sampled_from(_PIECES := [
    "flow", "wf", ".", "flow(", "(", ")", '"a"', ",", " >> ", "\n", "=", "task", "end", "start", "[", "]", "{", "}",
    "__class__", "import os", "exec", "lambda: 0", "*", "1", "None", ":", "x", "when", "layout",
]), max_size=14).map("".join))  # fmt: skip
@settings(slow, max_examples=100)
def test_any_text_is_a_drawing_or_refused_with_its_line(text: str) -> None:
    found: Workflow | SourceError
    try:
        found = from_python(f'flow = wf.flow("x")\n{text}')
    except SourceError as error:
        found = error
    if isinstance(found, SourceError):
        assert f"line {found.line}" in str(found)
        assert "\n" in str(found)
        assert found.end > found.column >= 0
    else:
        assert from_python(to_python(found)) == found
        ast.parse(text)
