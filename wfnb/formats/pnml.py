"""PNML, the Petri Net Markup Language (ISO/IEC 15909-2): place/transition nets, in and out.

Any dialect and namespace is read: pages may be nested, reference nodes stand for what they refer to, graphics and other
tools' notes are passed over.  Arcs have weight 1; reset and read arcs are known by their `type`.  What no standard has
(places that may stay marked at the end, thresholds) is in `toolspecific` elements of our own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import parseString

from wfnb.errors import FormatError
from wfnb.machine.net import Net, Transition

MAX_BYTES = 64_000_000
MAX_ELEMENTS = 2_000_000
"""Places, transitions and arcs together."""
MAX_DEPTH = 200
"""How deep elements may be nested."""
TOOL = "wfnb"
_SUPPORTED = "supported: PNML of place/transition nets with arcs of weight 1, reset and read arcs"
_REPAIR = "repair it in a text editor, or export it once more"
_NODES = {"place": "place", "transition": "transition", "referencePlace": "place", "referenceTransition": "transition"}
_HIGH_LEVEL = {"hlinitialMarking", "hlinscription", "condition"}


@dataclass(slots=True)
class _Element:
    """A place, a transition or an arc of the file; `line` is where it begins."""

    kind: str
    id: str
    line: int
    ref: str = ""
    source: str = ""
    target: str = ""
    tokens: str = ""
    weight: str = ""
    type: str = "normal"
    rest: str = ""
    least: str = ""
    some: list[str] = field(default_factory=list)


def read(data: bytes, *, where: str = "document") -> Net:
    """The net in a PNML file.

    Sinks are places without consumers; if no place is marked, the source places are.

    Args:
        data: the file.
        where: what errors call it.

    Raises:
        FormatError: it is no PNML, or uses what is not supported; says at which line.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"{where} has {len(data)} bytes, more than {MAX_BYTES}\nsplit the net")
    reader = _Reader(where)
    try:
        parseString(data, reader, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FormatError(
            f"{where} declares a document type or entities, at line {reader.line}\n{_SUPPORTED}, without <!DOCTYPE>"
        ) from error
    except SAXParseException as error:
        what = f"{where} is no XML: {error.getMessage()} at line {error.getLineNumber()}"
        raise FormatError(f"{what}\n{_REPAIR}") from error
    except (SAXException, ValueError, LookupError) as error:
        raise FormatError(f"{where} is no XML: {error}\n{_REPAIR}") from error
    if reader.nets != 1:
        raise FormatError(f"{where} has {reader.nets} nets\nsupported: PNML with one net")
    return _Assembly(where, reader.found).net()


class _Reader(ContentHandler):
    """Collects the elements; names count without their namespace's prefix."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where
        self.found: list[_Element] = []
        self.nets = 0
        self.path: list[str] = []
        self.open: list[_Element] = []
        self.text: list[str] = []
        self.foreign = 0
        """At what depth another tool's notes began; 0 outside of them."""

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - called by SAX
        self.locator = locator

    @property
    def line(self) -> int:
        return self.locator.getLineNumber() or 0

    def refuse(self, what: str) -> FormatError:
        return FormatError(f"{self.where}: {what} at line {self.line}\n{_SUPPORTED}")

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - called by SAX
        name = name.rpartition(":")[2]
        self.path.append(name)
        if len(self.path) > MAX_DEPTH:
            raise self.refuse(f"elements are nested deeper than {MAX_DEPTH}")
        if len(self.path) == 1 and name != "pnml":
            raise self.refuse(f"expected <pnml>, found <{name}>")
        if self.foreign:
            return
        if name == "toolspecific" and attrs.get("tool") != TOOL:
            self.foreign = len(self.path)
            return
        self.text = []
        if name == "net":
            self.nets += 1
        elif name in _NODES or name == "arc":
            self.begin(name, attrs)
        elif name in _HIGH_LEVEL:
            raise self.refuse(f"<{name}> of a high-level net")
        elif self.open:
            self.inside(self.open[-1], name, attrs)

    def begin(self, name: str, attrs: AttributesImpl) -> None:
        if not self.nets:
            raise self.refuse(f"<{name}> outside of a net")
        if self.open:
            raise self.refuse(f"<{name}> inside of '{self.open[-1].id}'")
        if len(self.found) == MAX_ELEMENTS:
            raise self.refuse(f"more than {MAX_ELEMENTS} places, transitions and arcs")
        if name != "arc" and not attrs.get("id"):
            raise self.refuse(f"<{name}> without an id")
        made = _Element(_NODES.get(name, name), attrs.get("id", ""), self.line)
        made.ref = attrs.get("ref", "")
        if name.startswith("reference") and not made.ref:
            raise self.refuse(f"reference '{made.id}' without a ref")
        made.source, made.target = attrs.get("source", ""), attrs.get("target", "")
        made.type = attrs.get("type", "normal")
        self.open.append(made)
        self.found.append(made)

    def inside(self, made: _Element, name: str, attrs: AttributesImpl) -> None:
        if name in ("type", "arctype") and attrs.get("value"):
            made.type = attrs["value"]
        elif name == "rest":
            made.rest = attrs.get("as", "")
        elif name == "threshold":
            made.least = attrs.get("least", "")
        elif name == "counted":
            made.some.append(attrs.get("place", ""))

    def characters(self, content: str) -> None:
        if not self.foreign:
            self.text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - called by SAX
        name = self.path.pop()
        if self.foreign:
            if len(self.path) < self.foreign:
                self.foreign = 0
            return
        if not self.open:
            return
        made = self.open[-1]
        if name in _NODES or name == "arc":
            self.open.pop()
        elif name in ("text", "value", "arctype", "type"):
            text = "".join(self.text).strip()
            owner = self.path[-1] if self.path else ""
            if owner == "initialMarking":
                made.tokens = text
            elif owner == "inscription":
                made.weight = text
            elif text and not {name, owner}.isdisjoint(("type", "arctype")):
                made.type = text
        self.text = []


class _Assembly:
    """Makes the net of the elements."""

    def __init__(self, where: str, found: list[_Element]) -> None:
        self.where = where
        self.nodes: dict[str, _Element] = {}
        for made in found:
            if made.kind != "arc":
                if made.id in self.nodes:
                    raise self.refuse(made, f"id '{made.id}' is used again")
                self.nodes[made.id] = made
        own = [made for made in self.nodes.values() if not made.ref]
        self.places = [made for made in own if made.kind == "place"]
        self.moves = [made for made in own if made.kind == "transition"]
        self.number = {made.id: number for nodes in (self.places, self.moves) for number, made in enumerate(nodes)}
        self.pre: list[dict[int, None]] = [{} for _ in self.moves]
        self.post: list[dict[int, None]] = [{} for _ in self.moves]
        self.resets: list[dict[int, None]] = [{} for _ in self.moves]
        for made in found:
            if made.kind == "arc":
                self.connect(made)

    def refuse(self, made: _Element, what: str) -> FormatError:
        return FormatError(f"{self.where}: {what} at line {made.line}\n{_SUPPORTED}")

    def meant(self, made: _Element, id: str) -> _Element:
        """The place or transition of an id, behind any references."""
        seen = set()
        while id in self.nodes:
            node = self.nodes[id]
            if not node.ref:
                return node
            if id in seen:
                raise self.refuse(node, f"reference '{id}' refers to itself")
            seen.add(id)
            id = node.ref
        raise self.refuse(made, f"'{id}' is no place or transition")

    def connect(self, arc: _Element) -> None:
        source, target = self.meant(arc, arc.source), self.meant(arc, arc.target)
        name = f"arc '{arc.id}' from '{arc.source}' to '{arc.target}'"
        if source.kind == target.kind:
            raise self.refuse(arc, f"{name} joins two {source.kind}s")
        weight = arc.weight.rpartition(",")[2].strip()  # some tools write 'Default,1'
        if weight not in ("", "1"):
            raise self.refuse(arc, f"{name} has weight '{arc.weight}'")
        place, move = (source, target) if source.kind == "place" else (target, source)
        p, t = self.number[place.id], self.number[move.id]
        match arc.type.strip().lower():
            case "normal":
                sides = [self.pre[t] if place is source else self.post[t]]
            case "reset":
                sides = [self.resets[t]]
            case "read" | "test":
                sides = [self.pre[t], self.post[t]]
            case other:
                raise self.refuse(arc, f"{name} is of type '{other}'")
        for side in sides:
            if p in side:
                raise self.refuse(arc, f"{name} is there twice, which is weight 2,")
            side[p] = None

    def net(self) -> Net:
        taken = {place for side in self.pre for place in side}
        made = {place for side in self.post for place in side}
        rests = [place.rest for place in self.places]
        tokens = [self.tokens(place) for place in self.places]
        initial = frozenset(place for place, count in enumerate(tokens) if count)
        if not initial:
            sources = [place for place in range(len(self.places)) if place not in made]
            initial = frozenset([place for place in sources if place in taken] or sources)
        return Net(
            places=tuple(place.id for place in self.places),
            transitions=tuple(self.transition(number) for number in range(len(self.moves))),
            initial=initial,
            sinks=frozenset(
                place for place, rest in enumerate(rests) if rest == "sink" or (not rest and place not in taken)
            ),
            idle=frozenset(place for place, rest in enumerate(rests) if rest == "idle"),
            crowded=frozenset(place for place, count in enumerate(tokens) if count > 1),
        )

    def tokens(self, place: _Element) -> int:
        text = place.tokens.rpartition(",")[2].strip()
        if not text:
            return 0
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise self.refuse(place, f"place '{place.id}' has the initial marking '{place.tokens}'")
        return int(text)

    def transition(self, number: int) -> Transition:
        move = self.moves[number]
        least, some = 0, {}
        if move.least or move.some:
            if not move.least.isascii() or not move.least.isdigit() or len(move.least) > 9:
                raise self.refuse(move, f"transition '{move.id}' has the threshold '{move.least}'")
            least = int(move.least)
            counted = [self.meant(move, id) for id in move.some]
            if any(node.kind != "place" for node in counted):
                raise self.refuse(move, f"transition '{move.id}' counts what is no place")
            some = dict.fromkeys(self.number[node.id] for node in counted)
        return Transition(
            move.id, tuple(self.pre[number]), tuple(self.post[number]), tuple(self.resets[number]), tuple(some), least
        )


def write(net: Net, name: str) -> str:
    """A net as PNML, which `read` gives back as it was.

    A place whose name is also a transition's gets another id.
    """
    moves = [transition.id for transition in net.transitions]
    places = _ids(net.places, set(moves))
    taken = {place for transition in net.transitions for place in transition.pre}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml">',
        '<net id="net" type="http://www.pnml.org/version-2009/grammar/ptnet">',
        f"<name><text>{escape(name)}</text></name>",
        '<page id="page">',
    ]
    for number, id in enumerate(places):
        lines.append(f"<place id={quoteattr(id)}><name><text>{escape(net.places[number])}</text></name>")
        if number in net.initial:
            lines.append(f"<initialMarking><text>{1 + (number in net.crowded)}</text></initialMarking>")
        rest = "sink" if number in net.sinks else "idle" if number in net.idle else "none"
        if rest != ("none" if number in taken else "sink"):
            lines.append(f'<toolspecific tool="{TOOL}" version="1"><rest as="{rest}"/></toolspecific>')
        lines.append("</place>")
    arcs: list[str] = []
    for transition, id in zip(net.transitions, moves, strict=True):
        lines.append(f"<transition id={quoteattr(id)}><name><text>{escape(id)}</text></name>")
        if transition.least or transition.some:
            counted = "".join(f"<counted place={quoteattr(places[place])}/>" for place in transition.some)
            lines.append(
                f'<toolspecific tool="{TOOL}" version="1">'
                f'<threshold least="{transition.least}">{counted}</threshold></toolspecific>'
            )
        lines.append("</transition>")
        arcs += [_arc(len(arcs) + k, places[place], id) for k, place in enumerate(transition.pre)]
        arcs += [_arc(len(arcs) + k, id, places[place]) for k, place in enumerate(transition.post)]
        arcs += [_arc(len(arcs) + k, places[place], id, reset=True) for k, place in enumerate(transition.resets)]
    return "\n".join([*lines, *arcs, "</page>", "</net>", "</pnml>", ""])


def _arc(number: int, source: str, target: str, *, reset: bool = False) -> str:
    ends = f"source={quoteattr(source)} target={quoteattr(target)}"
    return f'<arc id="arc{number}" {ends}' + ('><type value="reset"/></arc>' if reset else "/>")


def _ids(names: tuple[str, ...], taken: set[str]) -> list[str]:
    ids = []
    for name in names:
        id, count = name, 2
        while id in taken:
            id, count = (f"{name} (place)" if count == 2 else f"{name} (place {count - 1})"), count + 1
        taken.add(id)
        ids.append(id)
    return ids
