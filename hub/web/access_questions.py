"""Questions of the staff about access, as JSON or as the command line gives them, become values."""

from typing import Literal

from msgspec import Struct

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin, has_nihii_check_digits, has_ssin_check_digits
from hub.domain.identity import PATIENT, Identity
from hub.domain.parties import Code, HcParty, Id, Requester
from hub.services.explanations import AccessQuestion


class AskedAccess(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who would ask, about whom, for what.

    `requester` are his numbers: NIHII, national, or both; `nihii:` or `inss:` before one says which it is. `signed_by`
    is who signs the request: the organisation when there is one, else the person; `nobody` on the plain listener.
    `id_scheme` is that of the id of the transaction, the hub's own when empty.
    """

    requester: list[str]
    profession: str
    patient: str
    organisation: str = ""
    organisation_kind: str = "orghospital"
    signed_by: Literal["person", "organisation", "nobody", ""] = ""
    transaction: str = ""
    id_scheme: str = ""
    break_the_glass: str | None = None


def question_of(asked: AskedAccess, *, id_scheme: str) -> AccessQuestion:
    """The question; `id_scheme` is the hub's own. Raises HubError: patient-number, party-number."""
    speaker = _party([_number(text, asked.profession) for text in asked.requester], asked.profession)
    organisation = None
    if asked.organisation:
        if not has_nihii_check_digits(asked.organisation):
            raise HubError(Reason.PARTY_NUMBER, where="organisation")
        organisation = _party([_id("ID-HCPARTY", asked.organisation)], asked.organisation_kind)
    elif asked.signed_by == "organisation":
        raise HubError(Reason.PARTY_NUMBER, where="organisation")
    scheme, transaction = asked.id_scheme or id_scheme, asked.transaction.strip()
    return AccessQuestion(
        requester=Requester(
            parties=(organisation, speaker) if organisation else (speaker,),
            identity=_signer(asked.signed_by, speaker, organisation),
        ),
        patient=Ssin(asked.patient.strip()),
        transaction=Id("LOCAL", "1.0", transaction, scheme) if transaction else None,
        break_the_glass=asked.break_the_glass,
    )


def _signer(signed_by: str, speaker: HcParty, organisation: HcParty | None) -> Identity | None:
    """Who would have signed, certified for what he states."""
    if signed_by == "nobody":
        return None
    by_organisation = organisation if signed_by != "person" else None
    signer = by_organisation or speaker
    inss = signer.id_value("INSS")
    return Identity(
        quality="",
        number=signer.number,
        ssin=Ssin(inss) if inss else None,
        is_organisation=signer.is_organisation,
        certificate="",
        token_id="",
    )


def _number(text: str, profession: str) -> Id:
    """A number by its check digits. One that could be either is a NIHII number, a patient's the national one."""
    kind, _, digits = text.strip().rpartition(":")
    is_nihii = kind == "nihii" or (not kind and profession != PATIENT)
    if is_nihii and has_nihii_check_digits(digits):
        return _id("ID-HCPARTY", digits)
    if kind in ("", "inss") and has_ssin_check_digits(digits):
        return _id("INSS", digits)
    raise HubError(Reason.PARTY_NUMBER, where="requester")


def _id(scheme: str, value: str) -> Id:
    return Id(scheme, "1.0", value)


def _party(ids: list[Id], profession: str) -> HcParty:
    if not ids:
        raise HubError(Reason.PARTY_NUMBER, where="requester")
    return HcParty(ids=tuple(ids), cds=(Code("CD-HCPARTY", "1.16", profession.strip()),))
