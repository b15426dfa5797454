"""The builder: workflows written in Python.

flow = wf.flow("review")
page = flow.task("page", fetch, url="=input.url")
gate = flow.choice("gate")
flow.start >> page >> gate
gate.when("len(page) > 10") >> flow.end("kept")
gate.otherwise() >> flow.end("dropped")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from wfnb.author.document import Document
from wfnb.author.edits import AddEdge, AddNode, Edit, SetNode, SetWorkflow
from wfnb.author.inputs import read_by_node
from wfnb.author.registry import activity as register
from wfnb.author.registry import registry, retry_policy
from wfnb.errors import DefinitionError
from wfnb.model.activity import Activity
from wfnb.model.workflow import Choice, Edge, End, Fork, Join, Node, Note, Retry, Start, Task, Workflow


class Flow:
    """A workflow under construction.  What is drawn on a canvas of it shows here, and the other way round.

    Attributes:
        document: the workflow with its revisions; shared with every canvas.
    """

    def __init__(self, name: str, inputs: Mapping[str, Any] | None = None, *, document: Document | None = None) -> None:
        declared = {key: _type_name(value) for key, value in (inputs or {}).items()}
        self.document = document or Document(Workflow(name=name, inputs=declared, nodes=(Start("start"),)))
        self._infers = inputs is None

    @property
    def workflow(self) -> Workflow:
        """The definition as it stands."""
        return self.document.workflow

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.workflow.name

    @property
    def start(self) -> NodeRef:
        """The start node."""
        for node in self.workflow.nodes:
            if isinstance(node, Start):
                return NodeRef(self, node.id)
        return self._add(Start("start"))

    def task(self, id: str, activity: Activity | str | Any, /, **arguments: Any) -> NodeRef:
        """Add a task.

        Args:
            id: its id, which also names its value in expressions.
            activity: an activity, a plain function (registered under its name), or an activity's name.
            arguments: what the activity is given, by parameter: JSON values, or expressions as strings that start
                with `=`.

        Raises:
            EditError: there is a node with this id.
            DefinitionError: an argument is no JSON value.
        """
        name = activity if isinstance(activity, str) else _registered(activity).name
        for parameter, value in arguments.items():
            _check_json(value, f"argument '{parameter}' of task '{id}'")
        node = Task(id, activity=name, arguments=arguments)
        inferred = {name: kind for name, kind in read_by_node(node, registry) if name not in self.workflow.inputs}
        if not inferred or not self._infers:
            return self._add(node)
        return self._add(node, [SetWorkflow(inputs={**self.workflow.inputs, **inferred})])

    def choice(self, id: str) -> NodeRef:
        """Add an exclusive choice; its edges come from `.when(...)` and `.otherwise()`."""
        return self._add(Choice(id))

    def fork(self, id: str) -> NodeRef:
        """Add a fork: every edge that leaves it is taken."""
        return self._add(Fork(id))

    def join(self, id: str) -> NodeRef:
        """Add a join: it waits for every edge that comes into it."""
        return self._add(Join(id))

    def end(self, id: str = "end", output: Any = None) -> NodeRef:
        """Add an end.

        Args:
            id: its id.
            output: the run's output there: a JSON value or an expression (`"=page"`); by default the nearest value.
        """
        _check_json(output, f"output of end '{id}'")
        return self._add(End(id, output=output))

    def note(self, id: str, text: str) -> NodeRef:
        """Add a note for people."""
        return self._add(Note(id, text=text))

    def node(self, id: str) -> NodeRef:
        """The node with this id, wherever it was made.

        Raises:
            KeyError: there is none.
        """
        return NodeRef(self, self.workflow.node(id).id)

    def undo(self) -> None:
        """Take back the last change, drawn or coded."""
        self.document.undo()

    def redo(self) -> None:
        """Do again what was last taken back."""
        self.document.redo()

    def __repr__(self) -> str:
        workflow = self.workflow
        return f"<Flow '{self.name}': {len(workflow.nodes)} nodes, {len(workflow.edges)} edges>"

    def _add(self, node: Node, more: Sequence[Edit] = ()) -> NodeRef:
        self.document.apply([AddNode(node=node), *more], f"add {node.id}")
        return NodeRef(self, node.id)


class NodeRef:
    """A node of a flow, for drawing edges: `a >> b`, `fork >> [a, b] >> join`, `choice.when("x > 1") >> c`."""

    def __init__(self, flow: Flow, id: str) -> None:
        self.flow = flow
        self.id = id

    @property
    def node(self) -> Node:
        """The node as it stands in the definition."""
        return self.flow.workflow.node(self.id)

    def __rshift__(self, target: NodeRef | Sequence[NodeRef]) -> Any:
        return Branch([self]) >> target

    def __rrshift__(self, sources: Sequence[NodeRef]) -> NodeRef:
        Branch(list(sources)).to([self])
        return self

    def when(self, condition: str) -> Branch:
        """The edge that a choice takes when `condition` holds and no earlier one does."""
        return Branch([self], when=condition.removeprefix("="))

    def otherwise(self) -> Branch:
        """The edge that a choice takes when no condition holds."""
        return Branch([self], otherwise=True)

    def options(
        self,
        *,
        retries: int | None = None,
        retry: Retry | None = None,
        timeout: float | None = None,
        label: str | None = None,
    ) -> NodeRef:
        """Set how a task runs, or what people read on a node.

        Args:
            retries: how often a failed call is tried again.
            retry: the retry policy in full.
            timeout: seconds one attempt may take.
            label: what people read.

        Raises:
            DefinitionError: a run option is given to a node that is no task.
            ValueError: an option is out of range.
        """
        node = self.node
        policy = retry_policy(retries, retry)
        changes: dict[str, Any] = {}
        if label is not None:
            changes["label"] = label
        if policy is not None:
            changes["retry"] = policy
        if timeout is not None:
            if timeout <= 0:
                raise ValueError(f"timeout is {timeout}\ngive a positive number of seconds")
            changes["timeout"] = timeout
        if not isinstance(node, Task) and changes.keys() - {"label"}:
            raise DefinitionError(f"{node.kind} '{node.id}' has no retry or timeout\nonly tasks run activities")
        changed = msgspec.structs.replace(node, **changes)
        self.flow.document.apply([SetNode(id=node.id, node=changed)], f"set options of {node.id}")
        return self

    def __repr__(self) -> str:
        return f"<{self.node.kind} '{self.id}' of '{self.flow.name}'>"


class Branch:
    """Edges about to be drawn, from one or several nodes."""

    def __init__(self, sources: list[NodeRef], *, when: str | None = None, otherwise: bool = False) -> None:
        self.sources = sources
        self._when = when
        self._otherwise = otherwise

    def __rshift__(self, target: NodeRef | Sequence[NodeRef]) -> Any:
        targets = [target] if isinstance(target, NodeRef) else list(target)
        self.to(targets)
        return target if isinstance(target, NodeRef) else Branch(targets)

    def to(self, targets: Sequence[NodeRef]) -> None:
        """Draw an edge from every source to every target."""
        edges = [
            AddEdge(edge=Edge(source=source.id, target=to.id, when=self._when, otherwise=self._otherwise))
            for source in self.sources
            for to in targets
        ]
        if edges:
            self.sources[0].flow.document.apply(edges, "connect")


def flow(name: str, inputs: Mapping[str, Any] | None = None) -> Flow:
    """A new workflow, which has a start node and nothing else.

    Args:
        name: what the workflow is called, in histories too.
        inputs: type by input name, as types (`str`) or their names (`"list[str]"`).  Left out, inputs that arguments
            name (`"=input.url"`) are declared as they appear.
    """
    return Flow(name, inputs)


def _registered(activity: Any) -> Activity:
    if isinstance(activity, Activity):
        return activity
    return register(activity)


def _type_name(value: Any) -> str:
    if isinstance(value, str):
        return value
    return value.__name__ if isinstance(value, type) and not hasattr(value, "__args__") else str(value)


def _check_json(value: Any, where: str) -> None:
    try:
        same = msgspec.json.decode(msgspec.json.encode(value)) == value
    except (TypeError, ValueError, OverflowError, RecursionError):
        same = False
    if not same:
        raise DefinitionError(
            f"{where} is a {type(value).__name__}, which is no JSON value\n"
            "pass text, numbers, lists or dicts, or make the value in an activity"
        )
