"""The cell magic `%%wfsql`: SQL over the history, in a cell of its own.

%load_ext wfnb

%%wfsql slow
select node, median(seconds) as seconds from tasks where run = $run.id group by node
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wfnb.errors import WfnbError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from pandas import DataFrame

_PARTS = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/)|\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)""", re.DOTALL
)
"""What is passed over, and variables, in which attributes may be named: `$run.id`."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Define `%wfsql` and `%%wfsql`; called by `%load_ext wfnb`."""

    def wfsql(line: str, cell: str | None = None) -> DataFrame | None:
        """Ask the history in SQL.

        `%wfsql select ...` gives the result of one line; `%%wfsql name` puts that of a cell into a variable too,
        where a name is given.  `$name` and `$name.attribute` in the statement are variables of the notebook.
        """
        name, query = ("", line) if cell is None else (line.strip(), cell)
        if name and not name.isidentifier():
            raise WfnbError(f"'{name}' is no name of a variable\nwrite %%wfsql, or %%wfsql and one name")
        found = ask(query, shell.user_ns)
        if name:
            shell.user_ns[name] = found
        return found

    shell.magics_manager.register_function(wfsql, magic_kind="line_cell")


def ask(query: str, variables: dict[str, Any]) -> DataFrame:
    """The result of a statement in which `$name` stands for variables.

    Raises:
        WfnbError: there is no such variable.
        StoreError: the statement is wrong.
    """
    from wfnb.api import sql  # noqa: PLC0415 - the session is needed when something is asked

    parameters: list[Any] = []

    def value(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        first, *attributes = found[2].split(".")
        if first not in variables:
            raise WfnbError(f"there is no variable '{first}'\n${first} in the statement stands for one of the notebook")
        given = variables[first]
        for attribute in attributes:
            given = getattr(given, attribute)
        parameters.append(given)
        return "?"

    return sql(_PARTS.sub(value, query), parameters)
