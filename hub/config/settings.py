"""The settings of the hub: frozen values, each with its default and what it means.

`docs/configuration.md` is written from these classes. Whoever needs a setting is given its value; only the process
entry points and the composition root see these classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import URL

from hub.archive.address import address
from hub.config.about import about
from hub.config.access_settings import AccessSettings
from hub.config.audit_settings import AuditSettings
from hub.config.national_settings import NationalSettings
from hub.config.provider_settings import ProviderSettings
from hub.config.redis_settings import RedisSettings
from hub.config.sealing_settings import SealingSettings
from hub.config.secrets import SecretKey
from hub.config.security_settings import SecuritySettings
from hub.config.tls_settings import TlsSettings
from hub.domain.errors import Reason
from hub.domain.identifiers import has_hub_check_digits, has_nihii_check_digits
from hub.domain.national import NationalRegister
from hub.domain.references import VAULT
from hub.domain.texts import Language
from hub.wire.certificates import parse_fingerprint
from hub.wire.hubservices.operations import INTRAHUB_ACTION
from hub.wire.kmehr.limits import ValidationLimits

_MEBIBYTE = 1024 * 1024
_VALIDATION = ValidationLimits()
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    """Who this hub is."""

    id: str = field(metadata=about("Number of the hub (EHP): 10 digits with right check digits"))
    name: str = field(metadata=about("Name of the hub, as it signs its answers"))
    id_scheme: str = field(
        default="RSBID", metadata=about("Owner of the ids the hub gives to transactions (`SL` of an id `S=LOCAL`)")
    )
    language: Language = field(
        default="fr", metadata=about("Language of error texts for callers who do not state theirs (Accept-Language)")
    )
    data_folder: Path = field(
        default=Path("data"),
        metadata=about("Where the embedded Redis, the vault and the archive of audit events keep their files"),
    )

    def __post_init__(self) -> None:
        if not has_hub_check_digits(self.id):
            raise ValueError("id: 10 digits are wanted, the last two being 97 minus the first eight modulo 97")
        for name in ("name", "id_scheme"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name}: a text is wanted, not an empty one")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerSettings:
    """Where callers reach the hub services."""

    host: str = field(default="127.0.0.1", metadata=about("Address to listen on"))
    port: int = field(default=8080, metadata=about("Port to listen on; 0 takes a free one", least=0, most=65535))
    authentication: Literal["signed", "plain", "both"] = field(
        default="signed",
        metadata=about(
            "How callers prove who they are. `signed` at `/intrahub/v3` takes signed messages ([security]). `plain` at "
            "`/plain/intrahub/v3` believes the author that a request states, and lets the REST API at `/api/v1` "
            "believe unsigned tokens: on a loopback address only, and never in strict mode"
        ),
    )
    public_url: str = field(
        default="", metadata=about("How callers write the address, for the WSDL; that of the request when empty")
    )
    workers: int = field(
        default=0, metadata=about("Worker processes sharing the port; 0 for one per processor", least=0, most=256)
    )
    body_limit: int = field(default=48 * _MEBIBYTE, metadata=about("Largest message taken", least=1024))
    body_timeout: float = field(default=60.0, metadata=about("Seconds a message may take to arrive", least=0.1))
    request_timeout: float = field(
        default=120.0,
        metadata=about("Seconds a request may take, from its first byte to the end of the answer", least=0.1),
    )
    soap_action_prefix: str = field(
        default=INTRAHUB_ACTION, metadata=about("What stands before the operation in SOAPAction", inferred=True)
    )
    tls: TlsSettings | None = field(default=None, metadata=about("TLS by the hub itself"))
    tls_terminator: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "Who ends TLS when the hub does not: the addresses, or networks such as `10.0.0.0/29`, from which that "
            "proxy connects. It is believed about callers' certificates; who else comes without TLS is refused"
        ),
    )
    client_certificate_of: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict,
        metadata=about(
            "Callers who must come with a TLS client certificate, by their number, and the SHA-256 fingerprints of the "
            "certificates that each may come with"
        ),
    )

    @property
    def takes_signed(self) -> bool:
        """Whether there is a service for signed messages."""
        return self.authentication != "plain"

    @property
    def takes_plain(self) -> bool:
        """Whether there is one that believes what messages say."""
        return self.authentication != "signed"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the listener."""
        return self.host in LOOPBACK

    def __post_init__(self) -> None:
        for place in self.tls_terminator:
            try:
                ip_network(place)
            except ValueError as error:
                raise ValueError(f"tls_terminator: an address or a network is wanted, seen: {place!r}") from error
        self._check_client_certificates()

    def _check_client_certificates(self) -> None:
        for number, fingerprints in self.client_certificate_of.items():
            try:
                for text in fingerprints:
                    parse_fingerprint(text)
            except ValueError as error:
                raise ValueError(f"client_certificate_of: {number}: {error}") from error
        takes_them = self.tls_terminator or (self.tls and self.tls.client_authorities)
        if self.client_certificate_of and not takes_them:
            raise ValueError(
                "client_certificate_of: nobody can show one: tls.client_authorities or tls_terminator is wanted"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsSettings:
    """Where operators reach `/health/live`, `/health/ready`, `/metrics` and `/explain`, and how the hub stops."""

    host: str = field(default="127.0.0.1", metadata=about("Address to listen on"))
    port: int = field(default=8081, metadata=about("Port to listen on; 0 takes a free one", least=0, most=65535))
    explain: bool = field(
        default=False,
        metadata=about(
            "Whether `POST /explain` tells why somebody may see something: to everybody who reaches the address, so on "
            "a loopback address only"
        ),
    )
    shutdown_grace: float = field(
        default=30.0,
        metadata=about("Seconds that requests in flight get to finish after SIGTERM; what is left is cut off", least=0),
    )

    def __post_init__(self) -> None:
        if self.explain and self.host not in LOOPBACK:
            raise ValueError(f"explain: on a loopback address only; host is {self.host}")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """The index of references."""

    secret: SecretKey = field(
        metadata=about("Key of 32 bytes from which pseudonyms, seals and ids are made; losing it loses the index")
    )
    key_id: str = field(
        default="1", metadata=about("Name of the pseudonym key that is made from it, one to four letters or digits")
    )
    pseudonym_keys: Mapping[str, SecretKey] = field(
        default_factory=dict,
        metadata=about("Other pseudonym keys, 32 bytes each, by their id: one to four letters or digits"),
    )
    pseudonym_key_id: str | None = field(
        default=None, metadata=about("Which pseudonym key names patients; `key_id` when absent")
    )
    previous_pseudonym_key_id: str | None = field(
        default=None,
        metadata=about("Which one named patients before: they are found by it too, and moved when they change"),
    )
    next_pseudonym_key_id: str | None = field(
        default=None,
        metadata=about("Which one other workers may name patients by already: who has moved is found by it"),
    )
    register_patients_automatically: bool = field(
        default=False, metadata=about("Register an unknown patient when a document is declared, instead of refusing")
    )
    page_size: int = field(default=100, metadata=about("Rows of a page when the caller names no number", least=1))
    most_rows: int = field(default=1000, metadata=about("Rows of a page at most, whatever the caller asks", least=1))
    one_current_per_author: tuple[str, ...] = field(
        default=("sumehr",),
        metadata=about(
            "Types (CD-TRANSACTION) of which an author has one current document per patient: a newer one replaces it",
            inferred=True,
        ),
    )

    def pseudonym_secret(self, key_id: str) -> SecretKey:
        """The secret of a pseudonym key. Raises KeyError when there is none of this name."""
        return self.secret if key_id == self.key_id else self.pseudonym_keys[key_id]

    @property
    def newest_key_id(self) -> str:
        """The pseudonym key that names patients."""
        return self.pseudonym_key_id or self.key_id

    def __post_init__(self) -> None:
        self._check_pseudonym_keys()
        if self.page_size > self.most_rows:
            raise ValueError("page_size: a page cannot be larger than most_rows")

    def _check_pseudonym_keys(self) -> None:
        for name, key_id in (("key_id", self.key_id), *(("pseudonym_keys", key_id) for key_id in self.pseudonym_keys)):
            if not (1 <= len(key_id) <= 4 and key_id.isascii() and key_id.isalnum()):
                raise ValueError(f"{name}: one to four letters or digits are wanted")
        if self.key_id in self.pseudonym_keys:
            raise ValueError(f"pseudonym_keys: {self.key_id} is the one made from the secret of the index (key_id)")
        secrets = [self.secret.value, *(key.value for key in self.pseudonym_keys.values())]
        if len({*secrets}) < len(secrets):
            raise ValueError("pseudonym_keys: two of the keys, or one and the secret of the index, are the same")
        for name in ("pseudonym_key_id", "previous_pseudonym_key_id", "next_pseudonym_key_id"):
            key_id = getattr(self, name)
            if key_id is not None and key_id != self.key_id and key_id not in self.pseudonym_keys:
                raise ValueError(f"{name}: there is no key {key_id} in [index.pseudonym_keys]")
        if self.newest_key_id in (self.previous_pseudonym_key_id, self.next_pseudonym_key_id):
            raise ValueError(f"pseudonym_key_id: {self.newest_key_id} cannot be the previous or the next one as well")
        if self.previous_pseudonym_key_id and self.next_pseudonym_key_id:
            raise ValueError("next_pseudonym_key_id: two keys may be in use at a time; one is the previous already")


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSettings:
    """The hub's own store of documents."""

    url: str = field(
        default="",
        metadata=about("`file:///…` or `s3://bucket/prefix`. Empty: the folder `vault` in the data folder"),
    )
    key_id: str = field(metadata=about("Which of the keys below encrypts new documents"))
    keys: Mapping[str, SecretKey] = field(
        metadata=about("Keys of 32 bytes by their id; keep old ones as long as documents are encrypted with them")
    )

    def __post_init__(self) -> None:
        if self.key_id not in self.keys:
            raise ValueError(f"key_id: there is no key {self.key_id} in [vault.keys]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemasSettings:
    """The schemas that messages are checked against."""

    folder: Path | None = field(
        default=None, metadata=about("Folder with another set of schemas; the hub's own when absent")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSettings:
    """How much the validator takes on."""

    findings: int = field(default=_VALIDATION.findings, metadata=about("Findings of one report at most", least=1))
    attachment_bytes: int = field(
        default=_VALIDATION.attachment_bytes, metadata=about("Largest decoded content of a `lnk`", least=1024)
    )
    explained_bytes: int = field(
        default=_VALIDATION.explained_bytes,
        metadata=about("Larger documents are refused without a long explanation", least=0),
    )
    inline_elements: int = field(
        default=_VALIDATION.inline_elements,
        metadata=about("Messages of more elements are judged outside the event loop", least=0),
    )
    worker_seconds: float = field(
        default=_VALIDATION.worker_seconds, metadata=about("Seconds one document may take to be judged", least=0.1)
    )
    waiting: int = field(default=_VALIDATION.waiting, metadata=about("Documents that may wait for a judge", least=1))

    def for_validation(self) -> ValidationLimits:
        """The same, as the validator takes them."""
        return ValidationLimits(
            findings=self.findings,
            attachment_bytes=self.attachment_bytes,
            explained_bytes=self.explained_bytes,
            inline_elements=self.inline_elements,
            worker_seconds=self.worker_seconds,
            waiting=self.waiting,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """A system that holds documents, and the institution that answers for it."""

    kind: str = field(metadata=about("Kind of source; it decides which other keys there are"))
    custodian: str = field(metadata=about("NIHII number of the institution: 8 digits with right check digits"))
    connector: object = field(metadata=about("The settings of this kind"))

    def __post_init__(self) -> None:
        if not (len(self.custodian) == 8 and has_nihii_check_digits(self.custodian)):
            raise ValueError("custodian: a NIHII number of 8 digits with right check digits is wanted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be configured. Relative paths start at the folder of the configuration file."""

    strict: bool = field(
        default=True,
        metadata=about(
            "Refuse what is unsafe: the plain listener, no word on who ends TLS, sources without TLS, sample secrets, "
            "certificates of a sandbox, secrets that everybody on the machine can read, Redis without persistence"
        ),
    )
    hub: HubSettings = field(metadata=about(""))
    listener: ListenerSettings = field(default_factory=ListenerSettings, metadata=about(""))
    security: SecuritySettings = field(default_factory=SecuritySettings, metadata=about(""))
    access: AccessSettings = field(default_factory=AccessSettings, metadata=about(""))
    operations: OperationsSettings = field(default_factory=OperationsSettings, metadata=about(""))
    redis: RedisSettings = field(default_factory=RedisSettings, metadata=about(""))
    index: IndexSettings = field(metadata=about(""))
    vault: VaultSettings = field(metadata=about(""))
    audit: AuditSettings = field(default_factory=AuditSettings, metadata=about(""))
    sealing: SealingSettings | None = field(default=None, metadata=about(""))
    providers: ProviderSettings = field(default_factory=ProviderSettings, metadata=about(""))
    schemas: SchemasSettings = field(default_factory=SchemasSettings, metadata=about(""))
    limits: LimitsSettings = field(default_factory=LimitsSettings, metadata=about(""))
    codes: Mapping[Reason, str] = field(
        default_factory=dict,
        metadata=about("CD-ERROR code for a reason, instead of the built-in one"),
    )
    sources: Mapping[str, SourceSettings] = field(default_factory=dict, metadata=about(""))
    national: Mapping[NationalRegister, NationalSettings] = field(default_factory=dict, metadata=about(""))

    @property
    def connectors(self) -> Mapping[str, object]:
        """The settings of all other systems, by the paths of their tables."""
        found = {f"sources.{name}": source.connector for name, source in self.sources.items()}
        found |= {f"national.{register}": service.connector for register, service in self.national.items()}
        if self.providers.directory is not None:
            found["providers.directory"] = self.providers.directory.connector
        return found

    @property
    def redis_folder(self) -> Path:
        """Where the embedded server keeps its files."""
        return self.hub.data_folder / "redis"

    @property
    def notification_folder(self) -> Path:
        """Where notices wait for whoever sends them."""
        return self.access.notification_folder or self.hub.data_folder / "notices"

    def audit_address(self) -> URL:
        """Where the archive of audit events is, with the password in it: for the client, not for eyes."""
        file = (self.hub.data_folder / "audit.sqlite").resolve()
        password = self.audit.password.value if self.audit.password else None
        return address(self.audit.url or f"sqlite:///{file}", password=password)

    @property
    def vault_url(self) -> str:
        """Where the vault keeps documents."""
        return self.vault.url or (self.hub.data_folder / "vault").resolve().as_uri()

    def __post_init__(self) -> None:
        if VAULT in self.sources:
            raise ValueError(f"[sources.{VAULT}]: this name is the hub's own vault; choose another")
        custodians = [source.custodian for source in self.sources.values()]
        if doubles := {number for number in custodians if custodians.count(number) > 1}:
            raise ValueError(f"sources: {', '.join(sorted(doubles))} is custodian of more than one source")
