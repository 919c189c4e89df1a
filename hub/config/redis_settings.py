"""`[redis]`: the store of the index and the registries."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from hub.config.about import about
from hub.config.secrets import Password

_CLUSTERS = ("redis+cluster", "rediss+cluster")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """The store of the index and the registries."""

    url: str = field(
        default="",
        metadata=about(
            "`redis://`, `rediss://` (TLS) or `unix://`, without a password; for a cluster "
            "`redis+cluster://HOST:PORT,HOST:PORT` or `rediss+cluster://…` with some of its servers. Empty: the hub "
            "starts a private server with persistence in the data folder"
        ),
    )
    password: Password | None = field(default=None, metadata=about("Password of that server"))
    timeout: float = field(
        default=5.0,
        metadata=about(
            "Seconds a call may take, and a connection to be made; as long a call waits for a cluster that is taking "
            "over from a dead master or moving keys",
            least=0.1,
        ),
    )
    connections: int = field(
        default=64,
        metadata=about(
            "Connections of a worker at most for changes that wait for replicas, to each server of a cluster; "
            "everything else shares one",
            least=1,
        ),
    )
    wait_replicas: int = field(
        default=0,
        metadata=about(
            "How many replicas must have a change before it is acknowledged: 0 loses the last changes when a master "
            "dies, 1 does not but refuses changes while a master has no replica",
            least=0,
        ),
    )
    fsync: Literal["always", "everysec"] = field(
        default="always",
        metadata=about(
            "When the embedded server writes to disk: before every acknowledge, or once a second (a power cut then "
            "loses up to a second of acknowledged changes)"
        ),
    )

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if self.url and parts.scheme not in ("redis", "rediss", "unix", *_CLUSTERS):
            raise ValueError("url: redis://…, rediss://…, unix://… or redis+cluster://… is wanted")
        if parts.password:
            raise ValueError("url: write no password here; use password_file or HUB_REDIS_PASSWORD")
        if parts.scheme in _CLUSTERS and not _are_servers(parts.netloc.rpartition("@")[2], parts.path):
            raise ValueError("url: redis+cluster://HOST:PORT,HOST:PORT is wanted, without a database")
        if self.wait_replicas and not self.url:
            raise ValueError("wait_replicas: the server that the hub starts has no replicas")

    def full_url(self) -> str:
        """The URL with the password in it: for the client, not for eyes."""
        if self.password is None:
            return self.url
        parts = urlsplit(self.url)
        place = f"{parts.username or ''}:{quote(self.password.value, safe='')}@{parts.netloc.rpartition('@')[2]}"
        return urlunsplit(parts._replace(netloc=place))


def _are_servers(places: str, path: str) -> bool:
    """Whether these are hosts with ports, of a cluster: it has one database only."""
    try:
        return path in ("", "/", "/0") and all(
            (at := urlsplit(f"//{place}")).hostname and at.port for place in places.split(",")
        )
    except ValueError:
        return False
