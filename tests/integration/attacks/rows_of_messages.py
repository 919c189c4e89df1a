"""The rows about messages and their headers: 1 to 3, 14, 24 and 26 to 29 of security facts, part 1.5."""

from collections.abc import Sequence
from datetime import timedelta

from lxml import etree

from tests.integration.attacks.alterations import (
    ASSERTION_PATH,
    SIGNATURE_PATH,
    Answer,
    Attack,
    altering,
    at,
    bad_token,
    commented,
    copy_beside,
    doctor,
    expired,
    invalid,
    many_references,
    many_transforms,
    nested_object,
    no_references,
    remove,
    set_to,
    text,
    with_prologue,
)
from tests.signed import list_message

ROWS: dict[int, Sequence[Attack]] = {
    1: [
        Attack("none", altering(remove("s:Header/w:Security")), invalid("no-security-header")),
        Attack("no header at all", altering(remove("s:Header")), invalid("no-security-header")),
        Attack("an empty one", altering(lambda message: message.security.clear()), invalid("no-timestamp")),
        Attack(
            "for somebody else",
            altering(set_to("s:Header/w:Security", "{http://schemas.xmlsoap.org/soap/envelope/}actor", "urn:x")),
            invalid("no-security-header"),
        ),
        Attack("two", altering(copy_beside("s:Header/w:Security")), invalid("several-security-headers")),
        Attack("no signature", altering(remove(SIGNATURE_PATH)), invalid("no-signature")),
        Attack("two signatures", altering(copy_beside(SIGNATURE_PATH)), invalid("several-signatures")),
        Attack("no credential", altering(remove(ASSERTION_PATH)), invalid("no-credential")),
    ],
    2: [
        Attack("no Timestamp", altering(remove("s:Header/w:Security/u:Timestamp")), invalid("no-timestamp")),
        Attack("two", altering(copy_beside("s:Header/w:Security/u:Timestamp")), invalid("several-timestamps")),
        Attack(
            "no Expires",
            altering(remove("s:Header/w:Security/u:Timestamp/u:Expires")),
            invalid("timestamp-malformed"),
        ),
        *(
            Attack(
                f"Created {value!r}",
                altering(text("s:Header/w:Security/u:Timestamp/u:Created", value)),
                invalid("timestamp-malformed"),
            )
            for value in ("", "yesterday", "2026-02-30T10:00:00Z", "2026-02-20T10:00:00", "2026-02-20T10:00:00+0200")
        ),
    ],
    3: [
        Attack("long past", at(timedelta(days=-1)), expired("timestamp-expired")),
        Attack("just past the skew", at(timedelta(seconds=-362)), expired("timestamp-expired")),
        Attack("from the future", at(timedelta(seconds=330)), expired("timestamp-in-the-future")),
        Attack("for too long", at(timedelta(0), timedelta(seconds=601)), expired("timestamp-too-long")),
        Attack("ending before it begins", at(timedelta(0), timedelta(seconds=-1)), expired("timestamp-too-long")),
        *(
            Attack(
                f"from or to the edge of time: {name} {value}",
                altering(text(f"s:Header/w:Security/u:Timestamp/u:{name}", value)),
                expired(cause),
            )
            for name, value, cause in (
                ("Created", "0001-01-01T00:00:00Z", "timestamp-too-long"),
                ("Created", "9999-12-31T23:59:59Z", "timestamp-in-the-future"),
                ("Expires", "0001-01-01T00:00:00Z", "timestamp-expired"),
                ("Expires", "9999-12-31T23:59:59Z", "timestamp-too-long"),
            )
        ),
    ],
    14: [
        Attack("50 references", altering(many_references), invalid("too-many-references")),
        Attack("50 transforms", altering(many_transforms), invalid("signature-malformed")),
        Attack("an Object", altering(nested_object), invalid("signature-malformed")),
        Attack(
            "no references",
            altering(no_references),
            invalid("signature-malformed"),
        ),
    ],
    24: [
        Attack(name, with_prologue(prologue), Answer("Client", "SOA-03001", ""))
        for name, prologue in (
            ("DTD", b'<!DOCTYPE S:Envelope SYSTEM "file:///etc/hostname">'),
            ("external entity", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
            ("entity bomb", b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'),
        )
    ],
    26: [
        Attack("no SOAP", lambda *_: b"<a/>", Answer("Client", "SOA-03002", "")),
        Attack("no Body", altering(remove("s:Body")), Answer("Client", "SOA-03003", "")),
        Attack(
            "SOAP 1.2",
            lambda world, now: (
                doctor(world)
                .sign(now=now)
                .replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")
            ),
            Answer("VersionMismatch", "SOA-03002", ""),
        ),
    ],
    27: [
        Attack(
            "unknown header",
            altering(
                lambda message: etree.SubElement(
                    message.header,
                    "{urn:x}Unknown",
                    {"{http://schemas.xmlsoap.org/soap/envelope/}mustUnderstand": "1"},
                )
            ),
            Answer("MustUnderstand", "SOA-03001", ""),
        )
    ],
    28: [
        Attack(
            "signed, not valid",
            lambda world, now: doctor(world).sign(
                list_message(doctor(world).author).replace(b"<time>10:00:00</time>", b"<time>soon</time>"), now=now
            ),
            Answer("Client", "SOA-03006", ""),
        ),
        Attack(
            "not valid, not signed by anybody we know",
            lambda world, now: (
                doctor(world)
                .with_key(world.caller("pharmacist").credential)
                .sign(list_message(()).replace(b"<time>10:00:00</time>", b"<time>soon</time>"), now=now)
            ),
            Answer("FailedAuthentication", "SOA-01001", "not-the-holder"),
        ),
    ],
    29: [
        Attack(
            "comment in an attribute value",
            altering(commented(f"{ASSERTION_PATH}/saml:AttributeStatement/saml:Attribute/saml:AttributeValue")),
            bad_token("header-commented"),
        ),
        Attack(
            "instruction in an attribute value",
            altering(
                commented(
                    f"{ASSERTION_PATH}/saml:AttributeStatement/saml:Attribute/saml:AttributeValue", instruction=True
                )
            ),
            bad_token("header-commented"),
        ),
        Attack(
            "comment in the name of the subject",
            altering(commented(f"{ASSERTION_PATH}/saml:AttributeStatement/saml:Subject/saml:NameIdentifier")),
            bad_token("header-commented"),
        ),
    ],
}
