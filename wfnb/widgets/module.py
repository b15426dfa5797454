"""The canvas as an ES module, given to a notebook page without being saved into the notebook.

A widget's `_esm` is a synced trait: it goes out with every instance and is stored with the
notebook's widget state. So it is a stub of about a kilobyte that takes the copy which the
labextension lends to the page, and asks the kernel for the bundle only where there is none. Both
copies are built from extension/src/widget.ts.
"""

from __future__ import annotations

import gzip
import lzma
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import anywidget

from wfnb.version import __version__

FILES = frozenset({"elk-worker.js", "widget.js"})
"""What a page may ask for; each is in wfnb/static: as it was built in a checkout, packed in a wheel."""


class CanvasWidget(anywidget.AnyWidget):
    """A widget whose view is the canvas: it hands the page the files that the canvas needs.

    What the canvas itself says arrives, like any custom message, at the callbacks given to `on_msg`;
    messages with a `wfnb` key are this class's own.
    """

    _esm = Template(files("wfnb.widgets").joinpath("stub.js").read_text(encoding="utf-8")).substitute(
        version=__version__
    )

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(_give_file)


def _give_file(widget: CanvasWidget, content: dict[str, Any], buffers: list[bytes]) -> None:
    """Answer a page that asks for a file."""
    del buffers
    if content.get("wfnb") != "file":
        return
    name = content.get("name")
    answer = {"wfnb": "file", "name": name}
    if name not in FILES:
        widget.send(answer | {"error": f"the canvas has no file {name!r}"})
        return
    try:
        packed = _packed(name)
    except FileNotFoundError:
        cure = "run `make env` in the checkout, or install a built wheel"
        widget.send(answer | {"error": f"wfnb/static/{name} has not been built: {cure}"})
        return
    widget.send(answer, [packed])


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_source(name), mtime=0)  # what a browser can unpack


def _source(name: str) -> bytes:
    static = files("wfnb").joinpath("static")
    for file in (static.joinpath(name), static.joinpath(f"{name}.xz")):
        if file.is_file():
            return file.read_bytes() if file.name == name else lzma.decompress(file.read_bytes())
    # ELK is most of a wheel, which therefore has it once: as the one file of the labextension that is no script.
    if name == "elk-worker.js":
        for listed in distribution("wfnb").files or ():
            if listed.match("labextensions/wfnb/static/*.bin"):
                return Path(str(listed.locate())).read_bytes()
    raise FileNotFoundError(name)
