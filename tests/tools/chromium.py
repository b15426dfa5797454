"""Finds a Chromium for the browser tests, and installs one where there is none.

`python -m tests.tools.chromium` prints the path of one that was really started; with `--install` it
may fetch Playwright's own build, or, as root, the system's package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PLACES = (
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


@cache
def find() -> str | None:
    """The path of a Chromium that starts, or None."""
    return next(filter(starts, candidates()), None)


def candidates() -> Iterator[str]:
    """What to try, the user's own choice first."""
    if chosen := os.environ.get("CHROMIUM"):
        yield chosen
    yield from filter(None, map(shutil.which, NAMES))
    yield from PLACES
    yield from playwrights_own()


def playwrights_own() -> Iterator[str]:
    """Where Playwright keeps the build it downloads."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def starts(path: str) -> bool:
    """Whether this Chromium can render a page: a wrapper or a broken download is there, yet cannot."""
    if not Path(path).is_file():
        return False
    with tempfile.TemporaryDirectory() as profile:
        command = [path, "--headless", *FLAGS, f"--user-data-dir={profile}", "--dump-dom", "data:text/html,<p>started"]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return "started" in answer.stdout


def install() -> None:
    """Get one: Playwright's build, else the system's package."""
    attempt([sys.executable, "-m", "playwright", "install", "chromium"])
    find.cache_clear()
    if find() is None and shutil.which("apt-get") and os.geteuid() == 0:
        attempt(["apt-get", "update", "-qq"])
        attempt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"])
        find.cache_clear()


def attempt(command: list[str]) -> None:
    """Run what may fail, because the next may succeed."""
    print("$", *command, file=sys.stderr)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, env=environment, stdout=sys.stderr, check=False, timeout=600)
    except subprocess.TimeoutExpired:
        print("gave up after ten minutes", file=sys.stderr)


def main() -> int:
    """The command."""
    if find() is None and "--install" in sys.argv[1:]:
        install()
    path = find()
    print(path or "no Chromium that starts: set CHROMIUM to the path of one")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
