"""What can be said about a workflow before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from wfnb.machine.diagnostic import Diagnostic, Property, errors
from wfnb.machine.wellformed import diagnose
from wfnb.model.activity import Activity
from wfnb.model.workflow import Workflow

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
    """

    diagnostics: tuple[Diagnostic, ...]
    properties: Mapping[str, Property] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the workflow can be started."""
        return not errors(self.diagnostics)

    def __repr__(self) -> str:
        count = len(errors(self.diagnostics))
        lines = ["ok" if self.ok else f"{count} error{'' if count == 1 else 's'}"]
        for found in self.diagnostics:
            lines.append(f"  {found.severity:<7} {found.code}  {found.message}")
            lines.extend(f"                 {line}" for line in found.help.splitlines())
        return "\n".join(lines)


_ORDER = {"error": 0, "warning": 1, "advice": 2}


def check(workflow: Workflow, activities: Mapping[str, Activity] | None = None, *, all_known: bool = True) -> Report:
    """Every problem of a workflow, and what is known of its behaviour.

    Args:
        workflow: the definition.
        activities: those known by name; None if nothing is known of any.
        all_known: whether these are all there are; if not, an unknown activity is only a warning.
    """
    found = sorted(diagnose(workflow, activities, all_known=all_known), key=lambda d: _ORDER[d.severity])
    why = "the drawing has errors" if errors(found) else "the behaviour is not analysed yet"
    properties = {name: Property(name, "unknown", why) for name in PROPERTIES}
    return Report(tuple(found), MappingProxyType(properties))
