"""PNML: nets of every dialect are read, what is not supported is refused with its line, and our own come back equal."""

from __future__ import annotations

from random import Random
from xml.etree import ElementTree as ET

import pytest

from tests.corpus import industrial_nets, needs_soundness
from tests.property.nets import any_small
from tests.tools.tokengame import from_pnml
from wfnb.errors import FormatError
from wfnb.formats.pnml import read, write
from wfnb.machine.net import Net, Transition

NETS = industrial_nets()


def document(body: str, head: str = "<pnml>") -> bytes:
    return f'{head}\n<net id="n" type="PTNet">\n{body}\n</net>\n</pnml>'.encode()


CHAIN = """<place id="i"><initialMarking><text>1</text></initialMarking></place>
<place id="o"/>
<transition id="t"/>
<arc id="a1" source="i" target="t"/>
<arc id="a2" source="t" target="o"/>"""
CHAIN_NET = Net(("i", "o"), (Transition("t", (0,), (1,)),), frozenset({0}), frozenset({1}))


def refused(data: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        read(data, where="x.pnml")
    return str(caught.value)


def test_a_net() -> None:
    assert read(document(CHAIN)) == CHAIN_NET


@pytest.mark.parametrize(
    "head",
    [
        '<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml">',
        '<pnml xmlns="http://www.example.org/pnml">',
        '<?xml version="1.0" encoding="utf-8"?>\n<pnml>',
    ],
)
def test_any_namespace(head: str) -> None:
    assert read(document(CHAIN, head)) == CHAIN_NET


def test_prefixed_names() -> None:
    prefixed = CHAIN.replace("</", "</p:").replace("<", "<p:").replace("<p:/p:", "</p:")
    body = f'<p:pnml xmlns:p="urn:p"><p:net id="n" type="t">{prefixed}</p:net></p:pnml>'
    assert read(body.encode()) == CHAIN_NET


def test_utf_16() -> None:
    text = document(CHAIN.replace('"t"', '"tür"'), '<?xml version="1.0" encoding="utf-16"?><pnml>').decode()
    assert read(text.encode("utf-16")).transitions[0].id == "tür"


def test_pages_graphics_names_and_notes_of_other_tools() -> None:
    body = """<name><text>a net</text></name><page id="p1"><page id="p2">
    <place id="i"><name><text>9</text><graphics><offset x="1" y="2"/></graphics></name>
    <toolspecific tool="other" version="1"><initialMarking><text>7</text></initialMarking><place id="i"/></toolspecific>
    <initialMarking><graphics/><text> 1 </text></initialMarking></place></page>
    <place id="o"/><transition id="t"><name><value>x</value></name></transition>
    <arc id="a1" source="i" target="t"><inscription><text>1</text></inscription></arc></page>
    <arc id="a2" source="t" target="o"><inscription><value>Default,1</value></inscription></arc>"""
    assert read(document(body)) == CHAIN_NET


def test_reference_nodes() -> None:
    body = """<page id="p1"><place id="i"/><transition id="t"/><arc id="a1" source="i" target="t"/></page>
    <page id="p2"><referenceTransition id="r1" ref="r2"/><referenceTransition id="r2" ref="t"/>
    <referencePlace id="r3" ref="o"/><place id="o"/><arc id="a2" source="r1" target="r3"/></page>"""
    assert read(document(body)) == CHAIN_NET


def test_without_marking_the_sources_are_marked() -> None:
    body = '<place id="alone"/>' + CHAIN.replace("<initialMarking><text>1</text></initialMarking>", "")
    net = read(document(body))
    assert {net.places[place] for place in net.initial} == {"i"}
    assert {net.places[place] for place in net.sinks} == {"alone", "o"}


def test_more_than_one_token() -> None:
    net = read(document(CHAIN.replace("<text>1<", "<text>2<")))
    assert net.crowded == net.initial == frozenset({0})


@pytest.mark.parametrize(
    "rest",
    [
        ' type="reset"/>',
        '><type value="reset"/></arc>',
        "><type>reset</type></arc>",
        "><arctype><text>reset</text></arctype></arc>",
    ],
)
def test_reset_arcs(rest: str) -> None:
    arc = '<arc id="a3" source="o" target="t"' + rest
    assert read(document(CHAIN + arc)).transitions[0] == Transition("t", (0,), (1,), (1,))


def test_read_arcs() -> None:
    net = read(document(CHAIN + '<place id="m"/><arc id="a3" source="m" target="t"><type value="read"/></arc>'))
    assert net.transitions[0] == Transition("t", (0, 2), (1, 2))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            CHAIN + '\n<arc id="a3" source="t" target="i"><inscription><text>2</text></inscription></arc>',
            "x.pnml: arc 'a3' from 't' to 'i' has weight '2' at line 8",
        ),
        (CHAIN + '\n<arc id="a3" source="i" target="t"/>', "'a3' from 'i' to 't' is there twice, which is weight 2,"),
        (CHAIN + '\n<arc id="a3" source="i" target="o"/>', "arc 'a3' from 'i' to 'o' joins two places at line 8"),
        (CHAIN + '\n<arc id="a3" source="i" target="u"/>', "x.pnml: 'u' is no place or transition at line 8"),
        (CHAIN + '<arc id="a3" source="o" target="t"><type value="inhibitor"/></arc>', "is of type 'inhibitor'"),
        (CHAIN + '\n<place id="t"/>', "x.pnml: id 't' is used again at line 8"),
        (CHAIN + "\n<place/>", "x.pnml: <place> without an id at line 8"),
        (CHAIN + '<referencePlace id="r"/>', "reference 'r' without a ref"),
        (CHAIN + '<referencePlace id="r" ref="r"/><arc source="r" target="t"/>', "reference 'r' refers to itself"),
        (CHAIN.replace("<text>1<", "<text>-1<"), "place 'i' has the initial marking '-1' at line 3"),
        (CHAIN.replace("<text>1<", "<text>٣<"), "place 'i' has the initial marking"),
        (CHAIN.replace("initialMarking", "hlinitialMarking"), "<hlinitialMarking> of a high-level net at line 3"),
        ('<place id="a"><place id="b"/></place>', "<place> inside of 'a'"),
        ("<a>" * 250, "elements are nested deeper than 200"),
    ],
)
def test_refused(body: str, message: str) -> None:
    first, second = refused(document(body)).split("\n", 1)
    assert message in first
    assert second == "supported: PNML of place/transition nets with arcs of weight 1, reset and read arcs"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.pnml is no XML: no element found at line 1"),
        (b"<pnml>\n<net>", "x.pnml is no XML: no element found at line 2"),
        (b"\xff\xfe\x00", "x.pnml is no XML: "),
        (b'<?xml version="1.0" encoding="odd"?><pnml/>', "x.pnml is no XML: unknown encoding: odd"),
        (b"<bpmn/>", "x.pnml: expected <pnml>, found <bpmn> at line 1"),
        (b"<pnml/>", "x.pnml has 0 nets\nsupported: PNML with one net"),
        (b'<pnml><place id="p"/></pnml>', "x.pnml: <place> outside of a net"),
        (b'<pnml><net id="a"/><net id="b"/></pnml>', "x.pnml has 2 nets\nsupported: PNML with one net"),
    ],
)
def test_no_net(data: bytes, message: str) -> None:
    assert refused(data).startswith(message)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE pnml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE pnml SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE pnml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE pnml>",
    ],
)
def test_document_types_and_entities(head: str) -> None:
    told = refused(document(CHAIN, f"{head}<pnml>"))
    assert told.startswith("x.pnml declares a document type or entities, at line 1\n")


def test_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wfnb.formats.pnml.MAX_BYTES", 100)
    assert refused(document(CHAIN)).endswith("more than 100\nsplit the net")


def test_too_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wfnb.formats.pnml.MAX_ELEMENTS", 4)
    assert "more than 4 places, transitions and arcs at line 7" in refused(document(CHAIN))


def test_damaged_files_are_refused_or_read() -> None:
    random = Random(7)
    whole = [document(CHAIN), *(write(any_small(Random(seed)), "x").encode() for seed in range(10))]
    outcomes = set()
    for _ in range(1_500):
        data = bytearray(random.choice(whole))
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(data))
            match random.randrange(3):
                case 0:
                    data[at] = random.randrange(256)
                case 1:
                    del data[at : at + random.randrange(1, 40)]
                case _:
                    data[at:at] = data[at : at + random.randrange(60)]
        try:
            read(bytes(data))
            outcomes.add("read")
        except FormatError:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_round_trip() -> None:
    for seed in range(300):
        net = any_small(Random(seed))
        assert read(write(net, "x").encode()) == net


def test_round_trip_of_what_is_odd() -> None:
    net = Net(
        places=("a & b", '"x"\n', "t", "kept", "lost"),
        transitions=(Transition("t", (0,), (1, 2, 3, 4)), Transition("t (place)", (1,), (), (4,), (0, 1), 2)),
        initial=frozenset({0, 1}),
        sinks=frozenset({2}),
        idle=frozenset({3}),
        crowded=frozenset({1}),
    )
    again = read(write(net, "<odd>").encode())
    assert again.places == ("a & b", '"x"\n', "t (place 2)", "kept", "lost")
    assert again == Net(again.places, net.transitions, net.initial, net.sinks, net.idle, net.crowded)


def test_what_is_written_is_plain_pnml() -> None:
    root = ET.fromstring(
        write(CHAIN_NET, "chain").replace(' xmlns="http://www.pnml.org/version-2009/grammar/pnml"', "")
    )
    assert [node.attrib["id"] for node in root.iter("transition")] == ["t"]
    assert root.findtext("net/name/text") == "chain"
    assert not list(root.iter("toolspecific"))


@needs_soundness
@pytest.mark.parametrize("name", NETS)
def test_the_industrial_nets(name: str) -> None:
    data, _ = NETS[name]
    net, plain = read(data, where=name), from_pnml(data)
    assert {net.places[place] for place in net.initial} == set(plain.tokens)
    assert {net.places[place] for place in net.sinks} == plain.sinks
    for transition in net.transitions:
        assert {net.places[place] for place in transition.pre} == set(plain.takes[transition.id])
        assert {net.places[place] for place in transition.post} == set(plain.puts[transition.id])
    assert read(write(net, name).encode()) == net
