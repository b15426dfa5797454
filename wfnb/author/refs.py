"""Nodes and edges as a builder's operators: `a >> b`, `gate.when("x > 1") >> c`, `task.after(30) >> late`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from wfnb.author import given
from wfnb.author.document import Document
from wfnb.author.edits import AddEdge, AddNode, Edit, SetNode
from wfnb.author.inputs import declared_by, reads_input
from wfnb.author.keywords import known_keywords
from wfnb.author.options import with_options
from wfnb.author.registry import registry
from wfnb.errors import EditError
from wfnb.model.activity import Activity
from wfnb.model.workflow import Compensation, Edge, Node, Retry


class Drawing:
    """What a builder writes to.

    Attributes:
        document: the workflow with its revisions; shared with every canvas.
        infers: whether inputs are declared as expressions name them.
    """

    def __init__(self, document: Document, *, infers: bool) -> None:
        self.document = document
        self.infers = infers

    def add(self, node: Node) -> NodeRef:
        """Add a node and say where it is.

        Raises:
            EditError: there is a node with this id, or it is no text.
        """
        if not isinstance(node.id, str):
            raise EditError(
                f"the id of a {node.kind} is {node.id!r}, which is no text\ngive it a name, such as 'fetch'"
            )
        self.apply([AddNode(node=node)], f"add {node.id}")
        return NodeRef(self, node.id)

    def apply(self, edits: Sequence[Edit], label: str) -> None:
        """Apply edits as one gesture, together with what declares the inputs that they read."""
        if self.infers and reads_input(edits):  # the workflow is put together only where it is needed
            edits = [
                *edits,
                *declared_by(edits, self.document.workflow, registry, registry.workflows, every=True),
            ]
        self.document.apply(edits, label)


class NodeRef:
    """A node of a flow, for drawing edges: `a >> b`, `fork >> [a, b] >> join`, `choice.when("x > 1") >> c`."""

    def __init__(self, drawing: Drawing, id: str) -> None:
        self.drawing = drawing
        self.id = id

    @property
    def node(self) -> Node:
        """The node as it stands in the definition."""
        return self.drawing.document.node(self.id)

    def __rshift__(self, target: NodeRef | Sequence[NodeRef]) -> Any:
        return Branch([self]) >> target

    def __rrshift__(self, sources: Sequence[NodeRef]) -> NodeRef:
        Branch(list(sources)).to([self])
        return self

    def when(self, condition: str) -> Branch:
        """The edge that is taken when `condition` holds.

        A choice takes the first such edge, an inclusive fork every one; a wait takes it as soon as the condition holds
        (`wait.when("reached('paid')") >> ship`).
        """
        return Branch([self], when=given.condition(condition))

    def otherwise(self) -> Branch:
        """The edge that a choice or an inclusive fork takes when no condition holds."""
        return Branch([self], otherwise=True)

    @known_keywords
    def on(self, signal: str, *, when: str | None = None) -> Branch:
        """The edge that is taken when a signal comes: it frees a wait, and interrupts anything else.

        Args:
            signal: its name.
            when: which signals count; `signal("name")` is what this one brings.
        """
        return Branch([self], on=signal, when=_guard(when))

    @known_keywords
    def after(self, duration: float | timedelta | str, *, when: str | None = None) -> Branch:
        """The edge that is taken once the node has been in progress so long: `task.after(30) >> remind`.

        Args:
            duration: seconds, a `timedelta`, or an expression that gives seconds (`"=input.pause"`).
            when: a condition for it.
        """
        return Branch([self], after=given.pause(duration), when=_guard(when))

    @known_keywords
    def until(self, time: datetime | str, *, when: str | None = None) -> Branch:
        """The edge that is taken at a time: `wait.until("2030-01-01T00:00:00Z") >> open`.

        Args:
            time: ISO 8601, a `datetime` with a time zone, or an expression that gives one of these.
            when: a condition for it.
        """
        return Branch([self], until=given.moment(time), when=_guard(when))

    @known_keywords
    def on_error(self, error: type[BaseException] | str = "*", *, when: str | None = None) -> Branch:
        """The edge that is taken when the node fails: `charge.on_error(CardRefused) >> ask`.

        Args:
            error: the exception class, its name, or `*` for any; classes derived from it are caught, too.  A task
                that takes longer than its `timeout` fails with `ActivityTimeout`, which is a `TimeoutError`.
            when: which of them count; `error("charge")` is what happened.
        """
        return Branch([self], error=given.error_name(error), when=_guard(when))

    @known_keywords
    def spawn(self, *, when: str | None = None) -> Branch:
        """The edge that starts a child run of what follows, for each token that takes it, which ends on its own."""
        return Branch([self], spawn=True, when=_guard(when))

    @known_keywords
    def options(
        self,
        *,
        label: str | None = None,
        retries: int | None = None,
        retry: Retry | None = None,
        timeout: float | timedelta | None = None,
        heartbeat: float | timedelta | None = None,
        executor: Literal["loop", "thread", "process"] | None = None,
        priority: int | None = None,
        deadline: float | timedelta | None = None,
        resources: Mapping[str, float] | None = None,
        requires: str | None = None,
        ensures: str | None = None,
        compensate: Activity | Callable[..., Any] | str | tuple[Any, Mapping[str, Any]] | Compensation | None = None,
        cache: bool | None = None,
        disabled: bool | None = None,
        lock: str | None = None,
        prerequisites: Iterable[Activity | Callable[..., Any] | str] | None = None,
        durability: Literal["sync", "async"] | None = None,
        strategy: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        join: NodeRef | str | None = None,
        need: Literal["all", "any"] | int | None = None,
        rest: Literal["absorb", "cancel"] | None = None,
        prompt: str | None = None,
        form: Mapping[str, Any] | None = None,
        items: Any = None,
        width: int | None = None,
        failure: Literal["stop", "finish", "skip"] | None = None,
        output: Any = None,
        terminate: bool | None = None,
        error: type[BaseException] | str | None = None,
        message: str | None = None,
        members: Iterable[NodeRef | str] | None = None,
        cancel: bool | None = None,
        text: str | None = None,
    ) -> NodeRef:
        """Set options of a node; what is None stays as it is.

        Args:
            label: what people read on the node.
            retries: how often a failed call of a task is tried again.
            retry: the retry policy in full.
            timeout: seconds one attempt of a task may take.
            heartbeat: seconds that an attempt may go without `wf.heartbeat()` or `wf.progress(...)`.
            executor: where a task's activity runs: `loop`, `thread` or `process`.
            priority: of several ready tasks, the one with the highest goes first.
            deadline: seconds after the start of the run by which the task should have completed.
            resources: how much a task needs of each resource, such as `{"cpu": 2}`.
            requires: a condition that must hold when a task starts.
            ensures: a condition that must hold of its result.
            compensate: what takes a completed task back: an activity, or `(activity, arguments)`.
            cache: whether a result may be used again for equal arguments.
            disabled: whether a task gives None at once, and its activity never runs.
            lock: of all tasks and groups that name the same lock, only one is in progress.
            prerequisites: activities that must have completed before a task.
            durability: whether a task's start, and what follows from its end, wait until that is on the disk.
            strategy: how many tasks of a group are in progress at once: `"sequential"`, `"parallel(n)"`.
            arguments: what a task, a map or a call gives, instead of what it gave.
            join: the join that an inclusive fork is paired with.
            need: how many branches a join waits for: `all`, `any` or a number.
            rest: what a join does with the others: `absorb` or `cancel` them.
            prompt: what an approval asks.
            form: type by field of an approval's answer.
            items: what a map runs over.
            width: how many children of a map are in progress at most.
            failure: what a failing child of a map does: `stop`, `finish` or `skip`.
            output: what the run gives at an end.
            terminate: whether an end withdraws every other token.
            error: the name of the error with which a run fails at an end.
            message: what that error says.
            members: the nodes of a group.
            cancel: whether the first token that leaves a group withdraws those inside.
            text: what a note says.

        Raises:
            DefinitionError: a node of this kind has no such option; the message has those that it has.
            ValueError: an option is out of range.
        """
        options = {name: value for name, value in locals().items() if name != "self"}
        changed = with_options(self.node, options)
        self.drawing.apply([SetNode(id=self.id, node=changed)], f"set options of {self.id}")
        return self

    def __repr__(self) -> str:
        return f"<{self.node.kind} '{self.id}' of '{self.drawing.document.workflow.name}'>"


class Branch:
    """Edges about to be drawn, from one or several nodes."""

    def __init__(self, sources: list[NodeRef], **fields: Any) -> None:
        self.sources = sources
        self._fields = fields

    def __rshift__(self, target: NodeRef | Sequence[NodeRef]) -> Any:
        targets = self._targets(target)
        self.to(targets)
        return target if isinstance(target, NodeRef) else Branch(targets)

    def _targets(self, given: object) -> list[NodeRef]:
        found = [given] if isinstance(given, NodeRef) else list(given) if isinstance(given, list | tuple) else None
        wrong = [one for one in found if not isinstance(one, NodeRef)] if found is not None else [given]
        if found is None or wrong:
            ids = ", ".join(f"'{source.id}'" for source in self.sources)
            cure = f'write flow.node("{wrong[0]}")' if isinstance(wrong[0], str) else "lead it to a node of this flow"
            raise TypeError(
                f"{wrong[0]!r} is no node, so no edge can lead to it from {ids}\n{cure}, or to a list of them"
            )
        return found

    def when(self, condition: str) -> Branch:
        """The same, taken only where a condition holds: `wait.on("paid").when("signal('paid') > 0") >> ship`."""
        return Branch(self.sources, **{**self._fields, "when": given.condition(condition)})

    def to(self, targets: Sequence[NodeRef]) -> None:
        """Draw an edge from every source to every target."""
        edges = [
            AddEdge(edge=Edge(source=source.id, target=to.id, **self._fields))
            for source in self.sources
            for to in targets
        ]
        if edges:
            self.sources[0].drawing.apply(edges, "connect")


def _guard(condition: str | None) -> str | None:
    return None if condition is None else given.condition(condition)
