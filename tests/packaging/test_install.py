"""A plain `pip install .` from a clone gives a working JupyterLab with the extension, on a machine without Node."""

from __future__ import annotations

import json
import re
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Installed
from wfnb import __version__

LABEXTENSION = f"wfnb-{__version__}.data/data/share/jupyter/labextensions/wfnb"
MEGABYTE = 2**20


@pytest.fixture(scope="session")
def distribution(installed: Installed) -> Path:
    """The folder of a wheel and an sdist, made where the production build is already there."""
    installed.run("pip", "install", "--quiet", "hatchling")
    installed.run("python", "-m", "hatchling", "build")
    return installed.source / "dist"


@pytest.fixture(scope="session")
def wheel(distribution: Path) -> Iterator[zipfile.ZipFile]:
    (path,) = distribution.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        yield wheel


def test_there_is_no_node_to_lean_on(installed: Installed) -> None:
    assert shutil.which("node", path=installed.environment["PATH"]) is None


def test_jupyterlab_has_the_extension(installed: Installed) -> None:
    listed = installed.run("jupyter", "labextension", "list")
    (line,) = [line for line in listed.splitlines() if re.search(r"\bwfnb v", line)]
    assert f"wfnb v{__version__}" in line
    assert "enabled" in line
    assert "OK" in line


def test_the_package_is_there_with_its_bundle(installed: Installed) -> None:
    code = (
        "import wfnb, pathlib; here = pathlib.Path(wfnb.__file__).parent;"
        "print(wfnb.__version__, *sorted(f.name for f in (here / 'static').glob('*')), 'site-packages' in str(here))"
    )
    said = installed.run("python", "-P", "-c", code)
    assert said.split() == [__version__, "widget.js.xz", "True"]


def test_the_kernel_unpacks_the_bundle_of_a_wheel(installed: Installed) -> None:
    code = (
        "import gzip; from wfnb.widgets import module;"
        "print(*(gzip.decompress(module._packed(name)).count(b'function') > 100 for name in sorted(module.FILES)))"
    )
    assert installed.run("python", "-P", "-c", code).split() == ["True", "True"]


def test_nothing_is_in_the_wheel_twice_or_by_accident(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert len(names) == len(set(names))
    tops = {name.split("/")[0] for name in names}
    assert tops == {"wfnb", f"wfnb-{__version__}.data", f"wfnb-{__version__}.dist-info"}
    unwanted = re.compile(r"wfnb/labextension|node_modules|\.map$|build_log|__pycache__|\.tsx?$|\.duckdb")
    assert [name for name in names if unwanted.search(name)] == []


def test_what_a_wheel_must_have(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {
        "wfnb/py.typed",
        "wfnb/static/widget.js.xz",
        "wfnb/widgets/stub.js",
        f"{LABEXTENSION}/install.json",
        f"{LABEXTENSION}/package.json",
        f"wfnb-{__version__}.dist-info/licenses/LICENSE",
    } <= names
    (entry,) = [name for name in names if re.fullmatch(rf"{re.escape(LABEXTENSION)}/static/remoteEntry\..*\.js", name)]
    assert json.loads(wheel.read(f"{LABEXTENSION}/package.json"))["jupyterlab"]["_build"]["load"] == entry.removeprefix(
        f"{LABEXTENSION}/"
    )


def test_the_wheel_is_small_and_names_no_folder_of_the_build(wheel: zipfile.ZipFile, installed: Installed) -> None:
    assert Path(str(wheel.filename)).stat().st_size < 2 * MEGABYTE
    told = str(installed.source).encode()
    assert [name for name in wheel.namelist() if told in wheel.read(name)] == []


def test_an_sdist_brings_its_build_along(installed: Installed, distribution: Path, tmp_path: Path) -> None:
    (sdist,) = distribution.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert [name for name in names if "node_modules" in name or "/.yarn/" in name] == []
    # No index to ask: a build that wanted jupyter-builder or Node would fail here.
    installed.run("pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", tmp_path, sdist)
    assert [file.suffix for file in tmp_path.iterdir()] == [".whl"]


def test_one_version_everywhere() -> None:
    package = json.loads((ROOT / "extension" / "package.json").read_text())
    assert package["version"] == __version__
    assert f"'{__version__}'" in (ROOT / "extension" / "src" / "version.ts").read_text()


def test_binder_pins_what_developers_use() -> None:
    (pin,) = (ROOT / "binder" / "requirements.txt").read_text().split()
    assert f"{pin} \\" in (ROOT / "requirements-dev.txt").read_text().splitlines()
    assert (ROOT / "binder" / "postBuild").stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("lock", ["requirements-dev.txt", "extension/yarn.lock", "binder/requirements.txt"])
def test_a_lock_names_no_address(lock: str) -> None:
    assert re.search(r"https?://|index-url|find-links|\bfile:", (ROOT / lock).read_text()) is None
