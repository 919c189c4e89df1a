"""The settings of message security: whom the hub believes, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from hub.config.about import about
from hub.domain.identifiers import has_hub_check_digits
from hub.wire.security.assertions import EHEALTH_ISSUER
from hub.wire.security.trust import Revocation
from hub.wire.security.trust_files import TrustFiles, TrustPlaces


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuritySettings:
    """How signed messages are verified (docs/security.md)."""

    sts_certificates: tuple[Path, ...] = field(
        default=(),
        metadata=about("Certificates of the token service, in PEM; two of them while it changes from one to the other"),
    )
    sts_issuer: str = field(default=EHEALTH_ISSUER, metadata=about("Issuer that its assertions name"))
    authorities: tuple[Path, ...] = field(
        default=(),
        metadata=about(
            "Authorities that certify callers, in PEM: all that sign certificates of callers themselves. Empty: the "
            "token service vouches for holders alone, and a certificate without an assertion is refused"
        ),
    )
    revocation: Literal["off", "warn", "refuse"] = field(
        default="off",
        metadata=about(
            "Certificates that an authority has withdrawn: `refuse` those on its list, and all of an authority whose "
            "list is missing or too old; `warn` refuses those on a list only, and health tells of old lists"
        ),
    )
    revocation_lists: tuple[Path, ...] = field(
        default=(),
        metadata=about("Revocation lists (CRL) of those authorities, in PEM or DER; fetch them with a timer"),
    )
    clock_skew: float = field(
        default=300.0,
        metadata=about("Seconds that the clock of a caller may differ from ours", least=0, most=3600, inferred=True),
    )
    longest_message: float = field(
        default=600.0,
        metadata=about("Seconds from Created to Expires of a message at most", least=1, most=3600, inferred=True),
    )
    longest_assertion: float = field(
        default=86400.0,
        metadata=about("Seconds from NotBefore to NotOnOrAfter of an assertion at most", least=60, inferred=True),
    )
    audiences: tuple[str, ...] = field(
        default=(), metadata=about("Names of this hub, for assertions that say for whom they are meant")
    )
    peer_hubs: tuple[str, ...] = field(default=(), metadata=about("Numbers of the hubs that may call this one"))
    qualities: Path | None = field(
        default=None,
        metadata=about("Another table of qualities than the hub's own (`hub/wire/security/qualities.toml`)"),
    )
    remembered_assertions: int = field(
        default=4096,
        metadata=about("Verified assertions that a worker remembers until they end; some 10 KB each", least=0),
    )
    sha1_allowed_for: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "Numbers of organisations and persons whose messages may still use SHA-1; assertions never may, and strict "
            "mode refuses it"
        ),
    )
    diagnostics: bool = field(
        default=False,
        metadata=about(
            "Tell callers what exactly was expected and what arrived when a signature fails: for a sandbox, never in "
            "strict mode"
        ),
    )

    def trust(self, now: Callable[[], datetime]) -> TrustFiles:
        """What the files say now. Raises OSError, and ValueError that names the file that will not do."""
        places = TrustPlaces(
            token_signers=self.sts_certificates,
            authorities=self.authorities,
            revocation=Revocation(self.revocation),
            revocation_lists=self.revocation_lists,
        )
        return TrustFiles(places, now=now)

    def __post_init__(self) -> None:
        for number in self.peer_hubs:
            if not has_hub_check_digits(number):
                raise ValueError(f"peer_hubs: {number} is not the number of a hub, 10 digits with right check digits")
        if self.revocation != "off" and not self.revocation_lists:
            raise ValueError("revocation_lists: some are wanted when revocation is not off")
