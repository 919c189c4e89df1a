"""`hub token` and `hub call`: what a developer sees of a correct message, and of the answer to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from lxml import etree

from hub.sandbox.people import load_people
from hub.wire.hubservices.operations import OPERATIONS
from hub.wire.namespaces import ASSERTION, CORE, KMEHR, PROTOCOL, SECURITY, SIGNATURE, SOAP
from tests.e2e.sandbox_process import SandboxProcess, run_hub, running_sandbox
from tests.sealers import needs_openssl
from tests.signatures import verified_references

PEOPLE = load_people()
CALLERS = {"DeclareTransaction": "modele", "PutHCPartyConsent": "dentist", "RevokeHCPartyConsent": "dentist"}
"""Who calls, where it is not the family doctor."""
PATIENTS = {"RevokePatientConsent": "never_consented", "RevokeTherapeuticLink": "never_consented"}
"""About whom, where it is not the everyday patient: whom the other tests here do without."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


def call(sandbox: SandboxProcess, *words: str) -> tuple[int, etree._Element]:
    """The exit status and the answer."""
    ended = run_hub("call", *words, "--sandbox", str(sandbox.file))
    assert ended.stdout, ended.stderr
    return ended.returncode, etree.fromstring(ended.stdout.encode())


def public_key(certificate: bytes) -> CertificatePublicKeyTypes:
    return x509.load_pem_x509_certificate(certificate).public_key()


def rows(answer: etree._Element) -> list[etree._Element]:
    return answer.findall(f".//{{{CORE}}}folder/{{{CORE}}}transaction")


def error_code(answer: etree._Element) -> str:
    return answer.findtext(f".//{{{CORE}}}error/{{*}}cd") or ""


def test_a_token_is_printed_as_it_was_issued(sandbox: SandboxProcess) -> None:
    ended = run_hub("token", "--as", "gp_nl", "--sandbox", str(sandbox.file))
    assert ended.returncode == 0
    assertion = etree.fromstring(ended.stdout)
    certificate = (sandbox.folder / "secrets" / "sts.pem").read_bytes()
    assert verified_references(assertion[-1], public_key(certificate)) == [f"#{assertion.get('AssertionID')}"]


def test_a_token_for_another_certificate_is_refused_with_the_reason(sandbox: SandboxProcess) -> None:
    callers = sandbox.folder / "secrets" / "callers"
    mine = ("--key", str(callers / "nurse.key"), "--cert", str(callers / "nurse.pem"))
    ended = run_hub("token", "--as", "gp_nl", *mine, "--sts", sandbox.description["sts"])
    assert ended.returncode == 1
    assert "is not that of the certificate which signed the request" in ended.stderr


def test_who_is_unknown_is_told_who_there_is(sandbox: SandboxProcess) -> None:
    ended = run_hub("call", "GetPatient", "--as", "nobody", "--sandbox", str(sandbox.file))
    assert ended.returncode == 2
    assert "gp_fr" in ended.stderr


@pytest.mark.parametrize("command", [("token",), ("call", "GetPatient")])
def test_a_sandbox_that_is_not_there_cannot_be_asked(command: tuple[str, ...], tmp_path: Path) -> None:
    ended = run_hub(*command, "--as", "gp_fr", "--sandbox", str(tmp_path / "sandbox.json"))
    assert ended.returncode == 2
    assert "sandbox.json is only there while a sandbox runs" in ended.stderr


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - {"RequestPublication", "RevokeTransaction"}))
def test_an_operation_is_accepted_signed(sandbox: SandboxProcess, operation: str) -> None:
    patient = PEOPLE.patients[PATIENTS.get(operation, "everyday")].ssin.digits
    status, answer = call(sandbox, operation, "--as", CALLERS.get(operation, "gp_fr"), "--patient", patient)
    assert status == 0
    assert answer.find(f"{{{SOAP}}}Body/{{{PROTOCOL}}}{operation}Response") is not None


def test_a_patient_hides_a_document_and_shows_it_again(sandbox: SandboxProcess) -> None:
    patient = PEOPLE.patients["bilingual"].ssin.digits
    about = ("--as", "bilingual", "--party", "pharmacist")
    look = ("GetTransactionList", "--as", "pharmacist", "--patient", patient)
    before = len(rows(call(sandbox, *look)[1]))
    assert call(sandbox, "PutAccessRight", *about)[0] == 0
    assert len(rows(call(sandbox, *look)[1])) < before
    assert call(sandbox, "RevokeAccessRight", *about)[0] == 0
    assert len(rows(call(sandbox, *look)[1])) == before


def test_an_organisation_asks_for_one_of_its_people_only(sandbox: SandboxProcess) -> None:
    status, answer = call(sandbox, "GetTransactionList", "--as", "modele")
    assert (status, error_code(answer)) == (1, "profession-unknown")
    status, answer = call(sandbox, "GetTransactionList", "--as", "modele", "--person", "specialist_fr")
    assert status == 0
    assert rows(answer)


def test_the_glass_is_broken_for_a_reason_and_the_patient_sees_it(sandbox: SandboxProcess) -> None:
    ssin = PEOPLE.patients["bis"].ssin.digits
    look = ("GetTransactionList", "--as", "specialist_nl", "--patient", ssin)
    status, answer = call(sandbox, *look)
    assert (status, error_code(answer)) == (1, "360")
    assert call(sandbox, *look, "--break-the-glass", "Found unconscious.")[0] == 0
    _, trail = call(sandbox, "GetPatientAuditTrail", "--as", "specialist_nl", "--patient", ssin)
    assert trail.findtext(".//{*}transactionaccess/{*}breaktheglass") == "Found unconscious."


def test_a_document_is_revoked_by_its_hospital_only(sandbox: SandboxProcess) -> None:
    patient = ("--patient", PEOPLE.patients["long_record"].ssin.digits)
    status, answer = call(sandbox, "RevokeTransaction", "--as", "voorbeeld", *patient)
    assert (status, error_code(answer)) == (1, "not-custodian")
    assert call(sandbox, "RevokeTransaction", "--as", "modele", *patient)[0] == 0


def test_without_a_document_there_is_nothing_to_ask(sandbox: SandboxProcess) -> None:
    patient = PEOPLE.patients["no_documents"].ssin.digits
    ended = run_hub("call", "GetTransaction", "--as", "gp_fr", "--patient", patient, "--sandbox", str(sandbox.file))
    assert ended.returncode == 2
    assert "The list of this patient is empty" in ended.stderr


def test_a_message_is_shown_byte_for_byte(sandbox: SandboxProcess) -> None:
    ended = run_hub("call", "GetPatient", "--as", "nurse", "--show", "--sandbox", str(sandbox.file))
    assert ended.returncode == 0
    envelope = etree.fromstring(ended.stdout.encode())
    security = envelope.find(f"{{{SOAP}}}Header/{{{SECURITY}}}Security")
    assert security is not None
    signature = security.find(f"{{{SIGNATURE}}}Signature")
    assert signature is not None
    certificate = (sandbox.folder / "secrets" / "callers" / "nurse.pem").read_bytes()
    assert len(verified_references(signature, public_key(certificate))) == 2
    assert security.find(f"{{{ASSERTION}}}Assertion") is not None


def test_a_plain_call_has_no_signature(sandbox: SandboxProcess) -> None:
    ended = run_hub("call", "GetPatient", "--as", "nurse", "--plain", "--show", "--sandbox", str(sandbox.file))
    assert "Header" not in ended.stdout
    assert call(sandbox, "GetPatient", "--as", "nurse", "--plain")[0] == 0


def test_what_is_sent_can_be_given(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The element behind the request part, a KMEHR message, or a whole request."""
    ssin = PEOPLE.patients["baby"].ssin.digits
    select = tmp_path / "select.xml"
    select.write_text(f'<select xmlns="{CORE}"><patient><id S="INSS" SV="1.0">{ssin}</id></patient></select>')
    status, answer = call(sandbox, "GetPatient", "--as", "gp_fr", "--body", str(select))
    assert status == 0
    assert answer.findtext(".//{*}familyname[.='Voorbeeld']")

    shown = run_hub("call", "PutTransaction", "--as", "gp_fr", "--show", "--sandbox", str(sandbox.file)).stdout
    request = etree.fromstring(shown.encode()).find(f"{{{SOAP}}}Body")
    assert request is not None
    whole = tmp_path / "request.xml"
    whole.write_bytes(etree.tostring(request[0], xml_declaration=True, encoding="utf-8"))
    assert call(sandbox, "PutTransaction", "--as", "gp_fr", "--body", str(whole))[0] == 0

    message = request[0].find(f"{{{CORE}}}kmehrmessage")
    assert message is not None
    message.tag = f"{{{KMEHR}}}kmehrmessage"
    document = tmp_path / "note.xml"
    document.write_bytes(etree.tostring(message))
    assert call(sandbox, "PutTransaction", "--as", "gp_fr", "--body", str(document))[0] == 0


@needs_openssl
@pytest.mark.parametrize(("operation", "name"), [("PutTransaction", "gp_nl"), ("PutTransactionSet", "gp_fr")])
def test_a_put_is_sealed_and_its_document_is_opened(sandbox: SandboxProcess, operation: str, name: str) -> None:
    patient = ("--patient", PEOPLE.patients["baby"].ssin.digits)
    shown = run_hub("call", operation, "--as", name, "--sealed", "--show", *patient, "--sandbox", str(sandbox.file))
    assert "Base64EncryptedData>" in shown.stdout
    assert "folder>" not in shown.stdout
    assert call(sandbox, operation, "--as", name, "--sealed", *patient)[0] == 0

    get = ("call", operation.replace("Put", "Get"), "--as", name, *patient, "--sandbox", str(sandbox.file))
    opened, raw = run_hub(*get), run_hub(*get, "--raw")
    assert (opened.returncode, raw.returncode) == (0, 0)
    assert "came sealed, and is opened here" in opened.stderr
    assert "<folder" in opened.stdout
    assert "Base64EncryptedData>" in raw.stdout
    assert "folder>" not in raw.stdout


@needs_openssl
def test_a_put_is_sealed_without_a_signature_too(sandbox: SandboxProcess) -> None:
    assert call(sandbox, "PutTransaction", "--as", "gp_fr", "--plain", "--sealed")[0] == 0


@needs_openssl
def test_what_is_given_is_sealed_too(sandbox: SandboxProcess, tmp_path: Path) -> None:
    plain = run_hub("call", "PutTransaction", "--as", "gp_fr", "--plain", "--show", "--sandbox", str(sandbox.file))
    request = etree.fromstring(plain.stdout.encode()).find(f"{{{SOAP}}}Body/*")
    assert request is not None
    whole = tmp_path / "request.xml"
    whole.write_bytes(etree.tostring(request))
    given = ("--as", "gp_fr", "--body", str(whole), "--sealed")
    shown = run_hub("call", "PutTransaction", *given, "--show", "--sandbox", str(sandbox.file)).stdout
    assert "Base64EncryptedData>" in shown
    assert "folder>" not in shown
    assert call(sandbox, "PutTransaction", *given)[0] == 0


def test_what_is_not_put_is_not_sealed(sandbox: SandboxProcess) -> None:
    ended = run_hub("call", "GetPatient", "--as", "gp_fr", "--sealed", "--sandbox", str(sandbox.file))
    assert ended.returncode == 2
    assert "Invalid value for --sealed" in ended.stderr


def test_a_whole_request_of_somebody_else_is_not_believed(sandbox: SandboxProcess, tmp_path: Path) -> None:
    shown = run_hub("call", "GetPatient", "--as", "gp_fr", "--plain", "--show", "--sandbox", str(sandbox.file)).stdout
    request = etree.fromstring(shown.encode()).find(f"{{{SOAP}}}Body")
    assert request is not None
    whole = tmp_path / "request.xml"
    whole.write_bytes(etree.tostring(request[0]))
    status, answer = call(sandbox, "GetPatient", "--as", "gp_nl", "--body", str(whole))
    assert status == 1
    assert answer.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault") is not None


@pytest.mark.parametrize("content", [b"<GetPatientRequest", b"\x00"])
def test_a_body_that_is_no_xml_is_not_sent(sandbox: SandboxProcess, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "body.xml"
    file.write_bytes(content)
    ended = run_hub("call", "GetPatient", "--as", "gp_fr", "--body", str(file), "--sandbox", str(sandbox.file))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_another_operations_request_is_not_sent(sandbox: SandboxProcess, tmp_path: Path) -> None:
    file = tmp_path / "body.xml"
    file.write_text(f'<GetHCPartyRequest xmlns="{PROTOCOL}"/>')
    ended = run_hub("call", "GetPatient", "--as", "gp_fr", "--body", str(file), "--sandbox", str(sandbox.file))
    assert ended.returncode == 2
    assert "holds GetHCPartyRequest, not GetPatientRequest" in ended.stderr


def test_an_envelope_is_not_put_into_another_one(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Somebody who was shown a message may try to send it like this."""
    shown = run_hub("call", "GetPatient", "--as", "gp_fr", "--show", "--sandbox", str(sandbox.file)).stdout
    file = tmp_path / "shown.xml"
    file.write_text(shown)
    ended = run_hub("call", "GetPatient", "--as", "gp_fr", "--body", str(file), "--sandbox", str(sandbox.file))
    assert ended.returncode == 2
    assert "holds a whole envelope" in ended.stderr
