"""The page on a run, as a file: readable on light and on dark, and nothing leaves the machine that shows it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.test_accessible import AXE

UNREADABLE = """async () => {
    const { violations } = await axe.run(document, { runOnly: ['color-contrast'] });
    return violations.flatMap(({ nodes }) => nodes.map(node => `${node.html} ${node.any.map(one => one.message)}`));
}"""
CONTRASTS = """() => {
    // axe leaves pictures out: what is written on them, beside the ground that is painted there.
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const light = css => {
        pen.fillStyle = css;
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map(part => {
            const c = part / 255;
            return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const text of document.querySelectorAll('svg text')) {
        if (!text.textContent.trim() || /^[✓✕●◷■!]$/.test(text.textContent)) continue;
        const { fill, fillOpacity } = getComputedStyle(text);
        const ground = getComputedStyle(document.body).backgroundColor;
        pen.fillStyle = ground;
        pen.fillRect(0, 0, 1, 1);
        pen.globalAlpha = Number(fillOpacity);
        const [a, b] = [light(fill), (pen.globalAlpha = 1, light(ground))].sort((x, y) => y - x);
        found.push([text.textContent, (a + 0.05) / (b + 0.05)]);
    }
    return found;
}"""


MADE = """
import asyncio, sys
import wfnb as wf

async def fetch(url: str) -> str:
    if url == "flaky" and wf.attempt().number == 1:
        raise ConnectionError("hung up")
    return f"<b>{url}</b>"

async def work() -> wf.Run:
    wf.connect()
    flow = wf.flow("review", {"url": "str"})
    page = flow.task("page", fetch, url="=input.url").options(retry=wf.Retry(attempts=2, delay=0))
    gate = flow.choice("gate")
    flow.start >> page >> flow.task("mark", fetch, url="=page") >> gate
    gate.when("len(page) > 3") >> flow.end("kept")
    gate.otherwise() >> flow.end("lost", error="Lost")
    for url in ("here", "flaky"):
        run = wf.start(flow, url=url)
        await run
    return run

wf.report(asyncio.run(work())).save(sys.argv[1])
"""
"""In a Python of its own: the browser's has a loop already."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "run.html"
    subprocess.run([sys.executable, "-c", MADE, path], check=True, cwd=Path(__file__).parents[2])
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_is_readable_and_asks_for_nothing(
    browser: Browser, report: Path, scheme: str, artifacts: Path
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 900, "height": 900}, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    assert asked == [report.as_uri()]
    page.screenshot(path=artifacts / f"report-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    page.add_script_tag(path=AXE)
    assert page.evaluate(UNREADABLE) == []
    measured = page.evaluate(CONTRASTS)
    assert {"page", "fetch", "mark", "milliseconds since the start"} & {text for text, _ in measured} >= {
        "page",
        "mark",
    }
    assert [one for one in measured if one[1] < 4.5] == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    context.close()
