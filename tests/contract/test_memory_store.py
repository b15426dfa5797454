"""The memory store keeps the contract of event stores."""

from __future__ import annotations

from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import EventStore
from wfnb.testing import EventStoreContract, history, row


class TestMemoryStore(EventStoreContract):
    durable = False

    def open(self) -> EventStore:
        return MemoryStore()


def test_what_was_stored_can_be_read_after_close() -> None:
    store = MemoryStore()
    store.append("r", 0, 0, [row(e) for e in history(1)])
    store.close()
    assert len(store.read("r")) == 4
