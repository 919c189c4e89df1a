"""Who ends TLS in front of the hub, when the hub does not: known by the addresses from which he connects."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

FORWARDED_HEADER: Final = "X-Forwarded-For"
_LONGEST_ADDRESS = 45


class TlsTerminator:
    """The stated proxy, or nobody when there are no addresses. Whoever can connect from one of them is taken for it."""

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        """Addresses and networks. Raises ValueError for anything else."""
        self._networks = [ip_network(address) for address in addresses]

    def __bool__(self) -> bool:
        return bool(self._networks)

    def sent(self, request: web.Request) -> bool:
        """Whether it was he who connected. What a request says of its own way does not count."""
        if not self._networks:
            return False
        address = _peer(request)
        return address is not None and any(address in network for network in self._networks)

    def caller_address(self, request: web.Request) -> str:
        """The network address of the caller: who connected, or whom the terminator says he passes on; "" for none."""
        if self.sent(request):
            return request.headers.get(FORWARDED_HEADER, "").rpartition(",")[2].strip()[:_LONGEST_ADDRESS]
        return str(_peer(request) or "")


def _peer(request: web.Request) -> IPv4Address | IPv6Address | None:
    """Who connected; None over a unix socket."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not isinstance(peer, tuple):
        return None
    return _address(peer[0])


@lru_cache(maxsize=1000)
def _address(text: str) -> IPv4Address | IPv6Address:
    """An address as the system writes it; one of IPv4 in the form of IPv6 is the former."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def only_over_tls(terminator: TlsTerminator) -> Middleware:
    """Refuse what came neither over TLS of the hub's own nor from the terminator, once one is stated."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        has_tls = request.transport is not None and request.transport.get_extra_info("ssl_object") is not None
        if terminator and not has_tls and not terminator.sent(request):
            raise web.HTTPForbidden(text="This hub is reached over TLS only.\n")
        return await handler(request)

    return middleware
