"""Machines that wait for events, and workflows inside workflows."""
# ruff: noqa: ARG001 - only their signatures matter

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.machine.faults.kit import Cases, all_of, cut, edge, inner, link, node, own, put
from wfnb.author.flow import Flow
from wfnb.model.workflow import Call, Join


@dataclass
class File:
    path: str
    size: int


def act(what: str) -> None:
    return None


def read(sensor: str) -> float:
    return 0.0


def listing(folder: str) -> list[File]:
    return []


def by_name(folder: str) -> dict[str, File]:
    return {}


def pack(path: str) -> int:
    return 0


def total(sizes: list[int]) -> int:
    return sum(sizes)


def ask_server(name: str) -> str:
    return name


CASES = Cases((act, read, listing, by_name, pack, total, ask_server))
WAITS = {"deterministic result": "unknown"}


@CASES.add(
    "an edge of a wait says nothing of what frees it",
    edge("green -> yellow", after=None),
    "WF119",
    edges=("green -> yellow",),
    open=WAITS,
)
def traffic_light(flow: Flow) -> None:
    red, green, yellow = flow.wait("red"), flow.wait("green"), flow.wait("yellow")
    flow.start >> red
    red.after(30) >> flow.task("go", "act", what="green") >> green
    green.after(20) >> yellow
    green.on("pedestrian") >> yellow
    yellow.after(3) >> flow.task("stop", "act", what="red") >> red
    red.on("off") >> flow.end("dark")


@CASES.add(
    "a state can no longer be left for an end",
    all_of(cut("locked -> off"), edge("broken -> off", target="locked")),
    "WF103",
    nodes=("locked",),
    also=("WF102",),
    open=WAITS,
)
def turnstile(flow: Flow) -> None:
    locked, unlocked, broken = flow.wait("locked"), flow.wait("unlocked"), flow.wait("broken")
    off = flow.end("off")
    flow.signal("coin", float)
    flow.start >> locked
    locked.on("coin", when="signal('coin') >= 1") >> flow.task("opened", "act", what="open") >> unlocked
    unlocked.on("push") >> flow.task("closed", "act", what="close") >> locked
    unlocked.after(60) >> broken
    locked.on("power off") >> off
    broken.on("repaired") >> locked
    broken.on("scrapped") >> off


@CASES.add(
    "a called workflow calls its caller's caller",
    inner("pack folder", put(Call("each", workflow="backup", arguments={"folder": "=input.folder"}))),
    "WF241",
    nodes=("packed",),
    inputs={"folder": "str"},
)
def backup(flow: Flow) -> None:
    one = Flow("pack folder", {"folder": "str"})
    files = one.task("files", "listing", folder="=input.folder")
    each = one.map("each", "pack", "=files", width=4, path="=item.path")
    one.start >> files >> each >> one.end(output="=each")
    packed = flow.call("packed", own(flow, one), folder="=input.folder")
    size = flow.task("size", "total", sizes="=packed")
    flow.start >> packed >> size >> flow.end(output="=size")
    again = flow.task("again", "act", what="to the second disk")
    packed.on_error() >> again >> flow.end("failed", error="NoBackup")


@CASES.add(
    "a called workflow is not sound: its join waits for both ways of a choice",
    inner("careful", all_of(put(Join("either")), edge("fast -> told", target="either"),
                            edge("slow -> told", target="either"), link("either", "told"))),
    "WF307",
    nodes=("asked", ),
    field="workflow",
    inputs={"name": "str"},
)  # fmt: skip
def ask_carefully(flow: Flow) -> None:
    careful = Flow("careful", {"name": "str"})
    gate = careful.choice("gate")
    fast, slow = (careful.task(id, "ask_server", name="=input.name") for id in ("fast", "slow"))
    told = careful.task("told", "act", what="=input.name")
    careful.start >> gate
    gate.when("len(input.name) < 9") >> fast >> told
    gate.otherwise() >> slow >> told
    told >> careful.end(output="=input.name")
    asked = flow.call("asked", own(flow, careful), name="=input.name")
    twice = flow.call("twice", own(flow, careful), name="=asked")
    flow.start >> asked >> twice >> flow.end(output="=twice")


@CASES.add(
    "a map goes through a dict",
    node("files", activity="by_name"),
    "WF225",
    nodes=("packed",),
    field="items",
    inputs={"folder": "str"},
)
def pack_everything(flow: Flow) -> None:
    body = Flow("one file", {"item": "File", "folder": "str"})
    big = body.choice("big")
    packed_one = body.task("packed", "pack", path="=input.folder + '/' + input.item.path")
    body.start >> big
    big.when("input.item.size > 1000000") >> body.task("warned", "act", what="large") >> packed_one
    big.otherwise() >> packed_one >> body.end(output="=packed")
    files = flow.task("files", "listing", folder="=input.folder")
    packed = flow.map("packed", own(flow, body), "=files", item="=item", folder="=input.folder")
    flow.start >> files >> packed >> flow.task("size", "total", sizes="=packed") >> flow.end(output="=size")


@CASES.add(
    "a called workflow is given an input that it does not have",
    node("asked", arguments={"names": "=input.server"}),
    "WF203",
    nodes=("asked",),
    field="arguments.names",
    also=("WF202",),
    inputs={"server": "str"},
    open=WAITS,
)
def call_with_timeout(flow: Flow) -> None:
    ping = Flow("ping", {"name": "str"})
    once = ping.task("once", "ask_server", name="=input.name").options(timeout=5, retries=2)
    ping.start >> once >> ping.end(output="=once")
    asked = flow.call("asked", own(flow, ping), name="=input.server")
    flow.start >> asked >> flow.end("up", output="=asked")
    asked.after(60) >> flow.task("alarm", "act", what="too slow") >> flow.end("down", error="Down")


@CASES.add(
    "what is spawned is reached without spawning as well",
    edge("many -> done", target="logged"),
    "WF122",
    nodes=("logged",),
    inputs={"folder": "str"},
)
def log_on_the_side(flow: Flow) -> None:
    files = flow.task("files", "listing", folder="=input.folder")
    fork, closed = flow.fork("aside"), flow.end("closed")
    logged = flow.task("logged", "act", what="=str(len(files))")
    noted, done = flow.task("noted", "act", what="listed"), flow.end("done")
    gate = flow.choice("round")
    flow.start >> files >> fork
    fork.spawn() >> logged >> flow.task("kept", "act", what="kept") >> closed
    fork >> noted >> gate
    gate.when("len(files) > 10") >> flow.task("many", "act", what="many") >> done
    gate.otherwise() >> done


@CASES.add(
    "a cycle of routing alone",
    edge("again -> more", target="enough"),
    "WF116",
    nodes=("enough", "again"),
    inputs={"sensor": "str"},
    also=("WF102",),
)
def sample_until_warm(flow: Flow) -> None:
    level = flow.task("level", "read", sensor="=input.sensor")
    enough, again = flow.choice("enough"), flow.choice("again")
    more = flow.task("more", "act", what="heat")
    flow.start >> level >> enough
    enough.when("level >= 20") >> flow.end("warm")
    enough.otherwise() >> again
    again.when("level > 0") >> more >> level
    again.otherwise() >> flow.end("frozen", error="Frozen")


@CASES.add(
    "two groups overlap without one being in the other",
    node("second", members=("b", "c")),
    "WF124",
    nodes=("first", "second"),
    field="members",
    inputs={"sensor": "str"},
    open=WAITS,
)
def two_stages(flow: Flow) -> None:
    a, b, c, d = (flow.task(id, "act", what=id) for id in "abcd")
    late = flow.task("late", "act", what="too late")
    stop = flow.end("stopped")
    flow.start >> a >> b >> c >> d >> flow.end("done")
    flow.group("first", [a, b]).after(60) >> late >> stop
    flow.group("second", [c, d]).on("stop") >> stop


@CASES.add(
    "the first of two searches no longer ends the run: both come to one end",
    node("found", terminate=False),
    "WF302",
    nodes=("found",),
    inputs={"name": "str"},
    open=WAITS,
)
def first_answer(flow: Flow) -> None:
    fork, found = flow.fork("everywhere"), flow.end("found", output="=input.name", terminate=True)
    here, there = (flow.task(id, "ask_server", name="=input.name") for id in ("here", "there"))
    slow = flow.wait("slow")
    flow.start >> flow.task("began", "act", what="search") >> fork >> [here, there]
    here >> flow.task("kept", "act", what="=here") >> found
    there >> slow
    slow.after(2) >> found
