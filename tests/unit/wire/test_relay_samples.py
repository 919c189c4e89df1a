"""Documents of others come through with their content unchanged and stay valid in a hub's answer."""

from pathlib import Path

import pytest
from lxml import etree

from hub.domain.errors import HubError
from hub.domain.identifiers import Ssin
from hub.domain.parties import Code, HcParty, Id
from hub.ports.documents import Shape
from hub.wire.kmehr.relay.additions import Additions
from hub.wire.kmehr.relay.document import DocumentRelay
from hub.wire.namespaces import KMEHR
from hub.wire.schemas import SchemaSet, default_schema_folder
from tests.fakes.documents import HUB, a_hub_answer

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "kmehr" / "samples"
DOCUMENTS = sorted((*SAMPLES.glob("valid/*.xml"), *SAMPLES.glob("constructed/kmehr/*.xml")))
HUB_AS_PARTY = HcParty((Id("ID-HCPARTY", "1.0", HUB),), (Code("CD-HCPARTY", "1.16", "hub"),), name="RSB")
ADDITIONS = Additions.of(HUB_AS_PARTY, (HUB_AS_PARTY,), [Id("LOCAL", "1.0", "H-1", "RSBID")])
K = f"{{{KMEHR}}}"

if not DOCUMENTS:
    pytest.skip("the shared sample documents are not here", allow_module_level=True)


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load(default_schema_folder())


@pytest.mark.parametrize("additions", [None, ADDITIONS], ids=["as it is", "with additions"])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_sample_comes_through(path: Path, additions: Additions | None, schemas: SchemaSet) -> None:
    document = path.read_bytes()
    tree = etree.fromstring(document)
    patients = {id_.text or "" for id_ in tree.iterfind(f"{K}folder/{K}patient/{K}id")}
    try:
        patient = Ssin(patients.pop()) if patients else Ssin("81020300469")
    except HubError:
        pytest.skip("the sample's patient number has wrong check digits")
    if patients:
        pytest.skip("the sample has several patients")
    relay = DocumentRelay(shape=Shape.KMEHR_MESSAGE, patient=patient, names=frozenset(), additions=additions)

    out = relay.feed(document) + relay.finish()

    answer = etree.fromstring(a_hub_answer(out.decode()).encode())[0][0]
    assert schemas.hub_message.validate(answer), schemas.hub_message.error_log
    if additions is None:
        assert list(map(canonical, answer[-1])) == list(map(canonical, tree))


def canonical(element: etree._Element) -> bytes:
    """An element's canonical form, by itself."""
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
