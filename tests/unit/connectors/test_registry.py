"""Sources from their settings."""

import dataclasses
from pathlib import Path

import pytest

from connectors import registry
from connectors.hospital_rest.settings import HospitalRestSettings
from connectors.hospital_soap.settings import HospitalSoapSettings
from connectors.http_settings import HttpSettings
from hub.ports.documents import DocumentSource
from tests.fakes.document_requests import HUB_AS_PARTY, FixedClock


def build(settings: object) -> DocumentSource:
    return registry.source("deproef", settings, hub=HUB_AS_PARTY, clock=FixedClock())


def test_each_kind_has_documented_settings_and_builds_its_source() -> None:
    for kind, settings_class in registry.kinds.items():
        assert all(field.metadata["doc"] for field in dataclasses.fields(settings_class)), kind
        source = build(settings_class(url="https://proef.invalid/{id}"))
        assert source.name == "deproef"
        assert source.is_available()


def test_settings_of_no_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="HttpSettings"):
        build(HttpSettings())


@pytest.mark.parametrize(
    "url", ["http://proef.invalid/{id}", "ftp://proef.invalid/{id}", "proef.invalid/{id}", "https:///{id}"]
)
def test_a_url_without_tls_is_refused_unless_it_is_allowed(url: str) -> None:
    for settings_class in registry.kinds.values():
        with pytest.raises(ValueError, match="https"):
            settings_class(url=url)
    assert HospitalSoapSettings(url="http://127.0.0.1/hub", allow_http=True).allow_http


@pytest.mark.parametrize("path", ["documents", "{patient}/{id}", "{id", "{scheme}", "{}", "{0}/{id}"])
def test_a_template_of_a_url_has_the_number_and_nothing_unknown(path: str) -> None:
    with pytest.raises(ValueError, match="url"):
        HospitalRestSettings(url=f"https://proef.invalid/{path}")


def test_a_file_that_is_named_and_not_there_is_noticed_when_building(tmp_path: Path) -> None:
    for settings in (
        HospitalSoapSettings(url="https://proef.invalid/", ca_file=tmp_path / "none.pem"),
        HospitalRestSettings(url="https://proef.invalid/{id}", token_file=tmp_path / "none"),
    ):
        with pytest.raises(OSError, match="No such file"):
            build(settings)


@pytest.mark.parametrize("url", ["", "/var/vault", "ftp://a/b", "file://host/vault", "s3:///x", "s3://bucket/x?who=me"])
def test_a_vault_has_a_folder_or_a_bucket(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        registry.vault(url, keys={"1": bytes(32)}, key_id="1")
