"""What a CMS layer says of itself, read before anything is done with it: its kind, its algorithms, its time.

It is given layers in plain DER, or small ones. This only refuses early, and picks the key to open with. That a layer is
genuine is openssl's to say (`openssl.py`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asn1crypto import cms, core

from hub.domain.errors import HubError, Reason

NOT_CMS: Final = "not CMS as it should be"
_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_SIGNATURES = frozenset({"rsassa_pkcs1v15", *(f"{digest}_{key}" for digest in _DIGESTS for key in ("rsa", "ecdsa"))})
_CIPHERS = frozenset({"aes128_cbc", "aes192_cbc", "aes256_cbc"})
_KEY_TRANSPORTS = frozenset({"rsaes_pkcs1v15", "rsaes_oaep"})
_LONGEST_NAME = 60
_LONGEST = 64 * 1024
"""Of what is gone through piece by piece: a signer takes about 1 KB, a recipient less."""
_NOT_READABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What the library raises on bytes that are not what they say, in one place or another."""


@dataclass(frozen=True, slots=True)
class RecipientName:
    """How a layer names a certificate that it is encrypted for: its issuer (DER) and serial number, or its key's id."""

    issuer: bytes = b""
    serial: int = 0
    key_id: bytes = b""


def signing_time(signed: bytes) -> datetime:
    """When the one signer of a SignedData (DER or BER) says that he signed it.

    Raises HubError: seal-malformed, seal-algorithm.
    """
    try:
        layer = _content(signed, "signed_data")
        signers = layer["signer_infos"]
        if len(signers.contents) > _LONGEST or len(signers) != 1:
            raise malformed("exactly one signer is wanted")
        (signer,) = signers
        _require(signer["digest_algorithm"]["algorithm"].native, _DIGESTS)
        _require_signature(signer["signature_algorithm"])
        times = [attribute["values"] for attribute in signer["signed_attrs"] if attribute["type"].native == _TIME]
        if [len(values) for values in times] != [1]:
            raise malformed("exactly one signing time is wanted")
        moment = times[0][0].native
    except _NOT_READABLE as error:
        raise malformed(NOT_CMS) from error
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise malformed("a signing time in UTC is wanted")
    return moment


_TIME = "signing_time"


def recipients(enveloped: bytes) -> tuple[RecipientName, ...]:
    """For whom an EnvelopedData (DER or BER) is encrypted. Raises HubError: seal-malformed, seal-algorithm."""
    try:
        layer = _content(enveloped, "enveloped_data")
        algorithm = layer["encrypted_content_info"]["content_encryption_algorithm"]["algorithm"]
        _require(algorithm.native, _CIPHERS)
        if len(layer["recipient_infos"].contents) > _LONGEST:
            raise malformed("fewer recipients are wanted")
        transports = [info.chosen for info in layer["recipient_infos"] if info.name == "ktri"]
        for transport in transports:
            _require(transport["key_encryption_algorithm"]["algorithm"].native, _KEY_TRANSPORTS)
        return tuple(_name(transport["rid"]) for transport in transports)
    except _NOT_READABLE as error:
        raise malformed(NOT_CMS) from error


def malformed(problem: str) -> HubError:
    """The error for what is not the three layers that it should be. `problem` is our own sentence."""
    return HubError(Reason.SEAL_MALFORMED, problem=problem)


def _content(data: bytes, kind: str) -> core.Asn1Value:
    layer = cms.ContentInfo.load(data, strict=True)
    if layer["content_type"].native != kind:
        raise malformed(f"{_SPOKEN[kind]} is wanted")
    return layer["content"]


_SPOKEN = {"signed_data": "a CMS SignedData", "enveloped_data": "a CMS EnvelopedData"}


def _require(algorithm: str, known: frozenset[str]) -> None:
    if algorithm not in known:
        raise HubError(Reason.SEAL_ALGORITHM, found=algorithm[:_LONGEST_NAME])


def _require_signature(algorithm: cms.SignedDigestAlgorithm) -> None:
    name = algorithm["algorithm"].native
    if name != "rsassa_pss":
        _require(name, _SIGNATURES)
        return
    parameters = algorithm["parameters"]
    _require(parameters["hash_algorithm"]["algorithm"].native, _DIGESTS)
    _require(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native, _DIGESTS)


def _name(rid: cms.RecipientIdentifier) -> RecipientName:
    if rid.name == "subject_key_identifier":
        return RecipientName(key_id=rid.chosen.native)
    return RecipientName(issuer=rid.chosen["issuer"].dump(), serial=rid.chosen["serial_number"].native)
