"""Messages that are large in one thing: what costs the square of it does so here."""

from collections.abc import Iterator, Mapping
from typing import Final

from hub.wire.namespaces import ASSERTION, SECURITY, SECURITY_UTILITY, SIGNATURE

PLACES: Final = (
    *(b"</S:Header>", b"</wsse:Security>", b"</wsu:Created>", b"</S:Body>", b"</S:Envelope>", b"<transaction/>"),
    *(b"</saml:Assertion>", b"</saml:AttributeValue>", b"</saml:Subject>"),
    *(b"</ds:SignedInfo>", b"</ds:SignatureValue>", b"</ds:DigestValue>", b"</ds:KeyInfo>"),
)
"""Where something is put in: before these."""
_STARTS = (
    *(b"<S:Envelope", b"<S:Header", b"<S:Body", b"<wsse:Security", b"<wsu:Timestamp", b"<wsu:Created"),
    *(b"<saml:Assertion", b"<saml:Conditions", b"<saml:Subject", b"<saml:Attribute "),
    *(b"<ds:Signature", b"<ds:SignedInfo", b"<ds:Reference", b"<ds:KeyInfo", b"<p:GetTransactionListRequest"),
)
_DECLARED = (
    f'xmlns:wsu="{SECURITY_UTILITY}" xmlns:wsse="{SECURITY}" xmlns:saml="{ASSERTION}" xmlns:ds="{SIGNATURE}"'
).encode()


def shapes(message: bytes, many: int) -> Iterator[tuple[str, bytes]]:
    """The message with many of each thing in each place, by name."""
    declaring = message.replace(b"<S:Envelope ", b"<S:Envelope " + _DECLARED + b" ", 1)
    for name, content in _contents(many).items():
        for place in PLACES:
            for at in {declaring.find(place), declaring.rfind(place)} - {-1}:
                yield f"{name} at {place.decode()}", declaring[:at] + content.encode() + declaring[at:]
    namespaces = "".join(f' xmlns:n{number}="urn:{number}"' for number in range(many)).encode()
    for start in _STARTS:
        at = message.index(start) + len(start.rstrip())
        yield f"namespaces of {start.decode()}", message[:at] + namespaces + message[at:]


def _contents(many: int) -> Mapping[str, str]:
    """What there is many of."""
    kinds_of_id = ("Id", "ID", "id", "xml:id", "wsu:Id", "AssertionID")
    ids = (" ".join(f'{kind}="{kind}{number}"' for kind in kinds_of_id) for number in range(many // 2))
    attributes = " ".join(f'b{number}=""' for number in range(200))
    names = (
        *("a", "saml:Assertion", "saml:Attribute", "S:Body", "wsse:Security", "wsu:Timestamp"),
        *("ds:Signature", "ds:Reference", "ds:X509Certificate", "wsse:BinarySecurityToken"),
    )
    return {f"<{name}/>": f"<{name}/>" * many for name in names} | {
        "comments": "<!---->" * many,
        "comments and instructions": "<!----><?a?>" * many,
        "texts": "a<!---->" * many,
        "sections": "<![CDATA[a]]>b" * many,
        "characters": "&#97;" * many,
        "ids": "".join(f"<a {written}/>" for written in ids),
        "the same id": '<a Id="i"/>' * many,
        "attributes": f"<a {attributes}/>" * (many // 100),
        "nested": ("<a>" * 150 + "</a>" * 150) * (many // 150),
        "nested namespaces": "".join(f'<a xmlns:n{n}="urn:{n}" n{n}:b="">' for n in range(150)) + "</a>" * 150,
        "namespaces of many": "".join(f'<a xmlns:n{number}="urn:{number}"/>' for number in range(many)),
        "text": "x" * many * 10,
        "base64": "QUJD\n" * many,
    }
