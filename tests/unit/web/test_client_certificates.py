"""Who must come with which TLS client certificate."""

import pytest

from hub.web.client_certificates import RequiredClientCertificates
from hub.web.tls_terminator import TlsTerminator

HUB, OLD, NEW = "1990000035", "ab" * 32, "cd" * 32


def test_a_caller_of_the_table_is_admitted_with_one_of_his_certificates_only() -> None:
    required = RequiredClientCertificates({HUB: [OLD, NEW]})
    assert required.admits(HUB, OLD)
    assert required.admits(HUB, NEW)
    assert not required.admits(HUB, "ef" * 32)
    assert not required.admits(HUB, "")


def test_a_caller_is_the_same_with_and_without_the_qualification_behind_his_number() -> None:
    for stated, proved in (("71000436", "71000436000"), ("71000436000", "71000436")):
        required = RequiredClientCertificates({stated: [OLD]})
        assert required.admits(proved, OLD)
        assert not required.admits(proved, "")
    both = RequiredClientCertificates({"71000436": [OLD], "71000436000": [NEW]})
    assert both.admits("71000436", OLD)
    assert both.admits("71000436", NEW)


def test_who_is_not_in_the_table_is_admitted_with_any_or_none() -> None:
    required = RequiredClientCertificates({HUB: [OLD]})
    assert required.admits("71000436", "")
    assert required.admits("71000436", OLD)


def test_a_caller_without_any_certificate_in_the_table_is_never_admitted() -> None:
    assert not RequiredClientCertificates({HUB: []}).admits(HUB, OLD)


@pytest.mark.parametrize("text", [":".join(["AB"] * 32), "AB" * 32])
def test_a_fingerprint_may_be_written_as_tools_print_it(text: str) -> None:
    assert RequiredClientCertificates({HUB: [text]}).admits(HUB, OLD)


@pytest.mark.parametrize("text", ["", "ab" * 20, "zz" * 32])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        RequiredClientCertificates({HUB: [text]})


def test_no_addresses_are_no_terminator() -> None:
    assert not TlsTerminator()
    assert TlsTerminator(["127.0.0.1", "fd00::/64"])
