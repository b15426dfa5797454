"""Which runs may leave a history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from wfnb.author.flow import flow
from wfnb.engine.engine import Engine
from wfnb.engine.retention import leaving, time_before
from wfnb.errors import InputError, StoreError, UnknownName
from wfnb.store.protocol import RunHead


def head(run: str, status: str = "completed", ended: int | None = 0) -> RunHead:
    return RunHead(run, "w", "d", status, 3, 0, 0, ended)


HEADS = [
    head("a", ended=10),
    head("b", "failed", ended=20),
    head("b/call", "failed", ended=19),
    head("c", ended=30),
    head("c/map[0]", ended=99),
    head("d", "running", None),
    head("e", ended=50),
    head("f", "cancelled", ended=60),
    head("f/x", "running", None),
]


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ({}, []),
        ({"named": {"c"}}, ["c", "c/map[0]"]),
        ({"named": {"d"}}, ["d"]),
        ({"before": 20}, ["a"]),
        ({"before": 51}, ["a", "b", "b/call", "e"]),
        ({"before": 100}, ["a", "b", "b/call", "c", "c/map[0]", "e"]),
        ({"before": 100, "keep_failed": True}, ["a", "c", "c/map[0]", "e"]),
        ({"keep": 4}, ["a", "b", "b/call"]),
        ({"keep": 0}, ["a", "b", "b/call", "c", "c/map[0]", "e"]),
        ({"keep": 9}, []),
        ({"keep": 5, "before": 51, "keep_failed": True, "named": {"b"}}, ["a", "b", "b/call", "e"]),
    ],
)
def test_leaving(rules: dict[str, object], wanted: list[str]) -> None:
    assert leaving(HEADS, **rules) == wanted  # type: ignore[arg-type]


def test_time_before() -> None:
    now = 1_700_000_000_000_000
    moment = datetime.fromtimestamp(1_600_000_000, UTC)
    assert time_before(now, None) is None
    assert time_before(now, timedelta(seconds=2)) == now - 2_000_000
    assert time_before(now, moment) == 1_600_000_000_000_000
    assert time_before(now, moment.astimezone(timezone(timedelta(hours=5)))) == 1_600_000_000_000_000
    with pytest.raises(InputError, match="is no point in time\ngive it a time zone"):
        time_before(now, moment.replace(tzinfo=None))
    with pytest.raises(InputError, match="is in the future\ngive how long ago"):
        time_before(now, timedelta(seconds=-1))


async def test_an_engine_in_memory_keeps_what_it_has() -> None:
    async with Engine() as engine:
        made = flow("empty")
        made.start >> made.end()
        run = engine.start(made)
        await run
        with pytest.raises(StoreError, match=r"archives nothing\n`await wf\.backup"):
            await engine.archive(runs=[run.id])
        with pytest.raises(StoreError, match="keeps every run"):
            await engine.forget(keep=0)
        with pytest.raises(InputError, match=r"nothing says which runs\ngive runs="):
            await engine.archive()
        with pytest.raises(UnknownName, match="no run of the history in memory is called 'zzz'"):
            await engine.forget(runs=["zzz"])
