"""Which file of a depot is whose, and what is found there."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hub.domain.encryption import EncryptionActor, encryption_actor_of
from hub.domain.errors import HubError, Reason
from hub.domain.parties import Code, HcParty, Id
from hub.sealing.depot import FolderDepot, file_name
from tests.builders import JAN
from tests.sealers import GP_ACTOR, HUB_ACTOR, Authority, ec_key, pem_of


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        (EncryptionActor("NIHII", "19990116"), "NIHII=19990116.pem"),
        (EncryptionActor("NIHII-HOSPITAL", "71999932"), "NIHII-HOSPITAL=71999932.pem"),
        (EncryptionActor("EHP", "1990000728", "VAULT GATE"), "EHP=1990000728,VAULT GATE.pem"),
    ],
)
def test_a_file_is_named_for_its_actor(actor: EncryptionActor, name: str) -> None:
    assert file_name(actor) == name


@pytest.mark.parametrize(
    "actor",
    [
        EncryptionActor("", "19990116"),
        EncryptionActor("NIHII", ""),
        EncryptionActor("../NIHII", "1"),
        EncryptionActor("NIHII", "1/../../1"),
        EncryptionActor("NIHII", "١"),
        EncryptionActor("NIHII", "1\n"),
        EncryptionActor("NIHII", "1", "../x"),
        EncryptionActor("NIHII", "1", ".."),
        EncryptionActor("NIHII", "1", "a/b"),
        EncryptionActor("nihii", "1"),
    ],
)
def test_what_cannot_be_an_actor_has_no_file(actor: EncryptionActor) -> None:
    assert file_name(actor) is None


def test_a_care_party_says_for_whom_to_seal() -> None:
    ids = (
        Id("ID-HCPARTY", "1.0", "19990116004"),
        Id("ID-ENCRYPTION-ACTOR", "1.0", " 19990116 "),
        Id("ID-ENCRYPTION-APPLICATION", "1.0", "EMR"),
    )
    cds = (Code("CD-HCPARTY", "1.1", "persphysician"), Code("CD-ENCRYPTION-ACTOR", "1.1", "NIHII"))
    assert encryption_actor_of(HcParty(ids, cds)) == EncryptionActor("NIHII", "19990116", "EMR")
    assert encryption_actor_of(HcParty(ids[:1], cds[:1])) is None


def test_half_an_actor_asks_too() -> None:
    number, kind = (Id("ID-ENCRYPTION-ACTOR", "1.0", "1"),), (Code("CD-ENCRYPTION-ACTOR", "1.1", "NIHII"),)
    assert encryption_actor_of(HcParty(number, ())) == EncryptionActor("", "1")
    assert encryption_actor_of(HcParty((), kind)) == EncryptionActor("NIHII", "")


def test_an_actor_does_not_show_his_number() -> None:
    assert JAN.digits not in repr(EncryptionActor("SSIN", JAN.digits))


async def test_a_certificate_is_found_by_its_actor_alone(tmp_path: Path) -> None:
    certificates = {
        actor: Authority().issue(actor.kind, key=ec_key("any")).certificate for actor in (GP_ACTOR, HUB_ACTOR)
    }
    for actor, certificate in certificates.items():
        (tmp_path / str(file_name(actor))).write_bytes(pem_of(certificate))
    depot = FolderDepot(tmp_path)
    for actor, certificate in certificates.items():
        assert await depot.certificates(actor) == [certificate.public_bytes(Encoding.DER)]
    with pytest.raises(HubError) as raised:
        await depot.certificates(EncryptionActor("NIHII", "19990215"))
    assert raised.value.reason is Reason.ENCRYPTION_ACTOR_UNKNOWN
