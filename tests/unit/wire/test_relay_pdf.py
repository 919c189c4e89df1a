"""A bare PDF leaves as a valid KMEHR message with what the reference says about it."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hub.domain.declarations import Declaration
from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.wire.kmehr.persons import unnamed_patient
from hub.wire.kmehr.relay.pdf import PdfMessage
from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.fakes.documents import HOSPITAL, HUB, KMEHR, PATIENT, PDF

K = f"{{{KMEHR}}}"
HUB_AS_PARTY = HcParty((Id("ID-HCPARTY", "1.0", HUB),), (Code("CD-HCPARTY", "1.16", "hub"),), name="RSB")
HOSPITAL_AS_PARTY = HcParty(
    (Id("ID-HCPARTY", "1.0", HOSPITAL),), (Code("CD-HCPARTY", "1.16", "orghospital"),), name="Proef & Co"
)
DECLARATION = Declaration.of(
    ids=(Id("ID-KMEHR", "1.0", "1"), Id("LOCAL", "1.0", "D<1>", "deproef")),
    cds=(Code("CD-TRANSACTION", "1.14", "labresult"),),
    date="2026-03-02",
    time="10:00:00",
    author=(HOSPITAL_AS_PARTY,),
    iscomplete=True,
    isvalidated=False,
    recorddatetime="2026-03-02T10:01:00+01:00",
)


def a_wrapper(declaration: Declaration = DECLARATION) -> PdfMessage:
    return PdfMessage(
        hub=HUB_AS_PARTY,
        recipient=(HOSPITAL_AS_PARTY,),
        patient=unnamed_patient(Ssin(PATIENT)),
        declaration=declaration,
        ids=(Id("LOCAL", "1.0", "H-1", "RSBID"),),
        message_id=f"{HUB}.1",
        now=datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
    )


def test_the_message_is_valid_and_carries_the_pdf() -> None:
    wrapper = a_wrapper()

    message = etree.fromstring(wrapper.feed(PDF) + wrapper.finish())
    message.tag = f"{K}kmehrmessage"

    schema = SchemaSet.load(default_schema_folder()).kmehr_message
    assert schema.validate(message), schema.error_log
    lnk = message.find(f"{K}folder/{K}transaction/{K}lnk")
    assert lnk is not None
    assert dict(lnk.attrib.items()) == {"TYPE": "multimedia", "MEDIATYPE": "application/pdf"}
    assert base64.b64decode(lnk.text or "", validate=True) == PDF
    ids = [id_.text for id_ in message.findall(f"{K}folder/{K}transaction/{K}id")]
    assert ids == ["1", "D<1>", "H-1"]
    assert [name.text for name in message.findall(f"{K}header/{K}sender/{K}hcparty/{K}name")] == ["RSB", "Proef & Co"]


@given(rest=st.binary(max_size=3000), cuts=st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_any_chunks_give_the_same_bytes(rest: bytes, cuts: list[int]) -> None:
    pdf, wrapper = PDF + rest, a_wrapper()

    out, position = b"", 0
    while position < len(pdf):
        size = cuts[position % len(cuts)]
        out += wrapper.feed(pdf[position : position + size])
        position += size
    out += wrapper.finish()

    assert base64.b64encode(pdf) in out
    whole = a_wrapper()
    assert out == whole.feed(pdf) + whole.finish()


@pytest.mark.parametrize(
    "answer", [b"", b"%PD", b"<html>Log in</html>", b" " * 5000 + PDF], ids=["", "cut", "html", "late"]
)
def test_what_is_no_pdf_is_refused_before_anything_leaves(answer: bytes) -> None:
    wrapper, left = a_wrapper(), b""

    with pytest.raises(HubError) as caught:
        left += wrapper.feed(answer)
        left += wrapper.finish()

    assert (caught.value.reason, left) == (Reason.SOURCE_ANSWER, b"")
