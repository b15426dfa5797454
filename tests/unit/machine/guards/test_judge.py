"""What a designer shows of a node's guards, by its exact text (`tests/golden/guards.txt`)."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from wfnb.machine.guards import judge
from wfnb.machine.guards.judge import judge_choice

GOLDEN = Path(__file__).parents[3] / "golden" / "guards.txt"

CASES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "one value, two branches": (["amount >= 100", "amount <= 100"], {"amount": "int"}),
    "one value, no branch": (["amount > 0", "amount < 0"], {"amount": "float"}),
    "no branch, and otherwise": (["amount > 0", "amount < 0"], {"amount": "float", "otherwise": True}),
    "a text": (["status == 'ok'", "status in ('bad', 'worse')"], {"status": "str"}),
    "a choice of texts": (["status == 'ok'", "status == 'bad'"], {"status": "Literal['ok', 'bad']"}),
    "two terms": (["a > 3 and b", "a > 2 and not b"], {"a": "int", "b": "bool"}),
    "from the best down": (["score >= 90", "score >= 80", "score >= 70"], {"score": "int", "otherwise": True}),
    "four overlaps": (["a > 1", "b > 1", "c > 1", "a > 3 or d"], dict.fromkeys("abcd", "int") | {"otherwise": True}),
    "never": (["x > 3 and x < 3", "x != 0"], {"x": "int", "otherwise": True}),
    "always": (["x > 3 or True", "x > 4"], {"x": "int"}),
    "in the shadow of one": (["x > 3", "x > 5", "x <= 3"], {"x": "int"}),
    "in the shadow of two": (["x > 3", "x <= 3", "x == y"], {"x": "int", "y": "int"}),
    "a division": (["amount / n > 2"], {"amount": "int", "n": "int", "otherwise": True}),
    "None": (["page.status == 200", "page is None"], {"page": "Page | None", "page.status": "int", "otherwise": True}),
    "two types": (["x > '3'"], {"x": "int", "otherwise": True}),
    "all of a fork": (["x > 3", "x > 5"], {"x": "int", "inclusive": True}),
    "a fork that fails": (["x is None", "x > 5", "x is not None"], {"x": "int | None", "inclusive": True}),
    "nothing holds": (["False", "x > 3 and not x > 3"], {"x": "int"}),
    "nothing is known": (["status == 'ok'", "status == 'bad'"], {}),
    "no expression": (["x >", "x > 3"], {"x": "int"}),
    "no guards": ([], {"otherwise": True}),
    "no edges": ([], {}),
    "not looked into": (["any(y > 1 for y in x)", "not any(y > 1 for y in x)"], {"x": "list[int]"}),
    "without the solver": (["x > y", "x < y"], {"x": "int", "y": "int"}),
}


@pytest.fixture(autouse=True)
def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)


def told() -> str:
    """What each case is told, as the golden file has it."""
    parts = []
    for name, (guards, given) in CASES.items():
        options = {word: given[word] for word in ("otherwise", "inclusive") if word in given}
        kinds = {term: kind for term, kind in given.items() if term not in options}
        edges = [(10 + index, guard) for index, guard in enumerate(guards)]
        found = judge_choice("gate", edges, kinds=kinds, **{"otherwise": False, **options})
        lines = [f"# {name}"]
        for diagnostic in found.diagnostics:
            where = " ".join([*map(repr, diagnostic.nodes), *(f"edge {edge}" for edge in diagnostic.edges)])
            lines.append(f"{diagnostic.code} {diagnostic.severity}: {diagnostic.message}")
            lines.append(f"    {diagnostic.help}")
            lines.append(f"    @ {where} .{diagnostic.field}")
        for word in ("exhaustive", "covered", "disjoint"):
            answer = getattr(found, word)
            lines.append(f"{word} {answer.verdict}" + (f": {answer.why}" if answer.why else ""))
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def test_the_exact_texts() -> None:
    if os.environ.get("WFNB_WRITE_GOLDEN"):
        GOLDEN.write_text(told(), encoding="utf-8")
    assert told() == GOLDEN.read_text(encoding="utf-8")


def test_every_code_has_a_case() -> None:
    codes = set(re.findall(r'"(WF\d{3})"', Path(judge.__file__).read_text(encoding="utf-8")))
    assert codes == set(re.findall(r"^(WF\d{3})", GOLDEN.read_text(encoding="utf-8"), re.MULTILINE))
    assert codes == {"WF310", "WF311", "WF312", "WF313"}
