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
from importlib.resources import files
from string import Template
from typing import Any

import anywidget

from wfnb.version import __version__

FILES = frozenset({"elk-worker.js", "widget.js"})
"""What a page may ask for; each is in wfnb/static: as it was built in a checkout, packed by `lzma` in a wheel."""


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
    static = files("wfnb").joinpath("static")
    built = static.joinpath(name)
    source = built.read_bytes() if built.is_file() else lzma.decompress(static.joinpath(f"{name}.xz").read_bytes())
    return gzip.compress(source, mtime=0)  # what a browser can unpack
