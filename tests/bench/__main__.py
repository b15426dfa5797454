"""Prints the table."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from tests.bench import (  # noqa: F401 - each fills the table when imported
    compiling,
    drawing,
    events,
    executing,
    graphs,
    lagging,
    large,
    measuring,
    proofs,
    runs,
    seeking,
    starting,
    storing,
)
from tests.bench.measure import ASKED, BENCHES, Row

COLUMNS = f"{'':38} {'figure':>10} {'floor':>10}  {'unit':12} {'ratio':>7} {'mark':>6}  "


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", nargs="*", help="benches; if left out, all that take less than minutes")
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    options = parser.parse_args()
    if not options.json:
        print(COLUMNS)
    for name in options.name or [name for name in BENCHES if name not in ASKED]:
        for row in BENCHES[name]():
            print(_json(row) if options.json else _line(row), flush=True)
    return 0


def _line(row: Row) -> str:
    mark = "" if row.mark is None else f"{row.mark:.2f}"
    return (
        f"{row.name:38} {row.figure:>10.2f} {row.floor:>10.2f}  {row.unit:12} {row.ratio:>7.2f} {mark:>6}  "
        f"{row.verdict:6} {row.against}"
    )


def _json(row: Row) -> str:
    return json.dumps({**asdict(row), "ratio": row.ratio, "verdict": row.verdict})


if __name__ == "__main__":
    sys.exit(main())
