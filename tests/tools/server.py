"""A Jupyter server of its own for a test run: on loopback, with its own home, ended by its process id."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

App = Literal["lab", "notebook"]

SETTINGS = {
    # What would ask the network, or the person, for something.
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
    # Reload and close without a question about what is unsaved.
    "@jupyterlab/docmanager-extension/plugin.jupyterlab-settings": {"autosave": False},
}


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    app: App
    url: str
    token: str
    root: Path
    """The folder it serves."""
    runtime: Path
    """Where the connection files of its kernels are."""
    log: Path

    def get(self, path: str) -> Any:
        """Ask the server's API."""
        return self._ask(path)

    def post(self, path: str, body: object = None) -> Any:
        """Tell the server's API something."""
        return self._ask(path, json.dumps(body).encode())

    def clear(self, *, keep: Path | None = None) -> None:
        """End every session with its kernel, and remove every file of the folder but one."""
        for session in self.get("api/sessions"):
            with suppress(urllib.error.HTTPError):  # gone meanwhile
                self._ask(f"api/sessions/{session['id']}", method="DELETE")
        for path in set(self.root.iterdir()) - {keep}:
            # What a server is just writing may be gone, under this name.
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def _ask(self, path: str, data: bytes | None = None, method: str | None = None) -> Any:
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/{path}", data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def serving(app: App, home: Path, *, again: Server | None = None, patience: float = 60) -> Iterator[Server]:
    """Run JupyterLab or Notebook from this environment while the block runs.

    Args:
        app: which of the two.
        home: a folder for what it serves and keeps.
        again: a server that ran there and has ended; the new one answers at its address.
        patience: seconds until it must answer.

    Raises:
        RuntimeError: it did not answer within `patience` seconds; the message ends with its log.
    """
    root, runtime, log = home / "work", home / "runtime", home / f"{app}.log"
    for folder in (root, runtime):
        folder.mkdir(parents=True, exist_ok=True)
    settings = home / "settings"
    for name, values in SETTINGS.items():
        file = settings / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    server = again or Server(app, f"http://127.0.0.1:{_free_port()}", secrets.token_hex(16), root, runtime, log)
    with log.open("wb") as sink:
        process = subprocess.Popen(
            _command(server), cwd=root, env=_environment(home, settings, runtime), stdout=sink, stderr=sink
        )
    try:
        _wait_until_up(server, process, patience)
        yield server
    finally:
        _end(process)


def _command(server: Server) -> list[str]:
    module, name = {"lab": ("jupyterlab", "LabApp"), "notebook": ("notebook", "JupyterNotebookApp")}[server.app]
    return [
        sys.executable,
        "-m",
        module,
        "--no-browser",
        "--allow-root",
        f"--{name}.expose_app_in_browser=True",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={server.url.rpartition(':')[2]}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={server.root}",
        f"--IdentityProvider.token={server.token}",
    ]


def _environment(home: Path, settings: Path, runtime: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    return kept | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], patience: float) -> None:
    limit = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < limit:
        try:
            server.get("api/status")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)  # between two questions; what is waited for is the answer
        else:
            return
    raise RuntimeError(f"the {server.app} server does not answer\n{server.log.read_text()[-4000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and the kernels it started, and nothing else."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(family, timeout=5)
