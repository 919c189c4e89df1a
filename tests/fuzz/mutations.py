"""From one input to the next: the tree of a message changed, and the bytes it is written in."""

from collections.abc import Callable, Sequence
from io import BytesIO
from random import Random

from lxml import etree

from tests.fuzz.tree_mutations import MUTATIONS, SIGNING

_OF_BYTES: Sequence[bytes] = (
    *(b"<!---->", b"<!--", b"<?a?>", b"<![CDATA[", b"]]>", b"&#0;", b"&#x10FFFF;", b"&amp;", b"&x;", b"<a/>", b"\x00"),
    *(b"</S:Body>", b"<S:Body/>", b"xmlns:ds='urn:x'", b'xmlns=""', b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\r"),
)
_PROLOGUES: Sequence[bytes] = (
    b'<?xml version="1.1"?>',
    b'<?xml version="1.0" encoding="ISO-8859-1"?>',
    b'<?xml version="1.0" encoding="UTF-7"?>',
    b'<?xml version="1.0" encoding="x-unknown"?>',
    b'<!DOCTYPE S:Envelope SYSTEM "file:///etc/hostname">',
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
    b"<!DOCTYPE a [<!ATTLIST S:Body Id ID #IMPLIED>]>",
    b"<?xml-stylesheet href='x'?>",
    b"\xef\xbb\xbf",
    b"\n",
    b"charset=utf-16\n",
    b"charset=latin-1\n",
    b"charset=cp037\n",
    b"charset=rot13\n",
    b"charset=\xff\n",
)
_ENCODINGS: Sequence[str] = ("utf-8", "utf-8", "utf-8", "ascii", "latin-1", "utf-16", "utf-16-le", "utf-32", "cp037")
_PREFIXES: Sequence[bytes] = (b"S", b"wsse", b"wsu", b"saml", b"ds")


def altered(data: bytes, other: bytes, random: Random) -> bytes:
    """Another input made of this one, and of parts of a second one. Whatever is chosen, it gives bytes."""
    root, donor = _read(data), _read(other)
    if root is None:
        # What is no XML any more leads nowhere else.
        data, root = other, donor
    if root is None or donor is None or random.random() < 0.1:
        return _alter_bytes(data, random)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        random.choice(MUTATIONS)(root, donor, random)
    if random.random() < 0.4:
        random.choice(SIGNING)(root, donor, random)
    written = _written(root, random)
    return _alter_bytes(written, random) if random.random() < 0.1 else written


def _read(data: bytes) -> etree._Element | None:
    """The tree with its comments: a parser of our own, which the one that is tested must not influence."""
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, LookupError, ValueError):
        return None


def _written(root: etree._Element, random: Random) -> bytes:
    encoding = random.choice(_ENCODINGS) if random.random() < 0.1 else "utf-8"
    written = BytesIO()
    try:
        etree.ElementTree(root).write(written, encoding=encoding, xml_declaration=random.random() < 0.5)
    except (LookupError, ValueError):
        return etree.tostring(root)
    if random.random() < 0.05:
        prefix = random.choice(_PREFIXES)
        return written.getvalue().replace(b":" + prefix + b"=", b":other=").replace(prefix + b":", b"other:")
    return written.getvalue()


def _alter_bytes(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5))):
        at, length = random.randint(0, len(changed)), random.choice((1, 2, 8, 100))
        random.choice(_BYTE_MUTATIONS)(changed, at, length, random)
    return bytes(changed)


def _flip(data: bytearray, at: int, length: int, random: Random) -> None:
    for place in range(at, min(at + length, len(data))):
        data[place] ^= 1 << random.randrange(8)


def _cut(data: bytearray, at: int, length: int, random: Random) -> None:
    del data[at : at + length * random.choice((1, 10))]


def _repeat(data: bytearray, at: int, length: int, random: Random) -> None:
    data[at:at] = data[at : at + length] * random.choice((1, 2, 50))


def _insert(data: bytearray, at: int, length: int, random: Random) -> None:
    token = random.choice(_OF_BYTES)
    # Rather between tags and around values than within names.
    place = max(0, data.find(random.choice((b">", b"<", b'"', b"")), at))
    data[place:place] = token * (length if random.random() < 0.05 else 1)


def _begin(data: bytearray, _at: int, _length: int, random: Random) -> None:
    """Another beginning, with or without the declaration that was there."""
    if random.random() < 0.5 and data.startswith(b"<?xml"):
        del data[: data.find(b"?>") + 2]
    data[:0] = random.choice(_PROLOGUES)


def _recode(data: bytearray, _at: int, _length: int, random: Random) -> None:
    """The same characters in another encoding, whatever the declaration says."""
    text = bytes(data).decode("utf-8", "replace")
    data[:] = text.encode(random.choice(_ENCODINGS), "xmlcharrefreplace")


_BYTE_MUTATIONS: Sequence[Callable[[bytearray, int, int, Random], None]] = (
    *(_flip, _cut, _repeat, _insert, _insert, _begin, _recode),
)
