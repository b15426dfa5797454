"""Workflows made as wide as their data allow, without what can never run.

better = wf.optimize(flow)
better            # what was changed, and why the result is equal
wf.start(better.workflow, url="https://example.org")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wfnb.author import pruning, widening
from wfnb.author.changes import Change
from wfnb.author.flow import Flow
from wfnb.author.registry import registry
from wfnb.model.activity import Activity
from wfnb.model.workflow import Edge, Workflow


@dataclass(frozen=True, slots=True)
class Optimized:
    """What `optimize` made of a workflow.

    Attributes:
        workflow: the better workflow; the same as before if nothing was changed.
        before: what it was made of.
        changes: what was changed, in order, each with why it changes no result.
    """

    workflow: Workflow
    before: Workflow
    changes: tuple[Change, ...]

    def __repr__(self) -> str:
        if not self.changes:
            return f"'{self.before.name}' is as good as it gets"
        count = f"{len(self.changes)} change{'' if len(self.changes) == 1 else 's'}"
        lines = [f"{count} of '{self.before.name}'"]
        for change in self.changes:
            lines += [f"  {change.what}", f"    equal, because {change.why}"]
        return "\n".join(lines)


def optimize(
    flow: Flow | Workflow,
    activities: Mapping[str, Activity] | None = None,
    never: Mapping[Edge, str] | None = None,
) -> Optimized:
    """Turn chains into the widest parallel form that their data allow, and drop what can never run.

    The result gives the same output and the same values wherever the workflow completes.  Tasks, maps and calls that
    follow each other without a choice between them are set side by side, unless one reads what the other gives, is a
    prerequisite of it, shares a lock with it, or both would be compensated.  What a task does besides giving its value
    can not be seen here: where tasks rely on each other's effects (files, services), say so by `prerequisites` or a
    `lock`.  Where a task fails, others may have run that would not have been reached before.

    Order is kept where time decides: beside timers, signals, joins that do not wait for all, and ends that terminate.

    Args:
        flow: a flow or a workflow, which stays as it is.
        activities: those known by name, for their prerequisites; by default those of the notebook.
        never: edges of choices that it is proved are never taken, each with why.
    """
    before = flow.workflow if isinstance(flow, Flow) else flow
    known = registry if activities is None else activities
    workflow, changes = before, list[Change]()
    while True:
        for improve in (
            lambda given: pruning.decided(given, never or {}),
            pruning.unreachable,
            pruning.nests,
            lambda given: widening.widened(given, known),
        ):
            workflow, found = improve(workflow)
            if found:
                changes += found
                break
        else:
            return Optimized(workflow, before, tuple(changes))
