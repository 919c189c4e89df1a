"""Inside the KMEHR message: what is checked before anything leaves, what is inserted, what is left out."""

from collections.abc import Callable
from pyexpat import XMLParserType

from hub.wire.kmehr.relay.additions import Additions
from hub.wire.kmehr.relay.copying import Copier
from hub.wire.kmehr.relay.expectation import Expectation, IdKey
from hub.wire.kmehr.relay.stream import refusal
from hub.wire.namespaces import KMEHR

DEEPEST = 256
_WATCHED = 4
"""How deep below the message the deepest element is that matters here: header/sender/hcparty/id."""
_KMEHR = f"{KMEHR} "
_LONGEST_ID = 4096

Attributes = dict[str, str]


class MessageRewriter:
    """Follows the elements of one message and tells the copier what to do at each of them.

    The copier holds everything back until the patient of the first folder and a transaction are the expected ones, and
    again from the start of each further folder until its patient is. Sealed content cannot be looked into and passes.
    """

    def __init__(
        self,
        *,
        parser: XMLParserType,
        position: Callable[[], int],
        copier: Copier,
        expectation: Expectation,
        additions: Additions | None,
        only_transaction: int | None,
        on_end: Callable[[], None],
    ) -> None:
        self._position = position
        self._copier = copier
        self._expectation = expectation
        self._additions = additions
        self._only = only_transaction
        self._on_message_end = on_end
        self._level = 0
        self._paths = [""]
        self._ids = IdCollector(parser)
        self._on_start, self._on_end = self._actions()
        self._has_header = False
        self._sender_place: int | None = None
        self._sender_is_due = self._recipient_is_due = additions is not None
        self._patient_is_right = False
        self._document_is_right = False
        self._transactions = 0
        self._is_leaving_out = False
        self._is_among_ids = False

    @property
    def reads_text(self) -> bool:
        """Whether text that comes now is part of an identifier."""
        return self._ids.is_open

    @property
    def is_leaving_out(self) -> bool:
        """Whether this is a transaction that was not asked for."""
        return self._is_leaving_out

    def start(self, name: str, attributes: Attributes) -> None:
        """An element below the message starts."""
        level = self._level = self._level + 1
        if level > _WATCHED:
            if level > DEEPEST:
                raise refusal(f"more than {DEEPEST} nested elements")
            return
        step = name.removeprefix(_KMEHR)
        path = f"{self._paths[-1]}/{step}"
        self._paths.append(path)
        if level <= 2 and self._is_leaving_out:
            self._take_up_again()
        if self._is_among_ids and level == 3 and step not in ("id", "confidentiality"):
            self._end_ids()
        if (action := self._on_start.get(path)) is not None:
            action(attributes)

    def end(self, _: str) -> None:
        """An element ends, the message itself included."""
        level = self._level = self._level - 1
        if level >= _WATCHED:
            return
        if level < 0:
            self._end_message()
            return
        if level == 0 and self._is_leaving_out:
            self._take_up_again()
        if (action := self._on_end.get(self._paths.pop())) is not None:
            action()

    def _actions(self) -> tuple[dict[str, Callable[[Attributes], None]], dict[str, Callable[[], None]]]:
        starts = {
            "/header/sender/hcparty": self._start_sender_party,
            "/header/sender/hcparty/id": self._start_id,
            "/header/recipient": self._start_recipient,
            "/folder": self._start_folder,
            "/folder/patient/id": self._start_id,
            "/folder/transaction": self._start_transaction,
            "/folder/transaction/id": self._start_id,
            "/folder/transaction/version": self._start_version,
            "/Base64EncryptedData": self._start_sealed,
            "/EncryptedData": self._start_sealed,
        }
        ends = {
            "/header": self._end_header,
            "/header/sender/hcparty/id": self._end_id,
            "/header/sender": self._end_sender,
            "/folder/patient/id": self._end_id,
            "/folder/patient": self._end_patient,
            "/folder/transaction/id": self._end_id,
            "/folder/transaction": self._end_transaction,
        }
        return starts, ends

    def _start_id(self, attributes: Attributes) -> None:
        if not (self._is_among_ids and self._document_is_right):
            self._ids.begin(attributes)

    def _end_id(self) -> None:
        self._ids.end()

    def _start_sender_party(self, _: Attributes) -> None:
        if self._sender_is_due and self._sender_place is None and self._copier.holding:
            self._copier.advance(self._position())
            self._sender_place = self._copier.held_size

    def _end_sender(self) -> None:
        additions, place = self._additions, self._sender_place
        if additions is not None and place is not None and self._sender_is_due:
            self._sender_is_due = False
            if ("ID-HCPARTY", "", additions.hub) not in self._ids.keys:
                self._copier.advance(self._position())
                self._copier.insert_held(place, additions.sender)

    def _start_recipient(self, _: Attributes) -> None:
        if self._additions is not None and self._recipient_is_due:
            self._recipient_is_due = False
            self._insert(self._additions.recipient)

    def _end_header(self) -> None:
        self._has_header = True

    def _start_folder(self, _: Attributes) -> None:
        self._require_header()
        self._copier.advance(self._position())
        self._copier.holding = True
        self._patient_is_right = False
        self._ids.keys.clear()

    def _end_patient(self) -> None:
        self._expectation.check_patient(self._ids.keys)
        self._patient_is_right = True
        self._release_if_right()

    def _start_transaction(self, _: Attributes) -> None:
        if not self._patient_is_right:
            raise refusal("a transaction before its patient", where="folder")
        self._transactions += 1
        self._is_among_ids = True
        self._ids.keys.clear()
        if self._only not in (None, self._transactions):
            self._copier.advance(self._position())
            self._copier.dropping = self._is_leaving_out = True

    def _end_ids(self) -> None:
        """Of the transaction that is being read, every identifier has been seen."""
        self._is_among_ids = False
        if not self._document_is_right:
            self._document_is_right = self._expectation.fits(self._ids.keys)
        self._release_if_right()
        additions, number = self._additions, self._transactions
        if additions is not None and number <= len(additions.transaction_ids) and not self._is_leaving_out:
            self._insert(additions.transaction_ids[number - 1])

    def _end_transaction(self) -> None:
        if self._is_among_ids:
            self._end_ids()
        if self._has_version_of_ours:
            self._copier.advance(self._position())
            self._copier.dropping = False
            self._copier.insert(self._additions.version if self._additions else b"")

    def _start_version(self, _: Attributes) -> None:
        """The last element of a transaction: dropped, with what is behind it, when ours takes its place."""
        if self._has_version_of_ours:
            self._copier.advance(self._position())
            self._copier.dropping = True

    @property
    def _has_version_of_ours(self) -> bool:
        is_first = self._transactions == 1 and not self._is_leaving_out
        return is_first and self._additions is not None and bool(self._additions.version)

    def _take_up_again(self) -> None:
        """The transaction that was left out is over, and so is the white space behind it."""
        self._copier.advance(self._position())
        self._copier.dropping = self._is_leaving_out = False

    def _start_sealed(self, _: Attributes) -> None:
        self._require_header()
        self._copier.release()

    def _end_message(self) -> None:
        if self._copier.holding:
            missing = "folder" if not self._transactions else "transaction that was asked for"
            raise refusal(f"a message without the {missing}", where="kmehrmessage")
        self._copier.advance(self._position())
        self._on_message_end()

    def _require_header(self) -> None:
        if not self._has_header:
            raise refusal("a message without a header", where="kmehrmessage")

    def _release_if_right(self) -> None:
        has_come = self._only is None or self._transactions >= self._only
        if self._copier.holding and self._patient_is_right and self._document_is_right and has_come:
            self._copier.release()

    def _insert(self, fragment: bytes) -> None:
        self._copier.advance(self._position())
        self._copier.insert(fragment)


class IdCollector:
    """Collects identifiers: their scheme, local scheme and text, without the white space around it."""

    def __init__(self, parser: XMLParserType) -> None:
        self.keys: list[IdKey] = []
        self.is_open = False
        self._parser = parser
        self._schemes = ("", "")
        self._text = ""

    def begin(self, attributes: Attributes) -> None:
        """An `id` element starts."""
        self._schemes = attributes.get("S", ""), attributes.get("SL", "").strip()
        self._text = ""
        self.is_open = True
        self._parser.CharacterDataHandler = self._read

    def end(self) -> None:
        """It ends."""
        if self.is_open:
            self.keys.append((*self._schemes, self._text.strip()))
            self.is_open = False
            self._parser.CharacterDataHandler = None

    def _read(self, data: str) -> None:
        self._text += data
        if len(self._text) > _LONGEST_ID:
            raise refusal(f"an identifier of more than {_LONGEST_ID} characters")
