"""Facts and statements about access for tests, each a plain one unless told otherwise. All people are invented."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.config.access_policy import load_policy
from hub.domain.access import Granted, decide
from hub.domain.access_actions import Permitted
from hub.domain.access_facts import AccessFacts, ProviderStanding, Refused, Result, Rule
from hub.domain.access_policy import AccessPolicy, Authentication
from hub.domain.access_rights import NO_RIGHTS, AccessRight, Right, RightsInForce
from hub.domain.access_view import Document, View
from hub.domain.consent import ConsentKind, PatientConsent
from hub.domain.exclusions import Exclusion
from hub.domain.identifiers import Ssin
from hub.domain.identity import Identity
from hub.domain.mandates import Mandate, MandateKind
from hub.domain.parties import Author, Code, HcParty, Id, Requester
from hub.domain.patient_facts import BrokenGlass, PatientFacts, SubjectFacts
from hub.domain.recorded import Recorded
from hub.domain.subjects import Subject, SubjectKind
from hub.domain.therapeutic_links import Proof, TherapeuticLink
from tests.builders import GP_NIHII, HOSPITAL_NIHII, JAN, MILA, a_hospital, a_person

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("Europe/Brussels"))
TODAY = NOW.date()
RECORDED = Recorded(NOW, ())
POLICY = load_policy()
(EDITION,) = POLICY.matrix.editions
ROLES = {role.name: role for role in POLICY.roles}
JAN_AS_SUBJECT = Subject(SubjectKind.INSS, JAN.digits)
MILA_AS_SUBJECT = Subject(SubjectKind.INSS, MILA.digits)
GP = Subject(SubjectKind.NIHII, GP_NIHII[:8])
HOSPITAL = Subject(SubjectKind.NIHII, HOSPITAL_NIHII)
IN_ORDER = ProviderStanding(registered=True, consented=True)
OF_PSYCHIATRY = (a_hospital(), HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "deptpsychiatry"),)))
REASON = "Unconscious at the emergency department"


def with_glass(policy: AccessPolicy = POLICY, *, overrides_exclusion: bool = False) -> AccessPolicy:
    """A policy in which the glass may be broken."""
    rules = replace(policy.break_the_glass, enabled=True, overrides_exclusion=overrides_exclusion)
    return replace(policy, break_the_glass=rules)


def a_party(profession: str, *ids: Id) -> HcParty:
    """Any party of a profession, without a number unless given."""
    return HcParty(ids=ids, cds=(Code("CD-HCPARTY", "1.16", profession),))


def a_patient_party(ssin: Ssin = MILA) -> HcParty:
    """A patient who asks."""
    return a_party("patient", Id("INSS", "1.0", ssin.digits))


def an_identity(*, number: str = "", ssin: Ssin | None = None, is_organisation: bool = False) -> Identity:
    """Who signed."""
    return Identity(quality="", number=number, ssin=ssin, is_organisation=is_organisation, certificate="", token_id="")


def a_consent(
    *kinds: ConsentKind, signed_on: date = date(2025, 1, 1), revoked_on: date | None = None
) -> PatientConsent:
    """A consent for all documents, which stands."""
    return PatientConsent(
        kinds=frozenset(kinds or (ConsentKind.RETROSPECTIVE,)),
        signed_on=signed_on,
        recorded=RECORDED,
        revoked_on=revoked_on,
    )


def a_link(
    kind: str = "gpconsultation",
    *,
    start: date = date(2026, 1, 1),
    end: date = date(2026, 12, 31),
    revoked_on: date | None = None,
) -> TherapeuticLink:
    """A link in force."""
    return TherapeuticLink(
        party=(), kind=kind, start=start, end=end, proof=Proof.EID_READING, recorded=RECORDED, revoked_on=revoked_on
    )


def an_exclusion(*numbers: str, lifted_on: date | None = None) -> Exclusion:
    """An exclusion in force."""
    party = tuple(Id("ID-HCPARTY", "1.0", number) for number in numbers)
    return Exclusion(party=party, start=TODAY, recorded=RECORDED, lifted_on=lifted_on)


def a_right(right: Right, serial: int = 1, *, lineage: tuple[int, ...] = (), revoked: bool = False) -> AccessRight:
    """A right on a document, on its first version unless it has a lineage."""
    return AccessRight(
        serial=serial,
        lineage=lineage or (serial,),
        party=a_person(),
        right=right,
        recorded=RECORDED,
        revocation=RECORDED if revoked else None,
    )


def rights_on(right: Right, serial: int = 1) -> RightsInForce:
    """That right on one document, as it is in force."""
    return RightsInForce.of([a_right(right, serial)])


def a_mandate(
    kind: MandateKind = MandateKind.LEGAL_REPRESENTATIVE, *, end: date | None = None, accepted: bool = True
) -> Mandate:
    """A mandate in force."""
    return Mandate(holder=JAN, kind=kind, start=date(2026, 1, 1), end=end, accepted=accepted, recorded=RECORDED)


def broken_glass(until: datetime = NOW + timedelta(hours=1)) -> BrokenGlass:
    """A glass broken before."""
    return BrokenGlass(reason=REASON, until=until, recorded=RECORDED)


def registered(
    by_subject: Mapping[Subject, SubjectFacts] | None = None, *, consents: tuple[PatientConsent, ...] | None = None
) -> PatientFacts:
    """What is registered: a consent, and what is said about these subjects."""
    return PatientFacts((a_consent(),) if consents is None else consents, by_subject or {})


NOTHING_SAID = registered()
LINKED = registered({GP: SubjectFacts(links=(a_link(),))})


def the_facts(
    *parties: HcParty,
    registered: PatientFacts = LINKED,
    authentication: Authentication = Authentication.PLAIN,
    identity: Identity | None = None,
    standing: ProviderStanding = IN_ORDER,
    patient: Ssin = MILA,
    now: datetime = NOW,
    deceased: bool = False,
    birthdate: str = "1950-06-01",
    break_the_glass: str | None = None,
    peer: str = "",
) -> AccessFacts:
    """A family doctor with a link asks about Mila, an adult who has consented."""
    return AccessFacts(
        requester=Requester(parties or (a_person(),), identity),
        authentication=authentication,
        standing=standing,
        patient=patient,
        registered=registered,
        now=now,
        deceased=deceased,
        birthdate=birthdate,
        break_the_glass=break_the_glass,
        peer=peer,
    )


def codes(kind: str, *local: tuple[str, str]) -> tuple[Code, ...]:
    """The codes of a document: its type, and local words such as `("PatientAccess", "yes")`."""
    return (
        Code("CD-TRANSACTION", "1.14", kind),
        *(Code("LOCAL", "1.0", word, local_scheme=scheme) for scheme, word in local),
    )


def a_document(
    kind: str = "sumehr",
    *local: tuple[str, str],
    author: Author = (),
    serial: int = 1,
    day: date = date(2026, 2, 1),
    recorded_on: date = date(2026, 2, 1),
) -> Document:
    """A document of a hospital, by nobody in particular."""
    return Document(serial, (serial,), codes(kind, *local), author or (a_hospital(),), day, recorded_on)


def granted(facts: AccessFacts, policy: AccessPolicy = POLICY) -> Granted:
    """The decision, which grants access."""
    decision = decide(policy, facts)
    assert isinstance(decision, Granted), decision
    return decision


def refused(facts: AccessFacts, policy: AccessPolicy = POLICY) -> Refused:
    """The decision, which refuses access."""
    decision = decide(policy, facts)
    assert isinstance(decision, Refused), decision
    return decision


def found(decision: Granted | Refused | Permitted, rule: Rule) -> tuple[Result, str, dict[str, str]]:
    """What a rule found."""
    (outcome,) = (outcome for outcome in decision.outcomes if outcome.rule is rule)
    return outcome.result, outcome.found, dict(outcome.values)


def a_view(
    role: str = "doctor",
    *,
    own: frozenset[Subject] = frozenset(),
    rights: RightsInForce = NO_RIGHTS,
    covered_from: date = date.min,
    has_own_link: bool = True,
    in_care_context: bool = False,
    by_matrix: bool = True,
    by_flags: bool = True,
) -> View:
    """What somebody of a role sees who has an own link outside a care context."""
    return View(
        edition=EDITION,
        role=ROLES[role],
        today=TODAY,
        own=own,
        rights=rights,
        covered_from=covered_from,
        is_patient=role == "patient",
        has_own_link=has_own_link,
        in_care_context=in_care_context,
        by_matrix=by_matrix,
        by_flags=by_flags,
    )
