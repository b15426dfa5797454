"""WfFormat 1.5: recorded runs of scientific workflows (wfcommons.org).

Each task becomes a task that takes its recorded runtime divided by a factor; parents and children become edges, with
forks and joins where a task has several.  Ids are kept verbatim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wfnb.errors import FormatError, did_you_mean
from wfnb.model.workflow import Edge, End, Fork, Join, Node, Start, Task, Workflow

ACTIVITY = "wfformat_task"
"""The built-in activity that imported tasks run."""
MAX_TASKS = 200_000


def read(document: Mapping[str, Any], *, where: str = "document", speed: float = 1000.0, copies: int = 1) -> Workflow:
    """The workflow in a WfFormat document.

    Args:
        document: the decoded JSON.
        where: what errors call it.
        speed: how many times faster than recorded the tasks run.
        copies: how many copies of the graph to put side by side; ids of later copies end in `#2`, `#3`, ...

    Raises:
        FormatError: it is no WfFormat 1.5, a task names an unknown or repeated one, or tasks form a cycle.
        ValueError: `speed` or `copies` is out of range.
    """
    if not 0 < speed < float("inf"):
        raise ValueError(f"speed is {speed}\ngive a positive number: 1000 runs a recorded second in a millisecond")
    if copies < 1:
        raise ValueError(f"copies is {copies}\ngive 1 or more")
    version = document.get("schemaVersion")
    if str(version) != "1.5":
        raise FormatError(f"{where}: schemaVersion is {version!r} at $.schemaVersion\nsupported: WfFormat 1.5")
    tasks = _list(document, where, "workflow", "specification", "tasks")
    if len(tasks) * copies > MAX_TASKS:
        raise FormatError(
            f"{where} has {len(tasks) * copies} tasks, more than {MAX_TASKS}\ngive fewer copies, or split the file"
        )
    parents = _parents(tasks, where)
    runtimes = _runtimes(document, where)
    name = document.get("name")
    if isinstance(name, str):
        name = name.encode("utf-8", "replace").decode()  # JSON may escape half a character
    parts = _Parts(parents, {id: {"runtime": runtimes.get(id, 0.0), "speed": speed} for id in parents})
    return parts.workflow(name if isinstance(name, str) and name else "workflow", copies)


def _list(document: Mapping[str, Any], where: str, *path: str) -> list[Any]:
    found: Any = document
    for depth, key in enumerate(path):
        if not isinstance(found, Mapping) or key not in found:
            raise FormatError(f"{where}: '{key}' is missing at $.{'.'.join(path[:depth])}\nsupported: WfFormat 1.5")
        found = found[key]
    if not isinstance(found, list):
        raise FormatError(f"{where}: expected a list at $.{'.'.join(path)}\nsupported: WfFormat 1.5")
    return found


def _parents(tasks: Sequence[Any], where: str) -> dict[str, list[str]]:
    """Parents by task id, as both `parents` and `children` say."""
    at = "$.workflow.specification.tasks"
    for index, task in enumerate(tasks):
        if not isinstance(task, dict) or not isinstance(task.get("id"), str) or not task["id"]:
            raise FormatError(f"{where}: a task needs an id at {at}[{index}]\ngive it one that no other task has")
        for key in ("parents", "children"):
            named = task.get(key, [])
            if not isinstance(named, list) or not all(isinstance(id, str) for id in named):
                raise FormatError(
                    f"{where}: expected a list of ids at {at}[{index}].{key}\nwrite [] where there are none"
                )
    parents: dict[str, dict[str, None]] = {task["id"]: {} for task in tasks}
    if len(parents) != len(tasks):
        raise FormatError(
            f"{where}: {len(tasks) - len(parents)} task ids are repeated at {at}\ngive each task its own id"
        )
    for index, task in enumerate(tasks):
        for key, child_first in (("parents", True), ("children", False)):
            for other in task.get(key, []):
                if other not in parents:
                    cure = f"add the task, or take the id out.{did_you_mean(other, parents)}"
                    raise FormatError(f"{where}: '{other}' is no task, at {at}[{index}].{key}\n{cure}")
                child, parent = (task["id"], other) if child_first else (other, task["id"])
                parents[child][parent] = None
    _refuse_cycle(parents, where, at)
    return {id: list(named) for id, named in parents.items()}


def _refuse_cycle(parents: Mapping[str, Mapping[str, None]], where: str, at: str) -> None:
    missing = {id: len(named) for id, named in parents.items()}
    children: dict[str, list[str]] = {id: [] for id in parents}
    for id, named in parents.items():
        for parent in named:
            children[parent].append(id)
    free = [id for id, count in missing.items() if count == 0]
    for id in free:
        for child in children[id]:
            missing[child] -= 1
            if missing[child] == 0:
                free.append(child)
    if len(free) < len(parents):
        stuck = next(id for id, count in missing.items() if count > 0)
        raise FormatError(f"{where}: the dependencies of task '{stuck}' form a cycle, at {at}\na record has no loops")


def _runtimes(document: Mapping[str, Any], where: str) -> dict[str, float]:
    """Recorded seconds by task id; empty where the document is a specification only."""
    workflow = document["workflow"]
    if "execution" not in workflow:
        return {}
    runtimes: dict[str, float] = {}
    for index, task in enumerate(_list(document, where, "workflow", "execution", "tasks")):
        at = f"$.workflow.execution.tasks[{index}]"
        if not isinstance(task, dict) or not isinstance(task.get("id"), str):
            raise FormatError(f"{where}: a task needs an id at {at}\nname the task that it tells the runtime of")
        seconds = task.get("runtimeInSeconds", 0.0)
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds < 1e12:
            raise FormatError(f"{where}: {seconds!r} is no runtime, at {at}.runtimeInSeconds\ngive seconds, 0 or more")
        runtimes[task["id"]] = float(seconds)
    return runtimes


class _Parts:
    """Collects nodes and edges; routing nodes appear where a task has several parents or children."""

    def __init__(self, parents: dict[str, list[str]], arguments: dict[str, dict[str, float]]) -> None:
        self.parents = parents
        self.arguments = arguments
        self.children: dict[str, list[str]] = {id: [] for id in parents}
        for id, named in parents.items():
            for parent in named:
                self.children[parent].append(id)
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def workflow(self, name: str, copies: int) -> Workflow:
        fresh = _Fresh(set(self.parents))
        copy_ids = [{id: id for id in self.parents}]
        copy_ids += [{id: fresh(f"{id}#{copy}") for id in self.parents} for copy in range(2, copies + 1)]
        start, end = fresh("start"), fresh("end")
        self.nodes.append(Start(start))
        heads: list[str] = []
        tails: list[str] = []
        for ids in copy_ids:
            self.copy(ids, fresh, heads, tails)
        self.nodes.append(End(end))
        self.connect([start], heads, fresh("fork start") if len(heads) > 1 else "", "")
        self.connect(tails, [end], "", fresh("join end") if len(tails) > 1 else "")
        if not heads:
            self.edges.append(Edge(source=start, target=end))
        return Workflow(name=name, nodes=tuple(self.nodes), edges=tuple(self.edges))

    def copy(self, ids: Mapping[str, str], fresh: _Fresh, heads: list[str], tails: list[str]) -> None:
        entry: dict[str, str] = {}
        for id, named in self.parents.items():
            self.nodes.append(Task(ids[id], activity=ACTIVITY, arguments=dict(self.arguments[id])))
            entry[id] = ids[id]
            if len(named) > 1:
                entry[id] = fresh(f"join {ids[id]}")
                self.nodes.append(Join(entry[id]))
                self.edges.append(Edge(source=entry[id], target=ids[id]))
        for id, named in self.children.items():
            if not self.parents[id]:
                heads.append(ids[id])
            if not named:
                tails.append(ids[id])
            elif len(named) == 1:
                self.edges.append(Edge(source=ids[id], target=entry[named[0]]))
            else:
                fork = fresh(f"fork {ids[id]}")
                self.nodes.append(Fork(fork))
                self.edges.append(Edge(source=ids[id], target=fork))
                self.edges.extend(Edge(source=fork, target=entry[child]) for child in named)

    def connect(self, sources: list[str], targets: list[str], fork: str, join: str) -> None:
        """Edges from one source to many targets through `fork`, or from many to one through `join`."""
        if fork:
            self.nodes.append(Fork(fork))
            self.edges.append(Edge(source=sources[0], target=fork))
            sources = [fork]
        if join:
            self.nodes.append(Join(join))
            self.edges.append(Edge(source=join, target=targets[0]))
            targets = [join]
        self.edges.extend(Edge(source=source, target=target) for source in sources for target in targets)


class _Fresh:
    """Gives ids that are not taken."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = taken

    def __call__(self, wanted: str) -> str:
        id, count = wanted, 2
        while id in self.taken:
            id, count = f"{wanted} {count}", count + 1
        self.taken.add(id)
        return id
