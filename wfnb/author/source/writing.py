"""A drawing as the Python that a person would write for it.

Nodes come first, in their order, then the edges in theirs, then the layout, one line a position: moving a node changes
that line and no other.  What no call of the builder makes exactly is added as the document has it (`flow.add({...})`),
so that every document has a source, and that source makes this document to the byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from wfnb.author.edits import AddEdge, AddNode, Edit
from wfnb.author.flow import Flow
from wfnb.author.inputs import reads_input
from wfnb.author.source import edges as drawn
from wfnb.author.source import nodes as calls
from wfnb.author.source.literals import ENDLESS, WIDTH, Code, call, literal, name_like, number
from wfnb.author.source.nodes import Made
from wfnb.model.codec import canonical
from wfnb.model.workflow import Edge, End, Group, Node, Start, Workflow

ROOT = "flow"
_IMPORT = "import wfnb as wf"


def to_python(flow: Flow | Workflow, variable: str = ROOT, taken: Iterable[str] = ()) -> str:
    """A workflow as Python: what builds it with `wf.flow`, its activities by their names.

    `from_python` reads it back to the same document, byte for byte; running it builds the same one.

    Args:
        flow: the workflow.
        variable: what it is called.
        taken: names that nothing else of it can have.
    """
    found: list[str] = [_IMPORT]
    _write(canonical(flow.workflow if isinstance(flow, Flow) else flow), variable, {"wf", variable, *taken}, found)
    return "\n\n".join(found) + "\n"


def _write(workflow: Workflow, variable: str, taken: set[str], found: list[str]) -> None:
    """Add the source of a workflow, after that of the workflows that belong to it."""
    flows: dict[str, str] = {}
    for name, own in workflow.workflows.items():
        flows[name] = _free(name_like(own.name, "part"), taken)
        taken.add(flows[name])
        _write(own, flows[name], taken, found)
    found.extend("\n".join(lines) for lines in _Source(workflow, variable, flows, taken).paragraphs() if lines)


def _free(name: str, taken: Iterable[str]) -> str:
    count, free = 1, name
    while free in taken:
        count += 1
        free = f"{name}_{count}"
    return free


class _Source:
    """The source of one workflow.

    Args:
        workflow: it.
        flow: its variable.
        flows: variables of its own workflows, by name.
        taken: names that its nodes can not have.
    """

    def __init__(self, workflow: Workflow, flow: str, flows: Mapping[str, str], taken: set[str]) -> None:
        self._workflow = workflow
        self._flow = flow
        self._flows = flows
        self._known = {name: found for name, found in flows.items() if workflow.workflows[name].name == name}
        first = next(iter(workflow.nodes), None)
        self._start = first if isinstance(first, Start) and first.id and first.id.isprintable() else None
        self._names = self._variables(taken)
        self._drawn = self._drawable()
        self._mentioned = self._used()
        self._inline = self._ends()

    def paragraphs(self) -> Iterator[list[str]]:
        """Its lines, in groups."""
        flow = self._workflow
        yield [*self._header(), *self._parts(), *self._signals()]
        before = {self._start.id: self._names[self._start.id]} if self._start else {}
        lines: list[str] = []
        for node in flow.nodes[1:] if self._start else flow.nodes:
            if node.id not in self._inline:
                lines.extend(self._node(node, before))
                before.setdefault(node.id, self._names[node.id])
        yield lines
        yield [*self._edges()]
        if flow.layout:
            placed = {id: Code(f"({number(x)}, {number(y)})") for id, (x, y) in flow.layout.items()}
            yield [f"{self._flow}.layout(\n    {literal(placed, '    ', 0)}\n)"]

    def _variables(self, taken: set[str]) -> dict[str, str]:
        """The source of each node by id: a variable, or what the builder calls the start."""
        names: dict[str, str] = {}
        used = set(taken)
        for node in self._workflow.nodes:
            if node.id not in names:
                names[node.id] = _free(name_like(node.id, "node"), used)
                used.add(names[node.id])
        if self._start:
            names[self._start.id] = f"{self._flow}.start"
        return names

    def _drawable(self) -> list[bool]:
        """Of each edge, whether the builder draws it."""
        seen = set[Edge]()
        found: list[bool] = []
        for edge in self._workflow.edges:
            known = edge.source in self._names and edge.target in self._names
            found.append(known and edge not in seen and drawn.is_built(edge))
            seen.add(edge)
        return found

    def _used(self) -> set[str]:
        """The nodes that are spoken of after they are made."""
        found = {id for node in self._workflow.nodes if isinstance(node, Group) for id in node.members}
        for edge, is_drawn in zip(self._workflow.edges, self._drawn, strict=True):
            if is_drawn:
                found.update((edge.source, edge.target))
        return found

    def _ends(self) -> dict[str, str]:
        """The last nodes that are ends with one edge, as calls to stand where this edge leads to them."""
        uses = Counter(id for edge in self._workflow.edges for id in (edge.source, edge.target))
        uses.update(id for node in self._workflow.nodes if isinstance(node, Group) for id in node.members)
        ids = Counter(node.id for node in self._workflow.nodes)
        reached = {edge.target: at for at, edge in enumerate(self._workflow.edges) if self._drawn[at]}
        found: dict[str, str] = {}
        last = len(reached) + len(self._workflow.edges)
        for node in reversed(self._workflow.nodes):
            is_plain = isinstance(node, End) and calls.is_built(node) and not node.label
            is_last = is_plain and uses[node.id] == ids[node.id] == 1 and reached.get(node.id, last) < last
            if not is_last:
                break
            last = reached[node.id]
            found[node.id] = self._flat(calls.made(node, {}, {}))
        return found

    def _flat(self, made: Made) -> str:
        return call(f"{self._flow}.{made.method}", made.arguments, made.keywords, room=ENDLESS)

    def _header(self) -> Iterator[str]:
        flow = self._workflow
        edits: list[Edit] = [AddNode(node=node) for node in flow.nodes]
        edits += [AddEdge(edge=edge) for edge in flow.edges]
        given = [flow.name, flow.inputs] if flow.inputs or reads_input(edits) else [flow.name]
        options = {"description": flow.description} if flow.description else {}
        start = self._start.id if self._start else None
        yield call(f"{self._flow} = wf.flow", given, options if start == "start" else {**options, "start": start})
        if self._start and self._start.label:
            yield call(f"{self._flow}.start.options", [], {"label": self._start.label})

    def _parts(self) -> Iterator[str]:
        for name, variable in self._flows.items():
            yield call(f"{self._flow}.include", [Code(variable)] + [name] * (name not in self._known), {})

    def _signals(self) -> Iterator[str]:
        for name, signal in self._workflow.signals.items():
            given = [name] if signal.type == "any" else [name, signal.type]
            yield call(f"{self._flow}.signal", given, {"transient": True} if signal.transient else {})

    def _node(self, node: Node, before: Mapping[str, str]) -> Iterator[str]:
        """The statements that make a node; `before` has the variables of those that are made already."""
        variable = self._names[node.id]
        is_built = node.id not in before and calls.is_built(node)
        made = calls.made(node, self._known, before) if is_built else calls.raw(node)
        is_named = node.id in self._mentioned and node.id not in before
        function = f"{variable} = {self._flow}.{made.method}" if is_named else f"{self._flow}.{made.method}"
        flat = call(function, made.arguments, made.keywords, room=ENDLESS)
        if made.options:
            flat = call(f"{flat}.options", [], made.options, room=ENDLESS)
        if len(flat) <= WIDTH:
            yield flat
            return
        if made.options and not is_named:
            function = f"{variable} = {function}"
        yield call(function, made.arguments, made.keywords)
        if made.options:
            yield call(f"{variable}.options", [], made.options)

    def _edges(self) -> Iterator[str]:
        names = {**self._names, **self._inline}
        edges = zip(self._workflow.edges, self._drawn, strict=True)
        for is_drawn, run in groupby(edges, key=lambda pair: pair[1]):
            found = [edge for edge, _ in run]
            if is_drawn:
                yield from drawn.chains(found, names.__getitem__)
            else:
                for edge in found:
                    yield call(f"{self._flow}.add", calls.raw(edge).arguments, {})
