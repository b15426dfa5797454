"""Workflows as files: our own documents and other people's formats."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from wfnb.errors import DecodeError, FormatError, SourceError
from wfnb.formats.atomic import written
from wfnb.machine.compiler import Resolve, compile_workflow
from wfnb.machine.net import Net
from wfnb.machine.netting import net_of
from wfnb.model.codec import MAX_BYTES, decode, encode
from wfnb.model.workflow import Workflow


def load(path: str | Path, *, speed: float = 1000.0, copies: int = 1) -> Workflow | Net:
    """Read a workflow from a file: `*.wf.json`, WfFormat 1.5 (also gzipped), PNML or Python; it looks inside.

    A PNML file is a net, which can be checked and not run.  Python (`*.py`) is read and never run: `wf.from_python`.

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
    if file.suffix == ".pnml" or data.lstrip().startswith(b"<"):
        from wfnb.formats.pnml import read as read_net  # noqa: PLC0415 - loaded when such a file is read

        return read_net(data, where=file.name)
    if file.suffix == ".py":
        return _drawn(data, file.name)
    document = _object(data)
    if document is not None and "wfnb" not in document and "workflow" in document:
        from wfnb.formats.wfformat import read  # noqa: PLC0415 - loaded when such a file is read

        return read(document, where=file.name, speed=speed, copies=copies)
    return decode(data, file.name)


def load_workflow(path: str | Path, *, speed: float = 1000.0, copies: int = 1) -> Workflow:
    """As `load`, where nothing but a workflow will do.

    Raises:
        FormatError: it is a net; the rest as `load`.
    """
    found = load(path, speed=speed, copies=copies)
    if isinstance(found, Net):
        raise FormatError(
            f"'{Path(path).name}' is a net, which can not be run or drawn\nwfnb check says whether it is sound"
        )
    return found


def save(workflow: Workflow, path: str | Path, resolve: Resolve | None = None) -> Path:
    """Write a workflow to a `*.wf.json` file, as Python to a `*.py` file, or its net to a `*.pnml` file.

    The file is replaced as a whole or not at all.

    Args:
        workflow: what to write.
        path: where; its suffix says how.
        resolve: gives the workflows that it calls, which its net needs to know of.

    Raises:
        FormatError: the suffix is none that can be written.
        CompileError: a workflow with errors has no net.
    """
    file = Path(path)
    if file.suffix == ".pnml":
        from wfnb.formats.pnml import write  # noqa: PLC0415 - loaded when such a file is written

        return write_whole(file, write(net_of(compile_workflow(workflow, None, resolve)).net, workflow.name))
    if file.suffix == ".py":
        from wfnb.author.source import to_python  # noqa: PLC0415 - loaded when such a file is written

        return write_whole(file, to_python(workflow))
    if not file.name.endswith(".json"):
        raise FormatError(f"'{file.name}' has no suffix that can be written\nknown suffixes: .wf.json, .py, .pnml")
    return write_whole(file, encode(workflow))


def _drawn(data: bytes, name: str) -> Workflow:
    from wfnb.author.source import from_python  # noqa: PLC0415 - loaded when such a file is read

    try:
        return from_python(data.decode())
    except SourceError as error:
        raise SourceError(f"'{name}', {error}", error.line, error.column, error.end) from None
    except UnicodeDecodeError as error:
        raise DecodeError(f"'{name}' is no text: {error}\nsave it as UTF-8") from None


def write_whole(file: Path, text: str) -> Path:
    """Write a file as a whole or not at all.

    Raises:
        OSError: it can not be written; what was there is there still.
    """
    with written(file) as part:
        part.write_text(text, encoding="utf-8")
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
