"""The examples of docs/testing.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

from wfnb.author.registry import registry

PAGE = Path(__file__).parents[3] / "docs" / "testing.md"


def test_every_example_runs() -> None:
    page = PAGE.read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(examples) == 5
    known = dict(registry)
    names: dict[str, object] = {"__name__": "examples"}
    try:
        for number, example in enumerate(examples, 1):
            exec(compile(example, f"{PAGE.name}, example {number}", "exec", dont_inherit=True), names)
    finally:
        for name in set(registry) - set(known):
            registry._known.pop(name)
            registry.workflows._known.pop(name, None)
    assert names["again"] in range(100)
