"""The drawing as Python beside the canvas: what a view asks of it."""

from __future__ import annotations

from wfnb.author.between import edits_between
from wfnb.author.source import from_python, to_python
from wfnb.errors import SourceError
from wfnb.model.workflow import Workflow
from wfnb.widgets import messages as m
from wfnb.widgets import parts


def told(asked: m.AskSource | m.DrawSource, workflow: Workflow) -> m.Source | m.Drawn:
    """The workflow as Python, or what a text of Python would change of it.

    Nothing is changed here: the view sends the edits as a gesture of its own, which the document takes or refuses.
    """
    if isinstance(asked, m.AskSource):
        return m.Source(client=asked.client, id=asked.id, text=to_python(workflow))
    try:
        drawn = from_python(asked.text)
    except SourceError as error:
        problem = parts.SourceProblem(message=str(error), line=error.line, column=error.column, end=error.end)
        return m.Drawn(client=asked.client, id=asked.id, problem=problem)
    return m.Drawn(client=asked.client, id=asked.id, edits=edits_between(workflow, drawn))
