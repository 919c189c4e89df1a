"""What the servers of a sandbox have in common: plain HTTP on loopback, and one line about each request."""

import sys

from aiohttp import web

_SECONDS_TO_STOP = 0.5


def serve(app: web.Application, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    web.run_app(
        app,
        host="127.0.0.1",
        port=port,
        reuse_port=True,
        print=None,
        access_log=None,
        shutdown_timeout=_SECONDS_TO_STOP,
        handler_cancellation=True,
    )


def soap_response(body: bytes, status: int = 200) -> web.Response:
    """A SOAP answer or fault."""
    return web.Response(body=body, status=status, headers={"Content-Type": "text/xml; charset=utf-8"})


def tell(operation: str, outcome: str) -> None:
    """Write how a request went, for the log of this process; without anybody's number."""
    sys.stdout.write(f"{operation}: {outcome}\n")
    sys.stdout.flush()
