"""What a check found, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import msgspec

from wfnb.machine.diagnostic import SEVERITIES, SIGNS, Diagnostic, Property, errors

PROPERTIES = (
    "sound",
    "deadlock-free",
    "no dead node",
    "proper completion",
    "terminates",
    "type-safe",
    "no read-before-write",
    "guards exhaustive",
    "guards disjoint",
    "deterministic result",
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    Attributes:
        diagnostics: every problem, errors first.
        properties: a verdict by property name.
        states: how many markings were looked at.
    """

    diagnostics: tuple[Diagnostic, ...]
    properties: Mapping[str, Property] = field(default_factory=dict)
    states: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong: there may be warnings and advice."""
        return not errors(self.diagnostics)

    def as_json(self) -> dict[str, Any]:
        """Everything that it says, as JSON data: problems, and properties with their counterexamples step by step."""
        found: dict[str, Any] = msgspec.to_builtins(
            {
                "ok": self.ok,
                "diagnostics": self.diagnostics,
                "properties": dict(self.properties),
                "states": self.states,
            }
        )
        return found

    @property
    def summary(self) -> str:
        """How many problems there are, and how many of each kind: `ok, 2 problems (1 warning, 1 advice)`."""
        total = len(self.diagnostics)
        if not total:
            return "ok"
        found = Counter(one.severity for one in self.diagnostics)
        counts = [_counted(found[severity], severity) for severity in SEVERITIES if found[severity]]
        return f"{'ok, ' if self.ok else ''}{_counted(total, 'problem')} ({', '.join(counts)})"

    def __repr__(self) -> str:
        lines = [self.summary]
        for found in self.diagnostics:
            lines.append(f"  {found.severity:<7} {found.code}  {found.message}")
            lines.extend(f"                 {line}" for line in found.help.splitlines())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """In a notebook: the verdicts side by side, and the problems below."""
        verdicts = _rows(
            (f"{SIGNS[p.verdict]}&nbsp;{p.verdict}", escape(p.name), escape(p.why)) for p in self.properties.values()
        )
        problems = _rows(
            (found.severity, found.code, f"{escape(found.message)}<br><em>{escape(found.help)}</em>")
            for found in self.diagnostics
        )
        table = f"<table>{verdicts}</table><p>{self.summary}</p>"
        return table + (f"<table>{problems}</table>" if problems else "")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 or word == 'advice' else 's'}"


def _rows(rows: Iterable[Sequence[str]]) -> str:
    """Rows of a table; notebooks align each cell to the right unless the cell itself says otherwise."""
    left = '<td style="text-align: left">'
    return "".join(f"<tr>{''.join(f'{left}{cell}</td>' for cell in row)}</tr>" for row in rows)
