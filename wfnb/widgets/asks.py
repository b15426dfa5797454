"""What a run asks of people, and what people send to it: approvals and signals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from wfnb.errors import WfnbError
from wfnb.model.types import fits
from wfnb.widgets import messages as m
from wfnb.widgets import parts

Tell = Callable[[m.Report], None]


class Asked(Protocol):
    """An approval that a run waits for."""

    @property
    def node(self) -> str:
        """The approval's id."""

    @property
    def visit(self) -> int:
        """Which of its visits."""

    @property
    def prompt(self) -> str:
        """What the person is asked."""

    @property
    def form(self) -> dict[str, str]:
        """Type by field of the answer."""


def waiting(run: Any) -> tuple[parts.ApprovalInfo, ...]:
    """The approvals that a run waits for."""
    asked: tuple[Asked, ...] = tuple(getattr(run, "approvals", ()))
    return tuple(parts.ApprovalInfo(node=a.node, visit=a.visit, prompt=a.prompt, form=dict(a.form)) for a in asked)


class Asks:
    """Tells a canvas which approvals a run waits for, whenever they change."""

    def __init__(self, run: Any, tell: Tell) -> None:
        self._run = run
        self._tell = tell
        self._told: tuple[parts.ApprovalInfo, ...] = ()

    def tell(self, *, again: bool = False) -> None:
        """Send the list if it changed since the last time, or `again`."""
        now = waiting(self._run)
        if again or now != self._told:
            self._told = now
            self._tell(m.Approvals(run=self._run.id, approvals=now))


def answer(run: Any, message: m.Approve | m.SendSignal, tell: Tell) -> None:
    """Hand a person's answer or signal to a run; what does not fit is told, not raised.

    A message may arrive in another thread than the run's loop; it then takes effect with the loop's next turn.
    """
    if run is None:
        tell(m.Failure(message="no run is in progress here\nstart one"))
        return

    def hand_over() -> None:
        try:
            if isinstance(message, m.Approve):
                run.approve(message.node, message.value)
            else:
                run.signal(message.name, message.value)
        except (WfnbError, KeyError, TypeError, ValueError) as error:
            text = str(error.args[0] if error.args else error)
            if isinstance(message, m.Approve):
                tell(m.Unfit(node=message.node, message=text, fields=unfit(waiting(run), message)))
            else:
                tell(m.Failure(message=text))

    if run.host.is_here():
        hand_over()
    else:
        run.host.loop.call_soon_threadsafe(hand_over)


def unfit(asked: tuple[parts.ApprovalInfo, ...], answer: m.Approve) -> dict[str, str]:
    """What is wrong with each field of an answer."""
    form = next((a.form for a in asked if a.node == answer.node), {})
    given = answer.value if isinstance(answer.value, dict) else {}
    return {
        name: f"'{name}' is missing" if name not in given else f"'{name}' must be {kind}"
        for name, kind in form.items()
        if name not in given or not fits(kind, given[name])
    }
