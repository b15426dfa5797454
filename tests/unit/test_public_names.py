"""What is public: every name loads and is documented, and importing wfnb loads next to nothing."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wfnb
from wfnb import cli, errors

HEAVY = (
    "pandas",
    "duckdb",
    "ipywidgets",
    "altair",
    "anywidget",
    "ipycytoscape",
    "traitlets",
    "numpy",
    "asyncio",
    "msgspec",
)
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", wfnb.__all__)
def test_every_name_loads_and_is_documented(name: str) -> None:
    found = getattr(wfnb, name)
    assert inspect.getdoc(found), f"wfnb.{name} has no docstring"
    if inspect.isclass(found):
        own = [
            m
            for n, m in vars(found).items()
            if not n.startswith("_") and (inspect.isfunction(m) or isinstance(m, property))
        ]
        for member in own:
            assert inspect.getdoc(member), f"wfnb.{name}.{getattr(member, '__name__', member)} has no docstring"


@pytest.mark.parametrize("name", [n for n in wfnb.__all__ if inspect.isfunction(getattr(wfnb, n))])
def test_every_verb_is_annotated(name: str) -> None:
    signature = inspect.signature(getattr(wfnb, name))
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, f"wfnb.{name}: {parameter.name}"


def test_the_names_are_those_of_the_type_checker() -> None:
    source = Path(wfnb.__file__).read_text(encoding="utf-8")
    assert sorted(re.findall(r"^    from \S+ import (\w+) as \1", source, re.MULTILINE)) == sorted(wfnb.__all__)
    assert set(dir(wfnb)) == {*wfnb.__all__, "__version__"}
    with pytest.raises(AttributeError, match="module 'wfnb' has no attribute 'absent'"):
        getattr(wfnb, "absent")  # noqa: B009 - by another way than a type checker knows


def test_every_error_is_public() -> None:
    classes = {n for n, c in vars(errors).items() if inspect.isclass(c) and issubclass(c, errors.WfnbError)}
    assert classes <= set(wfnb.__all__)


def test_the_tree_of_errors_is_as_drawn() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^    ([│├└─ ]*)(\w+)", line)
        if found:
            depth = len(found[1]) // 4
            del above[depth:]
            if above:
                drawn[found[2]] = above[-1]
            above.append(found[2])
    classes = {n: c for n, c in vars(errors).items() if inspect.isclass(c) and issubclass(c, errors.WfnbError)}
    assert drawn == {n: c.__bases__[0].__name__ for n, c in classes.items() if c is not errors.WfnbError}


def loaded(code: str) -> set[str]:
    """Modules that a process has loaded after some code."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        check=True, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    return set(told.stdout.split())


def test_importing_loads_next_to_nothing() -> None:
    assert not loaded("import wfnb") & set(HEAVY)


def test_running_in_memory_loads_no_tables_and_no_widgets() -> None:
    code = """
import asyncio, wfnb as wf
@wf.activity
async def one(): return 1
async def main():
    flow = wf.flow("x")
    flow.start >> flow.task("a", one) >> flow.end()
    assert await wf.start(flow) == 1
asyncio.run(main())
"""
    assert not loaded(code) & {"pandas", "duckdb", "ipywidgets", "altair", "anywidget", "ipycytoscape", "numpy"}


def test_every_command_is_documented() -> None:
    documented = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in cli.names() if not re.search(rf"wfnb [^\n]*\b{name}\b", documented)]
    assert missing == []
