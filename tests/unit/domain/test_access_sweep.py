"""The whole table: every role, type and author of a document, with every link, consent, exclusion and right.

What is expected is stated here a second time, as a table of letters and a plain order of questions.
"""

from dataclasses import dataclass
from datetime import date
from itertools import product

import pytest

from hub.domain.access import Granted, decide
from hub.domain.access_matrix import Level
from hub.domain.access_rights import Right
from hub.domain.access_view import View
from hub.domain.consent import ConsentKind
from hub.domain.errors import Reason
from hub.domain.parties import HcParty, Id
from hub.domain.patient_facts import PatientFacts, SubjectFacts
from hub.domain.subjects import Subject, SubjectKind
from hub.wire.kmehr.codes import code_list
from hub.wire.schemas import default_schema_folder
from tests.access_builders import (
    HOSPITAL,
    POLICY,
    a_consent,
    a_document,
    a_link,
    a_party,
    a_patient_party,
    a_right,
    an_exclusion,
    the_facts,
)
from tests.builders import HOSPITAL_NIHII, MILA, OTHER_GP_NIHII, a_hospital, a_person

# F full, P part, C conditional, - nothing. A psychiatrist is a doctor but for psychiatry.
MATRIX = """
                  doctor nurse midwife pharmacist dentist physiotherapist dietitian psychologist patient
psychiatry        - - - - - - - C C
genetics          F - - - - - - - C
sumehr            F F P P P P P P F
medicationscheme  F F F F F F F F F
vaccination       F F F F P P - - F
laboratory        F P P - P - P - F
imaging           F P P - P C - - F
obstetrics        F P F - - - - - F
birth             F P F - - - - - F
nursing           F F F - - P - - F
nursing-summary   F F F - - P - - F
physiotherapy     F P - - - F - - F
dietetics         F P - - - - F - F
psychology        F - - - - - - F C
dentistry         F P - - F - - - F
orthopaedics      F F P - P C - - F
metabolism        F F P - P - C - F
report            F F P - P - - - F
prescription      F P P F P P - - F
diary             F F F F P F F P C
care              F F F P - P P P F
note              F - - - - - - - F
other             F - - - - - - - C
"""
_HEAD, *_ROWS = (line.split() for line in MATRIX.strip().splitlines())
CELLS = {category: dict(zip(_HEAD, letters, strict=True)) for category, *letters in _ROWS}
REPORTS = {
    "contactreport", "discharge", "dischargereport", "quickdischargereport", "referral", "report", "transferreport",
}  # fmt: skip
NOTES = {"contactreport", "note", "report", "transferreport"}
BY_TYPE = {
    "sumehr": {"sumehr"},
    "medicationscheme": {
        "medicationscheme", "medicationschemeelement", "pharmaceuticalmedicationscheme", "treatmentsuspension",
    },
    "vaccination": {"vaccination", "vaccinationscheme", "vaccinationschemeelement"},
    "laboratory": {"labresult"},
    "imaging": {"applicationlink", "radiationexposuremonitoring", "result"},
    "birth": {
        "ebirth-baby-medicalform", "ebirth-baby-notification", "ebirth-mother-medicalform",
        "ebirth-mother-notification", "perinatal",
    },
    "nursing-summary": {"belrai-report", "nursingsummaryreport"},
    "report": REPORTS | {"intervention"},
    "prescription": {
        "hospitalpharmaceuticalprescription", "labrequest", "pharmaceuticalprescription", "prescription",
        "productdelivery", "request",
    },
    "diary": {"diarynote"},
    "care": {"careplan", "clinicalpath", "telemonitoring"},
    "note": {"note"},
}  # fmt: skip
PSYCHIATRY = REPORTS | {
    "admission", "alert", "applicationlink", "careplan", "clinicalpath", "clinicalsummary", "intervention", "note",
    "notification", "result",
}  # fmt: skip
BY_AUTHOR = {
    "deptpsychiatry": ("psychiatry", PSYCHIATRY),
    "deptgenetics": ("genetics", PSYCHIATRY | {"labresult"}),
    "deptobstetrics": ("obstetrics", REPORTS | {"note"}),
    "persnurse": ("nursing", NOTES),
    "persphysiotherapist": ("physiotherapy", NOTES),
    "persdietician": ("dietetics", NOTES),
    "persclinicalpsychologist": ("psychology", NOTES),
    "persdentist": ("dentistry", NOTES),
    "deptorthopedy": ("orthopaedics", REPORTS | {"intervention", "note"}),
    "deptdiabetology": ("metabolism", REPORTS | {"note"}),
    "persphysician": ("", set()),
}
TYPES = sorted(code_list(default_schema_folder(), "CD-TRANSACTIONvalues"))
UNKNOWN_TYPES = ["", "invented", "SUMEHR"]

CARER = Id("ID-HCPARTY", "1.0", OTHER_GP_NIHII)
OWN = Subject(SubjectKind.NIHII, OTHER_GP_NIHII[:8])
ASKERS: dict[str, tuple[str, tuple[HcParty, ...]]] = {
    "doctor": ("doctor", (a_hospital(), a_party("persphysician", CARER))),
    "psychiatrist": ("psychiatrist", (a_hospital(), a_party("deptpsychiatry"), a_party("persphysician", CARER))),
    "nurse": ("nurse", (a_hospital(), a_party("persnurse", CARER))),
    "midwife": ("midwife", (a_hospital(), a_party("persmidwife", CARER))),
    "pharmacist": ("pharmacist", (a_hospital(), a_party("perspharmacist", CARER))),
    "dentist": ("dentist", (a_hospital(), a_party("persdentist", CARER))),
    "physiotherapist": ("physiotherapist", (a_hospital(), a_party("persphysiotherapist", CARER))),
    "dietitian": ("dietitian", (a_hospital(), a_party("persdietician", CARER))),
    "psychologist": ("psychologist", (a_hospital(), a_party("persclinicalpsychologist", CARER))),
    "patient": ("patient", (a_patient_party(),)),
    "administration": ("", (a_hospital(), a_party("persadministrative", CARER))),
    "unknown profession": ("", (a_hospital(), a_party("perstechnician", CARER))),
    "no profession": ("", (a_party("", CARER),)),
    "two people": ("", (a_party("persphysician", CARER), a_party("persnurse"))),
    "hospital alone": ("", (a_hospital(),)),
}
PAST, FUTURE = date(2026, 3, 9), date(2026, 3, 11)
LINKS = {
    "none": (OWN, (), ""),
    "own": (OWN, (a_link("gmd"),), "own"),
    "own, in a context": (OWN, (a_link("referral"),), "own context"),
    "of the hospital": (HOSPITAL, (a_link("gmd"),), "team"),
    "of the hospital, in a context": (HOSPITAL, (a_link("hospitalstay"),), "team context"),
    "ended": (OWN, (a_link("gmd", end=PAST),), ""),
    "to come": (OWN, (a_link("gmd", start=FUTURE),), ""),
    "revoked": (OWN, (a_link("gmd", revoked_on=PAST),), ""),
    "of somebody else": (Subject(SubjectKind.NIHII, "19990116"), (a_link("gmd"),), ""),
}
DAY = date(2026, 2, 1)
CONSENTS = {
    "none": ((), None),
    "retrospective": ((a_consent(),), True),
    "local": ((a_consent(ConsentKind.LOCAL),), True),
    "prospective, before the document": ((a_consent(ConsentKind.PROSPECTIVE, signed_on=DAY),), True),
    "prospective, after it": ((a_consent(ConsentKind.PROSPECTIVE, signed_on=PAST),), False),
    "withdrawn": ((a_consent(revoked_on=PAST),), None),
    "to come": ((a_consent(signed_on=FUTURE),), None),
}
EXCLUSIONS = {
    "none": (OWN, (), False),
    "of the person": (OWN, (an_exclusion(OTHER_GP_NIHII),), True),
    "of the hospital": (HOSPITAL, (an_exclusion(HOSPITAL_NIHII),), True),
    "lifted": (OWN, (an_exclusion(OTHER_GP_NIHII, lifted_on=PAST),), False),
}
RIGHTS = {
    "none": ((), ""),
    "allow": ((a_right(Right.ALLOW),), "allow"),
    "disallow": ((a_right(Right.DISALLOW),), "disallow"),
    "both": ((a_right(Right.DISALLOW), a_right(Right.ALLOW)), "disallow"),
    "taken back": ((a_right(Right.DISALLOW, revoked=True),), ""),
    "on another": ((a_right(Right.DISALLOW, serial=2),), ""),
}


@dataclass(frozen=True)
class Case:
    """One combination; each part is a key of the tables above."""

    asker: str
    link: str
    consent: str
    exclusion: str
    right: str

    @property
    def parties(self) -> tuple[HcParty, ...]:
        return ASKERS[self.asker][1]

    @property
    def subjects(self) -> set[Subject]:
        numbers = {Subject(SubjectKind.NIHII, party.number[:8]) for party in self.parties if party.number}
        return numbers | {Subject(SubjectKind.INSS, MILA.digits)}

    def registered(self) -> PatientFacts:
        said: dict[Subject, dict[str, tuple[object, ...]]] = {}
        own = Subject(SubjectKind.INSS, MILA.digits) if self.asker == "patient" else OWN
        for subject, name, values in (
            (LINKS[self.link][0], "links", LINKS[self.link][1]),
            (EXCLUSIONS[self.exclusion][0], "exclusions", EXCLUSIONS[self.exclusion][1]),
            (own, "rights", RIGHTS[self.right][0]),
        ):
            said.setdefault(subject, {})[name] = values
        return PatientFacts(CONSENTS[self.consent][0], {subject: SubjectFacts(**it) for subject, it in said.items()})  # type: ignore[arg-type]  # each by its name

    def expected_refusal(self) -> Reason | None:
        if not ASKERS[self.asker][0]:
            return Reason.PROFESSION_UNKNOWN
        if CONSENTS[self.consent][1] is None:
            return Reason.CONSENT_MISSING
        if self.asker == "patient":
            return None
        if EXCLUSIONS[self.exclusion][2] and EXCLUSIONS[self.exclusion][0] in self.subjects:
            return Reason.EXCLUDED
        return None if LINKS[self.link][2] else Reason.LINK_MISSING

    def expected_level(self, category: str, *, is_own: bool) -> Level:
        role, right = ASKERS[self.asker][0], RIGHTS[self.right][1]
        if right == "disallow":
            return Level.NONE
        if is_own:
            return Level.FULL
        letter = "-" if not category else CELLS[category]["doctor" if role == "psychiatrist" else role]
        if (role, category) == ("psychiatrist", "psychiatry"):
            letter = "F"
        if letter == "C" and right != "allow" and (role == "patient" or "context" not in LINKS[self.link][2]):
            letter = "-"
        if letter == "-" or not CONSENTS[self.consent][1]:
            return Level.NONE
        return Level.PART if letter == "P" else Level.FULL


def expected_category(kind: str, author: str) -> str:
    category, types = BY_AUTHOR[author]
    if kind in types:
        return category
    by_type = next((category for category, types in BY_TYPE.items() if kind in types), "")
    return by_type or ("other" if kind in TYPES else "")


DOCUMENTS = [
    (a_document(kind, author=(a_hospital("71000436"), a_party(author)), day=DAY), expected_category(kind, author))
    for kind, author in product([*TYPES, *UNKNOWN_TYPES], BY_AUTHOR)
]


@pytest.mark.parametrize("asker", ASKERS)
def test_every_combination_gives_what_the_table_says(asker: str) -> None:
    seen: set[tuple[object, ...]] = set()
    for case in (Case(asker, *rest) for rest in product(LINKS, CONSENTS, EXCLUSIONS, RIGHTS)):
        decision = decide(POLICY, the_facts(*case.parties, registered=case.registered()))
        refusal = case.expected_refusal()
        if not isinstance(decision, Granted):
            assert decision.reason is refusal, case
            continue
        assert refusal is None, case
        view = decision.view
        is_same = (
            *(CONSENTS[case.consent][1], "context" in LINKS[case.link][2], RIGHTS[case.right][1]),
            *(view.covered_from, view.has_own_link, view.in_care_context, view.rights.hidden, *view.rights.opened),
        )
        if is_same not in seen:
            seen.add(is_same)
            check_documents(view, case)


def check_documents(view: View, case: Case) -> None:
    for document, category in DOCUMENTS:
        found = view.access(document)
        assert found.level is case.expected_level(category, is_own=False), (case, document, found)
        assert bool(found.items) is (found.level is Level.PART), (case, document, found)
    own = a_document("report", author=(a_hospital("71000436"), case.parties[-1]), day=DAY)
    assert view.access(own).level is case.expected_level("", is_own=True), case


def test_what_is_stated_here_is_all_that_the_shipped_matrix_states() -> None:
    (edition,) = POLICY.matrix.editions
    assert [category.name for category in edition.categories] == list(CELLS)
    for category in edition.categories:
        letters = {
            role: {"full": "F", "part": "P", "conditional": "C", "none": "-"}[cell.permission]
            for role, cell in category.cells.items()
        }
        letters.pop("psychiatrist", None)
        assert letters == CELLS[category.name]


def test_the_part_of_a_summary_is_what_was_published_as_theirs() -> None:
    facts = the_facts(
        a_person(OTHER_GP_NIHII, profession="perspharmacist"),
        registered=PatientFacts((a_consent(),), {OWN: SubjectFacts(links=(a_link(),))}),
    )
    decision = decide(POLICY, facts)
    assert isinstance(decision, Granted)
    found = decision.view.access(a_document("sumehr"))
    assert found.items == frozenset({"adr", "allergy", "medication", "risk", "vaccine"})
    assert found.rule == "matrix/2026-01-01/sumehr/pharmacist"
