"""Which workflow a call or a map means: one of the document's own, one that is defined, or a file beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath

import msgspec

from wfnb.author.bodies import is_path
from wfnb.author.registry import Registry
from wfnb.errors import DefinitionError, did_you_mean, listed
from wfnb.model.codec import MAX_BYTES, decode
from wfnb.model.workflow import Call, Map, Workflow


@dataclass(frozen=True, slots=True)
class Found:
    """A workflow that a name means, and what is needed to find those that it calls itself."""

    workflow: Workflow
    folder: Path | None
    """Where relative paths in it start; None where it came from no file."""


def resolver(
    registry: Registry, folder: Path | None = None, read: Callable[[str], None] | None = None
) -> Callable[[str, Workflow], Workflow]:
    """What finds the workflows that calls and maps name: defined in a registry, or a file in a folder.

    Args:
        registry: where workflows are defined.
        folder: that of the document; the current one if None.
        read: is told the path of each file that was read.
    """
    if read is None:
        return partial(resolve_workflow, registry=registry.workflows, folder=folder)

    def resolve(name: str, workflow: Workflow) -> Workflow:
        found = find_workflow(name, workflow, registry.workflows, folder)
        if found.folder is not None and name not in workflow.workflows:
            read(name)
        return found.workflow

    return resolve


def resolve_workflow(
    name: str,
    workflow: Workflow,
    registry: Mapping[str, Workflow],
    folder: Path | None = None,
) -> Workflow:
    """The workflow that a call or a map in `workflow` means; see `find_workflow`."""
    return find_workflow(name, workflow, registry, folder).workflow


def find_workflow(
    name: str,
    workflow: Workflow,
    registry: Mapping[str, Workflow],
    folder: Path | None = None,
    *,
    root: Path | None = None,
) -> Found:
    """The workflow that a call or a map in `workflow` means.

    Looks at the workflow's own `workflows`, then at those that are defined, then for a file at this relative path.
    Runs nothing, and looks no further than one name: what is found may call others, itself among them.

    Args:
        name: as the node has it.
        workflow: the one with the node.
        registry: those that are defined (`registry.workflows`).
        folder: where the document lies; by default where the notebook does.
        root: the folder that no path may lead out of; by default `folder`.

    Raises:
        DefinitionError: it means none; the message has the known names.
        DecodeError: there is a file, and it is no workflow document.
    """
    own = workflow.workflows.get(name)
    if own is not None:
        return Found(_within(own, workflow), folder)
    defined = registry.get(name)
    if defined is not None:
        return Found(defined, None)
    if not is_path(name):
        raise _unknown(name, workflow, registry)
    start = (folder or Path()).resolve()
    return _read(name, start, (root or start).resolve(), workflow)


def _within(own: Workflow, document: Workflow) -> Workflow:
    """What belongs to a document is known inside of it as well."""
    calls = any(isinstance(node, Call) or (isinstance(node, Map) and node.workflow) for node in own.nodes)
    if not calls or document.workflows.keys() <= own.workflows.keys():
        return own
    return msgspec.structs.replace(own, workflows={**document.workflows, **own.workflows})


def _read(name: str, folder: Path, root: Path, workflow: Workflow) -> Found:
    where = f"workflow '{workflow.name}' calls '{name}'"
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor:
        raise DefinitionError(f"{where}, which is no relative path\nput the file beside the document")
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(root):
            raise DefinitionError(f"{where}, which lies outside of '{root}'\nput the file beside the document")
        if not file.is_file():
            raise DefinitionError(f"{where}, and there is no such file in '{folder}'\n{_near(file, root)}")
        if file.stat().st_size > MAX_BYTES:
            raise DefinitionError(f"{where}, which has more than {MAX_BYTES} bytes\nsplit the workflow")
        data = file.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # no permission, a name that no file can have, a ring of links
        raise DefinitionError(f"{where}, which can not be read: {error}\ncorrect the path") from None
    return Found(decode(data, name), file.parent)


def _near(file: Path, root: Path) -> str:
    inside = file.parent.is_relative_to(root) and file.parent.is_dir()
    names = sorted(entry.name for entry in file.parent.glob("*.json")) if inside else []
    return f"known files: {listed(names)}.{did_you_mean(file.name, names)}" if names else "correct the path"


def _unknown(name: str, workflow: Workflow, registry: Mapping[str, Workflow]) -> DefinitionError:
    names = list(dict.fromkeys([*workflow.workflows, *registry]))
    known = f"known workflows: {listed(names)}." if names else "define it with wf.flow(...), or call a file by its path"
    return DefinitionError(
        f"workflow '{workflow.name}' calls unknown workflow '{name}'\n{known}{did_you_mean(name, names)}"
    )
