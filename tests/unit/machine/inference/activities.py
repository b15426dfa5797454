"""Activities with types of every kind."""
# ruff: noqa: ARG001 - only their signatures matter

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypedDict

import msgspec
import pandas as pd  # noqa: TID253 - for its class

from wfnb.model.activity import Activity, describe


@dataclass
class Order:
    amount: float
    tags: list[str] = field(default_factory=list)
    parent: Order | None = None

    @property
    def large(self) -> bool:
        return self.amount > 100

    def method(self) -> int:
        return 1


class Customer(TypedDict):
    name: str
    age: int | None


class Point(NamedTuple):
    x: int
    y: float


class Line(msgspec.Struct):
    sku: str
    count: int = 1


def fetch(url: str, limit: int | None = None) -> str | None:
    return url


def score(text: str, factor: float = 1.0) -> float:
    return factor


def order(id: int) -> Order:
    return Order(id)


def charge(order: Order, mode: Literal["fast", "slow"] = "fast") -> bool:
    return True


def customer(name: str) -> Customer:
    return {"name": name, "age": None}


def lines(count: int) -> list[Line]:
    return []


def frame(path: str) -> pd.DataFrame:
    return pd.DataFrame()


def mean(data: pd.DataFrame) -> float:
    return 1.0


async def later(x: int) -> dict[str, Any]:
    return {}


def whole(n: int, flag: bool = False) -> int:
    return n


def point(x: int) -> Point:
    return Point(x, 1.0)


def loose(x, y: int = 1):  # type: ignore[no-untyped-def]
    return x


FUNCTIONS = (fetch, score, order, charge, customer, lines, frame, mean, later, whole, point, loose)
ACTIVITIES: dict[str, Activity] = {f.__name__: describe(f) for f in FUNCTIONS}
