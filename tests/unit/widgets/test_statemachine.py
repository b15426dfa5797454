"""The state machine in a cell: a graph for ipycytoscape, a picture and a text for everyone else."""

from __future__ import annotations

from tests.unit.machine.formal.nets import LOOP, blocks, net
from wfnb.formats.states import draw_states
from wfnb.machine.formal.statemachine import explicit
from wfnb.widgets.statemachine import DRAWING, StateGraph


def test_the_graph_has_every_state_and_move_in_its_place() -> None:
    machine = explicit(blocks(1, wide=4))
    shown = StateGraph(machine)
    graph = shown.children[1].graph
    assert [node.data["id"] for node in graph.nodes] == [str(number) for number in range(len(machine.states))]
    assert len(graph.edges) == len({(move.source, move.target) for move in machine.moves})
    assert len({tuple(node.position.values()) for node in graph.nodes}) == len(machine.states)
    assert shown.children[1].cytoscape_layout["name"] == "preset"
    assert shown.children[1].auto_ungrabify


def test_states_are_marked() -> None:
    graph = StateGraph(explicit(LOOP)).children[1].graph
    assert [node.classes.split() for node in graph.nodes] == [["inner", "start"], ["inner"], ["inner"], ["final"]]
    assert graph.nodes[3].data["label"] == "o\n✓ final"
    backward = [edge for edge in graph.edges if "back" in edge.classes]
    assert [(edge.data["source"], edge.data["target"], edge.data["label"]) for edge in backward] == [
        ("2", "1", "again")
    ]
    staying = StateGraph(explicit(net({"stay": "i > i", "go": "i > o"}, "i", "o"))).children[1].graph
    assert [edge.data["label"] for edge in staying.edges] == ["stay", "go"]


def test_both_ways_between_two_states_are_drawn() -> None:
    graph = StateGraph(explicit(net({"there": "a > b", "back": "b > a"}, "a", ""))).children[1].graph
    assert {edge.data["label"] for edge in graph.edges} == {"there", "back"}


def test_a_saved_notebook_keeps_a_picture_and_a_text() -> None:
    machine = explicit(LOOP)
    shown = StateGraph(machine)
    bundle = shown._repr_mimebundle_()
    assert bundle[DRAWING] == {"model_id": shown.model_id}
    assert bundle["image/svg+xml"] == shown.picture() == draw_states(machine)
    assert bundle["text/plain"] == machine.text()
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_click_tells_all_of_a_long_name_as_text() -> None:
    name = "<b>" + "a long name " * 20
    graph = StateGraph(explicit(net({name: "i > o"}, "i", "o"))).children[1].graph
    (edge,) = graph.edges
    assert edge.data["label"].endswith("…")
    assert edge.data["tooltip"] == name.replace("<", "&lt;").replace(">", "&gt;")
    assert [node.data["tooltip"] for node in graph.nodes] == ["i", "o"]
