"""The certificate that callers see, and the authorities of theirs."""

from collections.abc import Sequence
from pathlib import Path

from hub.config.tls_settings import TlsSettings
from hub.web.serving import Server


class ListenerCertificates:
    """Those of the listener. Implements `hub.ports.certificates.CertificateFiles`."""

    name = "listener"

    def __init__(self, settings: TlsSettings, server: Server) -> None:
        """Raises OSError or ValueError when the files will not do."""
        self._settings, self._server = settings, server
        self.expiries = settings.expiries()

    @property
    def files(self) -> Sequence[Path]:
        """See the port."""
        return self._settings.files

    async def reload(self) -> None:
        """See the port. Connections that are open end with their next answer."""
        context, expiries = self._settings.context(), self._settings.expiries()
        await self._server.listen(context)
        self.expiries = expiries
