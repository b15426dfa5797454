"""The definition of a workflow: nodes, edges and where they are drawn.

A `Workflow` is the document in a `*.wf.json` file, decoded.  It is frozen: every change makes a new one
(see `wfnb.author.edits`).  Durations are seconds, positions are canvas pixels (x to the right, y down).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

VERSION = 1
"""The newest document version this release reads and the one it writes."""


class Retry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a failed activity is tried again.

    The pause before attempt `n` (2, 3, ...) is `delay * factor ** (n - 2)`, at most `maximum` seconds, of which a
    share of up to `jitter` is taken away at random.
    """

    attempts: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3
    """How often the activity may be tried in all, the first time included."""
    delay: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    factor: Annotated[float, msgspec.Meta(ge=1)] = 2.0
    maximum: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    jitter: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    errors: tuple[str, ...] = ()
    """Names of the exception classes that are tried again; empty means every `Exception`."""


class _Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"):
    """What every kind of node has."""

    id: str
    label: str = ""
    """What people read on the node; the id where empty.  Always plain text."""

    @property
    def kind(self) -> str:
        """The word that stands under `kind` in the document."""
        tag = self.__struct_config__.tag
        assert isinstance(tag, str)
        return tag


class Start(_Node, frozen=True, kw_only=True, tag="start"):
    """Where the one token of a run begins."""


class End(_Node, frozen=True, kw_only=True, tag="end"):
    """Where a token ends."""

    output: Any = None
    """The run's output: a JSON value, or an expression if it is a string that starts with `=`."""


class Task(_Node, frozen=True, kw_only=True, tag="task"):
    """Runs one activity; its result is a value named after the task."""

    activity: str
    arguments: dict[str, Any] = {}
    """JSON values by parameter name; a string that starts with `=` is an expression."""
    retry: Retry | None = None
    timeout: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds one attempt may take; None means no limit."""


class Choice(_Node, frozen=True, kw_only=True, tag="choice"):
    """Exclusive: takes the first edge whose `when` holds, else the `otherwise` edge."""


class Fork(_Node, frozen=True, kw_only=True, tag="fork"):
    """Puts a token on every outgoing edge."""


class Join(_Node, frozen=True, kw_only=True, tag="join"):
    """Waits for a token on every incoming edge, then goes on with one."""


class Note(_Node, frozen=True, kw_only=True, tag="note"):
    """Text for people; takes no part in a run."""

    text: str = ""


Node: TypeAlias = Start | End | Task | Choice | Fork | Join | Note
NodeKind: TypeAlias = Literal["start", "end", "task", "choice", "fork", "join", "note"]
Position: TypeAlias = tuple[float, float]


class Edge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """From one node to another; from a choice, with a guard or marked `otherwise`."""

    source: str
    target: str
    when: str | None = None
    """A bare expression (no leading `=`)."""
    otherwise: bool = False


class Workflow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole definition, as in a `*.wf.json` file."""

    wfnb: int = msgspec.field(default_factory=lambda: VERSION)
    """The document version; always written (a factory is what keeps msgspec from omitting the default)."""
    name: str = msgspec.field(default_factory=lambda: "workflow")
    description: str = ""
    inputs: dict[str, str] = {}
    """Type by input name, such as `str`, `float`, `list[str]`, `int | None`, `any`."""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    layout: dict[str, Position] = {}
    """Centre of each node by id; a node without one is placed by the automatic layout."""

    def __repr__(self) -> str:
        return f"<Workflow '{self.name}': {len(self.nodes)} nodes, {len(self.edges)} edges>"

    def node(self, id: str) -> Node:
        """The node with this id.

        Raises:
            KeyError: there is none.
        """
        for node in self.nodes:
            if node.id == id:
                return node
        raise KeyError(id)
