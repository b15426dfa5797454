"""Real inputs beside the repository, which tests use where they are."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
WFINSTANCES = CORPORA / "wfinstances"
needs_wfinstances = pytest.mark.skipif(not WFINSTANCES.is_dir(), reason="the recorded workflows are not here")


def wfinstances() -> list[Path]:
    """Every recorded workflow, or none where the corpus is absent."""
    return sorted(p for p in WFINSTANCES.glob("*.json*") if "ANCHORS" not in p.name)


def wfinstance(path: Path) -> dict[str, Any]:
    """A recorded workflow, decoded."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    document: dict[str, Any] = json.loads(data)
    return document


def largest_wfinstance() -> tuple[str, dict[str, Any]]:
    """The recorded workflow with the most tasks, and its file's name."""
    documents = {path.name: wfinstance(path) for path in wfinstances()}
    name = max(documents, key=lambda name: len(documents[name]["workflow"]["specification"]["tasks"]))
    return name, documents[name]


SOUNDNESS = CORPORA / "soundness_ibm"
needs_soundness = pytest.mark.skipif(not SOUNDNESS.is_dir(), reason="the industrial nets are not here")


def industrial_nets() -> dict[str, tuple[bytes, str]]:
    """By name, an industrial net as PNML and whether it is `sound` or `unsound`; none where the corpus is absent."""
    table = SOUNDNESS / "verdicts.csv"
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8", newline="") as lines:
        return {
            row["name"]: ((SOUNDNESS / "nets" / f"{row['name']}.pnml").read_bytes(), row["verdict"])
            for row in csv.DictReader(lines)
        }


EVENT_LOGS = CORPORA / "event_logs"
needs_event_logs = pytest.mark.skipif(not EVENT_LOGS.is_dir(), reason="the event logs are not here")


def event_logs() -> dict[Path, dict[str, Any]]:
    """Every log whose directly-follows graph is known, and what is known of it; none where the corpus is absent."""
    table = EVENT_LOGS / "EXPECTED_dfg_pm4py.json"
    if not table.is_file():
        return {}
    known: dict[str, dict[str, Any]] = json.loads(table.read_text(encoding="utf-8"))
    packed = {name: EVENT_LOGS / f"{name}.gz" for name in known}
    return {packed[name] if packed[name].is_file() else EVENT_LOGS / name: found for name, found in known.items()}
