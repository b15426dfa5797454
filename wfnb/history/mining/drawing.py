"""A process tree as a workflow: a drawing that people go on with.

A log does not say why a way was taken.  So each choice asks an input of its own, `input.choice_1 == 'the next
activity'`, and takes the way that most cases took otherwise: the drawing can be checked and run as it is, and real
conditions replace the guards one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wfnb.history.mining.tree import Exclusive, Leaf, Loop, Parallel, Sequence, Silent, Tree, accepts_nothing
from wfnb.model.workflow import Choice, Edge, End, Fork, Join, Node, Start, Task, Wait, Workflow

_Open = list[tuple[str, dict[str, Any]]]
"""Where tokens come from: nodes, each with what its next edge says."""


def workflow_of(tree: Tree, name: str, counts: Mapping[str, int] | None = None) -> Workflow:
    """A workflow with the language of a tree.

    Its tasks are named after their activities, and call activities of these names; where one stands in the tree more
    than once, the second is called `name 2`.

    Args:
        tree: what happens.
        name: what to call it.
        counts: how often each activity happened: the most frequent way is the one that is taken otherwise.
    """
    drawing = _Drawing(counts or {})
    drawing.nodes.append(Start(id="start"))
    out = drawing.block(tree, [("start", {})])
    drawing.into(End(id=drawing.fresh("end")), out)
    return Workflow(
        name=name,
        inputs=dict.fromkeys(drawing.choices, "str | None"),
        nodes=tuple(drawing.nodes),
        edges=tuple(drawing.edges),
    )


@dataclass(slots=True)
class _Drawing:
    counts: Mapping[str, int]
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    names: set[str] = field(default_factory=lambda: {"start"})
    choices: list[str] = field(default_factory=list)

    def fresh(self, name: str) -> str:
        """The name, or the name with the first number that makes it new."""
        found, number = name, 1
        while found in self.names:
            number += 1
            found = f"{name} {number}"
        self.names.add(found)
        return found

    def into(self, node: Node, sources: _Open) -> str:
        """Draw a node and the edges into it; returns its id."""
        self.nodes.append(node)
        self.edges.extend(Edge(source=source, target=node.id, **says) for source, says in sources)
        return node.id

    def block(self, tree: Tree, sources: _Open) -> _Open:
        """Draw a tree behind what is open; returns what is open behind it."""
        match tree:
            case Silent():
                return sources
            case Leaf(activity):
                return [(self.into(Task(id=self.fresh(activity), activity=activity), sources), {})]
            case Sequence(parts):
                for part in parts:
                    sources = self.block(part, sources)
                return sources
            case Exclusive(parts):
                return self._choice(parts, sources)
            case Parallel(parts):
                return self._parallel(parts, sources)
            case Loop(body, back):
                return self._loop(body, back, sources)

    def _choice(self, parts: tuple[Tree, ...], sources: _Open) -> _Open:
        choice = self._new_choice(sources)
        likely = max(parts, key=self._weight)
        out: _Open = []
        taken: set[str] = set()
        for part in parts:
            out += self.block(part, [(choice, self._says(choice, part, part is likely, taken))])
        return out

    def _new_choice(self, sources: _Open) -> str:
        self.choices.append(self.fresh(f"choice_{len(self.choices) + 1}"))
        return self.into(Choice(id=self.choices[-1]), sources)

    def _says(self, choice: str, part: Tree, likely: bool, taken: set[str], silent: str = "skip") -> dict[str, Any]:
        if likely:
            return {"otherwise": True}
        value = first = next(iter(_first(part)), silent)
        number = 1
        while value in taken:
            number += 1
            value = f"{first} {number}"
        taken.add(value)
        return {"when": f"input.{choice} == {value!r}"}

    def _parallel(self, parts: tuple[Tree, ...], sources: _Open) -> _Open:
        fork = self.into(Fork(id=self.fresh("fork")), sources)
        ends: _Open = []
        for part in parts:
            out = self.block(part, [(fork, {})])
            if len(out) > 1:  # a join waits for every edge into it: what is exclusive has to meet before
                out = [(self.into(Choice(id=self.fresh("merge")), out), {"otherwise": True})]
            ends += out
        return [(self.into(Join(id=self.fresh("join")), ends), {})]

    def _loop(self, body: Tree, back: tuple[Tree, ...], sources: _Open) -> _Open:
        first = len(self.nodes)
        out = self.block(body, sources)
        choice = self._new_choice(out)
        # The body may draw nothing: then the loop goes back to its own choice.
        entry = self.nodes[first].id
        taken: set[str] = set()
        idle = accepts_nothing(body)
        for way in back:
            back_out = self.block(way, [(choice, self._says(choice, way, likely=False, taken=taken, silent="again"))])
            if idle and accepts_nothing(way):
                # A way round without any activity must rest somewhere, or it would turn for ever at once.
                pause = self.into(Wait(id=self.fresh("again")), back_out)
                back_out = [(pause, {"after": 0})]
            self.edges.extend(Edge(source=source, target=entry, **says) for source, says in back_out)
        return [(choice, {"otherwise": True})]

    def _weight(self, tree: Tree) -> int:
        """How often a part happened, as far as its first activities tell."""
        return sum(self.counts.get(activity, 0) for activity in _first(tree))


def _first(tree: Tree) -> list[str]:
    """The activities that a tree can begin with, in the order of the drawing."""
    match tree:
        case Silent():
            return []
        case Leaf(activity):
            return [activity]
        case Exclusive(parts) | Parallel(parts):
            return [activity for part in parts for activity in _first(part)]
        case Sequence(parts):
            found: list[str] = []
            for part in parts:
                found += _first(part)
                if not accepts_nothing(part):
                    break
            return found
        case Loop(body, back):
            return [*_first(body), *(activity for way in back for activity in _first(way) if accepts_nothing(body))]
