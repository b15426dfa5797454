"""Claims, reviews, votes, hiring: people decide, and somebody waits for them."""
# ruff: noqa: ARG001 - only their signatures matter

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.machine.faults.kit import Cases, all_of, edge, link, node
from wfnb.author.flow import Flow


@dataclass
class Claim:
    id: int
    amount: float
    photos: list[str]


@dataclass
class Draft:
    title: str
    words: int


def read_claim(id: int) -> Claim:
    return Claim(id, 0, [])


def pay(claim: Claim, amount: float) -> str:
    return "paid"


def inspect(claim: Claim) -> float:
    return 0.0


def write(text: str) -> None:
    return None


def draft(title: str) -> Draft:
    return Draft(title, 0)


def revise(draft: Draft, remarks: str) -> Draft:
    return draft


def print_out(draft: Draft) -> str:
    return draft.title


def account(name: str) -> str:
    return name


def check_papers(name: str) -> bool:
    return True


CASES = Cases((read_claim, pay, inspect, write, draft, revise, print_out, account, check_papers))
WAITS = {"deterministic result": "unknown"}


@CASES.add(
    "a field of an approval's form is misspelt",
    edge("agreed -> paid", when="decided.agree"),
    "WF222",
    edges=("agreed -> paid",),
    field="when",
    inputs={"id": "int"},
)
def insurance_claim(flow: Flow) -> None:
    claim = flow.task("claim", "read_claim", id="=input.id")
    small, agreed = flow.choice("small"), flow.choice("agreed")
    seen = flow.task("seen", "inspect", claim="=claim")
    decided = flow.approval("decided", "='Pay ' + str(seen) + '?'", form={"agreed": bool, "amount": float})
    paid = flow.task("paid", "pay", claim="=claim", amount="=decided.amount")
    at_once = flow.task("at once", "pay", claim="=claim", amount="=claim.amount")
    flow.start >> claim >> small
    small.when("claim.amount < 500 and len(claim.photos) > 0") >> at_once >> flow.end("settled", "=values['at once']")
    small.otherwise() >> seen >> decided >> agreed
    agreed.when("decided.agreed") >> paid >> flow.end("decided by us", "=paid")
    agreed.otherwise() >> flow.task("told", "write", text="no") >> flow.end("refused", error="Refused")


@CASES.add(
    "an edge of a choice says neither when it is taken nor that it is the other way",
    edge("fine -> changed", otherwise=False),
    "WF113",
    edges=("fine -> changed",),
    field="when",
    inputs={"title": "str"},
    also=("WF108",),
)
def review(flow: Flow) -> None:
    text = flow.task("text", "draft", title="=input.title")
    read = flow.approval("read", "Is it good?", form={"good": bool, "remarks": str})
    fine = flow.choice("fine")
    changed = flow.task("changed", "revise", draft="=text", remarks="=read.remarks")
    flow.start >> text >> read >> fine
    fine.when("read.good") >> flow.task("out", "print_out", draft="=text") >> flow.end(output="=out")
    fine.otherwise() >> changed >> read


@CASES.add(
    "two edges leave one task, and nothing says whether both are taken or one",
    link("named", "badge"),
    "WF107",
    nodes=("named",),
    edges=("named -> both", "named -> badge"),
    inputs={"name": "str"},
)
def new_colleague(flow: Flow) -> None:
    named = flow.task("named", "account", name="=input.name")
    fork, ready = flow.fork("both"), flow.join("ready")
    papers = flow.task("papers", "check_papers", name="=input.name")
    badge = flow.task("badge", "write", text="='a badge for ' + named")
    desk = flow.task("desk", "write", text="='a desk for ' + named")
    flow.start >> named >> fork >> [papers, badge, desk] >> ready
    complete, first_day = flow.choice("complete"), flow.task("welcome", "write", text="='welcome ' + named")
    ready >> complete
    complete.when("papers") >> first_day >> flow.end("begun")
    complete.otherwise() >> flow.task("asked", "write", text="papers, please") >> first_day


@CASES.add(
    "the timer of an escalation leaves its branch for an end: the join waits for ever",
    edge("chief -> counted #2", target="late"),
    "WF301",
    nodes=("met",),
    inputs={"id": "int"},
    open=WAITS,
)
def escalation(flow: Flow) -> None:
    claim = flow.task("claim", "read_claim", id="=input.id")
    fork, met = flow.fork("fork"), flow.join("met")
    clerk, chief = flow.approval("clerk", "Pay?"), flow.approval("chief", "The clerk is away. Pay?")
    counted = flow.task("counted", "write", text="the case is decided, or nobody was there")
    seen = flow.task("seen", "inspect", claim="=claim")
    timely, late = flow.choice("timely"), flow.end("late")
    flow.start >> claim >> fork
    fork >> clerk >> counted >> met
    clerk.after(3600) >> chief >> counted
    chief.after(7200) >> counted
    fork >> seen >> met
    met >> timely
    timely.when("seen < 1000") >> flow.task("paid", "pay", claim="=claim", amount="=seen") >> flow.end("paid out")
    timely.otherwise() >> late


@CASES.add(
    "a quorum asks for more votes than there are",
    node("enough", need=4),
    "WF121",
    nodes=("enough",),
    field="need",
    inputs={"motion": "str"},
    open=WAITS,
)
def committee(flow: Flow) -> None:
    fork, enough = flow.fork("ask"), flow.join("enough", need=2, rest="cancel")
    voters = [flow.approval(name, f"{name}: agreed?") for name in ("ann", "bob", "cid")]
    announced = flow.task("announced", "write", text="=input.motion")
    flow.start >> announced >> fork >> voters >> enough
    enough >> flow.task("noted", "write", text="two have answered") >> flow.end()


@CASES.add(
    "a guard can never hold",
    edge("range -> boss", when="input.amount > 1000 and input.amount < 100"),
    "WF312",
    edges=("range -> boss",),
    field="when",
    inputs={"amount": "float", "name": "str"},
)
def expenses(flow: Flow) -> None:
    limit = flow.choice("range")
    boss = flow.approval("boss", "='Shall ' + input.name + ' get it?'", form={"yes": bool})
    paid = flow.task("paid", "write", text="='paid to ' + input.name")
    answered = flow.choice("answered")
    flow.start >> limit
    limit.when("input.amount > 1000") >> boss >> answered
    limit.otherwise() >> paid >> flow.end("refunded")
    answered.when("boss.yes") >> paid
    answered.otherwise() >> flow.end("refused")


@CASES.add(
    "the group no longer withdraws the slower branch",
    node("first wins", cancel=False),
    "WF302",
    nodes=("offered",),
    inputs={"name": "str"},
    open=WAITS,
)
def two_agencies(flow: Flow) -> None:
    fork = flow.fork("both")
    one, other = flow.approval("agency one", "Whom?"), flow.approval("agency two", "Whom?")
    screened = flow.task("screened", "check_papers", name="=input.name")
    offered = flow.task("offered", "write", text="='an offer for ' + input.name")
    flow.group("first wins", [fork, one, other, screened], cancel=True)
    flow.start >> flow.task("opened", "write", text="a post is open") >> fork >> [one, other]
    other >> screened
    [one, screened] >> offered
    signed = flow.approval("signed", "Signed?", form={"yes": bool})
    gate = flow.choice("gate")
    offered >> signed >> gate
    gate.when("signed.yes") >> flow.end("hired")
    gate.otherwise() >> flow.end("declined")


@CASES.add(
    "an input is misspelt",
    edge("long -> asked", when="input.dayz > 5"),
    "WF206",
    edges=("long -> asked",),
    field="when",
    inputs={"days": "int", "name": "str"},
)
def leave_request(flow: Flow) -> None:
    long, granted = flow.choice("long"), flow.choice("granted")
    asked = flow.approval("asked", "='Leave for ' + input.name + '?'", form={"yes": bool})
    noted = flow.task("noted", "write", text="=input.name + ': ' + str(input.days)")
    flow.start >> long
    long.when("input.days > 5") >> asked >> granted
    long.otherwise() >> noted >> flow.end("away")
    granted.when("asked.yes") >> noted
    granted.otherwise() >> flow.end("at work")


@CASES.add(
    "a signal is asked for by another name than it comes by",
    edge("signing -> filed", when="signal('signature').name == input.partner"),
    "WF211",
    edges=("signing -> filed",),
    field="when",
    inputs={"partner": "str"},
    open=WAITS,
)
def contract(flow: Flow) -> None:
    signing, left = flow.wait("signing"), flow.wait("cooling off")
    filed = flow.task("filed", "write", text="='signed by ' + input.partner")
    flow.signal("signed", "dict[str, str]")
    flow.start >> flow.task("sent", "write", text="='to ' + input.partner") >> signing
    signing.on("signed", when="signal('signed')['name'] == input.partner") >> filed >> left
    signing.after(86_400) >> flow.task("reminded", "write", text="please sign") >> signing
    left.on("revoked") >> flow.end("revoked by partner", error="Revoked")
    left.after(14 * 86_400) >> flow.end("in force")


@CASES.add(
    "what a group would catch is caught before by each of its members: the way behind it is dead",
    all_of(link("asked", "told", error="*"), link("paid", "told", error="*")),
    "WF305",
    nodes=("restarted",),
    inputs={"id": "int"},
)
def caught_together(flow: Flow) -> None:
    claim = flow.task("claim", "read_claim", id="=input.id")
    asked = flow.task("asked", "inspect", claim="=claim")
    paid = flow.task("paid", "pay", claim="=claim", amount="=asked")
    told = flow.task("told", "write", text="it could not be done")
    restarted = flow.task("restarted", "write", text="by hand, then")
    flow.start >> claim >> asked >> paid >> flow.end("done", output="=paid")
    flow.group("system", [asked, paid]).on_error() >> restarted >> told
    claim.on_error() >> told
    told >> flow.end("by hand")
