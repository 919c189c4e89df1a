"""`hub bench security`: what it costs to verify a signed message, both its signatures and all that is asked besides.

In one process, by CPU time, on messages of many holders, each parsed just before as in the hub, which is not counted:
`MessageVerification` of the hub, which remembers the certificates of holders, with no assertion remembered, with all of
them, and with nothing remembered at all; the floor, which checks the signatures and nothing else; python-xmlsec where
it is installed. Before anything is timed every way has accepted every message, and refused it with another digit in its
body or in its assertion.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from lxml import etree

from bench.callers import Caller, Issuers
from bench.command import AsJson, run
from bench.figures import machine, median, spread, tell
from bench.floor.signatures import BareVerification
from bench.messages import AFTER_PATIENT, with_other_digit
from bench.patients import listed_patients
from bench.processes import BenchmarkError
from hub.domain.errors import HubError
from hub.sandbox.signatories import CertificateKind
from hub.wire.security.accepted import AcceptedAssertions
from hub.wire.security.assertions import EHEALTH_ISSUER, AssertionPolicy
from hub.wire.security.trust import TokenSigner, Trust
from hub.wire.security.verification import MessagePolicy, MessageVerification
from hub.wire.soap import Envelope, read_envelope

Verify = Callable[[Envelope], object]
"""A way to verify a message; raises HubError or ValueError for one that it refuses."""

_KINDS: Mapping[str, CertificateKind] = {"": "ehealth", "ec_": "eid"}
"""What figures begin with, and the certificates of the holders."""
_ALTERED_BEFORE = (AFTER_PATIENT, b"</saml:AttributeValue>")
_SKEW = timedelta(minutes=5)
_POLICY = MessagePolicy(
    assertions=AssertionPolicy(issuer=EHEALTH_ISSUER, audiences=frozenset(), longest=timedelta(hours=24), skew=_SKEW),
    longest=timedelta(minutes=10),
    skew=_SKEW,
)


@dataclass(frozen=True, slots=True)
class Messages:
    """One message of each holder, and what becomes of it under way."""

    written: Sequence[bytes]
    altered: Sequence[bytes]

    @classmethod
    def of(cls, callers: Sequence[Caller], now: datetime) -> "Messages":
        """Each asks for another patient's list."""
        patients = listed_patients(len(callers), 0)
        written = [
            caller.list_request(listed.patient.ssin, now) for caller, listed in zip(callers, patients, strict=True)
        ]
        return cls(written, [with_other_digit(message, before) for message in written for before in _ALTERED_BEFORE])


def measure(
    *,
    holders: Annotated[int, typer.Option(min=1, help="Who sign, with RSA keys and again as many with EC keys.")] = 50,
    rounds: Annotated[int, typer.Option(min=1, help="How often each way has its turn at all messages.")] = 25,
    as_json: AsJson = False,
) -> None:
    """Both signatures of a message, in CPU milliseconds: ours with every check, a bare floor, python-xmlsec."""
    run(partial(_measure, holders, rounds), title="Signatures of a message", as_json=as_json)


async def _measure(holders: int, rounds: int, folder: Path) -> Mapping[str, Any]:
    about, now = machine(), datetime.now(UTC)
    tell(f"Making keys and messages of {holders} holders of either kind.")
    issuers = Issuers.make(folder, now)
    ways = _ways(issuers, now)
    messages = {
        prefix: Messages.of(issuers.callers(holders, kind=kind, seed=seed, now=now), now)
        for seed, (prefix, kind) in enumerate(_KINDS.items())
    }
    for sample in messages.values():
        for name, verify in ways.items():
            _check(name, verify, sample)
    figures = _figures(_took(messages, ways, rounds))
    about_runs = {"holders": holders, "rounds": rounds, "message_bytes": max(map(len, messages[""].written))}
    return figures | about_runs | {"machine": about}


def _ways(issuers: Issuers, now: datetime) -> Mapping[str, Verify]:
    authority, token_service = issuers.authority.read_certificate(), issuers.token_service.read_certificate()
    trust = Trust(token_signers=(TokenSigner.of(token_service),), anchors=(authority,))

    def first(envelope: Envelope) -> object:
        """By whoever has never seen a message: all that remembers is new."""
        return _ours(Trust(trust.token_signers, trust.anchors), now, most=0)(envelope)

    ways = {
        "pair": _ours(trust, now, most=0),
        "pair_cached": _ours(trust, now, most=1_000_000),
        "pair_first": first,
        "floor": _of_root(BareVerification(token_service, remembers=False).verify),
        "floor_cached": _of_root(BareVerification(token_service, remembers=True).verify),
    }
    if find_spec("xmlsec"):
        ways["xmlsec"] = _of_root(import_module("bench.xmlsec_verification").XmlsecVerification(token_service).verify)
    return ways


def _ours(trust: Trust, now: datetime, *, most: int) -> Verify:
    verification = MessageVerification(policy=_POLICY, trust=lambda: trust, accepted=AcceptedAssertions(most=most))
    return lambda envelope: verification.verify(envelope, now)


def _of_root(verify: Callable[[etree._Element], object]) -> Verify:
    return lambda envelope: verify(envelope.root)


def _check(name: str, verify: Verify, messages: Messages) -> None:
    """Raises BenchmarkError when a way accepts or refuses what it should not."""
    for message in messages.written:
        if not _accepts(verify, message):
            raise BenchmarkError(f"{name} refuses a message that is as it was signed")
    for message in messages.altered:
        if _accepts(verify, message):
            raise BenchmarkError(f"{name} accepts a message with another digit than was signed")


def _accepts(verify: Verify, message: bytes) -> bool:
    try:
        verify(read_envelope(message))
    except (HubError, ValueError):
        return False
    return True


def _took(messages: Mapping[str, Messages], ways: Mapping[str, Verify], rounds: int) -> Mapping[str, Sequence[float]]:
    """Milliseconds of the processor for a message by the name of the figure, one value for each round."""
    took: dict[str, list[float]] = {f"{prefix}{name}_ms": [] for prefix in messages for name in ways}
    for _ in range(rounds):
        for prefix, sample in messages.items():
            for name, verify in ways.items():
                elapsed = sum(_seconds(verify, read_envelope(message)) for message in sample.written)
                took[f"{prefix}{name}_ms"].append(1000 * elapsed / len(sample.written))
    return took


def _seconds(verify: Verify, envelope: Envelope) -> float:
    begin = time.thread_time()
    verify(envelope)
    return time.thread_time() - begin


def _figures(took: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Medians over the rounds, and how much of ours the floor takes. Without xmlsec its figures are None."""
    figures: dict[str, Any] = {name: median(values, 4) for name, values in took.items()}
    for prefix in _KINDS:
        figures.setdefault(f"{prefix}xmlsec_ms", None)
        for what in ("", "_cached"):
            floor, ours = figures[f"{prefix}floor{what}_ms"], figures[f"{prefix}pair{what}_ms"]
            figures[f"{prefix}ratio_floor{what}"] = round(floor / ours, 2)
    return figures | {"spread": {name: spread(values, 4) for name, values in took.items()}}
