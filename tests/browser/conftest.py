"""A browser, two servers, and a page on either for each test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.canvas import open_canvas, script
from tests.tools import chromium
from tests.tools.front import Front, screenshot
from tests.tools.server import Server, serving

__all__ = ["open_canvas", "script"]  # fixtures

HERE = Path(__file__).parent
ARTIFACTS = HERE / "artifacts"
"""Pictures of what failed, and what a test wants to be looked at."""

SECONDS = 120
SHOWN = pytest.StashKey[Page]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test in this folder two minutes, unless it says otherwise."""
    for item in items:
        if item.path.is_relative_to(HERE) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Save a picture of the page on which a test failed."""
    report = yield
    page = item.stash.get(SHOWN, None)
    if report.when == "call" and report.failed and page:
        ARTIFACTS.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "-", item.name).strip("-")
        screenshot(page, str(ARTIFACTS / f"failed-{name}.png"))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    path = chromium.find()
    if path is None:
        pytest.fail("no Chromium that starts: run `make test`, or set CHROMIUM to the path of one")
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page with an empty profile."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    context.set_default_navigation_timeout(60_000)
    page = request.node.stash[SHOWN] = context.new_page()
    yield page
    context.close()


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab, with the labextension as it was built."""
    with serving("lab", tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def notebook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Notebook 7, the same."""
    with serving("notebook", tmp_path_factory.mktemp("notebook")) as server:
        yield server


@pytest.fixture
def lab(page: Page, lab_server: Server) -> Iterator[Front]:
    """A page for JupyterLab; its folder is empty, and no kernel runs."""
    yield Front(page, lab_server)
    lab_server.clear()


@pytest.fixture
def notebook7(page: Page, notebook_server: Server) -> Iterator[Front]:
    """A page for Notebook 7, the same."""
    yield Front(page, notebook_server)
    notebook_server.clear()


@pytest.fixture(params=["lab", "notebook7"])
def front(request: pytest.FixtureRequest) -> Front:
    """A page for either in turn: what a test shows must hold in both."""
    chosen: Front = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def artifacts() -> Path:
    """The folder for pictures to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
