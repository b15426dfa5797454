"""Encoded values on their way in and out: files of a moment, so that a large one is never twice in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from wfnb.errors import StoreError
from wfnb.model.event import Unstored
from wfnb.store.protocol import EventStore
from wfnb.store.values.codecs import PARTS, Codec, codec_named
from wfnb.store.values.parts import put_together

BLOCK = 1 << 20


@contextmanager
def spool() -> Iterator[Path]:
    """The path of a file that is not there yet, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="wfnb-") as folder:
        yield Path(folder) / "value"


def content_hash(codec: str, path: Path) -> str:
    """Names the content of a file that a codec has written: SHA-256, in hexadecimal."""
    digest = sha256(codec.encode() + b"\0")
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def store_value(store: EventStore, value: Any, codec: Codec) -> str:
    """Put a value into a store that does not have it yet; gives its hash.

    Raises:
        StoreError: the store takes no more.
        Exception: the codec can not write it.
    """
    with spool() as path:
        codec.write(value, path)
        hash = content_hash(codec.name, path)
        store.keep_value(hash, codec.name, path)
    return hash


def load_value(store: EventStore, known: Unstored) -> Any:
    """The value that an event names: a new object each time.

    Raises:
        StoreError: it is not there, its codec is not registered, or what is stored can not be decoded.
    """
    try:
        with spool() as path:
            store.fetch_value(known.hash, path)
            if known.codec == PARTS:
                return put_together(path.read_bytes(), _loader(store))
            return codec_named(known.codec).read(path)
    except StoreError:
        raise
    except KeyError:
        raise StoreError(
            f"a value of type {known.type} is not in the history any more ({known.hash[:12]})\n"
            "run what gave it again, or take up a backup of the history"
        ) from None
    except LookupError as error:
        raise StoreError(f"a value of type {known.type} can not be read: {error}") from error
    except Exception as error:
        raise StoreError(
            f"a value of type {known.type} can not be read: {type(error).__name__}: {error}\n"
            f"its codec '{known.codec}' may have changed since it was written"
        ) from error


def _loader(store: EventStore) -> Callable[[Unstored], Any]:
    """Loads the parts of one value, each once."""
    found: dict[str, Any] = {}

    def load(known: Unstored) -> Any:
        if known.hash not in found:
            found[known.hash] = load_value(store, known)
        return found[known.hash]

    return load
