"""The rules beyond the schema: what each one finds, and that documents of the field are not refused for nothing."""

import base64
import os
import random
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hub.commands.rule_table import with_rule_table
from hub.domain.findings import Finding, Severity
from hub.domain.identifiers import Ssin
from hub.wire.kmehr.attachments import decode
from hub.wire.kmehr.codes import code_list
from hub.wire.kmehr.limits import ValidationLimits
from hub.wire.kmehr.rule_texts import KMEHR_RULES, MESSAGE_RULES
from hub.wire.kmehr.rules import check_rules
from hub.wire.kmehr.schema_texts import SCHEMA_RULES
from hub.wire.schemas import default_schema_folder
from hub.wire.xml import parse
from tests.unit.wire.invented_documents import LIST, NOTE, PUT, changed

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT.parent / "shared" / "kmehr" / "samples"
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
KINDS = code_list(default_schema_folder(), "CD-TRANSACTIONvalues")
LIMITS = ValidationLimits()
TEXT = '<text L="nl">Alles goed.</text>'
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n, invented").decode()


def found(
    document: str | bytes,
    *,
    now: datetime = NOW,
    limits: ValidationLimits = LIMITS,
    patient: Ssin | None = None,
) -> list[Finding]:
    message = parse(document.encode() if isinstance(document, str) else document)
    return check_rules(message, now=now, limits=limits, transaction_kinds=KINDS, patient=patient)


def a_link(content: str, attributes: str = 'TYPE="multimedia" MEDIATYPE="image/png"') -> str:
    return changed(NOTE, (TEXT, f"{TEXT}<lnk {attributes}>{content}</lnk>"))


@pytest.mark.parametrize("document", [NOTE, PUT, LIST])
def test_there_is_nothing_to_say_about_a_right_document(document: str) -> None:
    assert found(document) == []


@pytest.mark.parametrize(
    ("change", "rule", "where", "seen"),
    [
        pytest.param(
            (("45123199772", "45123199773"), ("45123199772", "45123199773")),
            "kmehr.patient-number",
            "/kmehrmessage/folder/patient/id[1]",
            "45123199773",
            id="check digits of the patient",
        ),
        pytest.param(
            (("45123199772", "45.12.31-997.72"), ("45123199772", "45.12.31-997.72")),
            "kmehr.patient-number",
            "/kmehrmessage/folder/patient/id[1]",
            "45.12.31-997.72",
            id="not eleven digits",
        ),
        pytest.param(
            (('S="INSS" SV="1.0">45123199772', 'S="INSS" SV="1.0">12123199886'),),
            "kmehr.patient-numbers-differ",
            "/kmehrmessage/folder/patient",
            "45123199772, 12123199886",
            id="two numbers of one patient",
        ),
        pytest.param(
            (('S="ID-PATIENT" SV="1.0">45123199772', 'S="LOCAL" SL="x" SV="1.0">7'), ("45123199772", " ")),
            "kmehr.patient-number-missing",
            "/kmehrmessage/folder/patient",
            "",
            id="no number of the patient",
        ),
        pytest.param(
            (("50123199879", "50123199870"),),
            "kmehr.national-number",
            "/kmehrmessage/header/sender/hcparty/id[2]",
            "50123199870",
            id="national number of a doctor",
        ),
        pytest.param(
            (("19990116004", "19990117004"), (">19990116004", ">19990117004")),
            "kmehr.party-number",
            "/kmehrmessage/header/sender/hcparty/id[1]",
            "19990117004",
            id="NIHII check digits",
        ),
        pytest.param(
            (("1990000728", "1990000729"),),
            "kmehr.party-number",
            "/kmehrmessage/header/recipient/hcparty/id",
            "1990000729",
            id="hub check digits",
        ),
        pytest.param(
            ((">persphysician<", ">orghospital<"),),
            "kmehr.party-number-length",
            "/kmehrmessage/header/sender/hcparty/id[1]",
            "19990116004",
            id="an organisation with a person's number",
        ),
        pytest.param(
            (("<familyname>Proefmans", "<familyname> "),),
            "kmehr.name-blank",
            "/kmehrmessage/folder/patient/familyname",
            "␣",
            id="a name of spaces",
        ),
        pytest.param(
            (('S="CD-TRANSACTION"', 'S="LOCAL" SL="x"'),),
            "kmehr.transaction-kind-missing",
            "/kmehrmessage/folder/transaction",
            "",
            id="no kind of document",
        ),
        pytest.param(
            ((">note<", ">Sumher<"),),
            "kmehr.transaction-kind-unknown",
            "/kmehrmessage/folder/transaction/cd",
            "Sumher",
            id="unknown kind of document",
        ),
        pytest.param(
            ((TEXT, ""),), "kmehr.transaction-empty", "/kmehrmessage/folder/transaction", "note", id="no content"
        ),
        pytest.param(
            (("<date>2026-03-02", "<date>2026-03-12"),),
            "kmehr.date-future",
            "/kmehrmessage/header/date",
            "2026-03-12",
            id="date of the message",
        ),
        pytest.param(
            (("</cd><date>2026-03-02", "</cd><date>12026-03-02"),),
            "kmehr.date-future",
            "/kmehrmessage/folder/transaction/date",
            "12026-03-02",
            id="date of the transaction, in a year of five digits",
        ),
        pytest.param(
            (("2026-03-02T10", "2027-03-02T10"),),
            "kmehr.date-future",
            "/kmehrmessage/folder/transaction/recorddatetime",
            "2027-03-02T10:05:00",
            id="recorddatetime",
        ),
        pytest.param(
            (("<date>1945-12-31</date>", "<year>2027</year>"),),
            "kmehr.birth-future",
            "/kmehrmessage/folder/patient/birthdate/year",
            "2027",
            id="born next year",
        ),
        pytest.param(
            (("</birthdate>", "</birthdate><deathdate><yearmonth>1945-11</yearmonth></deathdate>"),),
            "kmehr.death-before-birth",
            "/kmehrmessage/folder/patient/deathdate/yearmonth",
            "1945-11",
            id="died before birth",
        ),
    ],
)
def test_one_wrong_thing_gives_one_finding_where_it_stands(
    change: tuple[tuple[str, str], ...], rule: str, where: str, seen: str
) -> None:
    findings = [finding for finding in found(changed(NOTE, *change)) if finding.where == where]
    assert [(finding.rule, finding.seen) for finding in findings] == [(rule, seen)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("</cd><date>2026-03-02", "</cd><date>2026-03-11"), id="tomorrow, for zones differ"),
        pytest.param(("</cd><date>2026-03-02", "</cd><date>2026-03-11+14:00"), id="a date with a zone"),
        pytest.param(("</cd><date>2026-03-02", "</cd><date>-0044-03-15"), id="before our era"),
        pytest.param(("<time>10:00:00", "<time>24:00:00"), id="midnight written as 24:00"),
        pytest.param(("<date>1945-12-31</date>", "<year>2026</year>"), id="born in this year"),
        pytest.param(("</birthdate>", "</birthdate><deathdate><year>1945</year></deathdate>"), id="died in that year"),
        pytest.param((">note<", ">medicationscheme<"), id="known kind"),
        pytest.param(('<id S="INSS" SV="1.0">45123199772</id>', ""), id="one number is enough"),
        pytest.param(("<firstname>Jan<", "<firstname>Jan</firstname><firstname>Piet<"), id="two first names"),
    ],
)
def test_what_is_unusual_but_right_gives_no_finding(change: tuple[str, str]) -> None:
    assert found(changed(NOTE, change)) == []


@pytest.mark.parametrize("head", ["medicationscheme", "vaccinationscheme", "pharmaceuticalmedicationscheme"])
def test_the_head_of_a_set_needs_no_content(head: str) -> None:
    assert found(changed(NOTE, (TEXT, ""), (">note<", f">{head}<"))) == []


def test_an_unknown_kind_of_document_comes_with_a_likely_one() -> None:
    (finding,) = found(changed(NOTE, (">note<", ">Sumher<")))
    assert finding.severity is Severity.WARNING
    assert "sumehr" in finding.wanted.fr


def test_without_a_code_list_every_kind_of_document_is_known() -> None:
    message = parse(changed(NOTE, (">note<", ">novelty<")).encode())
    assert check_rules(message, now=NOW, limits=LIMITS, transaction_kinds=frozenset()) == []


def test_a_folder_of_another_patient_is_an_error_that_does_not_tell_who_it_is() -> None:
    (finding,) = found(NOTE, patient=Ssin("12123199886"))
    assert (finding.rule, finding.refuses) == ("kmehr.other-patient", True)
    assert "45123199772" not in repr(finding)
    assert found(NOTE, patient=Ssin("45123199772")) == []


def test_two_folders_and_sealed_content_are_warnings() -> None:
    sealed = '<Base64EncryptedData><cd S="CD-ENCRYPTION-METHOD" SV="1.0">CMS</cd></Base64EncryptedData>'
    folder = NOTE[NOTE.index("<folder>") : NOTE.index("</kmehrmessage>")]
    findings = found(changed(NOTE, ("</folder>", f"</folder>{folder}{sealed}")))
    assert [(finding.rule, finding.severity) for finding in findings] == [
        ("kmehr.several-folders", Severity.WARNING),
        ("kmehr.sealed", Severity.WARNING),
    ]


def test_the_hub_own_part_of_a_message_is_looked_at_too() -> None:
    findings = found(changed(LIST, ("45123199772", "45123199773"), ("sumehr", "sumeher")))
    assert [finding.where for finding in findings] == [
        "/GetTransactionListRequest/select/patient/id",
        "/GetTransactionListRequest/select/transaction/cd",
    ]


def test_a_wrong_number_of_a_care_party_is_reported_once() -> None:
    document = NOTE.replace("50123199879", "50123199870")
    assert [finding.rule for finding in found(document)] == ["kmehr.national-number"]


@pytest.mark.parametrize(
    ("link", "rules"),
    [
        pytest.param(a_link(PNG), [], id="a PNG"),
        pytest.param(a_link(f"\n  {PNG[:10]}\n  {PNG[10:]}\n"), [], id="white space in base64"),
        pytest.param(a_link("", 'TYPE="multimedia" URL="https://images.invalid/1"'), [], id="an address only"),
        pytest.param(a_link("", 'TYPE="isachildof"'), [], id="a link to a transaction"),
        pytest.param(a_link(""), ["kmehr.link-empty"], id="nothing"),
        pytest.param(a_link(" \n "), ["kmehr.link-empty"], id="white space only"),
        pytest.param(a_link("", 'TYPE="thumbnail" URL=" "'), ["kmehr.link-empty"], id="an empty address"),
        pytest.param(a_link("%%%"), ["kmehr.link-base64"], id="stray characters"),
        pytest.param(a_link(PNG + "="), ["kmehr.link-base64"], id="too much padding"),
        pytest.param(a_link("é" + PNG), ["kmehr.link-base64"], id="not ASCII"),
        pytest.param(a_link(PNG, 'TYPE="multimedia"'), ["kmehr.link-media-type-missing"], id="no media type"),
        pytest.param(
            a_link(PNG, 'TYPE="multimedia" MEDIATYPE="application/pdf"'), ["kmehr.link-media-type"], id="no PDF"
        ),
        pytest.param(a_link("QUFB"), ["kmehr.link-media-type"], id="no PNG"),
        pytest.param(a_link("QUFB", 'TYPE="multimedia" MEDIATYPE="text/plain"'), [], id="a text"),
        pytest.param(a_link("e1xydGYx", 'TYPE="multimedia" MEDIATYPE="text/rtf"'), [], id="RTF by its other name"),
        pytest.param(
            a_link("QUFB", 'TYPE="multimedia" MEDIATYPE="text/plain" SIZE="4"'), ["kmehr.link-size"], id="wrong size"
        ),
        pytest.param(a_link("QUFB", 'TYPE="multimedia" MEDIATYPE="text/plain" SIZE="3"'), [], id="right size"),
        pytest.param(a_link("QUFB", 'TYPE="multimedia" MEDIATYPE="text/plain" SIZE="3 kB"'), [], id="size in words"),
    ],
)
def test_links(link: str, rules: list[str]) -> None:
    assert [finding.rule for finding in found(link)] == rules


def test_an_attachment_over_the_limit_is_refused() -> None:
    (finding,) = found(a_link(PNG), limits=replace(LIMITS, attachment_bytes=10))
    assert (finding.rule, finding.refuses) == ("kmehr.link-too-large", True)
    assert "10" in finding.wanted.nl


def test_a_pdf_of_20_mebibytes_takes_little_processor_time() -> None:
    pdf = base64.encodebytes(b"%PDF-1.7\n" + os.urandom(20 * 1024 * 1024)).decode()
    message = parse(a_link(pdf, 'TYPE="multimedia" MEDIATYPE="application/pdf"').encode())
    started = time.process_time()
    assert check_rules(message, now=NOW, limits=LIMITS, transaction_kinds=KINDS) == []
    assert time.process_time() - started < 1.5


@given(st.binary(max_size=200), st.randoms())
def test_base64_with_white_space_anywhere_decodes_to_its_size(content: bytes, chance: random.Random) -> None:
    encoded = base64.b64encode(content).decode()
    spaced = "".join(character + chance.choice(("", "", " ", "\r\n\t")) for character in encoded)
    attachment = decode(spaced)
    assert attachment is not None
    assert (attachment.size, attachment.beginning) == (len(content), content)


def test_base64_is_read_across_slices_as_in_one_piece() -> None:
    content = os.urandom(3 * 1024 * 1024 + 1)
    encoded = base64.encodebytes(content).decode()
    attachment = decode(encoded)
    assert attachment is not None
    assert attachment.size == len(content)
    assert decode(encoded.rstrip("=\n")) is None
    assert decode(encoded + "QUFB") is None


def test_a_report_is_cut_and_says_so() -> None:
    names = "".join("<firstname> </firstname>" for _ in range(200))
    findings = found(changed(NOTE, ("<firstname>Jan</firstname>", names)))
    assert len(findings) == LIMITS.findings + 1
    assert findings[-1].rule == "message.more-findings"


def test_a_year_without_end_is_only_a_date_in_the_future() -> None:
    (finding,) = found(changed(NOTE, ("</cd><date>2026", f"</cd><date>{'9' * 5000}")))
    assert finding.rule == "kmehr.date-future"


def test_very_many_wrong_numbers_take_little_processor_time() -> None:
    party = NOTE[NOTE.index("<hcparty>") : NOTE.index("</sender>")].replace("50123199879", "50123199870")
    message = parse(changed(NOTE, ("<sender>", f"<sender>{party * 20_000}")).encode())
    started = time.process_time()
    (finding,) = check_rules(message, now=NOW, limits=LIMITS, transaction_kinds=KINDS)
    assert finding.where == "/kmehrmessage/header/sender/hcparty[1]/id[2]"
    assert time.process_time() - started < 1.5


def test_rules_find_their_way_in_any_broken_document() -> None:
    chance = random.Random("broken")
    for _ in range(300):
        message = parse(a_link(PNG).encode())
        for _ in range(3):
            elements = list(message.iter("*"))
            element = chance.choice(elements[1:])
            match chance.randrange(4):
                case 0:
                    element.clear()
                case 1:
                    element.text = chance.choice(("", "é", "9" * 30, "-", "%"))
                case 2:
                    element.tag = str(chance.choice(elements).tag)
                case _:
                    message.append(element)
        check_rules(message, now=NOW, limits=LIMITS, transaction_kinds=KINDS)


@pytest.mark.parametrize("months", [-9, 0, 9])
def test_documents_of_the_field_are_refused_for_the_patient_number_only(months: int) -> None:
    """Public test data has wrong numbers; and the clock of this machine may be wrong by months."""
    documents = sorted((*SAMPLES.glob("valid/*.xml"), *SAMPLES.glob("constructed/kmehr/*.xml")))
    if not documents:
        pytest.skip("the shared sample documents are not here")
    now = datetime(2026 + (2 + months) // 12, (2 + months) % 12 + 1, 10, tzinfo=UTC)
    for document in documents:
        refusals = {finding.rule for finding in found(document.read_bytes(), now=now) if finding.refuses}
        assert refusals <= {"kmehr.patient-number"}, document.name


def test_every_rule_says_what_it_wants_in_three_languages_with_the_same_values() -> None:
    for rule in (*MESSAGE_RULES, *SCHEMA_RULES, *KMEHR_RULES):
        places = [set(re.findall(r"\{\w+\}", text)) for text in (rule.wanted.fr, rule.wanted.nl, rule.wanted.en)]
        assert places[0] == places[1] == places[2], rule.id
        assert all((rule.wanted.fr, rule.wanted.nl, rule.wanted.en, rule.what, rule.why)), rule.id


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in (*MESSAGE_RULES, *SCHEMA_RULES, *KMEHR_RULES)]
    assert len(ids) == len(set(ids))


def test_the_documentation_has_the_present_rules() -> None:
    document = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert document == with_rule_table(document), "run: python -m hub.commands.rule_table docs/validation.md"


def test_the_known_kinds_of_document_come_from_the_schemas(tmp_path: Path) -> None:
    assert {"sumehr", "note", "transferreport"} <= KINDS
    schema = etree.Element("{http://www.w3.org/2001/XMLSchema}schema")
    (tmp_path / "other.xsd").write_bytes(etree.tostring(schema))
    assert code_list(tmp_path, "CD-TRANSACTIONvalues") == frozenset()
