"""How a drawing stands in a file that follows it: the whole of a document, or a part of a Python file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wfnb.author.source import check_rewritable, drawn_in, from_python, rewritten
from wfnb.errors import DecodeError, SourceError
from wfnb.model.codec import decode, encode
from wfnb.model.workflow import Workflow


class Notation(Protocol):
    """What a file makes of a drawing, and a drawing of a file."""

    def read(self, text: str, name: str) -> Workflow:
        """The drawing in a file of this name.

        Raises:
            DecodeError: there is none that can be read.
        """
        ...

    def write(self, workflow: Workflow, text: str | None) -> str:
        """The file with this drawing.

        Args:
            workflow: the drawing.
            text: what the file has now; None where it is gone.

        Raises:
            DecodeError: it can not be written there.
        """
        ...

    def version(self, text: str) -> str:
        """The drawing in a file, as a document.

        Raises:
            DecodeError: there is none that can be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Whole:
    """A document: all of the file is the drawing."""

    def read(self, text: str, name: str) -> Workflow:
        """As the protocol says."""
        return decode(text, name)

    def write(self, workflow: Workflow, text: str | None) -> str:
        """As the protocol says; what the file has is replaced."""
        del text
        return encode(workflow)

    def version(self, text: str) -> str:
        """As the protocol says; what can not be read is kept as it is."""
        return text


@dataclass(frozen=True, slots=True)
class PythonPart:
    """A part of a Python file, which is never run; all else in the file stays as it is."""

    def read(self, text: str, name: str) -> Workflow:
        """As the protocol says; where nothing but a drawing is in the file, it may begin anyhow."""
        try:
            return from_python(text)
        except SourceError:
            try:
                return drawn_in(text)
            except SourceError as error:
                raise SourceError(f"'{name}', {error}", error.line, error.column, error.end) from None

    def write(self, workflow: Workflow, text: str | None) -> str:
        """As the protocol says."""
        if text is None:
            raise DecodeError("the file is gone\nbring it back, or save the drawing elsewhere")
        return rewritten(text, workflow)

    def version(self, text: str) -> str:
        """As the protocol says: only the drawing is kept, for only that is changed."""
        return encode(self.read(text, "the file"))


def python_trouble(file: Path) -> str:
    """Why a drawing can not be written back into a Python file; empty if it can."""
    try:
        check_rewritable(read_exactly(file) or "")
    except SourceError as error:
        return str(error)
    return ""


def read_exactly(file: Path) -> str | None:
    """What a file has, its line endings as they are; None where it is gone.

    Raises:
        OSError: it can not be read.
    """
    try:
        return file.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
