"""What an expression may ask of a run besides its values: what was reached, what signals brought, what failed."""

from __future__ import annotations

from typing import Any

import msgspec


class Facts(msgspec.Struct, gc=False):
    """Answers to `reached(...)`, `signal(...)` and `error(...)`."""

    reached: set[str] = msgspec.field(default_factory=set)
    """Ids of nodes that were completed at least once, of those that some expression asks for."""
    signals: dict[str, Any] = msgspec.field(default_factory=dict)
    """What the last signal of each name brought."""
    errors: dict[str, Any] = msgspec.field(default_factory=dict)
    """Type and message of the last error of each node that an edge caught."""

    def with_signal(self, name: str, value: Any) -> Facts:
        """The same where a signal has come."""
        signals = self.signals.copy()  # which is quicker than to spread it into another one
        signals[name] = value
        return Facts(self.reached, signals, self.errors)

    def with_error(self, node: str, error: Any) -> Facts:
        """The same where a node has failed."""
        return Facts(self.reached, self.signals, {**self.errors, node: error})


NOTHING = Facts()
"""What is known before anything happened."""
