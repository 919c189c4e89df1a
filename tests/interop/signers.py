"""Programs of others that sign: each takes folders as `Caller.write` makes them, and leaves a `signed.xml` in each."""

import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from hub.wire.namespaces import SECURITY_UTILITY, SOAP
from hub.wire.security.signing import BASE64
from hub.wire.security.verification import SAML_ID, X509_VALUE_TYPE
from tests.interop.callers import assertion_id

PROGRAMS: Final = Path(__file__).parent
JAVA_CLASSES: Final = tuple(
    Path("/usr/share/java") / f"{name}.jar" for name in ("wss4j", "xmlsec", "slf4j-api", "slf4j-nop", "commons-logging")
)
SECONDS: Final = 60


def sign_with_xmlsec1(folders: Iterable[Path]) -> None:
    """xmlsec1 on the command line, which fills in a template."""
    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("xmlsec1 is not installed")
    named = (f"{SOAP}:Body", f"{SECURITY_UTILITY}:Timestamp")
    ids = [word for name in named for word in ("--id-attr:Id", name)]
    place = ("--node-xpath", "/*/*[1]/*/*[local-name() = 'Signature']")
    for folder in folders:
        (folder / "template.xml").write_text(_template(folder), encoding="utf-8")
        files = ("--privkey-pem", "key.pem", "--output", "signed.xml", "template.xml")
        _run([program, "--sign", *ids, *place, *files], folder)


def sign_with_node(folders: Iterable[Path], node_modules: Path) -> None:
    """xml-crypto in node."""
    command = ["node", str(PROGRAMS / "node" / "sign.js"), *map(str, folders)]
    _run(command, PROGRAMS, NODE_PATH=str(node_modules))


def sign_with_wss4j(folders: Iterable[Path], *, prefixes: bool) -> None:
    """WSS4J in Java; with `prefixes` its signatures list the inclusive ones, as it does by itself."""
    if not (shutil.which("javac") and all(file.exists() for file in JAVA_CLASSES)):
        pytest.skip("a Java compiler and libwss4j-java are not installed")
    classes = ":".join(map(str, JAVA_CLASSES))
    program = ("-cp", classes, str(PROGRAMS / "java" / "Sign.java"))
    _run(["java", *program, str(prefixes).lower(), *map(str, folders)], PROGRAMS)


def _template(folder: Path) -> str:
    """An envelope with a signature whose digests and value are still to be computed."""
    now = datetime.now(UTC)
    certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    assertion = folder / "assertion.xml"
    if assertion.exists():
        token = assertion.read_text(encoding="utf-8")
        reference = f'<wsse:KeyIdentifier ValueType="{SAML_ID}">{assertion_id(token)}</wsse:KeyIdentifier>'
    else:
        kind = f'EncodingType="{BASE64}" ValueType="{X509_VALUE_TYPE}"'
        content = b64encode(certificate.public_bytes(Encoding.DER)).decode()
        token = f'<wsse:BinarySecurityToken wsu:Id="certificate" {kind}>{content}</wsse:BinarySecurityToken>'
        reference = f'<wsse:Reference URI="#certificate" ValueType="{X509_VALUE_TYPE}"/>'
    is_rsa = isinstance(certificate.public_key(), rsa.RSAPublicKey)
    security = Template((PROGRAMS / "xmlsec1" / "security.xml").read_text(encoding="utf-8")).substitute(
        token=token,
        reference=reference,
        created=f"{now:%FT%TZ}",
        expires=f"{now + timedelta(seconds=60):%FT%TZ}",
        algorithm="rsa-sha256" if is_rsa else "ecdsa-sha256",
    )
    envelope = (folder / "envelope.xml").read_text(encoding="utf-8")
    body = f'<S:Body xmlns:wsu="{SECURITY_UTILITY}" wsu:Id="body">'
    return envelope.replace("<S:Header/>", f"<S:Header>{security}</S:Header>").replace("<S:Body>", body)


def _run(command: Sequence[str], folder: Path, **environment: str) -> None:
    finished = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
