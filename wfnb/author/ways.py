"""The ways through a workflow, as far as putting workflows together needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction

from wfnb.author.expressions import SCOPE, in_edge, in_node
from wfnb.errors import ExpressionError
from wfnb.model.expression import Expression, parse
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
    Start,
    Task,
    Wait,
    Workflow,
)

VALUED = Task | Wait | Approval | Map | Call
"""Kinds of nodes that give a value."""
ROUTING = Choice | Fork | Join
"""Kinds of nodes that take no time."""


class Ways:
    """A workflow by its edges: what leaves each node, what comes into it, and which groups are around it."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.nodes: dict[str, Node] = {node.id: node for node in workflow.nodes}
        self.out: dict[str, list[Edge]] = defaultdict(list)
        self.into: dict[str, list[Edge]] = defaultdict(list)
        for edge in workflow.edges:
            self.out[edge.source].append(edge)
            self.into[edge.target].append(edge)
        self.start = next((node.id for node in workflow.nodes if isinstance(node, Start)), None)
        self.members = {node.id: self._members(node) for node in workflow.nodes if isinstance(node, Group)}
        self.around: dict[str, list[str]] = defaultdict(list)
        for group, members in self.members.items():
            for member in members:
                self.around[member].append(group)

    def _members(self, group: Group) -> set[str]:
        found: set[str] = set()
        frontier = list(group.members)
        while frontier:
            id = frontier.pop()
            if id not in found:
                found.add(id)
                inner = self.nodes.get(id)
                if isinstance(inner, Group):
                    frontier.extend(inner.members)
        return found

    def exits(self) -> list[Edge]:
        """The edges to ends at which nothing is withdrawn and nothing fails."""
        return [edge for edge in self.workflow.edges if is_exit(self.nodes.get(edge.target))]

    def is_one_token(self) -> bool:
        """Whether the token that enters leaves as one, when nothing else is left: at ends that are exits.

        Weighs tokens: one enters with the weight 1, a fork shares it out, a join adds up.  An exit of weight 1 is
        alone.  What can not be weighed (ways of different weight that meet, joins that absorb, spawned children) is
        taken for several tokens.
        """
        joins = [node for node in self.workflow.nodes if isinstance(node, Join)]
        if any(edge.spawn for edge in self.workflow.edges) or any(
            join.need != "all" and join.rest == "absorb" for join in joins
        ):
            return False
        weights = self.weights()
        return weights is not None and all(weights.get(edge.target) == 1 for edge in self.exits())

    def weights(self) -> dict[str, Fraction] | None:
        """What share of the one token comes to each node: 1 where it is alone; None where ways do not fit together."""
        if self.start is None:
            return None
        weights = {self.start: Fraction(1)}
        arrived: dict[str, list[Fraction]] = defaultdict(list)
        frontier = [self.start]
        while frontier:
            id = frontier.pop()
            for edge in self.out[id]:
                weight = self._weight(edge, weights)
                for group in self.around[edge.target]:
                    if group not in weights and group not in self.around[id] and group != id:
                        weights[group] = weight
                        frontier.append(group)
                if isinstance(self.nodes.get(edge.target), Join):
                    arrived[edge.target].append(weight)
                    if len(arrived[edge.target]) < len(self.into[edge.target]):
                        continue
                    weight = sum(arrived[edge.target], Fraction(0))
                if edge.target not in weights:
                    weights[edge.target] = weight
                    frontier.append(edge.target)
                elif weights[edge.target] != weight:
                    return None
        return weights

    def _weight(self, edge: Edge, weights: dict[str, Fraction]) -> Fraction:
        """What a token on an edge weighs; one that empties a group has the weight of all in it."""
        left = [
            weights[group]
            for group in self.around[edge.source]
            if group not in self.around[edge.target] and group in weights and self._cancels(group)
        ]
        if left:
            return max(left)
        shared = isinstance(self.nodes.get(edge.source), Fork)
        return weights[edge.source] / (len(self.out[edge.source]) if shared else 1)

    def _cancels(self, group: str) -> bool:
        node = self.nodes.get(group)
        return isinstance(node, Group) and node.cancel

    def surely(self, id: str) -> bool:
        """Whether every way to an exit leads through the completion of node `id`."""
        if id not in self.nodes or self.start is None:
            return False
        reached = {self.start}
        passed: dict[str, int] = defaultdict(int)
        frontier = [self.start]
        while frontier:
            node = frontier.pop()
            for edge in self.out[node]:
                if node == id and (not edge.trigger or isinstance(self.nodes[id], Wait)):
                    continue
                target = self.nodes.get(edge.target)
                passed[edge.target] += 1
                waits = isinstance(target, Join) and target.need == "all" and not self._paired(edge.target)
                if edge.target in reached or (waits and passed[edge.target] < len(self.into[edge.target])):
                    continue
                for found in (edge.target, *self.around[edge.target]):
                    if found not in reached:
                        reached.add(found)
                        frontier.append(found)
        return not any(edge.target in reached for edge in self.exits())

    def _paired(self, join: str) -> bool:
        return any(isinstance(node, Fork) and node.join == join for node in self.workflow.nodes)

    def rests(self) -> bool:
        """Whether every way from the start to an exit takes something else than routing."""
        frontier = [self.start] if self.start is not None else []
        seen = set(frontier)
        while frontier:
            for edge in self.out[frontier.pop()]:
                node = self.nodes.get(edge.target)
                if is_exit(node):
                    return False
                if isinstance(node, ROUTING) and edge.target not in seen:
                    seen.add(edge.target)
                    frontier.append(edge.target)
        return True

    def values(self) -> list[str]:
        """The nodes that give a value."""
        return [node.id for node in self.workflow.nodes if isinstance(node, VALUED)]


def is_exit(node: Node | None) -> bool:
    """Whether a token ends at this node and nothing else happens."""
    return isinstance(node, End) and not node.terminate and not node.error


def expressions(workflow: Workflow) -> Iterator[tuple[Expression, frozenset[str]]]:
    """Every expression of a workflow that can be read, and the names that are not values in it."""
    sources: list[tuple[str, frozenset[str]]] = []
    for node in workflow.nodes:
        hidden = SCOPE if isinstance(node, Map) else frozenset[str]()
        sources += [(s, hidden if field.startswith("arguments.") else frozenset()) for field, s in in_node(node)]
    sources += [(source, frozenset()) for edge in workflow.edges for _, source in in_edge(edge)]
    for source, hidden in sources:
        try:
            yield parse(source), hidden
        except ExpressionError:
            continue  # the check says it


def free_reads(workflow: Workflow) -> set[str]:
    """The values that are read and that no node of the workflow gives, and the nodes that are asked about alike."""
    own = {node.id for node in workflow.nodes}
    found: set[str] = set()
    for expression, hidden in expressions(workflow):
        found.update(name for name in expression.reads if name not in hidden)
        found.update(about for function, about in expression.facts if function != "signal")
    return found - own


def reads_of(conditions: Iterable[str]) -> tuple[set[str], set[str]]:
    """The values and the inputs that bare conditions read."""
    values: set[str] = set()
    inputs: set[str] = set()
    for condition in conditions:
        try:
            expression = parse(condition)
        except ExpressionError:
            continue
        values.update(expression.reads)
        values.update(about for function, about in expression.facts if function != "signal")
        inputs.update(name for name in expression.inputs if name is not None)
    return values, inputs


def reads_whole_input(workflow: Workflow) -> bool:
    """Whether an expression takes all inputs at once."""
    return any(None in expression.inputs for expression, _ in expressions(workflow))
