"""Workflows as files: our own documents and other people's formats."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from wfnb.errors import DecodeError, FormatError
from wfnb.model.codec import MAX_BYTES, decode, encode
from wfnb.model.workflow import Workflow


def load(path: str | Path, *, speed: float = 1000.0, copies: int = 1) -> Workflow:
    """Read a workflow from a file: `*.wf.json`, or WfFormat 1.5 (also gzipped), told apart by looking inside.

    Args:
        path: the file.
        speed: for recorded workflows: how many times faster than recorded their tasks run.
        copies: for recorded workflows: how many to put side by side.

    Raises:
        DecodeError: it is no workflow document.
        FormatError: it is in another format and can not be read; says where.
        FileNotFoundError: there is no such file.
    """
    file = Path(path)
    data = _bytes(file)
    document = _object(data)
    if document is not None and "wfnb" not in document and "workflow" in document:
        from wfnb.formats.wfformat import read  # noqa: PLC0415 - loaded when such a file is read

        return read(document, where=file.name, speed=speed, copies=copies)
    return decode(data, file.name)


def save(workflow: Workflow, path: str | Path) -> Path:
    """Write a workflow to a `*.wf.json` file, which is replaced as a whole or not at all.

    Raises:
        FormatError: the suffix is none that can be written.
    """
    file = Path(path)
    if not file.name.endswith(".json"):
        raise FormatError(f"'{file.name}' has no suffix that can be written\nknown suffixes: .wf.json")
    replaced = file.with_name(f".{file.name}.new")
    replaced.write_text(encode(workflow), encoding="utf-8")
    replaced.replace(file)
    return file


def _bytes(file: Path) -> bytes:
    try:
        if file.suffix != ".gz":
            if file.stat().st_size > MAX_BYTES:
                raise DecodeError(f"'{file.name}' has more than {MAX_BYTES} bytes\nsplit the workflow")
            return file.read_bytes()
        with gzip.open(file) as packed:
            data = packed.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FormatError(f"'{file.name}' is no complete gzip file: {error}\nfetch it again") from None
    except IsADirectoryError:
        raise DecodeError(f"'{file.name}' is a folder\ngive the path of a file") from None
    if len(data) > MAX_BYTES:
        raise FormatError(f"'{file.name}' unpacks to more than {MAX_BYTES} bytes\nsplit the workflow")
    return data


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None  # the decoder of our own format says what is wrong
    return found if isinstance(found, dict) else None
