"""The verbs of a notebook, in a shell.

Exit codes: 0 all is well, 1 a workflow has errors or a run failed, 2 what was given can not be used, 3 a run waits: it
has nothing left but signals or approvals to wait for, or with --until-waiting a time or a condition; or it is paused.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from wfnb.cli import parser
from wfnb.cli.parts import Unusable, said
from wfnb.errors import WfnbError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parser.make().parse_args(arguments)
    try:
        code: int = options.command(options)
        sys.stdout.flush()  # here, where a reader that has left can be told apart from an error
    except BrokenPipeError:
        # Whoever read has seen enough; the interpreter would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (WfnbError, Unusable, OSError, ValueError, KeyError) as error:
        print(f"wfnb: {said(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("wfnb: interrupted; `wfnb resume` takes the run up again", file=sys.stderr)
        return 130
    return code


def names() -> Iterator[str]:
    """Every command; a test keeps the documentation complete."""
    for action in parser.make()._subparsers._group_actions:  # type: ignore[union-attr]  # noqa: SLF001
        yield from action.choices  # type: ignore[misc]
