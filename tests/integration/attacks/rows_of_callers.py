"""The rows about who is calling: 6, 15 to 20, 22 and 23 of security facts, part 1.5."""

from collections.abc import Sequence
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.sandbox.authority import Authority
from hub.wire.security.assertion_writing import Attribute
from tests.integration.attacks.alterations import (
    ASSERTION_PATH,
    CERTIFIED,
    KEY_IDENTIFIER,
    SIGNATURE_PATH,
    STATED,
    Answer,
    Attack,
    altering,
    assertion_around_the_genuine_one,
    assertion_to,
    attributes,
    bad_token,
    beside,
    certificate,
    doctor,
    extra,
    not_recognised,
    party,
    remove,
    saying,
    second_assertion,
    set_to,
    stolen,
    text,
    with_authors,
    with_certificate,
    without_professions,
)
from tests.signed import list_message

ROWS: dict[int, Sequence[Attack]] = {
    6: [
        Attack("two in the header", altering(second_assertion), bad_token("several-assertions")),
        Attack(
            "around the genuine one, in its signature",
            altering(assertion_around_the_genuine_one("signature")),
            bad_token("assertion-elsewhere"),
        ),
        Attack(
            "around the genuine one, in an Advice",
            altering(assertion_around_the_genuine_one("Advice")),
            bad_token("assertion-elsewhere"),
        ),
        Attack("genuine one beside the header", altering(assertion_to("s:Header")), bad_token("assertion-elsewhere")),
        Attack("genuine one in the body", altering(assertion_to("s:Body/*")), bad_token("assertion-elsewhere")),
        Attack(
            "genuine one in the timestamp",
            altering(assertion_to("s:Header/w:Security/u:Timestamp/u:Created")),
            bad_token("assertion-elsewhere"),
        ),
    ],
    15: [
        Attack(
            "of another issuer",
            saying(lambda caller, _: caller.saying(issuer="urn:be:fgov:ehealth:sts:2_0")),
            bad_token("assertion-issuer"),
        ),
        Attack(
            "signed by somebody else",
            lambda world, now: doctor(world).of_token_service(world.caller("pharmacist").credential).sign(now=now),
            bad_token("assertion-signer-unknown"),
        ),
        Attack("not signed", altering(remove(f"{ASSERTION_PATH}/ds:Signature")), bad_token("assertion-malformed")),
    ],
    16: [
        Attack(
            "over",
            saying(lambda caller, now: caller.saying(not_on_or_after=now - timedelta(seconds=301))),
            bad_token("assertion-expired"),
        ),
        Attack(
            "not begun",
            saying(
                lambda caller, now: caller.saying(
                    not_before=now + timedelta(seconds=330), not_on_or_after=now + timedelta(hours=1)
                )
            ),
            bad_token("assertion-not-yet-valid"),
        ),
        Attack(
            "for a week",
            saying(lambda caller, now: caller.saying(not_on_or_after=now + timedelta(days=7))),
            bad_token("assertion-too-long"),
        ),
        Attack(
            "for another hub",
            saying(lambda caller, _: caller.saying(audience="urn:another-hub")),
            bad_token("assertion-audience"),
        ),
    ],
    17: [
        Attack(
            f"for a {method}",
            saying(
                lambda caller, _, method=method: caller.saying(  # type: ignore[misc]
                    confirmation=f"urn:oasis:names:tc:SAML:1.0:cm:{method}"
                )
            ),
            Answer("UnsupportedSecurityToken", "SOA-01001", "not-holder-of-key"),
        )
        for method in ("bearer", "sender-vouches", "artifact")
    ],
    18: [Attack("stolen assertion", stolen, Answer("FailedAuthentication", "SOA-01001", "not-the-holder"))],
    19: [
        Attack(
            "names another assertion",
            altering(text(KEY_IDENTIFIER, "_another")),
            Answer("SecurityTokenUnavailable", "SOA-01001", "key-reference-elsewhere"),
        ),
        Attack(
            "names it as something else",
            altering(set_to(KEY_IDENTIFIER, "ValueType", "urn:x")),
            Answer("SecurityTokenUnavailable", "SOA-01001", "key-reference-elsewhere"),
        ),
        Attack(
            "names none",
            altering(remove(f"{SIGNATURE_PATH}/ds:KeyInfo")),
            Answer("SecurityTokenUnavailable", "SOA-01001", "no-key-reference"),
        ),
    ],
    20: [
        Attack(
            "certificate over",
            with_certificate(
                lambda world: certificate(
                    world, ec.generate_private_key(ec.SECP256R1()), now=world.now - timedelta(days=3660)
                )
            ),
            bad_token("certificate-outside-validity"),
        ),
        Attack(
            "certificate not begun",
            with_certificate(
                lambda world: certificate(
                    world, ec.generate_private_key(ec.SECP256R1()), now=world.now + timedelta(days=10)
                )
            ),
            bad_token("certificate-outside-validity"),
        ),
        Attack(
            "certificate of another authority",
            with_certificate(
                lambda world: Authority.make(world.now).issue(
                    ec.generate_private_key(ec.SECP256R1()), [(NameOID.COMMON_NAME, "SSIN=70031499873")]
                )
            ),
            bad_token("certificate-untrusted"),
        ),
    ],
    22: [
        Attack(
            "no number",
            attributes(lambda attribute: None if attribute.name.endswith("nihii11") else attribute),
            not_recognised("attribute-missing"),
        ),
        Attack(
            "boolean false",
            attributes(lambda a: a._replace(value="false") if a.name.endswith(":doctor:boolean") else a),
            not_recognised("quality-unknown"),
        ),
        Attack(
            "stated, not certified",
            attributes(lambda a: a._replace(namespace=STATED) if ":doctor" in a.name else a),
            not_recognised("quality-unknown"),
        ),
        Attack(
            "true and false",
            extra(Attribute("urn:be:fgov:person:ssin:doctor:boolean", CERTIFIED, "false")),
            not_recognised("attribute-contradicts"),
        ),
        Attack(
            "two numbers",
            extra(Attribute("urn:be:fgov:person:ssin:ehealth:1.0:doctor:nihii11", CERTIFIED, "19991205004")),
            not_recognised("attribute-contradicts"),
        ),
        Attack(
            "two persons",
            extra(Attribute("urn:be:fgov:person:ssin", STATED, "81112699701")),
            not_recognised("attribute-contradicts"),
        ),
        Attack(
            "nobody's certificate",
            attributes(lambda attribute: None if "certificateholder" in attribute.name else attribute),
            not_recognised("attribute-missing"),
        ),
        Attack(
            "a profession that the table does not know",
            lambda world, now: (
                doctor(world)
                .saying(
                    attributes=(
                        *filter(without_professions, doctor(world).statement.attributes),
                        Attribute(
                            "urn:be:fgov:person:ssin:ehealth:1.0:professional:optician:boolean", CERTIFIED, "true"
                        ),
                    )
                )
                .sign(now=now)
            ),
            not_recognised("quality-unknown"),
        ),
        Attack(
            "a hub that is no peer",
            extra(
                *(
                    Attribute(
                        f"urn:be:fgov:ehealth:1.0:certificateholder:organization:ehp-number{end}", namespace, value
                    )
                    for end, namespace, value in (
                        ("", STATED, "1990000999"),
                        (":recognisedhub:boolean", CERTIFIED, "true"),
                    )
                )
            ),
            not_recognised("peer-unknown"),
        ),
    ],
    23: [
        Attack(name, send, Answer("Client", "SOA-01002", "author-differs"))
        for name, send in (
            ("another doctor", with_authors(party("persphysician", "19991205004"))),
            ("another profession", with_authors(party("persnurse", "19991106004"))),
            ("another national number", with_authors(party("persphysician", "19991106004", "81112699701"))),
            ("a hospital too", beside(party("orghospital", "71998150"))),
            ("another doctor too", beside(party("persphysician", "19991205004"))),
            ("a patient too", beside(party("patient", "", "62051799823"))),
            ("a hub", beside(party("hub", "1990000728"))),
            (
                "another hospital than the one that signs",
                lambda world, now: world.caller("modele").sign(
                    list_message((party("orghospital", "71998249"), *world.caller("modele").author)), now=now
                ),
            ),
        )
    ],
}
