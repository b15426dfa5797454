"""What the forms of a designer take from docstrings, in the three usual manners."""

from __future__ import annotations

import inspect

import pytest

from wfnb.widgets.docstrings import told

GOOGLE = """Fetch a page,
    politely.

    More about it, which no form shows.

    Args:
        url: where it is.
        retries (int, optional): how often to try
            before giving up.
        **headers: sent along.

    Returns:
        text: the page.
    """
NUMPY = """Fetch a page, politely.

    Parameters
    ----------
    url : str
        where it is.
    retries, tries : int, optional
        how often to try
        before giving up.

    Returns
    -------
    str
        The page.
    """
SPHINX = """Fetch a page, politely.

    :param str url: where it is.
    :param retries: how often to try
        before giving up.
    :returns: the page
    """


@pytest.mark.parametrize("doc", [GOOGLE, NUMPY, SPHINX])
def test_each_manner_gives_the_summary_and_the_arguments(doc: str) -> None:
    found = told(inspect.cleandoc(doc))
    assert found.summary == "Fetch a page, politely."
    assert found.arguments["url"] == "where it is."
    assert found.arguments["retries"] == "how often to try before giving up."
    assert not {"text", "returns", "str", "Returns", "The"} & set(found.arguments)


def test_names_with_stars_and_names_that_share_a_text() -> None:
    assert told(inspect.cleandoc(GOOGLE)).arguments["headers"] == "sent along."
    assert told(inspect.cleandoc(NUMPY)).arguments["tries"] == "how often to try before giving up."


@pytest.mark.parametrize("doc", ["", "Args:\n    x: one", ":param x: one"])
def test_what_has_no_summary(doc: str) -> None:
    found = told(doc)
    assert found.summary == ""
    assert found.arguments == ({"x": "one"} if doc else {})
