"""What a run asks of people, and what people send to it: approvals and signals."""

from __future__ import annotations

from collections.abc import Callable

from wfnb.engine.run import Run
from wfnb.errors import WfnbError
from wfnb.model.types import fits, optional
from wfnb.widgets import messages as m
from wfnb.widgets import parts
from wfnb.widgets.kin import Kin, children

Tell = Callable[[m.Report], None]


def waiting(run: Run) -> tuple[parts.ApprovalInfo, ...]:
    """The approvals that a run and its children wait for."""
    return tuple(
        parts.ApprovalInfo(
            node=asked.node,
            visit=asked.visit,
            prompt=asked.prompt,
            form=dict(asked.form),
            run="" if one is run else one.id,
        )
        for one in (run, *children(run))
        for asked in one.approvals
    )


class Asks:
    """Tells a canvas which approvals a run and its children wait for, whenever they change."""

    def __init__(self, run: Run, tell: Tell) -> None:
        self._run = run
        self._tell = tell
        self._told: tuple[parts.ApprovalInfo, ...] = ()
        self._kin = Kin(run, self.tell)

    def close(self) -> None:
        """Stop listening."""
        self._kin.close()

    def tell(self, *, again: bool = False) -> None:
        """Send the list if it changed since the last time, or `again`."""
        now = waiting(self._run)
        if again or now != self._told:
            self._told = now
            self._tell(m.Approvals(run=self._run.id, approvals=now))


def answer(run: Run | None, message: m.Approve | m.SendSignal, tell: Tell) -> None:
    """Hand a person's answer or signal to a run; what does not fit is told, not raised.

    A message may arrive in another thread than the run's loop; it then takes effect with the loop's next turn.
    """
    if run is None:
        tell(m.Failure(message="no run is in progress here\nstart one"))
    elif run.host.is_here():
        _hand_over(run, message, tell)
    else:
        run.host.loop.call_soon_threadsafe(_hand_over, run, message, tell)


def _hand_over(run: Run, message: m.Approve | m.SendSignal, tell: Tell) -> None:
    try:
        if isinstance(message, m.SendSignal):
            run.signal(message.name, message.value)
            return
        asks = {child.id: child for child in children(run)}.get(message.run, run)
        asks.approve(message.node, message.value)
    except WfnbError as error:
        if isinstance(message, m.SendSignal):
            tell(m.Failure(message=str(error)))
        else:
            fields = unfit(waiting(run), message)
            tell(m.Unfit(node=message.node, run=message.run, message=str(error), fields=fields))


def unfit(asked: tuple[parts.ApprovalInfo, ...], answer: m.Approve) -> dict[str, str]:
    """What is wrong with each field of an answer."""
    form = next((a.form for a in asked if (a.run, a.node) == (answer.run, answer.node)), {})
    given = answer.value if isinstance(answer.value, dict) else {}
    return {
        name: f"{kind} is needed"
        for name, kind in form.items()
        if not (fits(kind, given[name]) if name in given else optional(kind))
    }
