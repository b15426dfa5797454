"""Tables, models, pages and sensors."""
# ruff: noqa: ARG001 - only their signatures matter

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from tests.unit.machine.faults.kit import Cases, all_of, edge, forks, link, node, put
from wfnb.author.flow import Flow
from wfnb.model.workflow import Join


@dataclass
class Table:
    name: str
    rows: int


@dataclass
class Parts:
    train: Table
    test: Table


@dataclass
class Model:
    name: str
    accuracy: float


class Page(TypedDict):
    url: str
    text: str
    links: list[str]


def extract(source: str) -> Table:
    return Table(source, 0)


def clean(table: Table) -> Table:
    return table


def combine(left: Table, right: Table) -> Table:
    return left


def quality(table: Table) -> float:
    return 1.0


def load(table: Table, target: str = "warehouse") -> int:
    return 0


def report(title: str, rows: int) -> str:
    return title


def alert(text: str) -> None:
    return None


def split(table: Table, share: float = 0.8) -> Parts:
    return Parts(table, table)


def train(table: Table, layers: int) -> Model:
    return Model("m", 0.5)


def evaluate(model: Model, table: Table) -> float:
    return 0.5


def publish(model: Model) -> str:
    return model.name


def fetch(url: str) -> Page | None:
    return None


def index(text: str) -> int:
    return len(text)


def measure(sensor: str) -> float:
    return 0.0


def switch(valve: str, *, on: bool) -> bool:
    return on


def calibrate(sensor: str) -> None:
    return None


CASES = Cases((
    extract, clean, combine, quality, load, report, alert, split, train, evaluate, publish, fetch, index, measure,
    switch, calibrate,
))  # fmt: skip


@CASES.add(
    "a join after a choice waits for the branch that was not taken",
    all_of(put(Join("both")), edge("gate -> load", target="both"), edge("repaired -> load", target="both"),
           link("both", "load")),
    "WF301",
    nodes=("both",),
    inputs={"day": "str"},
)  # fmt: skip
def nightly_load(flow: Flow) -> None:
    fork, met, gate = flow.fork("sources"), flow.join("met"), flow.choice("gate")
    orders = flow.task("orders", "extract", source="='orders/' + input.day")
    customers = flow.task("customers", "extract", source="customers")
    whole = flow.task("whole", "combine", left="=orders", right="=customers")
    good = flow.task("good", "quality", table="=whole")
    repaired = flow.task("repaired", "clean", table="=whole")
    loaded = flow.task("load", "load", table="=whole")
    told = flow.task("told", "report", title="=input.day", rows="=load")
    flow.start >> fork >> [orders, customers] >> met >> whole >> good >> gate
    gate.when("good >= 0.9") >> loaded
    gate.otherwise() >> repaired >> loaded
    loaded >> told >> flow.end(output="=told")


@CASES.add(
    "an and instead of an exclusive choice: both branches come to one task",
    forks("better"),
    "WF302",
    nodes=("publish",),
    inputs={"source": "str"},
)
def two_models(flow: Flow) -> None:
    parts = flow.task("parts", "split", table="=data")
    data = flow.task("data", "extract", source="=input.source")
    small = flow.task("small", "train", table="=parts.train", layers=2)
    large = flow.task("large", "train", table="=parts.train", layers=20)
    one = flow.task("one", "evaluate", model="=small", table="=parts.test")
    other = flow.task("other", "evaluate", model="=large", table="=parts.test")
    met, better = flow.join("met"), flow.choice("better")
    fork = flow.fork("sizes")
    flow.start >> data >> parts >> fork
    fork >> small >> one >> met
    fork >> large >> other >> met
    met >> better
    published = flow.task("publish", "publish", model="=small if one >= other else large")
    noted = flow.task("noted", "alert", text="the large one is better")
    better.when("one >= other") >> published
    better.otherwise() >> noted >> published
    published >> flow.end()


@CASES.add(
    "a value that may be None is passed on without a test",
    edge("there -> indexed", when="input.url != ''"),
    "WF223",
    nodes=("indexed",),
    field="arguments.text",
    inputs={"url": "str"},
)
def one_page(flow: Flow) -> None:
    page = flow.task("page", "fetch", url="=input.url")
    there = flow.choice("there")
    indexed = flow.task("indexed", "index", text="=page.text")
    missing = flow.task("missing", "alert", text="='no page at ' + input.url")
    flow.start >> page >> there
    there.when("page is not None") >> indexed >> flow.end("kept", output="=indexed")
    there.otherwise() >> missing >> flow.end("dropped")


@CASES.add(
    "a loop drops its token: one way out of a branch no longer ends the run, and the join waits for ever",
    node("given up", terminate=False, error=""),
    "WF301",
    nodes=("met",),
    edges=("watched -> met",),
    inputs={"goal": "float"},
    open={"deterministic result": "unknown"},
)
def tuning(flow: Flow) -> None:
    data = flow.task("data", "extract", source="samples")
    fork, met = flow.fork("tune"), flow.join("met")
    fit = flow.task("fit", "train", table="=data", layers=3)
    scored = flow.task("scored", "evaluate", model="=fit", table="=data")
    enough = flow.choice("enough")
    watched = flow.task("watched", "alert", text="a model is being tuned")
    flow.start >> data >> fork >> fit >> scored >> enough
    enough.when("scored < 0.01") >> flow.end("given up", error="Hopeless", message="='got ' + str(scored)")
    enough.when("scored >= 0.01 and scored >= input.goal") >> met
    enough.otherwise() >> fit
    fork >> watched >> met
    met >> flow.task("published", "publish", model="=fit") >> flow.end("done")


@CASES.add(
    "a value is read before it is written on one of two paths",
    edge("stale -> made", target="rows"),
    "WF208",
    nodes=("rows",),
    field="arguments.table",
    inputs={"name": "str", "fresh": "bool"},
)
def cached_table(flow: Flow) -> None:
    fresh = flow.choice("fresh")
    stored = flow.task("read", "extract", source="='cache/' + input.name")
    stale = flow.task("stale", "alert", text="='stale: ' + input.name")
    made = flow.task("made", "extract", source="=input.name")
    again = flow.task("again", "clean", table="=made")
    rows = flow.task("rows", "load", table="=read if reached('read') else made")
    told = flow.task("told", "report", title="=input.name", rows="=rows")
    flow.start >> fresh
    fresh.when("input.fresh") >> stored >> made
    fresh.otherwise() >> stale >> made
    made >> again >> rows
    rows >> told >> flow.end()


@CASES.add(
    "one branch reads what another is writing at the same time",
    node("told", arguments={"title": "=input.name", "rows": "=loaded"}),
    "WF209",
    nodes=("told",),
    field="arguments.rows",
    inputs={"name": "str"},
)
def publish_and_tell(flow: Flow) -> None:
    data = flow.task("data", "extract", source="=input.name")
    fork, met = flow.fork("fork"), flow.join("met")
    loaded = flow.task("loaded", "load", table="=data")
    told = flow.task("told", "report", title="=input.name", rows="=data.rows")
    archived = flow.task("archived", "load", table="=data", target="archive")
    flow.start >> data >> fork >> [loaded, told, archived] >> met
    met >> flow.task("closed", "report", title="closed", rows="=loaded + archived") >> flow.end(output="=told")


@CASES.add(
    "an argument has another type than the parameter",
    node("indexed", arguments={"text": "=len(page.text)"}),
    "WF220",
    nodes=("indexed",),
    field="arguments.text",
    inputs={"urls": "list[str]"},
)
def crawl(flow: Flow) -> None:
    pages = flow.map("pages", "fetch", "=input.urls", width=4, failure="finish", url="=item")
    page = flow.task("page", "fetch", url="=input.urls[0]")
    there = flow.choice("there")
    indexed = flow.task("indexed", "index", text="=page.text")
    flow.start >> pages >> page >> there
    there.when("page is not None") >> indexed >> flow.end("indexed all", output="=indexed + len(pages)")
    there.otherwise() >> flow.end("nothing", output=0)


@CASES.add(
    "the guards of a sensor leave out the one value 0",
    all_of(edge("sign -> cool", when="level > 0"), edge("sign -> heat", when="level < 0", otherwise=False)),
    "WF311",
    nodes=("sign",),
    inputs={"sensor": "str"},
)
def thermostat(flow: Flow) -> None:
    level = flow.task("level", "measure", sensor="=input.sensor")
    sign = flow.choice("sign")
    cool = flow.task("cool", "switch", valve="cold", on=True)
    heat = flow.task("heat", "switch", valve="warm", on=True)
    flow.start >> level >> sign
    sign.when("level >= 0") >> cool >> flow.end("cooled")
    sign.otherwise() >> heat >> flow.end("heated")


@CASES.add(
    "a milestone that one way never reaches: the watch goes round for ever",
    edge("checked -> load", target="stored"),
    "WF303",
    nodes=("watch",),
    inputs={"urgent": "bool"},
    open={"deterministic result": "unknown"},
)
def load_with_a_watch(flow: Flow) -> None:
    data = flow.task("data", "extract", source="big")
    fork, met, urgent = flow.fork("fork"), flow.join("met"), flow.choice("urgent")
    loaded = flow.task("load", "load", table="=data")
    checked = flow.task("checked", "quality", table="=data")
    watch = flow.wait("watch")
    told = flow.task("told", "alert", text="still loading")
    flow.start >> data >> fork >> urgent
    urgent.when("input.urgent") >> loaded
    urgent.otherwise() >> checked >> loaded
    loaded >> flow.task("stored", "alert", text="stored") >> met
    fork >> watch
    watch.when("reached('load')") >> met
    watch.after(60) >> told >> watch
    met >> flow.end()


@CASES.add(
    "calibration is needed before a measurement, and one path skips it",
    edge("old -> calibrate", target="level"),
    "WF230",
    nodes=("level",),
    field="prerequisites",
    inputs={"sensor": "str", "age": "int"},
)
def calibrated_measurement(flow: Flow) -> None:
    old = flow.choice("old")
    calibrated = flow.task("calibrate", "calibrate", sensor="=input.sensor")
    cleaned = flow.task("cleaned", "alert", text="clean the sensor first")
    level = flow.task("level", "measure", sensor="=input.sensor").options(prerequisites=["calibrate"])
    flow.start >> old
    old.when("input.age > 30") >> cleaned >> calibrated
    old.otherwise() >> calibrated
    calibrated >> level >> flow.end(output="=level")
