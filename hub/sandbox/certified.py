"""What the sandbox's token service certifies of whom (security facts, parts 2.1 and 2.2).

Two namespaces: who somebody is, which he asserts himself and his certificate has to say too; and what he is, which the
token service looks up among the people of the sandbox.
"""

from collections.abc import Mapping, Sequence

from hub.domain.identity import HUB
from hub.domain.parties import licence
from hub.sandbox.signatories import Signatory
from hub.wire.security.assertion_writing import Attribute
from hub.wire.security.identification import CERTIFIED, IDENTIFICATION
from hub.wire.security.token_messages import Claim, TokenRefused

_SSIN = "urn:be:fgov:person:ssin"
_EHEALTH = "urn:be:fgov:ehealth:1.0"
_HOLDER = f"{_EHEALTH}:certificateholder"
_BOOLEAN = ":boolean"
_TRUE, _FALSE = "true", "false"
_PROFESSIONS = ("doctor", "nurse", "midwife", "dentist", "physiotherapist", "pharmacist")
_ORGANISATIONS = ("hospital", "medicalhouse", "pharmacy", "guardpost", "officedoctors", "groupofnurses")


def claims_of(signatory: Signatory) -> Sequence[Claim]:
    """What the software of somebody asks for: who he is, asserted, and everything that can be certified of him."""
    return [
        Claim(attribute.name, attribute.value if attribute.namespace == IDENTIFICATION else None)
        for attribute in _attributes_of(signatory).values()
    ]


def certify(claims: Sequence[Claim], signatory: Signatory) -> Sequence[Attribute]:
    """The attributes of somebody that are asked for.

    What he is not is false, and has no number. Raises TokenRefused for a claim to be somebody else, and for what is
    not known at all.
    """
    attributes = _attributes_of(signatory)
    certified: list[Attribute] = []
    for claim in claims:
        attribute = attributes.get(claim.name)
        if attribute is None:
            certified += _not_held(claim)
        elif attribute.namespace == IDENTIFICATION and claim.value is None:
            raise TokenRefused(f"{claim.name} has to be asserted with a Value.")
        elif claim.value is not None and claim.value != attribute.value:
            raise TokenRefused(f"The value of {claim.name} is not that of the certificate which signed the request.")
        else:
            certified.append(attribute)
    return certified


def _not_held(claim: Claim) -> Sequence[Attribute]:
    """What is certified of a claim to something that the holder is not."""
    if claim.name in _IDENTIFYING or claim.value is not None:
        raise TokenRefused(f"The certificate which signed the request says nothing of {claim.name}.")
    if claim.name not in _KNOWN:
        raise TokenRefused(f"This token service does not know {claim.name}.")
    return [Attribute(claim.name, CERTIFIED, _FALSE)] if claim.name.endswith(_BOOLEAN) else []


def _attributes_of(signatory: Signatory) -> Mapping[str, Attribute]:
    """All that is true of somebody, by name."""
    identified, certified = _of_person(signatory) if signatory.is_person else _of_organisation(signatory)
    found = [Attribute(name, IDENTIFICATION, value) for name, value in identified.items()]
    found += [Attribute(name, CERTIFIED, value) for name, value in certified.items()]
    return {attribute.name: attribute for attribute in found}


def _of_person(signatory: Signatory) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Who a person is, and what is certified of him."""
    identified = {_SSIN: signatory.inss, f"{_HOLDER}:person:ssin": signatory.inss}
    certified = {
        f"{_SSIN}:ehealth:1.0:givenname": signatory.firstname,
        f"{_SSIN}:ehealth:1.0:surname": signatory.familyname,
        f"{_HOLDER}:person:ssin:usersession:boolean": _TRUE,
    }
    if signatory.quality in _PROFESSIONS:
        certified |= dict.fromkeys(_profession_booleans(signatory.quality), _TRUE)
        certified |= dict.fromkeys(_profession_numbers(signatory.quality), signatory.number)
    return identified, certified


def _of_organisation(signatory: Signatory) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Which organisation it is, and what is certified of it."""
    identified = dict.fromkeys(_organisation_ids(signatory.quality), signatory.number)
    certified = dict.fromkeys(_organisation_booleans(signatory.quality), _TRUE)
    if signatory.quality != HUB:
        certified |= dict.fromkeys(_organisation_numbers(signatory.quality), f"{licence(signatory.number)}000")
    return identified, certified


def _profession_booleans(word: str) -> Sequence[str]:
    usual = f"{_SSIN}:{word}" if word in ("doctor", "nurse") else f"{_SSIN}:ehealth:1.0:professional:{word}"
    return [f"{usual}{_BOOLEAN}", f"{_SSIN}:ehealth:1.0:fpsph:{word}{_BOOLEAN}"]


def _profession_numbers(word: str) -> Sequence[str]:
    return [f"{_SSIN}:ehealth:1.0:{word}:nihii11", f"{_SSIN}:ehealth:1.0:nihii:{word}:nihii11"]


def _organisation_ids(word: str) -> Sequence[str]:
    if word == HUB:
        return [f"{_EHEALTH}:hub:ehp-number", f"{_HOLDER}:organization:ehp-number"]
    return [f"{_EHEALTH}:{word}:nihii-number", f"{_HOLDER}:{word}:nihii-number"]


def _organisation_booleans(word: str) -> Sequence[str]:
    if word == HUB:
        return [f"{_HOLDER}:organization:ehp-number:recognisedhub{_BOOLEAN}"]
    return [f"{id_}:recognised{word}{_BOOLEAN}" for id_ in _organisation_ids(word)]


def _organisation_numbers(word: str) -> Sequence[str]:
    return [f"{_EHEALTH}:{word}:nihii-number:recognised{word}:nihii11"]


_IDENTIFYING = frozenset(
    {_SSIN, f"{_HOLDER}:person:ssin"} | {name for word in (*_ORGANISATIONS, HUB) for name in _organisation_ids(word)}
)
_KNOWN = frozenset(
    name
    for names, words in (
        (_profession_booleans, _PROFESSIONS),
        (_profession_numbers, _PROFESSIONS),
        (_organisation_booleans, (*_ORGANISATIONS, HUB)),
        (_organisation_numbers, _ORGANISATIONS),
    )
    for word in words
    for name in names(word)
)
