"""A clean copy of the repository, installed as Binder does it: with pip, and without Node."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NODE = {"corepack", "node", "nodejs", "npm", "npx", "yarn", "yarnpkg"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test in this folder five minutes: the first one installs everything from the net."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(300))


@dataclass(frozen=True)
class Installed:
    """wfnb in an environment of its own."""

    source: Path
    """The copy of the repository it was installed from."""
    bin: Path
    """The environment's programs."""
    environment: dict[str, str]
    """Environment variables with no Node on the PATH."""

    def run(self, program: str | Path, *arguments: str | Path) -> str:
        """Run a program in the copy and give what it says.

        Raises:
            AssertionError: it failed; the message has what it said.
        """
        command = [self.bin / program, *arguments]
        answer = subprocess.run(
            command,
            cwd=self.source,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, f"{program} {arguments}\n{answer.stdout[-6000:]}"
        return answer.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The steps of binder/, in its order."""
    top = tmp_path_factory.mktemp("binder")
    source = _copy(top / "source")
    environment = _without_node(top)
    subprocess.run([sys.executable, "-m", "venv", top / "venv"], env=environment, check=True)
    programs = top / "venv" / "bin"
    environment["PATH"] = f"{programs}{os.pathsep}{environment['PATH']}"
    installed = Installed(source, programs, environment)
    installed.run("pip", "install", "--quiet", "--requirement", source / "binder" / "requirements.txt")
    installed.run(source / "binder" / "postBuild")
    return installed


def _copy(target: Path) -> Path:
    """Copy what git has, or would take: no build, no node_modules."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def _without_node(top: Path) -> dict[str, str]:
    """The variables of this process, and a PATH with the system's programs but Node."""
    programs = top / "bin"
    programs.mkdir()
    for folder in (Path("/usr/local/bin"), Path("/usr/bin"), Path("/bin")):
        for program in folder.iterdir() if folder.is_dir() else ():
            link = programs / program.name
            if program.name not in NODE and not link.is_symlink():
                link.symlink_to(program)
    foreign = ("JUPYTER", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"PATH": str(programs), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
