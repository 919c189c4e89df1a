"""Folders that are sealed inside a KMEHR message: taken out and put back, or the reverse (protocol facts, part 5).

Inside stands either the text of the folders, one after another, or a whole XML document.
"""

import re
from binascii import Error, a2b_base64, b2a_base64
from typing import NamedTuple

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.wire.kmehr.relay.stream import refusal
from hub.wire.namespaces import CORE, KMEHR
from hub.wire.xml import local_name, parse, text

_SEALED, _FOLDER, _SIGNATURE = "Base64EncryptedData", "folder", "Signature"
_WHITE_SPACE = re.compile(r"[ \t\r\n]+")
_START, _END = f'<kmehrmessage xmlns="{KMEHR}">'.encode(), b"</kmehrmessage>"
_WHERE = f"kmehrmessage/{_SEALED}"


def document_in(message: etree._Element) -> etree._Element | None:
    """The KMEHR message that a request puts; None in any other request."""
    return message.find(f"{{{CORE}}}kmehrmessage")


def is_sealed(document: etree._Element) -> bool:
    """Whether the folders of a KMEHR message cannot be read."""
    return document.find(_k(_FOLDER)) is None


def take_sealed(document: etree._Element) -> bytes:
    """What is sealed in a KMEHR message.

    Raises HubError: sealed-content (encrypted in another way than by CMS), seal-malformed.
    """
    sealed = document.findall(_k(_SEALED))
    if not sealed:
        raise HubError(Reason.SEALED_CONTENT, where="kmehrmessage")
    if len(sealed) > 1:
        raise _malformed("more than one Base64EncryptedData")
    if text(sealed[0].find(_k("cd"))) != "CMS":
        raise HubError(Reason.SEALED_CONTENT, where=f"{_WHERE}/cd")
    try:
        return a2b_base64(_WHITE_SPACE.sub("", text(sealed[0].find(_k("Base64EncryptedValue")))), strict_mode=True)
    except (Error, ValueError) as error:
        raise _malformed("not base64") from error


def put_back(document: etree._Element, clear: bytes) -> None:
    """Put folders that were sealed in the place of what they were sealed in.

    Raises HubError: seal-malformed, seal-too-large (of tags, or nested too deep).
    """
    parts = _parts(clear)
    sealed = document.find(_k(_SEALED))
    if sealed is None:  # pragma: no cover - it was taken from there
        raise LookupError("nothing is sealed here")
    document.remove(sealed)
    document.extend(parts)


def _parts(clear: bytes) -> list[etree._Element]:
    """The folders, and what signs them if anything does."""
    clear = clear.removeprefix(b"\xef\xbb\xbf").strip()
    is_document = clear.startswith(b"<?xml")
    try:
        root = parse(clear if is_document else _START + clear + _END)
    except HubError as error:
        if error.reason is Reason.MESSAGE_TOO_LARGE:
            raise HubError(Reason.SEAL_TOO_LARGE, where=_WHERE, limit=error.details["limit"]) from error
        raise _malformed(error.details.get("problem", "not XML")) from error
    found = [root] if local_name(root) == _FOLDER else list(root)
    if not any(child.tag == _k(_FOLDER) for child in found):
        _give_namespace(root)
    parts = [child for child in found if child.tag == _k(_FOLDER) or local_name(child) == _SIGNATURE]
    if not parts or parts[0].tag != _k(_FOLDER):
        raise _malformed("there is no folder inside")
    if not is_document and len(parts) < len(found):
        raise _malformed("folders only are wanted inside")
    return parts


def _give_namespace(root: etree._Element) -> None:
    """Folders without a namespace are taken as those of KMEHR."""
    for element in root.iter(etree.Element):
        if not etree.QName(element).namespace:
            element.tag = _k(local_name(element))


class SealableMessage(NamedTuple):
    """A message that is to be sealed: without its folders, and their text."""

    rest: etree._Element
    clear: bytes

    def with_sealed(self, sealed: bytes) -> bytes:
        """The message with the folders sealed."""
        data = etree.SubElement(self.rest, _k(_SEALED))
        method = etree.SubElement(data, _k("cd"), S="CD-ENCRYPTION-METHOD", SV="1.0")
        method.text = "CMS"
        value = etree.SubElement(data, _k("Base64EncryptedValue"))
        value.text = b2a_base64(sealed, newline=False).decode()
        return etree.tostring(self.rest, encoding="UTF-8", xml_declaration=False)


def sealable(message: bytes) -> SealableMessage | None:
    """A KMEHR message parted for sealing; None for one without folders in clear. Raises HubError (source-answer)."""
    try:
        root = parse(message)
    except HubError as error:
        raise refusal("a document that cannot be sealed", where=error.where) from error
    parts = [child for child in root if child.tag == _k(_FOLDER) or local_name(child) == _SIGNATURE]
    if is_sealed(root):
        return None
    clear = b"".join(etree.tostring(part, encoding="UTF-8", xml_declaration=False, with_tail=False) for part in parts)
    for part in parts:
        root.remove(part)
    return SealableMessage(root, clear)


def _malformed(problem: str) -> HubError:
    return HubError(Reason.SEAL_MALFORMED, where=_WHERE, problem=problem)


def _k(name: str) -> str:
    return f"{{{KMEHR}}}{name}"
