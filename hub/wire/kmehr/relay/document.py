"""A KMEHR document from a source, as the `kmehrmessage` of a hub's answer.

expat finds the structure and checks that the document is well-formed; what leaves is the bytes that came in, between
the places it points at, so that prefixes, attributes, references and white space stay as they were. Long runs of text,
base64 above all, do not even pass expat: it costs four times as much as making sure that they hold nothing else.
"""

import re
from collections.abc import Callable
from pyexpat import ExpatError, ParserCreate, XMLParserType

import numpy as np

from hub.domain.identifiers import Ssin
from hub.ports.documents import Shape
from hub.wire.kmehr.relay.additions import Additions
from hub.wire.kmehr.relay.copying import Copier
from hub.wire.kmehr.relay.encoding import Utf8Input
from hub.wire.kmehr.relay.expectation import Expectation, IdKey
from hub.wire.kmehr.relay.message import Attributes, MessageRewriter
from hub.wire.kmehr.relay.opening import Opening
from hub.wire.kmehr.relay.part import Part
from hub.wire.kmehr.relay.part_filter import PartFilter
from hub.wire.kmehr.relay.scope import Namespaces
from hub.wire.kmehr.relay.stream import refusal
from hub.wire.namespaces import CORE

LONGEST_TAG = 256 * 1024
"""No tag, comment or processing instruction longer than this passes; one of a quarter of it always does."""
HEAD_LIMIT = 1024 * 1024
_PIECE = 64 * 1024

_DEFERRAL = "SetReparseDeferralEnabled"

_START_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")


class DocumentRelay:
    """A `MessageStream` for the shapes HUB_ANSWER and KMEHR_MESSAGE; out comes UTF-8 without XML declaration.

    Nothing comes out before it is sure that the document is about `patient` and that its transaction does not
    contradict `names` (`Declaration.names()`); sealed content passes unseen. `only_transaction` (counted from 1)
    leaves out the others, which are looked at all the same: a set goes by the names of its head. Comments stay,
    processing instructions are dropped (SOAP forbids them). `part` lets only some items leave, and no comment; see
    `PartFilter`. Raises HubError: source-answer for whatever is wrong, source-lacks-document when a hub's answer says
    no, access-denied for sealed content of which a part is to leave.
    """

    def __init__(
        self,
        *,
        shape: Shape,
        patient: Ssin,
        names: frozenset[IdKey],
        additions: Additions | None = None,
        only_transaction: int | None = None,
        part: Part | None = None,
        head_limit: int = HEAD_LIMIT,
    ) -> None:
        self._head_limit = head_limit
        self._input = Utf8Input()
        self._copier = Copier()
        self._opening = Opening(shape)
        self._namespaces = Namespaces()
        self._parser = _at_once(ParserCreate("utf-8", " "))
        self._fed = 0
        self._unparsed = 0
        self._text_may_pass = False
        self._end_tag = b""
        self._is_over = False
        rewriter = MessageRewriter(
            parser=self._parser,
            position=self._position,
            copier=self._copier,
            expectation=Expectation(patient, names),
            additions=additions,
            only_transaction=only_transaction,
            on_end=self._end_message,
        )
        self._follower: MessageRewriter | PartFilter = rewriter
        self._text_between: Callable[[str], None] | None = None
        if part is not None:
            self._follow_part(part, rewriter)
        self._watch_opening()

    def feed(self, chunk: bytes) -> bytes:
        """Take the next bytes and return what can be sent on; see `MessageStream`."""
        self._read(self._input.feed(chunk))
        return self._copier.take()

    def finish(self) -> bytes:
        """Check that the document is whole; see `MessageStream`."""
        self._read(self._input.finish())
        self._parse(b"", is_final=True)
        if not self._is_over:  # pragma: no cover - expat and the opening have refused it before
            raise refusal("an answer without a message")
        return self._copier.take()

    def _read(self, data: bytes) -> None:
        if self._pass_text(data):
            return
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            if not self._pass_text(piece):
                self._take(piece)

    def _pass_text(self, data: bytes) -> bool:
        """Let data through without parsing when it stands in an element and can be nothing but text."""
        if not self._text_may_pass or not _is_text(data):
            return False
        self._fed += len(data)
        self._unparsed += len(data)
        self._copier.pass_over(data)
        self._check_head()
        return True

    def _take(self, piece: bytes) -> None:
        self._fed += len(piece)
        self._copier.append(piece)
        self._parse(piece)
        position = self._position()
        self._copier.advance(position)
        if self._fed - position > LONGEST_TAG:
            raise refusal(f"a tag of more than {LONGEST_TAG // 1024} KiB", where=self._where())
        self._check_head()
        is_inside = bool(self._end_tag) and not self._is_over
        self._text_may_pass = is_inside and position == self._fed and not self._follower.reads_text

    def _parse(self, piece: bytes, *, is_final: bool = False) -> None:
        try:
            self._parser.Parse(piece, is_final)
        except ExpatError as error:
            raise refusal("not well-formed XML, or not all of it", where=self._where()) from error

    def _position(self) -> int:
        """Where the event stands that is being handled, or else the end of what is understood."""
        return max(self._parser.CurrentByteIndex, 0) + self._unparsed

    def _where(self) -> str:
        return f"byte {self._position()}"

    def _check_head(self) -> None:
        held = self._copier.held_size if self._end_tag else self._fed
        if self._copier.holding and held > self._head_limit:
            raise refusal("what tells whether it may leave does not come first", where=f"byte {self._fed}")

    def _follow_part(self, part: Part, rewriter: MessageRewriter) -> None:
        following = PartFilter(
            parser=self._parser, position=self._position, copier=self._copier, rewriter=rewriter, part=part
        )
        self._follower, self._text_between = following, following.refuse_text
        self._parser.CommentHandler = self._drop_comment

    def _watch_opening(self) -> None:
        parser = self._parser
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.ProcessingInstructionHandler = self._drop_instruction
        parser.StartNamespaceDeclHandler = self._namespaces.declare
        parser.EndNamespaceDeclHandler = self._namespaces.forget
        parser.StartElementHandler = self._start_before_message
        parser.EndElementHandler = self._opening.end
        parser.CharacterDataHandler = self._opening.text

    def _start_before_message(self, name: str, _: Attributes) -> None:
        if self._opening.start(name):
            self._start_message()
        self._namespaces.element_started()

    def _start_message(self) -> None:
        parser, position = self._parser, self._position()
        tag = _START_TAG.match(self._copier.from_position(position))
        if tag is None:  # pragma: no cover - expat reports a start tag when it has seen all of it
            raise refusal("a start tag without an end")
        start, self._end_tag = self._namespaces.rename(tag[0], CORE, "kmehrmessage")
        self._copier.drop(position + tag.end())
        self._copier.dropping = False
        self._copier.insert(start)
        parser.StartNamespaceDeclHandler = parser.EndNamespaceDeclHandler = None
        parser.CharacterDataHandler = self._text_between
        parser.StartElementHandler = self._follower.start
        parser.EndElementHandler = self._follower.end

    def _end_message(self) -> None:
        self._copier.insert(self._end_tag)
        self._copier.dropping = self._is_over = True
        self._parser.StartElementHandler = self._parser.EndElementHandler = None

    def _drop_instruction(self, _target: str, _data: str) -> None:
        self._drop_through(b"?>")

    def _drop_comment(self, _: str) -> None:
        self._drop_through(b"-->")

    def _drop_through(self, end: bytes) -> None:
        """Drop what stands here up to its end; the parser has seen all of it."""
        position = self._position()
        self._copier.advance(position)
        self._copier.drop(position + self._copier.from_position(position).index(end) + len(end))

    def _refuse_doctype(self, *_: object) -> None:
        raise refusal("a document type declaration", where="DOCTYPE")


def _is_text(data: bytes) -> bool:
    """Whether data is certainly text: ASCII without markup (or `]]>`) and without characters that XML forbids."""
    if not data.isascii() or b"<" in data or b"&" in data or b"]" in data:
        return False
    characters = np.frombuffer(data, np.uint8)
    controls = int(np.count_nonzero(characters < ord(" ")))
    for allowed in b"\n\r\t":
        if controls:
            controls -= int(np.count_nonzero(characters == allowed))
    return controls == 0


def _at_once(parser: XMLParserType) -> XMLParserType:
    """A parser that reports a token as soon as it is whole.

    expat 2.6 and later may wait for more input instead, and then tells positions behind what it has reported. Waiting
    saves time on tokens that arrive in very many pieces; LONGEST_TAG bounds those.
    """
    if hasattr(parser, _DEFERRAL):
        getattr(parser, _DEFERRAL)(False)
    return parser
