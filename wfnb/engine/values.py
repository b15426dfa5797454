"""Values that are not JSON on their way into the history and back."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar
from weakref import ref

import msgspec
from msgspec import UNSET, UnsetType

from wfnb.engine.recording import size_of, text_of, unstored
from wfnb.model.event import Unstored
from wfnb.model.state import State
from wfnb.store.protocol import EventStore
from wfnb.store.values.codecs import PARTS, codec_for
from wfnb.store.values.parts import NoCodec, hashes_in, is_made_of_parts, taken_apart
from wfnb.store.values.spool import content_hash, load_value, spool

LARGE = 1 << 16
"""Bytes from which on a value is encoded in a thread, so that the loop can do something else."""
Place: TypeAlias = tuple[dict[Any, Any], Any]
"""Where a value stands: a mapping and the key in it."""
K = TypeVar("K")


class Values:
    """Stores values of runs, and gives back those that events name.

    A value is stored as it is when its task completes: what becomes of the object afterwards changes no history.  An
    object that is passed on meanwhile, as an input or an output, is known again and not stored twice.

    Args:
        store: where they go.
    """

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._keeps = store.durable
        self._live: dict[int, tuple[ref[Any], Unstored]] = {}
        """What was stored and still lives, by identity."""
        self._lock = threading.Lock()
        self._recent: Counter[str] = Counter()
        """Hashes of values whose events are not appended yet."""
        self._pool: ThreadPoolExecutor | None = None

    def known(self, value: Any, *, fresh: bool = False) -> Unstored | UnsetType:
        """What an event says in place of a value that is passed on, stored before if need be; UNSET if it is JSON.

        Args:
            value: it.
            fresh: whether it comes from outside, so that it may have changed since it was stored.
        """
        if type(value) is Unstored:
            return value
        said = unstored(value)
        if said is UNSET or not self._keeps:
            return said
        return (None if fresh else self._recalled(value)) or self._recorded(value, said)

    def all_known(self, values: Mapping[str, Any], *, fresh: bool = False) -> dict[str, Unstored]:
        """As `known`, of those that are not JSON, by name."""
        found = ((name, self.known(value, fresh=fresh)) for name, value in values.items())
        return {name: known for name, known in found if known is not UNSET}

    async def taken(self, value: Any, said: Unstored, *, anyway: bool = False) -> Unstored:
        """What an event says in place of what an activity has just given, which is stored before.

        Args:
            value: it.
            said: what is known of it.
            anyway: store it even in a history that does not last, which passes values on and keeps none.
        """
        if not (self._keeps or anyway):
            return said
        if not is_large(value, said):
            return self._recorded(value, said)
        found = await self.in_thread(lambda: self._stored(value, said))
        return self._note(value, *found)

    def digest(self, value: Any) -> str:
        """Names the content of a value that is not JSON; empty if no codec can tell.  Takes as long as to store it."""
        codec = codec_for(value)
        if codec is None:
            return ""
        try:
            with spool() as path:
                codec.write(value, path)
                return content_hash(codec.name, path)
        except Exception:  # noqa: BLE001 - codecs, and what they ask, are the user's
            return ""

    def load(self, value: Any) -> Any:
        """The value for what a replay has in its place; anything else as it is.

        Raises:
            StoreError: it can not be read.
        """
        if type(value) is Unstored:
            return load_value(self._store, value) if value.hash else value
        if type(value) is list and refers(value):
            return [self.load(item) for item in value]
        return value

    async def bring(self, places: Collection[Place]) -> None:
        """Put values where a replay has what stands for them.

        Raises:
            StoreError: one can not be read.
        """
        if places:
            waiting = [where[key] for where, key in places]
            load = self._once()
            found = await self.in_thread(lambda: [load(value) for value in waiting])
            for (where, key), before, value in zip(places, waiting, found, strict=True):
                if where.get(key) is before:
                    where[key] = value

    def _once(self) -> Callable[[Any], Any]:
        """As `load`, the same object for the same content."""
        loaded: dict[str, Any] = {}

        def load(value: Any) -> Any:
            if type(value) is not Unstored or not value.hash:
                return [load(item) for item in value] if type(value) is list and refers(value) else value
            if value.hash not in loaded:
                loaded[value.hash] = self.load(value)
            return loaded[value.hash]

        return load

    def check(self, state: State) -> None:
        """Let a replayed state say of values that are not in the store that they are not."""
        for where, key in [*places(state)]:
            where[key] = self._checked(where[key])
        state.output = self._checked(state.output)

    def _checked(self, value: Any) -> Any:
        if type(value) is Unstored and value.hash and not self._store.has_value(value.hash):
            return msgspec.structs.replace(value, hash="", codec="")
        return [self._checked(item) for item in value] if type(value) is list and refers(value) else value

    def opened(self, state: State) -> State:
        """A state of the past whose values are read when they are looked at."""
        load = self._once()
        state.values, state.input, state.pins = (
            Lazy(values, load) if any(map(refers, values.values())) else values
            for values in (state.values, state.input, state.pins)
        )
        for children in state.children.values():
            if any(map(refers, children.results.values())):
                children.results = Lazy(children.results, load)
        state.output = load(state.output)
        return state

    def collect(self, held: Iterable[bytes] = ()) -> int:
        """Let go of the values that no run names any more; gives how many went.

        Args:
            held: events that are to be recorded later, as JSON.
        """
        with self._lock:
            spare = set(self._recent)
        return self._store.collect_values(spare.union(*map(hashes_in, held)))

    def close(self) -> None:
        """Let what is being stored be stored, and end the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    # -------------------------------------------------------------------------------------------------- storing

    def _recalled(self, value: Any) -> Unstored | None:
        found = self._live.get(id(value))
        return found[1] if found is not None and found[0]() is value else None

    def _recorded(self, value: Any, said: Unstored) -> Unstored:
        return self._note(value, *self._stored(value, said))

    def _note(self, value: Any, said: Unstored, hashes: list[str]) -> Unstored:
        """Remember what was stored; in the loop's thread."""
        if hashes:
            asyncio.get_running_loop().call_soon(self._forget_recent, hashes)  # its event is appended until then
        if said.hash:
            number = id(value)
            try:
                self._live[number] = (ref(value, lambda gone: self._let_go(number, gone)), said)
            except TypeError:  # lists and texts can not be referred to weakly
                self._live.pop(number, None)
        return said

    def _let_go(self, number: int, gone: ref[Any]) -> None:
        found = self._live.get(number)
        if found is not None and found[0] is gone:
            del self._live[number]

    def _forget_recent(self, hashes: list[str]) -> None:
        with self._lock:
            self._recent.subtract(hashes)
            self._recent = +self._recent

    def _stored(self, value: Any, said: Unstored) -> tuple[Unstored, list[str]]:
        """Store a value; gives what an event says of it, and the hashes that it makes use of.  For any thread."""
        hashes: list[str] = []
        try:
            if is_made_of_parts(value):
                data = taken_apart(value, lambda part: self._part(part, hashes))
                with spool() as path:
                    path.write_bytes(data)
                    hash, codec = self._put(PARTS, path, hashes), PARTS
            else:
                hash, codec = self._put_value(value, hashes)
        except NoCodec as error:
            return msgspec.structs.replace(said, why=str(error)), hashes
        except Exception as error:  # noqa: BLE001 - codecs are the user's; and the next append meets what ails the store
            return msgspec.structs.replace(said, why=text_of(error)), hashes
        return msgspec.structs.replace(said, hash=hash, codec=codec), hashes

    def _part(self, part: Any, hashes: list[str]) -> Unstored:
        known = self._recalled(part)
        if known is None:
            hash, codec = self._put_value(part, hashes)
            known = Unstored(type=type(part).__qualname__, hash=hash, codec=codec)
        return known

    def _put_value(self, value: Any, hashes: list[str]) -> tuple[str, str]:
        codec = codec_for(value)
        if codec is None:
            raise NoCodec("its class has no codec")
        with spool() as path:
            codec.write(value, path)
            return self._put(codec.name, path, hashes), codec.name

    def _put(self, codec: str, path: Any, hashes: list[str]) -> str:
        hash = content_hash(codec, path)
        hashes.append(hash)
        with self._lock:
            self._recent[hash] += 1
        self._store.keep_value(hash, codec, path)
        return hash

    async def in_thread(self, call: Callable[[], K]) -> K:
        """What a function gives that reads or writes; for the loop's thread."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(2, thread_name_prefix="wfnb-values")
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)


class Lazy(dict[Any, Any]):
    """Values of the past: each is read from the history when it is first looked at."""

    def __init__(self, values: dict[Any, Any], load: Callable[[Any], Any]) -> None:
        super().__init__(values)
        self._load = load

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        if refers(value):
            value = self._load(value)
            self[key] = value
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        """The value of a key, or the default."""
        return self[key] if key in self else default  # noqa: SIM401 - this is `get`

    def __iter__(self) -> Iterator[Any]:
        return super().__iter__()  # a dict that has one of its own is not copied past `__getitem__`

    def values(self) -> Any:
        """All values, read."""
        return [self[key] for key in self]

    def items(self) -> Any:
        """All keys with their values, read."""
        return [(key, self[key]) for key in self]


def refers(value: Any) -> bool:
    """Whether a value of a replayed state stands for one that is stored, or is a list (of a map) that has such."""
    kind = type(value)
    if kind is list:
        return any(type(item) is Unstored and item.hash for item in value)
    return kind is Unstored and bool(value.hash)


def places(state: State) -> Iterator[Place]:
    """Where a replayed state has something that stands for a value."""
    everywhere: list[dict[Any, Any]] = [state.values, state.input, state.pins]
    everywhere += [children.results for children in state.children.values()]
    for where in everywhere:
        yield from ((where, key) for key, value in where.items() if refers(value))


def is_large(value: Any, said: Unstored) -> bool:
    """Whether it takes noticeable time to encode a value."""
    if not is_made_of_parts(value):
        return said.size is None or said.size > LARGE
    left = LARGE
    for part in _leaves(value, 0):
        left -= 64 + (size_of(part) or LARGE)
        if left < 0:
            return True
    return False


def _leaves(value: Any, depth: int) -> Iterable[Any]:
    if not is_made_of_parts(value) or type(value) is float or depth > 20:
        yield value
        return
    for part in value.values() if type(value) is dict else value:
        yield from _leaves(part, depth + 1)
