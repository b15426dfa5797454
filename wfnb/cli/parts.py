"""What the commands share: modules, histories, and how things are printed."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from wfnb.author import builtins
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.engine.recording import preview, storable, unstored
from wfnb.errors import InputError, WfnbError
from wfnb.model.activity import Activity, describe
from wfnb.model.event import Unstored


class Unusable(Exception):
    """What was given on the command line can not be used."""


def said(error: Exception) -> str:
    """An error in the words of a shell: what is wrong, and what to do about it."""
    match error:
        case FileNotFoundError() if error.filename:
            return f"there is no file '{error.filename}'\ngive the path of one that exists"
        case OSError() if error.filename and error.strerror:
            return f"'{error.filename}' can not be used: {error.strerror.lower()}"
        case InputError():
            what, _, cure = str(error).partition("\n")
            in_python = cure.startswith("start it with")
            lacking = what.rpartition(" needs the input ")[2].strip("'").split("', '")
            given = ", ".join(f"{json.dumps(name, ensure_ascii=False)}: ..." for name in lacking)
            return f"{what}\n" + (f"give it as --input '{{{given}}}'" if in_python else cure)
        case WfnbError():
            return in_shell(str(error))
        case KeyError() if error.args:
            return str(error.args[0])
        case _:
            return str(error)


_IN_SHELL = {
    "run the cell that defines it, then resume() again.": "name the module that defines it: --module FILE.",
    "no activity is defined yet.": "name the module that defines it: --module FILE.",
    "start(..., allow_unsound=True) runs it anyway": "--allow-unsound runs it anyway",
    "cancel it with wf.run(...).cancel() and start it again, or resume(skip_missing=True)": "start it again",
    "wf.runs() lists them": "`wfnb runs --history DB` lists them",
    "define it with wf.flow(...), or call a file by its path": (
        "name the module that defines it: --module FILE, or call a file by its path"
    ),
}
"""Cures that are typed in a notebook, and what they are in a shell."""


def in_shell(text: str) -> str:
    """A message with its cures as they are in a shell."""
    for notebook, shell in _IN_SHELL.items():
        text = text.replace(notebook, shell)
    return text


class Mocks(Registry):
    """Knows every activity: each takes anything and gives None."""

    def __getitem__(self, name: str) -> Activity:
        async def mock(**_: Any) -> Any:
            return None

        return describe(mock, name=name)

    def get(self, name: str, default: Any = None) -> Any:
        """Always one."""
        del default
        return self[name]


class opened:  # noqa: N801 - reads as a verb where it is used
    """An engine on an existing history, closed at the end."""

    def __init__(self, history: str) -> None:
        existing(history)
        self.engine = Engine(history)

    def __enter__(self) -> Engine:
        return self.engine

    def __exit__(self, *_: object) -> None:
        self.engine.close()


def existing(history: str) -> None:
    """Refuse a history that is not there."""
    if not Path(history).exists():
        raise Unusable(f"there is no history at '{history}'\n`wfnb run FILE --history {history}` makes one")


def full_id(engine: Engine, beginning: str) -> str:
    """The id of the one run that begins so."""
    ids = [head.run for head in engine.store.heads() if head.run.startswith(beginning)]
    if beginning in ids:
        return beginning
    if len(ids) != 1:
        raise Unusable(f"{len(ids) or 'no'} runs begin with '{beginning}'\n`wfnb runs --history DB` lists them")
    return ids[0]


def given_values(texts: Sequence[str], option: str) -> dict[str, Any]:
    """The values by node of options such as `--set node=JSON`.

    Raises:
        Unusable: one of them is not of that form.
    """
    found: dict[str, Any] = {}
    for text in texts:
        node, equals, value = text.partition("=")
        try:
            if not equals:
                raise ValueError("there is no = in it")
            found[node] = json.loads(value)
        except ValueError as error:
            raise Unusable(f"{option} {text}: {error}\nwrite {option} 'node=JSON', text as 'node=\"text\"'") from None
    return found


def import_all(modules: Sequence[str]) -> None:
    """Import what the person named on the command line; documents never cause an import."""
    builtins.define()
    for module in modules:
        try:
            if module.endswith(".py"):
                _import_file(Path(module))
            else:
                if "" not in sys.path:
                    sys.path.insert(0, "")
                importlib.import_module(module)
        except (Exception, SystemExit) as error:
            raise Unusable(f"module '{module}' can not be imported: {type(error).__name__}: {error}") from error


def _import_file(file: Path) -> None:
    # Under a name of its own where a module has that name already, such as Python's own `queue`.
    name = f"wfnb_module_{file.stem}" if file.stem in sys.modules else file.stem
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise Unusable(f"'{file}' is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def plain(value: Any) -> Any:
    """JSON for what is JSON, a short text for what is not."""
    if isinstance(value, Unstored):
        return f"<{value.type}> {value.preview}"
    if unstored(value) is UNSET:
        return msgspec.to_builtins(value)
    if isinstance(value, dict):
        return {storable(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return preview(value)


def print_line(told: dict[str, Any]) -> None:
    """Print one JSON object."""
    print(json.dumps(told, ensure_ascii=False, default=preview), flush=True)
