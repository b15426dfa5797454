"""A token game on drawings, from the words of the language alone: it knows neither the net nor what moves its tokens.

Routing nodes fire at once, first come, first served, each with all of its tokens; whatever a guard says may hold.
`everything_of` plays all games.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

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
    Start,
    Task,
    Wait,
    Workflow,
)

RUNNING = (Task, Map, Call)
RESTING = (*RUNNING, Wait, Approval)
Names = frozenset[str]


@dataclass(frozen=True)
class Board:
    """Where the tokens are, and what is remembered of them.

    Attributes:
        before: nodes before which a token waits for a lock.
        inside: nodes in which one is.
        waiting: edges into joins on which one waits.
        fired: joins that have gone on, and not been reached by all of their branches yet.
        ended: ends that one has come to.
        held: locks, with the task or the group that has each.
        reached: milestones.
        over: whether an end has ended everything.
    """

    before: Names = frozenset()
    inside: Names = frozenset()
    waiting: frozenset[int] = frozenset()
    fired: Names = frozenset()
    ended: Names = frozenset()
    held: frozenset[tuple[str, str]] = frozenset()
    reached: Names = frozenset()
    over: bool = False

    @property
    def empty(self) -> bool:
        return self.over or not (self.before or self.inside or self.waiting)


@dataclass(frozen=True)
class Token:
    """One on its way along an edge; with `skips` it only tells a join that a branch was not taken."""

    edge: int
    skips: bool = False


class SecondToken(Exception):
    """A second token comes to one place."""


@dataclass(frozen=True)
class Second:
    """A game that is over because a second token came to a node."""

    node: str


Outcome = Board | Second


class Drawing:
    """A drawing and its rules."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.edges = workflow.edges
        self.nodes = {node.id: node for node in workflow.nodes if not isinstance(node, Note)}
        self.out = {id: [i for i, e in enumerate(self.edges) if e.source == id] for id in self.nodes}
        self.into = {id: [i for i, e in enumerate(self.edges) if e.target == id] for id in self.nodes}
        self.start = next(id for id, node in self.nodes.items() if isinstance(node, Start))
        groups = [node for node in self.nodes.values() if isinstance(node, Group)]
        self.members = {group.id: self._inside(group) for group in groups}
        self.entered: set[str] = set()
        self._known: dict[tuple[str, str], Names] = {}
        self._lasts: dict[int, int] = {}

    def _inside(self, group: Group) -> Names:
        found: set[str] = set()
        for id in group.members:
            node = self.nodes.get(id)
            if node is not None:
                found |= self._inside(node) | {id} if isinstance(node, Group) else {id}
        return frozenset(found)

    # ------------------------------------------------------------------------------------------------ what can happen

    def begin(self) -> Iterator[Outcome]:
        yield from self._settle(Board(reached=frozenset([self.start])), self.out[self.start])

    def done(self, board: Board) -> bool:
        """Whether a game has ended as it should: at an end, or with what it has spawned."""
        return board.empty and bool(board.ended or any(edge.spawn for edge in self.edges))

    def after(self, board: Board) -> Iterator[Outcome]:
        """Every board that comes of what may happen next."""
        if board.over:
            return
        for id in board.before:
            yield from self._take_lock(board, id)
        for id in board.inside:
            yield from self._goes_on(board, id)
        for group, members in self.members.items():
            if self._occupied(board, members):
                for index in self.out[group]:
                    if self.edges[index].error is None:
                        yield from self._settle(board, [index])

    def _take_lock(self, board: Board, id: str) -> Iterator[Outcome]:
        lock, holder = self.locks[id]
        held = dict(board.held)
        if held.get(lock, holder) == holder and id not in board.inside:
            taken = board.held | {(lock, holder)}
            yield replace(board, before=board.before - {id}, inside=board.inside | {id}, held=taken)

    def _goes_on(self, board: Board, id: str) -> Iterator[Outcome]:
        node, out = self.nodes[id], self.out[id]
        left = self._leave(board, id)
        done = replace(left, reached=left.reached | {id})
        if isinstance(node, Wait):
            for index in out:
                if self._demands(self.edges[index]) <= board.reached:
                    yield from self._settle(done, [index])
            return
        yield from self._settle(done, [index for index in out if not self.edges[index].trigger])
        for index in out:
            if self.edges[index].trigger in ("after", "until", "on"):
                yield from self._settle(left, [index])
        if isinstance(node, RUNNING):
            for index in self._catches(id):
                yield from self._settle(left, [index])

    def _catches(self, id: str) -> Iterator[int]:
        """The edges that may catch an error of a node, up to one that catches everything."""
        around = sorted((g for g, members in self.members.items() if id in members), key=lambda g: len(self.members[g]))
        for source in (id, *around):
            for index in self.out[source]:
                edge = self.edges[index]
                if edge.error is not None:
                    yield index
                    if edge.error == "*" and edge.when is None:
                        return

    def _demands(self, edge: Edge) -> Names:
        """What must have been reached for the condition of a wait to hold."""
        if edge.trigger or edge.when is None:
            return frozenset()
        body = ast.parse(edge.when, mode="eval").body
        parts = body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
        asked = [p for p in parts if isinstance(p, ast.Call) and getattr(p.func, "id", "") == "reached"]
        names = (ast.literal_eval(part.args[0]) for part in asked)
        return frozenset(name for name in names if name not in self.elsewhere)

    # ---------------------------------------------------------------------------------------------- how tokens move

    def _settle(self, board: Board, first: list[int]) -> Iterator[Outcome]:
        """Every board in which all tokens rest again."""
        games: list[tuple[Board, tuple[str, ...], list[Token]]] = [(board, (), [Token(index) for index in first])]
        while games:
            board, turns, tokens = games.pop()
            try:
                board, turns = self._take(board, turns, tokens)
            except SecondToken as second:
                yield Second(second.args[0])
                continue
            if not turns:
                yield self._released(board)
                continue
            board, id, turns = replace(board, reached=board.reached | {turns[0]}), turns[0], turns[1:]
            games.extend((board, turns, tokens) for tokens in self._fired(self.nodes[id]))

    def _fired(self, node: Node) -> Iterator[list[Token]]:
        """The ways in which a routing node whose turn it is may go on."""
        match node:
            case Choice():
                for index in self.out[node.id]:
                    yield [Token(index)]
            case Fork():
                for taken in self._branches(node):
                    yield [
                        Token(index) if index in taken else Token(self._last(index, node.join), skips=True)
                        for index in self.out[node.id]
                    ]
            case _:
                yield [Token(index) for index in self.out[node.id]]

    def _take(self, board: Board, turns: tuple[str, ...], tokens: list[Token]) -> tuple[Board, tuple[str, ...]]:
        """Put tokens where they go, all at once; joins that are complete then come first, those that cancel before all.

        Returns:
            The board, and the routing nodes that have a token, in the order in which they came by it.
        """
        empties = frozenset[str]().union(*(self._emptied(self.edges[t.edge]) for t in tokens if not t.skips))
        board = self._withdraw(board, empties)
        turns = tuple(id for id in turns if id not in empties)
        put = [token for token in tokens if not self.edges[token.edge].spawn]
        self.entered.update(self.edges[token.edge].target for token in put if not token.skips)
        over = next((at for at, token in enumerate(put) if self._is_last(token)), None)
        if over is not None:
            ends = [self.edges[t.edge].target for t in put[: over + 1] if self._is_end(t)]
            for at, id in enumerate(ends):
                if id in board.ended or id in ends[:at]:
                    raise SecondToken(id)
            return Board(ended=board.ended.union(ends), over=True), ()
        came: dict[str, None] = {}
        for token in put:
            board, more = self._put(board, token)
            if more and more[0] in turns and not self._clears(more[0]):
                raise SecondToken(more[0])
            turns += more
            if isinstance(self.nodes[self.edges[token.edge].target], Join):
                came[self.edges[token.edge].target] = None
        return self._joined(board, turns, list(came))

    def _clears(self, id: str) -> bool:
        """Whether a choice or a fork, whichever way it goes on, withdraws what else is there."""
        node = self.nodes[id]
        if isinstance(node, Fork) and node.join:
            return False
        found = []
        for index in self.out[id]:
            to = self.nodes[self.edges[index].target]
            first = isinstance(to, Join) and to.need in ("any", 1) and len(self.into[to.id]) > 1
            cancels = first and isinstance(to, Join) and to.rest == "cancel" and id in self._behind(to.id)
            found.append(self._is_last(Token(index)) or id in self._emptied(self.edges[index]) or cancels)
        return any(found) if isinstance(node, Fork) else all(found)

    def _is_end(self, token: Token) -> bool:
        return isinstance(self.nodes[self.edges[token.edge].target], End)

    def _is_last(self, token: Token) -> bool:
        node = self.nodes[self.edges[token.edge].target]
        return isinstance(node, End) and (node.terminate or bool(node.error))

    def _put(self, board: Board, token: Token) -> tuple[Board, tuple[str, ...]]:
        id = self.edges[token.edge].target
        match self.nodes[id]:
            case Task() | Map() | Call() | Wait() | Approval():
                where = board.before if id in self.locks else board.inside
                if id in where:
                    raise SecondToken(id)
                if id in self.locks:
                    return replace(board, before=where | {id}), ()
                return replace(board, inside=where | {id}), ()
            case Join():
                if token.edge in board.waiting:
                    raise SecondToken(id)
                return replace(board, waiting=board.waiting | {token.edge}), ()
            case End():
                if id in board.ended:
                    raise SecondToken(id)
                return replace(board, ended=board.ended | {id}, reached=board.reached | {id}), ()
            case _:
                return board, (id,)

    def _joined(self, board: Board, turns: tuple[str, ...], came: list[str]) -> tuple[Board, tuple[str, ...]]:
        """The joins that tokens came to."""
        first: list[str] = []
        for cancels in (True, False):
            for id in came:
                join = self.nodes[id]
                assert isinstance(join, Join)
                into = set(self.into[id])
                here = len(board.waiting & into)
                need = len(into) if join.need == "all" else min(1 if join.need == "any" else join.need, len(into))
                region = self._behind(id) if join.rest == "cancel" and need < len(into) else frozenset()
                if bool(region) is not cancels:
                    continue
                if here >= need and id not in board.fired:
                    first.append(id)
                    board = replace(board, fired=board.fired | {id})
                    if region:
                        board = self._withdraw(board, region)
                        turns = tuple(one for one in turns if one not in region)
                        first = [one for one in first if one == id or one not in region]
                if here == len(into) and not region:
                    board = replace(board, waiting=board.waiting - into, fired=board.fired - {id})
        return board, (*first, *turns)

    def _branches(self, fork: Fork) -> Iterator[list[int]]:
        """The branches that a fork may take: all, or those of which a guard may say so."""
        out = self.out[fork.id]
        if not fork.join:
            yield out
            return
        guarded = [index for index in out if self.edges[index].when is not None]
        other = [index for index in out if self.edges[index].otherwise]
        always = [index for index in out if index not in guarded and index not in other]
        for subset in range(2 ** len(guarded)):
            taken = always + [index for at, index in enumerate(guarded) if subset >> at & 1]
            if taken or other:
                yield sorted(taken or other)

    def _last(self, index: int, join: str) -> int:
        """The edge by which a branch of an inclusive fork comes to its join."""
        if self.edges[index].target == join:
            return index
        if index not in self._lasts:
            # What interrupts the branch may lead back before the fork: that is another round, and no part of it.
            branch = self._ahead({self.edges[index].target}, join, self.edges[index].source)
            self._lasts[index] = next(into for into in self.into[join] if self.edges[into].source in branch)
        return self._lasts[index]

    # ----------------------------------------------------------------------------------------------- what is emptied

    def _emptied(self, edge: Edge) -> Names:
        """What is withdrawn when an edge is taken: the group that it interrupts, those it leaves that cancel."""
        found: set[str] = set()
        for group, members in self.members.items():
            inside = members > self.members[edge.source] if edge.source in self.members else edge.source in members
            node = self.nodes[group]
            assert isinstance(node, Group)
            if group == edge.source or (node.cancel and inside and edge.target not in members):
                found |= members
        return frozenset(found)

    def _withdraw(self, board: Board, region: Names) -> Board:
        gone = board.inside & region
        return replace(
            board,
            before=board.before - region,
            inside=board.inside - region,
            waiting=frozenset(i for i in board.waiting if self.edges[i].target not in region),
            fired=board.fired - region,
            held=frozenset(pair for pair in board.held if pair[1] not in gone),
        )

    def _leave(self, board: Board, id: str) -> Board:
        held = frozenset(pair for pair in board.held if pair[1] != id)
        return replace(board, inside=board.inside - {id}, held=held)

    def _occupied(self, board: Board, members: Names) -> bool:
        waits = any(self.edges[index].target in members for index in board.waiting)
        return waits or not members.isdisjoint(board.inside | board.before)

    def _released(self, board: Board) -> Board:
        """Groups that nothing is in any more give their locks back; only what is asked for is remembered."""
        held = frozenset(
            (lock, holder)
            for lock, holder in board.held
            if holder not in self.members or self._occupied(self._within(board, holder), self.members[holder])
        )
        return replace(board, held=held, reached=board.reached & self._asked)

    def _within(self, board: Board, group: str) -> Board:
        """A board without the tokens that wait for the lock of a group outside it."""
        inner = {edge.target for edge in self.edges if edge.source in self.members[group]}
        outer = {id for id, (_, holder) in self.locks.items() if holder == group and id not in inner}
        return replace(board, before=board.before - outer)

    def _behind(self, join: str) -> Names:
        """What lies between a join and the last node that every way to it leads through."""
        if ("behind", join) not in self._known:
            self._known["behind", join] = self._find_behind(join)
        return self._known["behind", join]

    def _find_behind(self, join: str) -> Names:
        dominators = [
            id
            for id, node in self.nodes.items()
            if id != join and not isinstance(node, Group) and join not in self._ahead({self.start}, id)
        ]
        (last,) = (d for d in dominators if all(o in self._ways_to(d) for o in dominators))
        ahead = self._ahead({self.edges[i].target for i in self._out_of(last)}, join) - {last}
        return frozenset(id for id in ahead if id == join or join in self._ahead({id}, last)) | {join}

    def _ways_to(self, id: str) -> set[str]:
        """The nodes that every way to a node leads through, the node itself among them."""
        return {o for o in self.nodes if o == id or id not in self._ahead({self.start}, o)}

    def _out_of(self, id: str) -> list[int]:
        return self.out[id] + [i for group, members in self.members.items() if id in members for i in self.out[group]]

    def _ahead(self, starts: set[str], *but: str) -> set[str]:
        """What can be reached, the beginnings included, on ways that do not go on behind these."""
        found = set(starts)
        frontier = [id for id in found if id not in but]
        while frontier:
            for index in self._out_of(frontier.pop()):
                to = self.edges[index].target
                if to not in found:
                    found.add(to)
                    if to not in but:
                        frontier.append(to)
        return found

    # --------------------------------------------------------------------------------------------------- what is fixed

    @cached_property
    def locks(self) -> dict[str, tuple[str, str]]:
        """The lock that a node takes, and who has it then."""
        found = {id: (node.lock, id) for id, node in self.nodes.items() if isinstance(node, Task) and node.lock}
        for group, members in self.members.items():
            lock = self.nodes[group].lock  # type: ignore[union-attr]
            entries = {e.target for e in self.edges if e.target in members and e.source not in members}
            found |= {entry: (lock, group) for entry in entries if lock}
        return found

    @cached_property
    def elsewhere(self) -> Names:
        """The nodes that run in children which edges spawn."""
        return frozenset(self._ahead({edge.target for edge in self.edges if edge.spawn}))

    @cached_property
    def _asked(self) -> Names:
        texts = [edge.when for edge in self.edges if edge.when is not None]
        return frozenset(id for id in self.nodes if any(f"reached({id!r})" in text for text in texts))


@dataclass
class Played:
    """What all games on a drawing showed; where a second token comes to a place a run ends, and so does a game.

    Attributes:
        boards: how many boards there are.
        second: nodes that a second token can come to.
        dead: boards on which nothing can happen, and on which tokens are.
        spilt: whether a second token can come to an end.
        lost: how many boards there are from which no game ends.
        entered: the nodes that a token can come to.
    """

    boards: int = 0
    second: set[str] = field(default_factory=set)
    dead: list[Board] = field(default_factory=list)
    spilt: bool = False
    lost: int = 0
    entered: Names = frozenset()

    @property
    def sound(self) -> bool:
        return not (self.second or self.dead or self.lost)


def everything_of(workflow: Workflow, most: int) -> Played | None:
    """Play every game; None if there are more boards than `most`."""
    drawing, played = Drawing(workflow), Played()
    before: dict[Board, list[Board]] = {}
    frontier: list[Board] = []

    def look(found: Iterator[Outcome], came: Board | None) -> bool:
        moved = False
        for outcome in found:
            moved = True
            if isinstance(outcome, Second):
                played.second.add(outcome.node)
                played.spilt |= isinstance(drawing.nodes[outcome.node], End)
                continue
            if outcome not in before:
                before[outcome] = []
                frontier.append(outcome)
            if came is not None:
                before[outcome].append(came)
        return moved

    look(drawing.begin(), None)
    for board in frontier:
        if len(before) > most:
            return None
        if not look(drawing.after(board), board) and not drawing.done(board):
            played.dead.append(board)
    good = [board for board in before if drawing.done(board)]
    reached = set(good)
    for board in good:
        fresh = [earlier for earlier in dict.fromkeys(before[board]) if earlier not in reached]
        reached.update(fresh)
        good += fresh
    played.boards = len(before)
    played.lost = len(before) - len(reached)
    played.entered = frozenset(drawing.entered)
    return played
