"""A part of a KMEHR message: the items of the permitted kinds, and what is needed around them (security facts, 4.6).

Everything is left out that is not certainly permitted. What is looked into, and what passes in it, is a list; what is
not in the list goes: free text and files beside items, elements nobody knows, signatures, which would not hold now.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from pyexpat import XMLParserType

from hub.domain.errors import HubError, Reason
from hub.wire.kmehr.relay.copying import Copier
from hub.wire.kmehr.relay.message import Attributes, MessageRewriter
from hub.wire.kmehr.relay.part import Part
from hub.wire.kmehr.relay.stream import refusal
from hub.wire.namespaces import KMEHR

_KMEHR = f"{KMEHR} "
_LONGEST_CODE = 4096
_FILES = ("multimedia", "thumbnail")
"""The kinds of `lnk` that are content; all others relate to something that may have been left out."""


class _Way(Enum):
    """What becomes of an element."""

    PASSES = auto()
    GOES = auto()
    IS_LOOKED_INTO = auto()


def _ways(passing: str, looked_into: str = "") -> Mapping[str, _Way]:
    return {
        **dict.fromkeys(passing.split(), _Way.PASSES),
        **dict.fromkeys(looked_into.split(), _Way.IS_LOOKED_INTO),
    }


_FIRST_NAMES = "confidentiality id cd"
_SUMMARY = f"{_FIRST_NAMES} date time author redactor iscomplete isvalidated expirationdate"
_FIRST = frozenset(_FIRST_NAMES.split())
_BEFORE_NOTICE = frozenset(_SUMMARY.split())
_CHILDREN = {
    "kmehrmessage": _ways("confidentiality", "header folder"),
    "header": _ways(
        "confidentiality standard id date time sender recipient urgency acknowledgment expirationdate",
    ),
    "folder": _ways("confidentiality id", "patient transaction"),
    "patient": _ways(
        "id firstname familyname birthdate birthlocation deathdate deathlocation sex nationality address telecom "
        "usuallanguage profession insurancystatus insurancymembership recorddatetime civilstate"
    ),
    "transaction": _ways(f"{_SUMMARY} recorddatetime version", "heading item"),
    "heading": _ways(_FIRST_NAMES, "heading item"),
}
"""Of each element that is looked into, except items, the children that do not go."""
_SEALED = ("Base64EncryptedData", "EncryptedData")


class PartFilter:
    """Stands before the rewriter of a message and has the copier leave out what is not part of the part.

    An item passes when it has CD-ITEM codes and all of them are permitted; it passes as it is, without its relations to
    other items. It is held back until its codes are known, a heading until an item inside it passes. Raises HubError:
    access-denied for sealed content, source-answer for text where KMEHR has elements only, and for an item whose codes
    do not come first.
    """

    def __init__(
        self,
        *,
        parser: XMLParserType,
        position: Callable[[], int],
        copier: Copier,
        rewriter: MessageRewriter,
        part: Part,
    ) -> None:
        self._parser = parser
        self._position = position
        self._copier = copier
        self._rewriter = rewriter
        self._part = part
        self._level = 0
        self._open = ["kmehrmessage"]
        """The open elements that are looked into: each stands in the one before it."""
        self._going: int | None = None
        """The level of the element that goes, while inside it."""
        self._is_dropping = False
        """Whether something has gone and nothing came after it yet: white space behind it goes with it."""
        self._undecided: list[int] = []
        """Where those of the innermost open elements begin, in what is held back, of which it is not known yet."""
        self._is_holding = False
        self._codes: set[str] = set()
        self._code: str | None = None
        self._is_kind_known = False
        self._is_mark_due = self._is_notice_due = False

    @property
    def reads_text(self) -> bool:
        """Whether text that comes now matters."""
        return self._level < len(self._open) or self._code is not None or self._rewriter.reads_text

    def start(self, name: str, attributes: Attributes) -> None:
        """An element below the message starts."""
        is_child = self._level < len(self._open)
        self._level += 1
        if self._going is not None:
            self._rewriter.start(name, attributes)
            return
        self._resume()
        if is_child:
            self._parser.CharacterDataHandler = None
        self._rewriter.start(name, attributes)
        step = name.removeprefix(_KMEHR)
        if is_child:
            self._start_child(step, attributes)
        elif step == "item":
            self._leave_out(self._level)

    def end(self, name: str) -> None:
        """An element ends, the message itself included."""
        if self._going == self._level:
            self._going = None
        elif self._going is None:
            self._resume()
            if self._code is not None and self._level == len(self._open):
                self._codes.add(self._code.strip())
                self._code = None
            elif self._level < len(self._open):
                self._end_looked_into()
        self._rewriter.end(name)
        self._level -= 1
        if self._level < len(self._open):
            self._parser.CharacterDataHandler = self.refuse_text

    def refuse_text(self, data: str) -> None:
        """Raise HubError (source-answer) for text between elements, which may say anything."""
        if data.strip():
            raise refusal("text where KMEHR has elements only", where=self._open[-1])

    def _start_child(self, step: str, attributes: Attributes) -> None:
        parent = self._open[-1]
        if parent == "item":
            self._start_in_item(step, attributes)
            return
        if step in _SEALED:
            raise HubError(Reason.ACCESS_DENIED, where="kmehrmessage")
        if parent == "transaction":
            self._say_so(step)
        match _CHILDREN[parent].get(step, _Way.GOES):
            case _Way.IS_LOOKED_INTO if self._rewriter.is_leaving_out:
                self._going = self._level
            case _Way.IS_LOOKED_INTO:
                self._look_into(step)
            case _Way.GOES:
                self._leave_out(self._level)

    def _look_into(self, step: str) -> None:
        self._open.append(step)
        self._parser.CharacterDataHandler = self.refuse_text
        match step:
            case "transaction":
                self._is_mark_due = self._is_notice_due = True
            case "heading":
                self._hold()
            case "item":
                self._hold()
                self._codes.clear()
                self._is_kind_known = False

    def _end_looked_into(self) -> None:
        match self._open.pop():
            case "transaction":
                self._say_so("")
            case "heading" if self._undecided:
                self._lose()
            case "item" if not self._is_kind_known:
                if self._is_permitted:
                    self._keep()
                else:
                    self._lose()

    def _say_so(self, step: str) -> None:
        """Insert what says that this is a part, where it is due before a child of a transaction, or at its end."""
        said: list[bytes] = []
        if self._is_mark_due and step not in _FIRST:
            self._is_mark_due = False
            said.append(self._part.mark)
        if self._is_notice_due and step not in _BEFORE_NOTICE:
            self._is_notice_due = False
            said.append(self._part.notice)
        if said:
            self._copier.advance(self._position())
            self._copier.insert(b"".join(said))

    def _start_in_item(self, step: str, attributes: Attributes) -> None:
        if step in _FIRST:
            if self._is_kind_known:
                raise refusal("an item whose codes do not come first", where="item")
            if step == "cd" and attributes.get("S") == "CD-ITEM":
                self._code = ""
                self._parser.CharacterDataHandler = self._read_code
            return
        if not self._is_kind_known:
            self._is_kind_known = True
            if not self._is_permitted:
                self._open.pop()
                self._lose()
                self._leave_out(len(self._open))
                return
            self._keep()
        if step == "item" or (step == "lnk" and attributes.get("TYPE") not in _FILES):
            self._leave_out(self._level)

    @property
    def _is_permitted(self) -> bool:
        return bool(self._codes) and self._codes <= self._part.items

    def _read_code(self, data: str) -> None:
        self._code = (self._code or "") + data
        if len(self._code) > _LONGEST_CODE:
            raise refusal(f"a code of more than {_LONGEST_CODE} characters")

    def _hold(self) -> None:
        """What follows is held back until it is known whether it stays."""
        self._copier.advance(self._position())
        if not self._copier.holding:
            self._copier.holding = self._is_holding = True
        self._undecided.append(self._copier.held_size)

    def _keep(self) -> None:
        """Everything that is open stays."""
        self._undecided.clear()
        self._let_go()

    def _lose(self) -> None:
        """The innermost element that is open goes, with its end tag."""
        self._drop()
        self._copier.undo(self._undecided.pop())
        if not self._undecided:
            self._let_go()

    def _let_go(self) -> None:
        if self._is_holding:
            self._is_holding = False
            self._copier.release()

    def _leave_out(self, level: int) -> None:
        self._going = level
        self._drop()

    def _drop(self) -> None:
        self._copier.advance(self._position())
        self._copier.dropping = self._is_dropping = True

    def _resume(self) -> None:
        if self._is_dropping:
            self._copier.advance(self._position())
            self._copier.dropping = self._is_dropping = False
