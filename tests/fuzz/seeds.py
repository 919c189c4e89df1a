"""Where inputs begin: genuine messages as different stacks write them, and the attacks of the table."""

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from hub.wire.namespaces import EXCLUSIVE_C14N
from hub.wire.security.signing import MessageIds, Style, sign_envelope_x509
from tests.fuzz.fixed_world import AUDIENCE, CALLERS, INSIDER, NOW, WITHDRAWN, FixedWorld
from tests.fuzz.signing_again import sign_again
from tests.integration.attacks.alterations import Answer
from tests.integration.attacks.forging import DS, Message, altered
from tests.integration.attacks.table import ROWS
from tests.integration.attacks.test_wrapping import WRAPPINGS
from tests.signed import SignedCaller, list_message

_NAMESPACES = "".join(f' xmlns:n{number}="urn:{number}"' for number in range(1_100)).encode()
INSIDERS: Final = ("genuine/nurse.xml", "genuine/inclusive_prefixes.xml")
"""What the insider signed: mutations of it can be signed again."""
_ALIKE = 3
"""Attacks of a row of the table with the same answer: the rest differs in a word."""
_STYLES: Mapping[str, Style] = {
    "usual": Style(),
    "signature_first": Style(order=("signature", "token", "timestamp")),
    "token_signed": Style(signed=("body", "timestamp", "token")),
    "sha512": Style(hash_name="sha512"),
    "pss": Style(pss=True),
    "by_reference": Style(by_reference=True),
}


def genuine(world: FixedWorld) -> Mapping[str, bytes]:
    """Messages that must be accepted, by name."""
    doctor = world.caller("gp_fr")
    found = {name: doctor.sign(now=NOW, style=style) for name, style in _STYLES.items()}
    found |= {key: world.caller(key).sign(now=NOW) for key in CALLERS if key not in ("gp_fr", WITHDRAWN)}
    found |= {f"{key}_by_certificate": _by_certificate(world.caller(key)) for key in ("modele", "peer_hub")}
    found |= {f"{key}_by_bare_key": _by_bare_key(world.caller(key)) for key in ("gp_fr", "gp_nl")}
    found["dotnet"] = world.caller("gp_nl").sign(now=NOW, ids=MessageIds.of_dotnet("f00d"))
    found["for_this_hub"] = world.caller("pharmacist").saying(audience=AUDIENCE).sign(now=NOW)
    found["inclusive_prefixes"] = _signed_again(world.caller(INSIDER), _include_prefixes)
    found["namespaces_of_a_subject"] = found[INSIDER].replace(b"<saml:Subject>", b"<saml:Subject" + _NAMESPACES + b">")
    return found


def attacks(world: FixedWorld) -> Mapping[str, bytes]:
    """Messages that must be refused, by name."""
    usual = world.caller("gp_fr").sign(now=NOW)
    found = {}
    for row, row_of_table in ROWS.items():
        alike = Counter[Answer]()
        for number, attack in enumerate(row_of_table):
            alike[attack.answer] += 1
            if alike[attack.answer] <= _ALIKE:
                found[f"row_{row:02}_{number}"] = attack.send(world, NOW)
    found |= {f"wrapped_{wrapping.__name__}": altered(usual, wrapping) for wrapping in WRAPPINGS}
    found["no_canonical_form"] = usual.replace(b"<wsu:Created>", b'<wsu:Created xmlns:no="canonical/form">')
    found["withdrawn"] = world.caller(WITHDRAWN).sign(now=NOW)
    found["withdrawn_certificate"] = _by_certificate(world.caller(WITHDRAWN))
    return found


def mistakes(world: FixedWorld) -> Mapping[str, bytes]:
    """Messages that the hub once took, failed at, or took long for; they must be refused."""
    insider, certified = world.caller(INSIDER), world.caller("modele")
    usual, der = insider.sign(now=NOW), certified.credential.der
    version_66 = der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x42", 1)
    return {
        "certificate_of_no_version": _by_certificate(certified).replace(b64encode(der), b64encode(version_66)),
        "transform_of_another_name": _signed_again(insider, _rename_transform),
        "namespaces_around_the_header": usual.replace(b"<wsse:Security ", b"<wsse:Security" + _NAMESPACES + b" "),
        "comments_in_a_time": usual.replace(b"</wsu:Created>", b"<!----><?a?>" * 2000 + b"</wsu:Created>"),
    }


def _by_certificate(caller: SignedCaller) -> bytes:
    return sign_envelope_x509(
        list_message(caller.author, id_="1.f00d"),
        caller.credential,
        now=NOW,
        ids=MessageIds.of_java(caller.author[0].number),
    )


def _by_bare_key(caller: SignedCaller) -> bytes:
    return caller.saying(holder=caller.credential.key.public_key()).sign(now=NOW)


def _signed_again(caller: SignedCaller, alteration: Callable[[Message], object]) -> bytes:
    """What a stack signs that does something else than ours."""

    def alter(message: Message) -> None:
        alteration(message)
        sign_again(message.signature, caller.credential)

    return altered(caller.sign(now=NOW), alter)


def _include_prefixes(message: Message) -> None:
    """Prefixes count that the message does not use."""
    etree.SubElement(message.signed_info[0], f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces", PrefixList="S")


def _rename_transform(message: Message) -> None:
    message.references[0][0][0].tag = f"{DS}Transformed"
