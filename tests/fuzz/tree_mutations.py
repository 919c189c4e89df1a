"""Changes to the tree of a message: what an attacker would try, at random places.

Every mutation takes the root of a message, the root of another one to steal from, and what chooses. None fails when it
finds nothing to change.
"""

import base64
import binascii
import copy
from collections.abc import Callable, Sequence
from random import Random

from lxml import etree

from hub.wire.namespaces import ASSERTION, EXCLUSIVE_C14N, SECURITY, SECURITY_UTILITY, SIGNATURE, SOAP
from hub.wire.security.algorithms import ENVELOPED, RSA_SHA1, SHA1_DIGEST
from tests.fuzz.fixed_world import INSIDER, fixed_world
from tests.fuzz.signing_again import sign_again

Mutation = Callable[[etree._Element, etree._Element, Random], None]

_DS, _SAML, _WSU = f"{{{SIGNATURE}}}", f"{{{ASSERTION}}}", f"{{{SECURITY_UTILITY}}}"
_WSSE, _SOAP = f"{{{SECURITY}}}", f"{{{SOAP}}}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
TAGS: Sequence[str] = (
    *(f"{_DS}{name}" for name in ("Signature", "SignedInfo", "Reference", "Object", "KeyInfo", "X509Data", "KeyValue")),
    *(f"{_SAML}{name}" for name in ("Assertion", "Conditions", "AttributeStatement", "Attribute", "Advice", "Subject")),
    *(f"{_WSSE}{name}" for name in ("Security", "BinarySecurityToken", "Reference", "KeyIdentifier", "Embedded")),
    *(f"{_SOAP}{name}" for name in ("Envelope", "Header", "Body")),
    *(f"{_WSU}{name}" for name in ("Timestamp", "Created", "Expires")),
    "{urn:x}Wrapper",
    "plain",
)
ATTRIBUTES: Sequence[str] = (
    *(f"{_WSU}Id", "Id", "ID", "id", f"{_XML}id", f"{_XML}base", f"{_XML}lang", f"{_XML}space"),
    *("AssertionID", "Issuer", "MajorVersion", "MinorVersion", "NotBefore", "NotOnOrAfter"),
    *("AttributeName", "AttributeNamespace", "URI", "Algorithm", "ValueType", "PrefixList"),
    *(f"{_SOAP}actor", f"{_SOAP}mustUnderstand", "{urn:x}other"),
)
VALUES: Sequence[str] = (
    *(EXCLUSIVE_C14N, f"{EXCLUSIVE_C14N}WithComments", ENVELOPED, SHA1_DIGEST, RSA_SHA1),
    *(f"{_MORE}{name}" for name in ("rsa-sha512", "hmac-sha256", "ecdsa-sha256", "ecdsa-sha384", "sha384", "rsa-md5")),
    *("#", "", "#xpointer(/)", "#xpointer(id('x'))", "http://127.0.0.1/", "file:///etc/hostname", "cid:1"),
    *("0", "1", "true", "false", " true ", "2", "-1", "9" * 400, "٣", "\u2028", "\ufeff", "é" * 50, "a" * 17_000),
    *("2026-03-02T10:00:00Z", "2026-03-02T10:00:00.000000000Z", "9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "2026-03-02T24:00:00Z", "2026-03-02T10:00:60Z", "2026-03-02T10:00:00+99:99"),
    *("urn:be:fgov:person:ssin", "urn:be:fgov:person:ssin:doctor:boolean", "urn:be:fgov:ehealth:sts:1_0"),
    *("urn:oasis:names:tc:SAML:1.0:cm:bearer", "urn:this-hub", "S wsse wsu ds saml #default", "#default"),
    *("wsse:x", "QUJD", "AA==", "=", "http://schemas.xmlsoap.org/soap/actor/next"),
)
_LARGEST = 300


def move(root: etree._Element, _: etree._Element, random: Random) -> None:
    """An element to another place."""
    moved, place = _any(root, random), _any(root, random)
    if moved is not root and moved not in (place, *place.iterancestors()):
        place.insert(random.randint(0, len(place)), moved)


def duplicate(root: etree._Element, _: etree._Element, random: Random) -> None:
    """A copy of an element somewhere."""
    copied, place = _any(root, random), _any(root, random)
    if sum(1 for _ in copied.iter()) < _LARGEST:
        place.insert(random.randint(0, len(place)), copy.deepcopy(copied))


def remove(root: etree._Element, _: etree._Element, random: Random) -> None:
    """An element away."""
    _take_out(_any(root, random))


def exchange(root: etree._Element, _: etree._Element, random: Random) -> None:
    """Two elements, each in the place of the other."""
    one, other = _any(root, random), _any(root, random)
    if root in (one, other) or one in (other, *other.iterancestors()) or other in one.iterancestors():
        return
    stand_in = etree.Element("stand-in")
    _replace(one, stand_in)
    _replace(other, one)
    _replace(stand_in, other)


def wrap(root: etree._Element, _: etree._Element, random: Random) -> None:
    """An element in another one."""
    element = _any(root, random)
    if element is not root:
        wrapper = etree.Element(random.choice(TAGS))
        _replace(element, wrapper)
        wrapper.append(element)


def unwrap(root: etree._Element, _: etree._Element, random: Random) -> None:
    """The children of an element in its place."""
    element = _any(root, random)
    parent = element.getparent()
    if parent is not None:
        at = parent.index(element)
        parent[at : at + 1] = list(element)


def rename(root: etree._Element, _: etree._Element, random: Random) -> None:
    """An element as another one."""
    element = _any(root, random)
    local = etree.QName(element).localname
    element.tag = random.choice([*TAGS, f"{{urn:x}}{local}", local, _any(root, random).tag])


def shuffle(root: etree._Element, _: etree._Element, random: Random) -> None:
    """The children of an element in another order."""
    element = _any(root, random)
    if len(element) < _LARGEST:
        children = list(element)
        random.shuffle(children)
        element[:] = children


def splice(root: etree._Element, donor: etree._Element, random: Random) -> None:
    """A part of another message in the place of the same part of this one, or anywhere."""
    part = copy.deepcopy(_any(donor, random))
    same = list(root.iter(part.tag))
    place = random.choice(same) if same and random.random() < 0.8 else _any(root, random)
    if place is not root:
        _replace(place, part)


def set_attribute(root: etree._Element, _: etree._Element, random: Random) -> None:
    """An attribute that matters, with a value that is used or matters."""
    value = random.choice([*VALUES, *_used_values(root)])
    _any(root, random).set(random.choice(ATTRIBUTES), random.choice([value, f"#{value}", value.removeprefix("#")]))


def change_attribute(root: etree._Element, _: etree._Element, random: Random) -> None:
    """The value of an attribute that is there, or its name, or none at all."""
    bearing = [element for element in root.iter("*") if element.attrib]
    if not bearing:
        return
    element = random.choice(bearing)
    name = random.choice(list(element.attrib))
    value = element.attrib.pop(name)
    match random.randrange(4):
        case 0:
            element.set(name, random.choice([*VALUES, *_used_values(root)]))
        case 1:
            element.set(random.choice(ATTRIBUTES), value)
        case 2:
            _any(root, random).set(name, value)
        case _:
            pass


def change_text(root: etree._Element, donor: etree._Element, random: Random) -> None:
    """Another text: one that matters, of somebody else, or with something around it."""
    element = _leaf(root, random)
    text = element.text or ""
    stolen = _leaf(donor, random).text or ""
    element.text = random.choice(
        [random.choice(VALUES), stolen, "", f" {text}\n", text.upper(), text + text, text[:-1]]
    )


def change_base64(root: etree._Element, _: etree._Element, random: Random) -> None:
    """Bytes of a key, certificate, digest or signature: a bit, a length, the way they are written."""
    values = [element for element in root.iter("*") if len(element.text or "") > 20 and _decoded(element) is not None]
    if not values:
        return
    element = random.choice(values)
    written = element.text or ""
    data = bytearray(_decoded(element) or b"")
    at = random.randrange(len(data) or 1)
    match random.randrange(8):
        case 0 | 1 | 2 if data:
            data[at] ^= 1 << random.randrange(8)
        case 3:
            del data[at:]
        case 4:
            data[at:at] = random.randbytes(random.randint(1, 40))
        case 5:
            data[:] = bytes(len(data))
        case 6:
            element.text = written[:-1] + random.choice("=-_. \n?é")
            return
        case _:
            element.text = "\r\n".join(written[begin : begin + 64] for begin in range(0, len(written), 64))
            return
    element.text = base64.b64encode(data).decode()


def comment(root: etree._Element, _: etree._Element, random: Random) -> None:
    """A comment or an instruction in a text, or between elements."""
    node = etree.Comment(" ") if random.random() < 0.6 else etree.ProcessingInstruction("x", "y")
    element = _any(root, random)
    if len(element):
        element.insert(random.randint(0, len(element)), node)
        return
    text = element.text or ""
    at = random.randint(0, len(text))
    element.text, node.tail = text[:at], text[at:]
    element.append(node)


def declare(root: etree._Element, _: etree._Element, random: Random) -> None:
    """Namespaces that nobody needs, or that take the place of others."""
    element = _any(root, random)
    if element is root:
        return
    many = random.choice([1, 1, 1, 3, 100, 1100])
    namespaces = {f"n{number}": f"urn:{number}" for number in range(many)}
    namespaces |= {random.choice(["S", "wsse", "ds", "saml"]): random.choice(["urn:x", SIGNATURE, SOAP])}
    again = etree.Element(element.tag, nsmap=namespaces)
    again.attrib.update(element.attrib)
    again.text = element.text
    again[:] = list(element)
    _replace(element, again)


def include_prefixes(root: etree._Element, _: etree._Element, random: Random) -> None:
    """Prefixes that count always in a canonical form."""
    methods = list(root.iter(f"{_DS}Transform", f"{_DS}CanonicalizationMethod", f"{_DS}DigestMethod"))
    if methods:
        prefixes = " ".join(random.choices(["S", "ds", "wsu", "#default", "x", "xml"], k=random.choice([0, 1, 3, 40])))
        etree.SubElement(random.choice(methods), f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces", PrefixList=prefixes)


def deepen(root: etree._Element, _: etree._Element, random: Random) -> None:
    """Many elements, one in the other or one beside the other; many attributes; a long text."""
    element = _any(root, random)
    match random.randrange(4):
        case 0:
            for _level in range(random.choice([30, 210, 300])):
                element = etree.SubElement(element, random.choice(TAGS))
        case 1:
            for _sibling in range(random.choice([20, 2100])):
                etree.SubElement(element, random.choice(TAGS))
        case 2:
            for number in range(random.choice([70, 300])):
                element.set(f"a{number}", "")
        case _:
            element.text = (element.text or "") + "A" * random.choice([100, 5000, 20_000])


def sign_message_again(root: etree._Element, _: etree._Element, random: Random) -> None:
    """The insider signs what is there now."""
    _sign_again(root, f"{_SOAP}Header/{_WSSE}Security/{_DS}Signature", INSIDER, random)


def sign_assertion_again(root: etree._Element, donor: etree._Element, random: Random) -> None:
    """The odd token service signs what is there now, and the insider after it."""
    _sign_again(root, f"{_SOAP}Header/{_WSSE}Security/{_SAML}Assertion/{_DS}Signature", "odd_token_service", random)
    sign_message_again(root, donor, random)


MUTATIONS: Sequence[Mutation] = (
    *(move, duplicate, remove, exchange, wrap, unwrap, rename, shuffle, splice, splice),
    *(set_attribute, set_attribute, change_attribute, change_attribute, change_text, change_text),
    *(change_base64, change_base64, comment, declare, include_prefixes, deepen),
)
SIGNING: Sequence[Mutation] = (sign_message_again, sign_assertion_again, sign_assertion_again)


def _sign_again(root: etree._Element, path: str, name: str, random: Random) -> None:
    signatures = root.findall(path)
    if signatures:
        sign_again(random.choice(signatures), fixed_world().credential_of(name))


def _any(root: etree._Element, random: Random) -> etree._Element:
    """An element; of the header rather than of the rest, which is seldom looked at."""
    header = root.find(f"{_SOAP}Header")
    within = root if header is None or random.random() < 0.3 else header
    return random.choice(list(within.iter("*")))


def _leaf(root: etree._Element, random: Random) -> etree._Element:
    """An element without elements in it."""
    return random.choice([element for element in root.iter("*") if element.find("*") is None])


def _used_values(root: etree._Element) -> Sequence[str]:
    return [str(value) for element in root.iter("*") for value in element.attrib.values()]


def _decoded(element: etree._Element) -> bytes | None:
    try:
        return base64.b64decode(element.text or "", validate=True)
    except (binascii.Error, ValueError):
        return None


def _take_out(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _replace(element: etree._Element, other: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.replace(element, other)
