"""docs/promises.md: each promise has a test of its own, which is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!promise \||-)(.+) \| (.+) \|$", PAGE, re.MULTILINE)


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_promise_names_a_test_that_is_there() -> None:
    assert len(ROWS) > 90
    named = [(promise, re.fullmatch(r"`(\S+\.py)::(test_\w+)`", test)) for promise, test in ROWS]
    assert [promise for promise, test in named if test is None] == []
    assert [test[0] for _, test in named if test and test[2] not in functions_of(test[1])] == []


def test_no_promise_is_made_twice_with_other_words() -> None:
    named = [test for _, test in ROWS]
    assert sorted(named) == sorted(set(named))


def test_the_pages_that_promise_are_there() -> None:
    pages = re.findall(r"\]\((\S+\.md)\)", PAGE)
    assert len(pages) > 5
    assert [page for page in pages if not (ROOT / "docs" / page).exists()] == []
