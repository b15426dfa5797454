"""A workflow as a document that needs no other: what it calls by name goes with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from wfnb.author.bodies import is_path
from wfnb.errors import DefinitionError
from wfnb.model.workflow import Call, Map, Workflow


def self_contained(workflow: Workflow, registry: Mapping[str, Workflow]) -> Workflow:
    """The workflow with all that it calls by name among its own `workflows`.

    Files that it calls by their path stay where they are, and names that mean nothing stay as they are: the check
    says so.

    Args:
        workflow: the definition.
        registry: the workflows that are defined.

    Raises:
        DefinitionError: what it calls calls a name that means another workflow in this document.
    """
    own = dict(workflow.workflows)
    frontier: list[tuple[Workflow, bool]] = [(workflow, False)]
    while frontier:
        one, is_foreign = frontier.pop()
        frontier.extend((inner, is_foreign) for inner in one.workflows.values())
        for name in called(one):
            found = registry.get(name)
            if name in one.workflows or is_path(name) or found is None or found == workflow:
                continue
            if name not in own:
                own[name] = found
                frontier.append((found, True))
            elif is_foreign and own[name] != found:
                raise DefinitionError(
                    f"'{one.name}' calls workflow '{name}', and '{workflow.name}' has its own '{name}', which is "
                    f"another one\nrename one of them, so that one document can hold both"
                )
    return workflow if len(own) == len(workflow.workflows) else msgspec.structs.replace(workflow, workflows=own)


def called(workflow: Workflow) -> Iterator[str]:
    """The names of the workflows that calls and maps run."""
    for node in workflow.nodes:
        if isinstance(node, Call | Map) and node.workflow:
            yield node.workflow
