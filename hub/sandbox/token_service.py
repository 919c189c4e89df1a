"""The sandbox's security token service: `python -m hub.sandbox.token_service …` (security facts, 1.1 and 1.2).

WS-Trust 1.3 as the eHealth platform has it: a request signed with a certificate is answered with an assertion of whom
the certificate names and what is certified of him. It knows the people of the sandbox and the certificates of its own
authority. Its refusals say exactly what was wrong, which a real one does not.
"""

import argparse
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from aiohttp import web
from cryptography import x509
from cryptography.x509.oid import NameOID

from hub.domain.errors import HubError
from hub.ports.runtime import Clock, IdSource
from hub.runtime import BelgianClock, RandomIds
from hub.sandbox.certified import certify
from hub.sandbox.credentials import SandboxCredentials
from hub.sandbox.people import People, load_people
from hub.sandbox.serving import serve, soap_response, tell
from hub.sandbox.signatories import Signatory
from hub.wire.security.accepted import AcceptedAssertions
from hub.wire.security.assertion_writing import Statement, write_assertion
from hub.wire.security.assertions import EHEALTH_ISSUER, AssertionPolicy
from hub.wire.security.credential import Credential
from hub.wire.security.holders import Holder
from hub.wire.security.refusal import SecurityRefusal
from hub.wire.security.token_messages import (
    IssuedToken,
    TokenRefused,
    TokenRequest,
    read_token_request,
    write_token_answer,
)
from hub.wire.security.trust import Trust
from hub.wire.security.verification import MessagePolicy, MessageVerification
from hub.wire.soap import Fault, open_envelope
from hub.wire.xml import parse

TOKEN_PATH: Final = "/sts/v1"  # noqa: S105 - a path
LONGEST: Final = timedelta(hours=24)
_SKEW = timedelta(minutes=5)
_LONGEST_MESSAGE = timedelta(minutes=10)
_LARGEST_REQUEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenService:
    """Issues assertions to the people of a sandbox."""

    people: People
    credential: Credential
    verification: MessageVerification
    clock: Clock
    ids: IdSource

    async def post(self, request: web.Request) -> web.Response:
        """Answer one message."""
        try:
            return self._answer(await request.read())
        except SecurityRefusal as refusal:
            outcome = refusal.cause.label
            sentence = (
                f"The request is not signed as it has to be ({outcome}) at {refusal.where}: "
                f"expected {refusal.expected or 'something else'}, arrived {refusal.arrived or 'nothing of the kind'}."
            )
        except TokenRefused as refusal:
            outcome, sentence = "refused", str(refusal)
        except HubError as error:
            outcome, sentence = error.reason.value, f"This is no request for a token: {error}."
        tell("Issue", outcome)
        return soap_response(_fault(sentence), status=500)

    def _answer(self, body: bytes) -> web.Response:
        envelope = open_envelope(parse(body))
        token = self.verification.verify(envelope, self.clock.now()).token
        if token.holder.certificate is None or token.assertion is not None:
            raise TokenRefused("The request has to be signed with a certificate that it carries.")
        signatory = self._signatory(token.holder.certificate)
        issued, id_ = self._issue(read_token_request(envelope.message), signatory, token.holder)
        tell("Issue", f"issued to {signatory.key}")
        return soap_response(write_token_answer(issued, id_))

    def _signatory(self, certificate: x509.Certificate) -> Signatory:
        """Whom a certificate of the sandbox names."""
        names = {attribute.value for attribute in certificate.subject if attribute.oid in _NAMING}
        for signatory in self.people.signatories.values():
            if (signatory.inss if signatory.has_identity_card else signatory.certified_number) in names:
                return signatory
        raise TokenRefused("The certificate which signed the request names nobody who can have a token.")

    def _issue(self, request: TokenRequest, signatory: Signatory, signer: Holder) -> tuple[IssuedToken, str]:
        holder, now = request.holder or signer, self.clock.now()
        if holder.key_digest != signer.key_digest or signer.certificate is None:
            raise TokenRefused("UseKey has to hold the key that signed the request.")
        begin, end = max(request.created, now), min(request.expires, now + LONGEST)
        if end <= begin:
            raise TokenRefused("Lifetime has to end after it begins, and later than now.")
        statement = Statement(
            id=f"_{self.ids.new_id()}",
            subject=signer.certificate.subject.rfc4514_string(),
            subject_issuer=signer.certificate.issuer.rfc4514_string(),
            holder=holder.certificate or holder.key,
            attributes=certify(request.claims, signatory),
            issued=now,
            not_before=begin,
            not_on_or_after=end,
        )
        return IssuedToken(write_assertion(statement, self.credential), begin, end), statement.id


_NAMING = (NameOID.COMMON_NAME, NameOID.SERIAL_NUMBER)


def verification_with(authority: x509.Certificate) -> MessageVerification:
    """Requests have to be signed with a certificate of this authority; no assertion is believed."""
    policy = MessagePolicy(
        assertions=AssertionPolicy(issuer=EHEALTH_ISSUER, audiences=frozenset(), longest=LONGEST, skew=_SKEW),
        longest=_LONGEST_MESSAGE,
        skew=_SKEW,
    )
    trust = Trust(token_signers=(), anchors=(authority,))
    return MessageVerification(policy=policy, trust=lambda: trust, accepted=AcceptedAssertions(most=0))


def _fault(sentence: str) -> bytes:
    return Fault(
        code="Client", text=sentence, soa_code="SOA-01001", origin="Consumer", request_id="-", language="en"
    ).to_bytes()


def _application(folder: Path) -> web.Application:
    people = load_people()
    credentials = SandboxCredentials.places(folder, people)
    service = TokenService(
        people=people,
        credential=credentials.token_service.read(),
        verification=verification_with(credentials.authority.read_certificate()),
        clock=BelgianClock(),
        ids=RandomIds(),
    )
    app = web.Application(client_max_size=_LARGEST_REQUEST)
    app.router.add_post(TOKEN_PATH, service.post)
    return app


def main(words: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="hub.sandbox.token_service", description="A sandbox's token service.")
    parser.add_argument("--folder", type=Path, required=True, help="the sandbox's, with its credentials")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args(words)
    serve(_application(arguments.folder), arguments.port)


if __name__ == "__main__":
    main(sys.argv[1:])
