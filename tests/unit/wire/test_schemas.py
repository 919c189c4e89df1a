"""The schemas say what the content model says, and give its verdict on every document."""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hub.wire.schemas import SchemaFolderError, SchemaSet, default_schema_folder
from tests.unit.wire.content_model import ContentModel
from tests.unit.wire.kmehr_breaker import Breaker
from tests.unit.wire.kmehr_generator import XSI, DocumentGenerator
from tests.unit.wire.schema_facts import as_we_write, facts_of_folder

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "kmehr" / "samples"
SOAP_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
ABSTRACT = {"cd:EMPTY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Two validators of the same kind of document: ours, and one straight from the content model."""

    ours: etree.XMLSchema
    literal: etree.XMLSchema

    def agree(self, document: etree._Element) -> bool:
        """Whether the document is valid; fails the test when the two do not agree about it."""
        # As text and back: a document built in memory can hold what none that arrives can.
        received = etree.fromstring(etree.tostring(document))
        valid = self.literal(received)
        assert self.ours(received) == valid, etree.tostring(received).decode()
        return valid


@pytest.fixture(scope="module")
def model() -> ContentModel:
    return ContentModel.load()


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load(default_schema_folder())


@pytest.fixture(scope="module")
def literal_folder(model: ContentModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("literal")
    for name, text in model.literal_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def kmehr(schemas: SchemaSet, literal_folder: Path) -> Verdicts:
    return Verdicts(ours=schemas.kmehr_message, literal=SchemaSet.load(literal_folder).kmehr_message)


@pytest.fixture(scope="module")
def hub(schemas: SchemaSet, literal_folder: Path) -> Verdicts:
    return Verdicts(ours=schemas.hub_message, literal=SchemaSet.load(literal_folder).hub_message)


@pytest.fixture(scope="module")
def every_type(model: ContentModel, literal_folder: Path) -> Verdicts:
    """Validators that know an element for each type, also for those that no message uses."""

    def compile_over(folder: Path) -> etree.XMLSchema:
        prefixes = {uri: prefix for prefix, uri in model.namespaces.items()}
        locations = {
            prefixes[str(etree.parse(str(path)).getroot().get("targetNamespace"))]: path.as_uri()
            for path in folder.rglob("*.xsd")
        }
        return etree.XMLSchema(etree.fromstring(model.every_type_schema(locations)))

    return Verdicts(ours=compile_over(default_schema_folder()), literal=compile_over(literal_folder))


def sample_files(pattern: str) -> list[Path]:
    found = sorted(SAMPLES.glob(pattern))
    if not found:
        pytest.skip(f"the samples (../shared/kmehr/samples/{pattern}) are not here")
    return found


def root_of(path: Path) -> etree._Element:
    """The message in a file, without its envelope."""
    root = etree.parse(str(path)).getroot()
    body = root.find(SOAP_BODY)
    return root if body is None else body[0]


def test_the_schemas_declare_what_the_content_model_says(model: ContentModel) -> None:
    written = facts_of_folder(default_schema_folder(), model.namespaces)
    wanted = as_we_write(model)
    assert written.keys() == wanted.keys()
    for prefix, facts in wanted.items():
        assert written[prefix] == facts, prefix


@pytest.mark.parametrize("pattern", ["valid/*.xml", "constructed/kmehr/*.xml", "constructed/edge/*.xml"])
def test_sample_documents_that_are_valid_are_accepted(schemas: SchemaSet, pattern: str) -> None:
    for path in sample_files(pattern):
        assert schemas.kmehr_message(root_of(path)), path.name


@pytest.mark.parametrize("pattern", ["invalid/*.xml", "other/*.xml", "constructed/refused/*.xml"])
def test_sample_documents_that_are_not_valid_are_refused(schemas: SchemaSet, pattern: str) -> None:
    for path in sample_files(pattern):
        assert not schemas.kmehr_message(root_of(path)), path.name


def test_sample_messages_of_the_hub_services_are_accepted(schemas: SchemaSet) -> None:
    for path in sample_files("constructed/hub/*.xml"):
        assert schemas.hub_message(root_of(path)), path.name


@pytest.mark.parametrize("pattern", ["*/*.xml", "constructed/*/*.xml"])
def test_broken_samples_get_the_verdict_of_the_model(
    kmehr: Verdicts, hub: Verdicts, model: ContentModel, pattern: str
) -> None:
    breaker = Breaker(model, random.Random(pattern))
    for path in sample_files(pattern):
        root = root_of(path)
        verdicts = hub if path.parent.name == "hub" else kmehr
        for _ in range(10):
            verdicts.agree(breaker.break_one(root))


def test_every_message_and_its_broken_forms_get_the_verdict_of_the_model(
    kmehr: Verdicts, hub: Verdicts, model: ContentModel
) -> None:
    chance = random.Random("messages")
    generator, breaker = DocumentGenerator(model, chance), Breaker(model, chance)
    for name in model.element_names():
        document = generator.global_element(name)
        assert hub.agree(document), name
        kmehr.agree(document)
        for _ in range(25):
            hub.agree(breaker.break_one(document))


def test_every_type_and_its_broken_forms_get_the_verdict_of_the_model(
    every_type: Verdicts, model: ContentModel
) -> None:
    chance = random.Random("types")
    generator, breaker = DocumentGenerator(model, chance), Breaker(model, chance)
    for name in model.type_names():
        element = generator.of_type(name)
        assert every_type.agree(element) == (name not in ABSTRACT), name
        for _ in range(10):
            every_type.agree(breaker.break_one(element))


@settings(max_examples=150)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_any_document_gets_the_verdict_of_the_model(
    seed: int, kmehr: Verdicts, hub: Verdicts, model: ContentModel
) -> None:
    chance = random.Random(seed)
    generator, breaker = DocumentGenerator(model, chance), Breaker(model, chance)
    document = generator.global_element("kmehr:kmehrmessage")
    message = generator.global_element(chance.choice(model.element_names()))
    assert kmehr.agree(document)
    assert hub.agree(message)
    for _ in range(8):
        kmehr.agree(breaker.break_one(document))
        hub.agree(breaker.break_one(message))


def test_a_message_may_name_its_published_type(hub: Verdicts, model: ContentModel) -> None:
    """Some clients write xsi:type on the root; a root with a type of its own would refuse them."""
    message = DocumentGenerator(model, random.Random(1)).global_element("hubprotocol:GetPatientRequest")
    message.set(f"{{{XSI}}}type", "hubcore:GetPatientRequestType")
    assert hub.agree(message)
    message.set(f"{{{XSI}}}type", "hubcore:GetHCPartyRequestType")
    assert not hub.agree(message)


def test_schemas_under_other_names_are_found_by_what_they_declare(
    literal_folder: Path,
) -> None:
    found = SchemaSet.load(literal_folder)
    assert (found.kmehr_file.name, found.hub_file.name) == (
        "kmehr.xsd",
        "hubprotocol.xsd",
    )


def copy_of_schemas(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_schema_folder(), tmp_path / "schemas"))


def test_a_folder_without_schemas_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(SchemaFolderError, match=rf"{tmp_path}.*kmehrmessage"):
        SchemaSet.load(tmp_path)


def test_a_folder_with_two_versions_is_refused_with_both_names(tmp_path: Path) -> None:
    folder = copy_of_schemas(tmp_path)
    shutil.copytree(folder / "1.43", folder / "1.99")
    with pytest.raises(SchemaFolderError, match=r"1\.43/kmehr\.xsd, 1\.99/kmehr\.xsd"):
        SchemaSet.load(folder)


@pytest.mark.parametrize("missing", ["1.43/cd.xsd", "1.43/xmlenc.xsd", "hubservices-3.5/core.xsd"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    folder = copy_of_schemas(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(SchemaFolderError, match=Path(missing).name):
        SchemaSet.load(folder)


def test_a_schema_that_is_not_xml_is_named(tmp_path: Path) -> None:
    folder = copy_of_schemas(tmp_path)
    (folder / "1.43" / "dt.xsd").write_text("no schema", encoding="utf-8")
    with pytest.raises(SchemaFolderError, match=r"dt\.xsd: not a readable schema"):
        SchemaSet.load(folder)


def test_an_import_from_elsewhere_is_refused_even_when_nothing_uses_it(
    tmp_path: Path,
) -> None:
    """libxml2 would skip it and go on with a schema that refuses less."""
    folder = copy_of_schemas(tmp_path)
    schema = folder / "1.43" / "dt.xsd"
    remote = '<xs:import namespace="urn:example:elsewhere" schemaLocation="http://example.org/elsewhere.xsd"/>'
    text = schema.read_text(encoding="utf-8")
    schema.write_text(
        text.replace("<!-- Text, date, time", f"{remote}<!-- Text, date, time"),
        encoding="utf-8",
    )
    with pytest.raises(SchemaFolderError, match=r"http://example\.org/elsewhere\.xsd"):
        SchemaSet.load(folder)
