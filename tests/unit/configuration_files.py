"""Configurations to read in tests: texts, the files that they name, and what is wrong with them."""

from pathlib import Path

import pytest

from connectors import registry
from hub.config import ConfigurationError, Settings, load
from tests.fakes.certificates import Authority

KEY = "5f3c9a1e77d04b8286aa10c4e9b2d35f6c81f07a94be2d13508e6fd7c2a9b410"
MINIMAL = """
strict = false
[hub]
id = "1990000728"
name = "Test hub"
[index]
secret_file = "index.key"
[vault]
key_id = "a"
[vault.keys]
a = "vault.key"
[security]
sts_certificates = ["sts.pem"]
"""
PLAIN = "[listener]\nauthentication = 'plain'\n"
HOSPITAL = """
[sources.nord]
kind = "hospital_soap"
custodian = "71000436"
url = "https://nord.example/intrahub"
"""
DIRECTORY = """
[providers.directory]
kind = "http"
url = "https://directory.example/providers"
"""
TLS = """
[listener.tls]
certificate_file = "hub.pem"
key_file = "hub.key"
"""


def with_keys(folder: Path) -> Path:
    """The folder, with the keys and the certificate that the texts name."""
    for name in ("index.key", "vault.key"):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(KEY)
    Authority(folder, "sts")
    return folder


def read(folder: Path, text: str, **environment: str) -> Settings:
    """The settings in a text."""
    file = folder / "hub.toml"
    file.write_text(text)
    return load(file, connectors=registry, environment=environment)


def problems(folder: Path, text: str, **environment: str) -> list[str]:
    """Everything that is wrong with a text."""
    with pytest.raises(ConfigurationError) as refusal:
        read(folder, text, **environment)
    return [str(problem) for problem in refusal.value.problems]
