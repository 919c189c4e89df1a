"""The keys and certificates of sealed folders, which follow their files by themselves.

They are watched so that it is told when they end, and when what was put into the files will not do.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from hub.config.sealing_settings import KeyPairSettings, SealingSettings
from hub.sealing.certified_key import CertifiedKey
from hub.wire.certificates import earliest_end


class SealingCertificates:
    """Those of `[sealing]`. Implements `hub.ports.certificates.CertificateFiles`."""

    name = "sealing"

    def __init__(self, settings: SealingSettings) -> None:
        """Raises OSError or ValueError when the files will not do."""
        self._settings = settings
        self.expiries = self._ends()

    @property
    def files(self) -> Sequence[Path]:
        """See the port."""
        pairs = (self._settings.signing, *self._settings.decryption.values())
        return (
            self._settings.anchors_file,
            *(pair.key_file for pair in pairs),
            *(pair.certificate_file for pair in pairs),
        )

    async def reload(self) -> None:
        """See the port."""
        self.expiries = self._ends()

    def _ends(self) -> Mapping[str, datetime]:
        settings = self._settings
        return {
            "sealing authorities": earliest_end(settings.anchors_file),
            "sealing signature": _end(settings.signing),
            **{f"sealing decryption {name}": _end(pair, decrypts=True) for name, pair in settings.decryption.items()},
        }


def _end(pair: KeyPairSettings, *, decrypts: bool = False) -> datetime:
    CertifiedKey.read(pair.key_file, pair.certificate_file, decrypts=decrypts)
    return earliest_end(pair.certificate_file)
