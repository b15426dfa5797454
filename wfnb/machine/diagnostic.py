"""One problem of a workflow, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, TypeAlias, get_args

Severity: TypeAlias = Literal["error", "warning", "advice"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The worst first."""
Verdict: TypeAlias = Literal["proved", "refuted", "unknown"]
SIGNS: Mapping[Verdict, str] = {"proved": "✓", "refuted": "✗", "unknown": "?"}
"""What stands before a verdict where people read it."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What is wrong, where, and what to do about it.

    Attributes:
        code: `WF1xx` shape, `WF2xx` activities and data, `WF3xx` behaviour, `WF4xx` advice.
        message: one line, names quoted.
        help: the cure or the known names, one line.
        nodes: ids concerned.
        edges: indices into the workflow's edges.
        field: the part of the node or edge, such as `arguments.url` or `when`; empty for the whole.
        column: 0-based position in an expression, None where it is no expression's fault.
    """

    code: str
    severity: Severity
    message: str
    help: str = ""
    nodes: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    field: str = ""
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """One step of a counterexample, and where the tokens are after it."""

    text: str
    """In words, such as "'fetch' completes" or "the timer of 'page' -> 'late' fires"."""
    nodes: tuple[str, ...] = ()
    """Concerned."""
    edges: tuple[int, ...] = ()
    """Taken."""
    marked_edges: tuple[int, ...] = ()
    """Where tokens lie after it."""
    marked_nodes: tuple[str, ...] = ()
    """In which nodes tokens are after it."""


@dataclass(frozen=True, slots=True, repr=False)
class Property:
    """A verdict on one property of a workflow."""

    name: str
    verdict: Verdict
    why: str = ""
    trace: tuple[str, ...] = ()
    steps: tuple[Firing, ...] = ()

    def __repr__(self) -> str:
        head = f"{SIGNS[self.verdict]} {self.name}: {self.verdict}" + (f", {self.why}" if self.why else "")
        return "\n".join([head, *(f"  {number}. {step}" for number, step in enumerate(shortened(self.trace), 1))])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def shortened(trace: Sequence[str], first: int = 6, last: int = 10) -> list[str]:
    """A firing sequence for people: of one that nobody would read as a whole, the beginning and the end."""
    left_out = len(trace) - first - last
    return list(trace) if left_out <= 1 else [*trace[:first], f"... {left_out} more ...", *trace[-last:]]


def describe(name: str, diagnostics: Sequence[Diagnostic]) -> str:
    """Many diagnostics as text, for an exception or a terminal."""
    count = len(diagnostics)
    lines = [f"{count} problem{'' if count == 1 else 's'} in workflow '{name}'"]
    for diagnostic in diagnostics:
        lines.append(f"  {diagnostic.code}  {diagnostic.message}")
        lines.extend(f"         {line}" for line in diagnostic.help.splitlines())
    return "\n".join(lines)


def errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those that keep a workflow from running."""
    return [d for d in diagnostics if d.severity == "error"]
