"""Orders, payments, deliveries, journeys."""
# ruff: noqa: ARG001 - only their signatures matter

from __future__ import annotations

from dataclasses import dataclass, field

from tests.unit.machine.faults.kit import Cases, all_of, edge, node
from wfnb.author.flow import Flow


@dataclass
class Line:
    sku: str
    count: int
    price: float


@dataclass
class Order:
    number: int
    customer: str
    total: float
    express: bool = False
    lines: list[Line] = field(default_factory=list)


@dataclass
class Payment:
    amount: float
    ok: bool


def read_order(number: int) -> Order:
    return Order(number, "", 0)


def reserve(order: Order) -> bool:
    return True


def release(order: Order) -> None:
    return None


def charge(order: Order, amount: float) -> Payment:
    return Payment(amount, ok=True)


def refund(payment: Payment) -> None:
    return None


def ship(order: Order, express: bool = False) -> str:
    return "parcel"


def invoice(order: Order, discount: float = 0.0) -> str:
    return "invoice"


def tell(customer: str, text: str) -> None:
    return None


def pick(sku: str, count: int) -> bool:
    return True


def book(what: str, day: str) -> int:
    return 1


def cancel(booking: int) -> None:
    return None


def credit(customer: str) -> int:
    return 700


def quote(carrier: str, weight: float) -> float:
    return 1.0


CASES = Cases((
    read_order, reserve, release, charge, refund, ship, invoice, tell, pick, book, cancel, credit, quote,
))  # fmt: skip
WAITS = {"deterministic result": "unknown"}


@CASES.add(
    "the branch of the invoice does not come to the join",
    edge("invoice -> sent", target="filed"),
    "WF302",
    nodes=("filed",),
    inputs={"number": "int"},
)
def order_to_delivery(flow: Flow) -> None:
    order = flow.task("order", "read_order", number="=input.number")
    there, fork, sent = flow.choice("there"), flow.fork("fork"), flow.join("sent")
    filed = flow.end("filed")
    none = flow.task("none", "tell", customer="=order.customer", text="sold out")
    thanks = flow.task("thanks", "tell", customer="=order.customer", text="='thank you: ' + ship")
    reserved = flow.task("reserve", "reserve", order="=order")
    flow.start >> order >> reserved >> there
    there.when("reserve") >> fork
    fork >> flow.task("ship", "ship", order="=order", express="=order.express") >> sent
    fork >> flow.task("invoice", "invoice", order="=order") >> sent
    fork >> flow.task("packed", "tell", customer="=order.customer", text="packed") >> sent
    sent >> thanks >> filed
    there.otherwise() >> none >> filed


@CASES.add(
    "a field of a record is misspelt",
    edge("large -> asked", when="order.totl > 1000"),
    "WF222",
    edges=("large -> asked",),
    field="when",
    inputs={"number": "int"},
)
def large_orders(flow: Flow) -> None:
    order = flow.task("order", "read_order", number="=input.number")
    large = flow.choice("large")
    asked = flow.task("asked", "credit", customer="=order.customer")
    enough = flow.choice("enough")
    paid = flow.task("paid", "charge", order="=order", amount="=order.total")
    flow.start >> order >> large
    large.when("order.total > 1000") >> asked >> enough
    large.otherwise() >> paid >> flow.end("sold", output="=paid.amount")
    enough.when("asked >= 600") >> paid
    enough.otherwise() >> flow.end("refused", error="NoCredit", message="='only ' + str(asked)")


@CASES.add(
    "two guards hold for an amount of exactly 100",
    edge("size -> middle", when="input.amount >= 50 and input.amount <= 100"),
    "WF310",
    nodes=("size",),
    edges=("size -> middle", "size -> high"),
    inputs={"amount": "float", "customer": "str"},
)
def discounts(flow: Flow) -> None:
    size = flow.choice("size")
    flow.start >> size
    none = flow.task("none", "tell", customer="=input.customer", text="no discount")
    middle = flow.task("middle", "tell", customer="=input.customer", text="five percent")
    high = flow.task("high", "tell", customer="=input.customer", text="ten percent")
    end = flow.end()
    size.when("input.amount >= 100") >> high >> end
    size.when("input.amount >= 50 and input.amount < 100") >> middle >> end
    size.otherwise() >> none >> end


@CASES.add(
    "an error edge leads past the join of its branch",
    edge("sorry -> settled", target="partial"),
    "WF301",
    nodes=("booked",),
    inputs={"day": "str"},
    also=("WF209",),
)
def journey(flow: Flow) -> None:
    """A saga: what was booked is cancelled where the run fails."""
    fork, booked = flow.fork("fork"), flow.join("booked")
    names = ("flight", "hotel", "car")
    flight, hotel, car = (flow.task(name, "book", what=name, day="=input.day") for name in names)
    for one in (flight, hotel, car):
        one.options(compensate=("cancel", {"booking": f"={one.id}"}), retries=3)
    sorry = flow.task("sorry", "tell", customer="agency", text="=error('hotel')['message']")
    settled = flow.task("settled", "tell", customer="agency", text="the hotel is settled")
    complete = flow.choice("complete")
    flow.start >> fork >> [flight, car] >> booked >> complete
    fork >> hotel >> settled >> booked
    hotel.on_error("Full") >> sorry >> settled
    complete.when("reached('sorry')") >> flow.end("partial", output="=[flight, car]")
    complete.otherwise() >> flow.end("ready", output="={'flight': flight, 'car': car}")


@CASES.add(
    "a branch of an inclusive fork escapes to an end",
    edge("post -> met", target="done"),
    "WF120",
    nodes=("ways",),
    inputs={"number": "int", "by_mail": "bool", "by_post": "bool"},
)
def notices(flow: Flow) -> None:
    order = flow.task("order", "read_order", number="=input.number")
    met = flow.join("met")
    ways, done = flow.fork("ways", join=met), flow.end("done")
    flow.start >> order >> ways
    ways.when("input.by_mail") >> flow.task("mail", "tell", customer="=order.customer", text="mail") >> met
    ways.when("input.by_post") >> flow.task("post", "invoice", order="=order") >> met
    ways.otherwise() >> flow.task("phone", "tell", customer="=order.customer", text="phone") >> met
    met >> flow.task("noted", "tell", customer="office", text="told") >> done


@CASES.add(
    "the first quote goes on, and the next round meets what is left of the one before",
    node("two", rest="absorb"),
    "WF302",
    nodes=("slow",),
    inputs={"weight": "float", "limit": "float"},
    open=WAITS,
    also=("WF209",),
)
def two_of_three_quotes(flow: Flow) -> None:
    fork, two, good = flow.fork("ask"), flow.join("two", need=2, rest="cancel"), flow.choice("good")
    begin = flow.task("begin", "tell", customer="us", text="asking")
    asked = [flow.task(who, "quote", carrier=who, weight="=input.weight") for who in ("fast", "cheap", "slow")]
    flow.start >> begin >> fork >> asked >> two
    again = flow.task("again", "tell", customer="us", text="too dear")
    last = flow.task("last", "quote", carrier="own", weight="=input.weight")
    two >> last >> good
    good.when("last <= input.limit") >> flow.end("taken")
    good.otherwise() >> again >> begin


@CASES.add(
    "the activity's name is misspelt",
    node("back", activity="refunt"),
    "WF201",
    nodes=("back",),
    field="activity",
    inputs={"number": "int"},
)
def refunds(flow: Flow) -> None:
    order = flow.task("order", "read_order", number="=input.number")
    paid = flow.task("paid", "charge", order="=order", amount="=order.total").options(retries=2)
    good = flow.choice("good")
    sent = flow.task("sent", "ship", order="=order")
    back = flow.task("back", "refund", payment="=paid")
    flow.start >> order >> paid >> good
    good.when("paid.ok") >> sent >> flow.end("sold", output="=sent")
    good.otherwise() >> flow.task("free", "release", order="=order") >> flow.end("no money")
    sent.on_error() >> back >> flow.end("lost", output="=paid.amount")


@CASES.add(
    "an argument that the activity needs is not given",
    node("picked", arguments={"sku": "=item.sku"}),
    "WF202",
    nodes=("picked",),
    field="arguments.count",
    inputs={"number": "int"},
)
def picking(flow: Flow) -> None:
    order = flow.task("order", "read_order", number="=input.number")
    picked = flow.map("picked", "pick", "=order.lines", width=3, sku="=item.sku", count="=item.count")
    gate = flow.choice("complete")
    flow.start >> order >> picked >> gate
    gate.when("all(picked)") >> flow.task("sent", "ship", order="=order") >> flow.end("sent all", output="=sent")
    gate.otherwise() >> flow.task("told", "tell", customer="=order.customer", text="some are late") >> flow.end("part")


@CASES.add(
    "the timer of one branch leads into the middle of the other",
    edge("charge -> reminded", target="packed"),
    "WF302",
    nodes=("packed",),
    inputs={"number": "int"},
    open=WAITS,
)
def pay_while_packing(flow: Flow) -> None:
    order = flow.task("order", "read_order", number="=input.number")
    fork, met, gate = flow.fork("fork"), flow.join("met"), flow.choice("paid")
    charged = flow.task("charge", "charge", order="=order", amount="=order.total")
    reminded = flow.task("reminded", "tell", customer="=order.customer", text="please pay")
    shown = flow.task("shown", "tell", customer="us", text="payment is settled")
    reserved = flow.task("reserved", "reserve", order="=order")
    packed = flow.task("packed", "tell", customer="us", text="packed")
    flow.start >> order >> fork
    fork >> charged >> shown >> met
    charged.after(3600) >> reminded >> shown
    charged.on_error("Refused") >> reminded
    fork >> reserved >> packed >> met
    met >> gate
    gate.when("reached('reminded')") >> flow.task("open", "release", order="=order") >> flow.end("left open")
    gate.otherwise() >> flow.task("sent", "ship", order="=order") >> flow.end("sold", output="=sent")


@CASES.add(
    "two branches take two locks in opposite order",
    all_of(node("lefts", lock="dock"), node("rights", lock="truck")),
    "WF301",
    nodes=("left inner", "right inner"),
    inputs={"number": "int"},
)
def loading_docks(flow: Flow) -> None:
    order = flow.task("order", "read_order", number="=input.number")
    fork, met = flow.fork("fork"), flow.join("met")
    left = flow.task("left", "pick", sku="a", count=1)
    inner = flow.task("left inner", "pick", sku="b", count=1).options(lock="truck")
    right = flow.task("right", "pick", sku="c", count=1)
    other = flow.task("right inner", "pick", sku="d", count=1).options(lock="dock")
    flow.group("lefts", [left, inner], lock="dock")
    flow.group("rights", [right, other])
    flow.start >> order >> fork
    fork >> left >> inner >> met
    fork >> right >> other >> met
    met >> flow.task("sent", "ship", order="=order") >> flow.end(output="=sent")
