"""PutHCPartyConsent, GetHCPartyConsent, RevokeHCPartyConsent: message parts to values and back (ConsentHCPartyType)."""

from collections.abc import Iterable

from lxml import etree

from hub.domain.consent import PartyConsent
from hub.domain.parties import Id
from hub.domain.party_consents import PartyConsentStatement
from hub.wire.hubservices.requests import read_date
from hub.wire.kmehr.parties import write_author, write_id
from hub.wire.kmehr.persons import read_ids
from hub.wire.namespaces import CORE


def read_party_consent(message: etree._Element) -> PartyConsentStatement:
    """The consent of a PutHCPartyConsent or a RevokeHCPartyConsent. Raises HubError (content)."""
    consent = next(message.iterchildren(f"{{{CORE}}}consent"))
    return PartyConsentStatement(
        party=read_ids(next(consent.iterchildren(f"{{{CORE}}}hcparty"))),
        signed_on=read_date(consent.find(f"{{{CORE}}}signdate"), where="consent/signdate"),
        revoked_on=read_date(consent.find(f"{{{CORE}}}revokedate"), where="consent/revokedate"),
    )


def write_party_consent(party: Iterable[Id], consent: PartyConsent) -> bytes:
    """`consent`, of the care party with these ids; its author is who gave it."""
    ids = "".join(write_id(id_, "") for id_ in party)
    revoked = f"<revokedate>{consent.revoked_on}</revokedate>" if consent.revoked_on else ""
    return (
        f"<consent><hcparty>{ids}</hcparty><signdate>{consent.signed_on}</signdate>{revoked}"
        f"<author>{write_author(consent.recorded.by)}</author></consent>"
    ).encode()
