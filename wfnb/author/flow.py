"""The builder: workflows written in Python.

flow = wf.flow("review")
page = flow.task("page", fetch, url="=input.url")
gate = flow.choice("gate")
flow.start >> page >> gate
gate.when("len(page) > 10") >> flow.end("kept")
gate.otherwise() >> flow.end("dropped")

Waits, timers and people:

paid, late = flow.wait("paid"), flow.end("late", error="NotPaid")
paid.on("payment", when="signal('payment').amount > 0") >> flow.approval("ok", "Ship it?", form={"yes": bool})
paid.after(timedelta(days=14)) >> late
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from wfnb.author import given
from wfnb.author.bodies import WorkflowName, body_fields, workflow_name
from wfnb.author.document import Document
from wfnb.author.edits import Move, Restore, SetWorkflow
from wfnb.author.keywords import known_keywords
from wfnb.author.options import id_of, validate
from wfnb.author.refs import Drawing, NodeRef
from wfnb.author.registry import registry
from wfnb.model.activity import Activity
from wfnb.model.strategy import limit_of
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Note,
    Signal,
    Start,
    Task,
    Wait,
    Workflow,
)


class Flow:
    """A workflow under construction.  What is drawn on a canvas of it shows here, and the other way round.

    Attributes:
        document: the workflow with its revisions; shared with every canvas.
    """

    def __init__(
        self,
        name: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        description: str = "",
        start: str | None = "start",
        document: Document | None = None,
    ) -> None:
        nodes = () if start is None else (Start(start),)
        declared = given.type_names(inputs)
        blank = Workflow(name=name, description=description, inputs=declared, nodes=nodes)
        self.document = document or Document(blank)
        self._drawing = Drawing(self.document, infers=inputs is None)

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
                return NodeRef(self._drawing, node.id)
        return self._drawing.add(Start("start"))

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
        name = given.activity_name(activity)
        given.check_arguments(arguments, f"task '{id}'")
        return self._drawing.add(Task(id, activity=name, arguments=arguments))

    def choice(self, id: str) -> NodeRef:
        """Add an exclusive choice; its edges come from `.when(...)` and `.otherwise()`."""
        return self._drawing.add(Choice(id))

    @known_keywords
    def fork(self, id: str, *, join: NodeRef | str = "") -> NodeRef:
        """Add a fork: every edge that leaves it is taken.

        With a `join` it is inclusive and takes every edge whose condition holds:

        both = flow.fork("both", join="met")
        both.when("input.mail") >> mail >> met
        both.when("input.post") >> post >> met
        both.otherwise() >> nothing >> met

        Args:
            id: its id.
            join: the join that waits for the branches taken; it may be made later.
        """
        return self._drawing.add(Fork(id, join=id_of(join)))

    @known_keywords
    def join(
        self, id: str, *, need: Literal["all", "any"] | int = "all", rest: Literal["absorb", "cancel"] = "absorb"
    ) -> NodeRef:
        """Add a join: it waits for the edges that come into it, then goes on.

        Args:
            id: its id.
            need: how many it waits for: `all`, `any` (the first), or a number.
            rest: what becomes of the others: they run on and are absorbed, or they are withdrawn (`cancel`).

        Raises:
            ValueError: `need` or `rest` is none of these.
        """
        return self._drawing.add(validate(Join(id, need=need, rest=rest)))

    def wait(self, id: str) -> NodeRef:
        """Add a wait: it rests until one of its edges fires.

        Its edges come from `.on(signal)`, `.after(seconds)`, `.until(time)` and `.when(condition)`.
        """
        return self._drawing.add(Wait(id))

    @known_keywords
    def approval(self, id: str, prompt: str = "", *, form: Mapping[str, Any] | None = None) -> NodeRef:
        """Add a question to a person; the answer is a value named after the node.

        Args:
            id: its id.
            prompt: what is asked: text, or an expression (`"='Ship to ' + input.city + '?'"`).
            form: type by field of the answer, which is a dict; without fields the answer is any value.
        """
        return self._drawing.add(Approval(id, prompt=prompt, form=given.type_names(form)))

    def map(
        self,
        id: str,
        body: Activity | Flow | Workflow | str | Any,
        items: Any,
        /,
        *,
        width: int | None = None,
        failure: Literal["stop", "finish", "skip"] = "stop",
        **arguments: Any,
    ) -> NodeRef:
        """Add a map: it runs a body for each item; its value is the list of their outputs, in the items' order.

        pages = flow.map("pages", fetch, "=input.urls", width=4, url="=item")

        Args:
            id: its id.
            body: an activity, a function or an activity's name; or a flow, a workflow or a workflow's name.  A name
                is that of an activity, unless only a workflow is known by it or it is a path (`parts/page.wf.json`).
            items: a list, or an expression that gives one.
            width: how many are in progress at most.
            failure: what a failing one does: call the others off, let them finish first, or give None in its place.
            arguments: what each is given; expressions may read `item` and `index`.  Parameters called `width` and
                `failure` are given by `.options(arguments=...)`.

        Raises:
            EditError: there is a node with this id.
            DefinitionError: an argument is no JSON value.
            ValueError: `width` or `failure` is out of range.
        """
        where = f"map '{id}'"
        given.check_json(items, f"items of {where}")
        given.check_arguments(arguments, where)
        fields = body_fields(_source(body), self.workflow)
        node = Map(id, items=items, arguments=arguments, width=width, failure=failure, **fields)
        return self._drawing.add(validate(node))

    def call(self, id: str, workflow: Flow | Workflow | str, /, **arguments: Any) -> NodeRef:
        """Add a call: it runs another workflow as a child run, whose output is a value named after the node.

        Args:
            id: its id.
            workflow: a flow or a workflow (which is then known by its name), a workflow's name, or a path relative to
                the document.
            arguments: its inputs.

        Raises:
            EditError: there is a node with this id.
            DefinitionError: an argument is no JSON value, or the document has another workflow of this name.
        """
        given.check_arguments(arguments, f"call '{id}'")
        name = workflow_name(_source(workflow), self.workflow)
        return self._drawing.add(Call(id, workflow=name, arguments=arguments))

    @known_keywords
    def end(
        self,
        id: str = "end",
        output: Any = None,
        *,
        terminate: bool = False,
        error: type[BaseException] | str = "",
        message: str = "",
    ) -> NodeRef:
        """Add an end.

        Args:
            id: its id.
            output: the run's output there: a JSON value or an expression (`"=page"`); by default the nearest value.
            terminate: whether the run ends here at once, whatever else is in progress.
            error: the name of the error with which the run fails here, or its class.
            message: what the error says: text or an expression.
        """
        given.check_json(output, f"output of end '{id}'")
        name = given.error_name(error)
        return self._drawing.add(End(id, output=output, terminate=terminate, error=name, message=message))

    def note(self, id: str, text: str, *, width: float | None = None, height: float | None = None) -> NodeRef:
        """Add a note for people.

        Args:
            id: its id.
            text: what it says, in Markdown.
            width: pixels.
            height: pixels; more if the text needs it.
        """
        return self._drawing.add(Note(id, text=text, width=width, height=height))

    @known_keywords
    def group(
        self,
        id: str,
        members: Iterable[NodeRef | str],
        *,
        cancel: bool = False,
        lock: str = "",
        strategy: str = "",
    ) -> NodeRef:
        """Add a group: nodes that people see as one.

        An edge with a trigger that leaves the group interrupts whatever is inside: `group.after(60) >> late`.

        Args:
            id: its id.
            members: its nodes, or their ids; groups among them.
            cancel: whether the first token that leaves the group withdraws those still inside.
            lock: of all tasks and groups that name the same lock, only one is in progress.
            strategy: how many of its tasks are in progress at once: `"sequential"`, `"parallel(4)"`, `"concurrent"`.
        """
        limit_of(strategy)
        group = Group(id, members=tuple(map(id_of, members)), cancel=cancel, lock=lock, strategy=strategy)
        return self._drawing.add(group)

    @known_keywords
    def signal(self, name: str, type: Any = "any", *, transient: bool = False) -> str:
        """Declare a signal and give its name: `paid = flow.signal("paid", float)`, then `wait.on(paid) >> ship`.

        Args:
            name: its name.
            type: what it brings.
            transient: whether it is lost where nothing waits for it; others are kept for the first that does.
        """
        declared = Signal(type=given.type_name(type), transient=transient)
        signals = {**self.workflow.signals, name: declared}
        self.document.apply([SetWorkflow(signals=signals)], f"declare signal {name}")
        return name

    def include(self, workflow: Flow | Workflow, name: str | None = None) -> WorkflowName:
        """Make a workflow, as it stands now, one of the document's own; calls and maps find it there first.

        Args:
            workflow: a flow or a workflow.
            name: what calls and maps call it; its name by default.  Both are given the result.
        """
        part = workflow.workflow if isinstance(workflow, Flow) else workflow
        known = part.name if name is None else name
        own = {**self.workflow.workflows, known: part}
        self.document.apply([SetWorkflow(workflows=own)], f"include workflow {known}")
        return WorkflowName(known)

    def add(self, part: Node | Edge | Mapping[str, Any]) -> NodeRef | None:
        """Add a node or an edge exactly as a document has it, even where nothing else here would make it.

        Whether it fits the rest is for the check to say.

        Args:
            part: a node (`{"kind": "task", "id": "page", "activity": "fetch"}`), or an edge (`{"source": ...,
                "target": ...}`).

        Returns:
            The node; nothing for an edge.

        Raises:
            DefinitionError: it is neither.
        """
        made = given.part(part)
        now = self.workflow
        nodes, edges = now.nodes, now.edges
        if isinstance(made, Edge):
            edges = (*edges, made)
        else:
            nodes = (*nodes, made)
        self.document.apply([Restore(nodes=nodes, edges=edges, layout=dict(now.layout))], "add")
        return None if isinstance(made, Edge) else NodeRef(self._drawing, made.id)

    def layout(self, positions: Mapping[str, tuple[float, float]]) -> None:
        """Say where nodes are drawn; what is not named is placed automatically.

        Args:
            positions: centre by node id, in pixels: x to the right, y down.
        """
        placed = {id: (float(x), float(y)) for id, (x, y) in positions.items()}
        self.document.apply([Move(positions={**placed}, whole=True)], "layout")

    def node(self, id: str) -> NodeRef:
        """The node with this id, wherever it was made.

        Raises:
            UnknownName: there is none.
        """
        return NodeRef(self._drawing, self.workflow.node(id).id)

    def undo(self) -> None:
        """Take back the last change, drawn or coded."""
        self.document.undo()

    def redo(self) -> None:
        """Do again what was last taken back."""
        self.document.redo()

    def __repr__(self) -> str:
        workflow = self.workflow
        return f"<Flow '{self.name}': {len(workflow.nodes)} nodes, {len(workflow.edges)} edges>"


def flow(
    name: str, inputs: Mapping[str, Any] | None = None, *, description: str = "", start: str | None = "start"
) -> Flow:
    """A new workflow, which has a start node and nothing else; calls and maps find it by its name.

    Args:
        name: what the workflow is called, in histories too.
        inputs: type by input name, as types (`str`) or their names (`"list[str]"`).  Left out, inputs that expressions
            name (`"=input.url"`) are declared as they appear.
        description: what people should know of it.
        start: the id of its start node; None for none.
    """
    made = Flow(name, inputs, description=description, start=start)
    registry.workflows.add(made.document)
    return made


def _source(given_as: Any) -> Workflow | Document | str | Callable[..., Any]:
    """A flow as its document, so that what is called is known as it stands later."""
    source: Workflow | Document | str | Callable[..., Any] = (
        given_as.document if isinstance(given_as, Flow) else given_as
    )
    return source
