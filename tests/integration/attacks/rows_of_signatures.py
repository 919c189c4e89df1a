"""The rows about signatures: 7 to 13 of security facts, part 1.5."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hub.wire.namespaces import EXCLUSIVE_C14N, SIGNATURE
from hub.wire.security.signature_writing import digest_named, method_for
from hub.wire.security.signing import Style
from tests.integration.attacks.alterations import (
    ASSERTION_PATH,
    MORE,
    REFERENCE,
    SIGNATURE_PATH,
    TRANSFORM,
    Attack,
    altering,
    assertion_id,
    doctor,
    failed,
    first_attribute_value,
    flip,
    hmac,
    id_in_body,
    reference_to,
    set_to,
    signing,
    signing_the_header_around_the_signature,
    text,
    unsupported,
    with_new_key,
)
from tests.integration.attacks.forging import ID, named, sha1_digest, sha1_method

ROWS: dict[int, Sequence[Attack]] = {
    7: [
        Attack("assertion id in the body, as Id", signing(id_in_body("Id", assertion_id)), failed("duplicate-id")),
        Attack(
            "assertion id in the body, as xml:id",
            signing(id_in_body("{http://www.w3.org/XML/1998/namespace}id", assertion_id)),
            failed("duplicate-id"),
        ),
        Attack(
            "assertion id in the body, as AssertionID",
            signing(id_in_body("AssertionID", assertion_id)),
            failed("duplicate-id"),
        ),
        Attack(
            "timestamp and body alike",
            altering(lambda message: message.timestamp.set(ID, message.body.get(ID, ""))),
            failed("duplicate-id"),
        ),
    ],
    8: [
        Attack(
            "body not signed",
            lambda world, now: doctor(world).sign(now=now, style=Style(signed=("timestamp",))),
            failed("body-not-signed"),
        ),
        Attack(
            "timestamp not signed",
            lambda world, now: doctor(world).sign(now=now, style=Style(signed=("body",))),
            failed("timestamp-not-signed"),
        ),
        Attack(
            "only the token signed",
            lambda world, now: doctor(world).sign(now=now, style=Style(signed=("token",))),
            failed("body-not-signed"),
        ),
        Attack("content of the body signed", signing(reference_to(lambda _: "message")), failed("body-not-signed")),
        Attack(
            "body without an id", altering(lambda message: message.body.attrib.pop(ID)), failed("reference-unresolved")
        ),
    ],
    9: [
        Attack("body changed", altering(lambda message: message.body[0].set("S", "x")), failed("digest-differs")),
        Attack(
            "time changed",
            altering(
                lambda message: text(
                    "s:Header/w:Security/u:Timestamp/u:Created",
                    (message.timestamp[0].text or "").replace("Z", "1Z"),
                )(message)
            ),
            failed("digest-differs"),
        ),
        Attack("assertion changed", altering(first_attribute_value), failed("digest-differs")),
        Attack(
            "signature of the assertion changed",
            altering(flip(f"{ASSERTION_PATH}/ds:Signature/ds:SignatureValue")),
            failed("signature-value-differs"),
        ),
        Attack(
            "value cut",
            altering(text(f"{SIGNATURE_PATH}/ds:SignatureValue", "QUJD")),
            failed("signature-value-differs"),
        ),
        Attack(
            "no base64", altering(text(f"{SIGNATURE_PATH}/ds:SignatureValue", "?")), failed("signature-value-differs")
        ),
        Attack(
            "empty value",
            altering(text(f"{SIGNATURE_PATH}/ds:SignatureValue", "")),
            failed("signature-value-differs"),
        ),
        Attack("digest no base64", altering(text(f"{REFERENCE}/ds:DigestValue", "?")), failed("digest-differs")),
    ],
    10: [
        Attack("HMAC with the public key", signing(hmac), unsupported("algorithm-not-allowed")),
        *(
            Attack(
                f"signature by {name or 'nothing'}",
                signing(
                    lambda message, credential, name=name: message.sign_again(  # type: ignore[misc]
                        credential, method=named(method_for(credential.key), name)
                    )
                ),
                unsupported("algorithm-not-allowed"),
            )
            for name in ("", "none", f"{MORE}rsa-md5", f"{MORE}ecdsa-sha256", "urn:unknown")
        ),
        Attack(
            "digest by MD5",
            signing(
                lambda message, credential: message.sign_again(
                    credential, digest=digest_named("sha256").__class__(f"{MORE}md5", digest_named("sha256").compute)
                )
            ),
            unsupported("algorithm-not-allowed"),
        ),
    ],
    11: [
        Attack(
            "SHA-1 signature",
            signing(lambda message, credential: message.sign_again(credential, method=sha1_method(credential))),
            unsupported("algorithm-not-allowed"),
        ),
        Attack(
            "SHA-1 digest",
            signing(lambda message, credential: message.sign_again(credential, digest=sha1_digest())),
            unsupported("algorithm-not-allowed"),
        ),
    ],
    12: [
        Attack(
            "RSA of 1024 bits",
            with_new_key(lambda: rsa.generate_private_key(public_exponent=65537, key_size=1024)),
            unsupported("key-too-weak"),
        ),
        Attack(
            "a bare RSA key of 1024 bits",
            with_new_key(lambda: rsa.generate_private_key(public_exponent=65537, key_size=1024), bare=True),
            unsupported("key-too-weak"),
        ),
        Attack(
            "a curve of others",
            with_new_key(lambda: ec.generate_private_key(ec.SECP256K1())),
            unsupported("key-too-weak"),
        ),
    ],
    13: [
        *(
            Attack(
                f"transform {name}",
                altering(set_to(TRANSFORM, "Algorithm", name)),
                unsupported("algorithm-not-allowed"),
            )
            for name in (
                "http://www.w3.org/TR/1999/REC-xslt-19991116",
                "http://www.w3.org/TR/1999/REC-xpath-19991116",
                "http://www.w3.org/2002/06/xmldsig-filter2",
                f"{SIGNATURE}base64",
                "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
                "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
                f"{EXCLUSIVE_C14N}WithComments",
            )
        ),
        *(
            Attack(f"reference {uri!r}", altering(set_to(REFERENCE, "URI", uri)), unsupported("reference-not-local"))
            for uri in ("http://127.0.0.1/x", "file:///etc/hostname", "", "#", "#xpointer(/)", "cid:1")
        ),
        Attack(
            "enveloped, for what holds the signature",
            signing(signing_the_header_around_the_signature),
            unsupported("algorithm-not-allowed"),
        ),
    ],
}
