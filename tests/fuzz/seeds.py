"""Where inputs begin: genuine messages as different stacks write them, and the attacks of the table."""

from collections.abc import Iterable, Mapping
from typing import Final

from lxml import etree

from hub.wire.namespaces import EXCLUSIVE_C14N
from hub.wire.security.signing import MessageIds, Style, sign_envelope_x509
from tests.fuzz.fixed_world import AUDIENCE, CALLERS, INSIDER, NOW, WITHDRAWN, FixedWorld
from tests.fuzz.signing_again import sign_again
from tests.integration.attacks.forging import Message, altered
from tests.integration.attacks.table import ROWS
from tests.integration.attacks.test_wrapping import WRAPPINGS
from tests.signed import SignedCaller, list_message

INSIDERS: Final = ("genuine/nurse.xml", "genuine/inclusive_prefixes.xml")
"""What the insider signed: mutations of it can be signed again."""
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
    found["inclusive_prefixes"] = _with_prefixes(world.caller(INSIDER))
    return found


def attacks(world: FixedWorld) -> Iterable[bytes]:
    """Messages that must be refused."""
    for row in ROWS.values():
        for attack in row:
            yield attack.send(world, NOW)
    for wrapping in WRAPPINGS:
        yield altered(world.caller("gp_fr").sign(now=NOW), wrapping)
    yield world.caller(WITHDRAWN).sign(now=NOW)
    yield _by_certificate(world.caller(WITHDRAWN))


def _by_certificate(caller: SignedCaller) -> bytes:
    return sign_envelope_x509(
        list_message(caller.author), caller.credential, now=NOW, ids=MessageIds.of_java(caller.author[0].number)
    )


def _by_bare_key(caller: SignedCaller) -> bytes:
    return caller.saying(holder=caller.credential.key.public_key()).sign(now=NOW)


def _with_prefixes(caller: SignedCaller) -> bytes:
    """As a stack signs that counts on prefixes which its message does not use."""

    def alter(message: Message) -> None:
        prefixes = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"
        etree.SubElement(message.signed_info[0], prefixes, PrefixList="S")
        sign_again(message.signature, caller.credential)

    return altered(caller.sign(now=NOW), alter)
