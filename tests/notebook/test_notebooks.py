"""Every notebook runs from top to bottom in a fresh kernel, and leaves pictures that need no kernel."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
DRAWING = "application/vnd.wfnb.drawing+json"


def executed(name: str, folder: Path) -> Any:
    """The notebook after a run in a copy of its folder."""
    shutil.copytree(NOTEBOOKS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.duckdb*", ".*"))
    notebook = nbformat.read(folder / name, as_version=4)
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def outputs(notebook: Any, mime: str) -> list[Any]:
    """What its cells put out in one format."""
    return [
        output["data"][mime]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if mime in output.get("data", {})
    ]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_notebook_runs(name: str, tmp_path: Path) -> None:
    notebook = executed(name, tmp_path)
    problems = [
        output["text"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream" and output["name"] == "stderr"
    ]
    assert problems == []


@pytest.mark.timeout(120)
def test_the_tour_shows_what_it_promises(tmp_path: Path) -> None:
    notebook = executed("00_tour.ipynb", tmp_path)
    drawings = outputs(notebook, DRAWING)
    assert len(drawings) == 4
    assert all(drawing["model_id"] for drawing in drawings)
    pictures = outputs(notebook, "image/svg+xml")
    assert len(pictures) == 4
    assert all(picture.startswith("<svg ") for picture in pictures)
    assert len([data for cell in notebook.cells for data in charts(cell)]) == 2
    assert (tmp_path / "tour.duckdb").exists()


def charts(cell: Any) -> list[str]:
    """The Vega-Lite outputs of a cell."""
    return [
        mime
        for output in cell.get("outputs", ())
        for mime in output.get("data", {})
        if mime.startswith("application/vnd.vegalite.")
    ]


@pytest.mark.timeout(120)
def test_what_happened_is_shown_as_tables_charts_and_drawings(tmp_path: Path) -> None:
    notebook = executed("03_history.ipynb", tmp_path)
    assert len([data for cell in notebook.cells for data in charts(cell)]) == 7
    linked = outputs(notebook, "application/vnd.wfnb.chart+json")
    assert [link["by"] for link in linked] == ["node", "node", "node", "time", "run", "node", "node"]
    said = [html for html in outputs(notebook, "text/html") if "<svg" in html]
    assert len(said) == 3, "the heat map, what was discovered, what conforms"
    assert "passed without it, 2 times in all" in said[2]
    assert "no place behind it, once in all" in said[2]
    assert "<svg" in (tmp_path / "run.html").read_text(encoding="utf-8")
