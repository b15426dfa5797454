"""Whether what is given fits where it is wanted: arguments, items, conditions, delays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from wfnb.errors import did_you_mean
from wfnb.machine.diagnostic import Diagnostic, Severity
from wfnb.machine.inference.notes import Note, named
from wfnb.model.types import (
    ANY,
    BYTES,
    FLOAT,
    NEVER,
    NONE,
    STR,
    DictOf,
    Fit,
    Instance,
    Record,
    Type,
    accepts,
    alternatives_of,
    element,
    misfit,
    union,
    widened,
    without,
)

_UNDECIDED = frozenset({"DataFrame", "Series", "Index", "ndarray"})
"""Classes whose objects are neither true nor false."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a diagnostic says of where it is.

    Attributes:
        where: what people call it.
        nodes, edges, field: as in a diagnostic.
        source: the expression as in the document.
    """

    where: str
    nodes: tuple[str, ...]
    edges: tuple[int, ...]
    field: str
    source: str = ""

    def told(self, code: str, severity: Severity, what: str, cure: str, column: int | None = None) -> Diagnostic:
        """A diagnostic at this place."""
        return Diagnostic(code, severity, what, cure, self.nodes, self.edges, self.field, column)

    def noted(self, note: Note) -> Diagnostic:
        """A problem of the expression at this place."""
        return self.told(note.code, note.severity, f"{self.where}: {note.what}", note.cure, self.column(note))

    def column(self, note: Note) -> int:
        """Where in the document's text the part concerned begins; `ast` counts lines, and bytes in them."""
        text = self.source.removeprefix("=")
        shift = len(self.source) - len(text.lstrip())
        lines = text.strip().splitlines(keepends=True)
        row, offset = note.node.lineno - 1, note.node.col_offset
        return shift + sum(map(len, lines[:row])) + len(lines[row].encode()[:offset].decode(errors="ignore"))


@dataclass(slots=True)
class Findings:
    """What a check of a workflow finds.

    Attributes:
        diagnostics: the problems.
        unknown: why something is not certain, each reason once.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)

    def doubt(self, why: str) -> None:
        """Note why something is not certain."""
        self.unknown[why] = None


def passed(  # noqa: PLR0917 - who passes what to whom
    found: Findings, place: Place, given: Type, wanted: Type, name: str, to: str
) -> None:
    """Check what is passed as a parameter or input.

    Args:
        found: where problems go.
        place: the argument.
        given: its type.
        wanted: the declared type.
        name: the parameter.
        to: what has it, such as `fetch`.
    """
    fit = accepts(wanted, given)
    if fit is Fit.YES:
        return
    takes = f"passes {named(given)} as '{name}' to {to}, which takes {wanted}"
    cure = f"pass {wanted}, or change the annotation of '{name}'"
    if fit is Fit.NO:
        found.diagnostics.append(place.told("WF220", "error", f"{place.where} {takes}", cure))
        return
    members = alternatives_of(given)
    wrong = [member for member in members if accepts(wanted, member) is Fit.NO]
    if wrong == [NONE]:
        what = (
            f"{place.where} passes '{place.source.removeprefix('=').strip()}' as '{name}' to {to}, which takes {wanted}"
        )
        more = "give a value where it is None, as in ... or 0, or test it in the guard of an edge that leads here"
        found.diagnostics.append(place.told("WF223", "warning", f"{what}, and it may be None", more))
    elif wrong:
        found.diagnostics.append(
            place.told("WF220", "warning", f"{place.where} {takes}: it may be {named(union(*wrong))}", cure)
        )
    elif FLOAT in members and accepts(wanted, FLOAT) is Fit.MAYBE:
        found.diagnostics.append(
            place.told("WF220", "warning", f"{place.where} {takes}", f"round it, as in int(...), or {cure}")
        )
    else:
        found.doubt(f"{place.where} {takes}")


def constant(  # noqa: PLR0917 - who passes what to whom
    found: Findings, place: Place, value: Any, wanted: Type, name: str, to: str
) -> None:
    """Check a JSON value that is passed as a parameter or input."""
    wrong = misfit(wanted, value, name)
    if wrong is None:
        return
    if wrong.absent:
        what = f"{place.where} passes no '{wrong.path}' to {to}, which takes {wrong.type} there"
    else:
        what = f"{place.where} passes {shown(wrong.value)} as '{wrong.path}' to {to}, which takes {wrong.type}"
    found.diagnostics.append(place.told("WF224", "error", what, f"give {wrong.type}"))


def items(found: Findings, place: Place, given: Type) -> None:
    """Check what a map goes through."""
    refused = _no_items(given)
    if not refused:
        return
    if refused == [NONE] and given != NONE:
        what = f"{place.where} goes through what may be None"
        found.diagnostics.append(place.told("WF223", "warning", what, "give a list where it is None, as in ... or []"))
        return
    certain = len(refused) == len(alternatives_of(given))
    what = f"{place.where} goes through {named(union(*refused))}, and a map goes through a list"
    cure = "give a list, such as keys(...) or items(...) of a dict" if any(map(_is_dict, refused)) else "give a list"
    found.diagnostics.append(place.told("WF225", "error" if certain else "warning", what, cure))


def item_of(given: Type) -> Type:
    """What a map gives its children, item by item."""
    rest = without(given, *_no_items(given))
    inner = None if rest == NEVER else element(rest)
    return ANY if inner is None else inner


def _no_items(given: Type) -> list[Type]:
    """The members of a union that a map does not go through."""
    return [m for m in alternatives_of(given) if widened(m) in (STR, BYTES) or _is_dict(m) or element(m) is None]


def condition(found: Findings, place: Place, given: Type) -> None:
    """Check that a value can be used as a condition."""
    wrong = [m for m in alternatives_of(given) if isinstance(m, Instance) and _UNDECIDED & {m.name, *m.bases}]
    if wrong:
        kind = named(union(*wrong))
        certain = len(wrong) == len(alternatives_of(given))
        what = f"{place.where}: the condition is a {kind}, which is neither true nor false"
        cure = "ask something of it, such as len(...) > 0"
        found.diagnostics.append(place.told("WF227", "error" if certain else "warning", what, cure))


def moment(found: Findings, place: Place, given: Type, *, delay: bool) -> None:
    """Check a delay (seconds) or a time (ISO 8601, or seconds since the epoch)."""
    wanted = FLOAT if delay else union(STR, FLOAT, Instance("datetime", ("datetime", "date")))
    fit = accepts(wanted, given)
    if fit is Fit.YES:
        return
    says = "a delay is a number of seconds" if delay else "a time is ISO 8601 text or seconds since the epoch"
    if fit is Fit.NO:
        found.diagnostics.append(
            place.told("WF227", "error", f"{place.where}: '{place.field}' is {named(given)}, and {says}", "change it")
        )
    elif NONE in alternatives_of(given):
        what = f"{place.where}: '{place.field}' may be None, and {says}"
        found.diagnostics.append(place.told("WF223", "warning", what, "give a value where it is None"))
    else:
        found.doubt(f"{place.where}: '{place.field}' is {named(given)}")


def accounted(place: Place, given: set[str], wanted: dict[str, bool], to: str) -> Iterator[Diagnostic]:
    """Inputs of a called workflow that are not given (`WF202`), or that it does not have (`WF203`).

    Args:
        place: the call.
        given: the names that are given.
        wanted: by name, whether an input must be given.
        to: what is called.
    """
    for name, needed in wanted.items():
        if needed and name not in given:
            what = f"{place.where} gives no input '{name}' to {to}"
            at = replace(place, field=f"{place.field}.{name}")
            yield at.told("WF202", "error", what, f"set '{name}' to a value, or to an expression")
    for name in sorted(given - set(wanted)):
        known = f"known inputs: {', '.join(wanted) or 'none'}.{did_you_mean(name, wanted)}"
        what = f"{place.where} gives input '{name}', which {to} does not have"
        yield replace(place, field=f"{place.field}.{name}").told("WF203", "error", what, known)


def shown(value: Any) -> str:
    """A JSON value in a message."""
    found = repr(value)
    return found if len(found) <= 60 else f"{found[:57]}..."


def _is_dict(given: Type) -> bool:
    return isinstance(given, DictOf) or (isinstance(given, Record) and given.style == "dict")
