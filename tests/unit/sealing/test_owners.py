"""Whose certificate it is."""

import pytest

from hub.domain.identity import HUB, Identity
from hub.sealing.owners import is_of, is_same_owner, owners
from tests.builders import GP_NIHII, JAN
from tests.sealers import Authority, ec_key, identity_of

AUTHORITY = Authority()


@pytest.mark.parametrize(
    ("common_name", "owner"),
    [
        (f"NIHII={GP_NIHII}", ("NIHII", GP_NIHII[:8])),
        (f"NIHII={GP_NIHII[:8]}", ("NIHII", GP_NIHII[:8])),
        ("NIHII-HOSPITAL=71999932", ("NIHII", "71999932")),
        ("NIHII-PHARMACY=80000551, PHARMAFLOW", ("NIHII", "80000551")),
        (f"SSIN={JAN.digits}", ("SSIN", JAN.digits)),
        (f"INSS={JAN.digits}", ("SSIN", JAN.digits)),
        ("EHP=1990000728, HUB", ("EHP", "1990000728")),
        ("CBE=0999999922", ("CBE", "0999999922")),
    ],
)
def test_an_ehealth_certificate_names_its_owner(common_name: str, owner: tuple[str, str]) -> None:
    assert owners(AUTHORITY.issue(common_name, key=ec_key("any")).certificate) == {owner}


@pytest.mark.parametrize("common_name", ["Ana Testarts", f"x NIHII={GP_NIHII}", "NIHII=", "=1", "NIHII=12 34"])
def test_another_common_name_names_nobody(common_name: str) -> None:
    assert owners(AUTHORITY.issue(common_name, key=ec_key("any")).certificate) == frozenset()


def test_an_identity_card_names_its_holder_by_serial_number() -> None:
    card = AUTHORITY.issue("Ana (Signature)", key=ec_key("any"), serial_number=JAN.digits)
    assert owners(card.certificate) == {("SSIN", JAN.digits)}
    other = AUTHORITY.issue("Server", key=ec_key("any"), serial_number="45123199773")
    assert owners(other.certificate) == frozenset()


def test_two_certificates_that_name_nobody_are_not_of_one_owner() -> None:
    one, other = (AUTHORITY.issue("Ana", key=ec_key("any")).certificate for _ in range(2))
    assert is_same_owner(one, one)
    assert not is_same_owner(one, other)


def test_a_number_of_one_kind_is_not_that_of_another() -> None:
    hospital = AUTHORITY.issue("CBE=71999932", key=ec_key("any")).certificate
    assert not is_of(hospital, identity_of(number="71999932"))


def test_a_hub_is_known_by_its_own_number() -> None:
    hub = Identity(quality=HUB, number="1990000728", ssin=None, is_organisation=True, certificate="", token_id="")
    assert is_of(AUTHORITY.issue("EHP=1990000728", key=ec_key("any")).certificate, hub)
    assert not is_of(AUTHORITY.issue("NIHII=1990000728", key=ec_key("any")).certificate, hub)


def test_a_certificate_that_names_nobody_is_its_callers_by_fingerprint_only() -> None:
    mine, other = (AUTHORITY.issue("Ana", key=ec_key("any")) for _ in range(2))
    assert is_of(mine.certificate, identity_of(mine))
    assert not is_of(other.certificate, identity_of(mine, number=GP_NIHII, ssin=JAN))
