"""JupyterLab or Notebook as a person at the screen has it: real keys and clicks, and waits for what they cause."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal
from urllib.parse import quote

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, expect

from tests.tools.server import Server

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

NOISE = re.compile(
    r"favicon"  # a status icon that a page asks for while it closes
    r"|Failed to load resource.*(/api/(contents|kernels|sessions|terminals)/|lsp/status)"  # asked before it is there
    r"|JupyterLab.*(deprecat|extension-manager)"
    r"|workspaces/"  # a workspace that was never saved
    r"|reading 'schema'\)(?s:.*)notebook_core"  # Notebook 7, at the settings of a plugin it has not
)
"""Errors on the console that JupyterLab itself makes, with or without wfnb."""


class Front:
    """One browser page on a server.

    `errors` collects what the console calls an error and every uncaught exception, without what
    JupyterLab itself causes.
    """

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._note(error.stack or str(error)))

    def open(self, path: str = "") -> None:
        """Open the application, on a file of the server's folder if a path is given, and wait until it is there."""
        page = {"lab": "lab/tree" if path else "lab", "notebook": "notebooks" if path else "tree"}[self.server.app]
        reset = "&reset" if self.server.app == "lab" else ""
        self.page.goto(f"{self.server.url}/{page}/{quote(path)}?token={self.server.token}{reset}")
        self.page.wait_for_function("() => globalThis.jupyterapp?.restored.then(() => true)")
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def open_notebook(self, cells: Sequence[str] = ("",), name: str = "test.ipynb") -> Notebook:
        """Write a notebook with these code cells, open it, and wait until its kernel rests."""
        document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        document.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(document, self.server.root / name)
        self.open(name)
        notebook = Notebook(self, name)
        notebook.wait_until_idle()
        return notebook

    def command(self, name: str, **arguments: object) -> Any:
        """Execute a command of the application, such as `docmanager:save`, and wait for its promise."""
        script = "([name, args]) => globalThis.jupyterapp.commands.execute(name, args).then(() => undefined)"
        return self.page.evaluate(script, [name, arguments])

    def theme(self, name: Literal["light", "dark"]) -> None:
        """Switch the theme and wait until it shows."""
        self.command("apputils:change-theme", theme=THEMES[name])
        shown = json.dumps(name == "light")
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{shown}'")
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)  # it covers the page meanwhile

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"{message.text} ({message.location.get('url', '')})")

    def _note(self, text: str) -> None:
        if not NOISE.search(text):
            self.errors.append(text)


class Notebook:
    """An open notebook, its cells counted from 0."""

    def __init__(self, front: Front, path: str) -> None:
        self.front = front
        self.path = path
        self.page = front.page

    # ------------------------------------------------------------------------------------- what a person does

    def cell(self, index: int) -> Locator:
        """The cell on the page."""
        return self.page.locator(".jp-Notebook .jp-Notebook-cell").nth(index)

    def type(self, index: int, source: str) -> None:
        """Put source into a cell, in place of what is there."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(source)

    def add(self, source: str) -> int:
        """Add a code cell with this source at the end and give its number."""
        count = self.page.locator(".jp-Notebook .jp-Notebook-cell").count()
        self.cell(count - 1).locator(".cm-content").click()
        self.front.command("notebook:insert-cell-below")
        expect(self.page.locator(".jp-Notebook .jp-Notebook-cell")).to_have_count(count + 1)
        self.type(count, source)
        return count

    def start(self, index: int) -> None:
        """Run a cell from the keyboard and do not wait for it."""
        forget = (
            "index => { globalThis.jupyterapp.shell.currentWidget.content.widgets[index].model.executionCount = null }"
        )
        self.page.evaluate(forget, index)
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def wait(self, index: int, *, seconds: float = 60) -> None:
        """Wait until a cell that was started has run."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=seconds * 1000)

    def run(self, index: int, *, seconds: float = 60) -> str:
        """Run a cell, wait until it has run, and give its text output."""
        self.start(index)
        self.wait(index, seconds=seconds)
        return self.text(index)

    def save(self) -> None:
        """Save the notebook."""
        self.front.command("docmanager:save")

    # ------------------------------------------------------------------------------------------ what it shows

    def output(self, index: int) -> Locator:
        """The output area of a cell, where a widget is."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def text(self, index: int) -> str:
        """The text that a cell put out."""
        parts = self.output(index).locator(".jp-OutputArea-output").all_inner_texts()
        return "\n".join(part.strip() for part in parts).strip()

    # ------------------------------------------------------------------------------------------- what it holds

    @property
    def kernel(self) -> str:
        """The id of its kernel."""
        for session in self.front.server.get("api/sessions"):
            if session["path"] == self.path and session["kernel"]:
                return str(session["kernel"]["id"])
        raise LookupError(f"the server has no kernel for {self.path!r}")

    @contextmanager
    def client(self) -> Iterator[BlockingKernelClient]:
        """A second client of its kernel, beside the page."""
        client = BlockingKernelClient(connection_file=str(self.front.server.runtime / f"kernel-{self.kernel}.json"))
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=30)
            yield client
        finally:
            client.stop_channels()

    def python(self, expression: str, *, seconds: float = 30) -> Any:
        """Evaluate an expression in its kernel, beside the page; what it gives must be JSON.

        Raises:
            AssertionError: the expression raised.
        """
        asked = {"value": f"__import__('json').dumps({expression})"}
        with self.client() as client:
            reply = client.execute("", silent=True, user_expressions=asked, reply=True, timeout=seconds)
        value = reply["content"]["user_expressions"]["value"]
        assert value["status"] == "ok", f"{expression}: {value.get('ename')}: {value.get('evalue')}"
        return json.loads(ast.literal_eval(value["data"]["text/plain"]))

    def wait_until_idle(self, *, seconds: float = 60) -> None:
        """Wait until the page knows its kernel and the kernel rests."""
        idle = """() => {
            const session = globalThis.jupyterapp.shell.currentWidget?.sessionContext;
            return session?.isReady && session.session?.kernel?.connectionStatus === 'connected'
                && session.session.kernel.status === 'idle';
        }"""
        self.page.wait_for_function(idle, timeout=seconds * 1000)

    def restart_kernel(self) -> None:
        """Restart its kernel, as the menu would, without the question."""
        self.page.evaluate("() => globalThis.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        self.wait_until_idle()

    def kill_kernel(self) -> None:
        """Kill its kernel with SIGKILL, accept what the page says about it, and wait until it is there again."""
        os.kill(self.python("__import__('os').getpid()"), signal.SIGKILL)
        told = self.page.get_by_role("dialog", name="Kernel Restarting")
        told.locator(".jp-mod-accept").click(timeout=30_000)
        expect(told).to_have_count(0)
        self.wait_until_idle()


def screenshot(page: Page, path: str) -> None:
    """Save what the page shows, if it can still show anything."""
    with suppress(Error):
        page.screenshot(path=path, timeout=10_000)
