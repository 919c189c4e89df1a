"""What a hub with sealed folders would not start without, and what of a sandbox strict mode refuses."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from cryptography import x509

from hub.config.parsing import Problem
from hub.config.sealing_settings import KeyPairSettings, SealingSettings
from hub.sealing.certified_key import CertifiedKey
from hub.sealing.openssl import Openssl, OpensslMissing
from hub.wire.certificates import certificates_in, is_of_sandbox


def sealing_problems(sealing: SealingSettings, *, strict: bool) -> Iterator[Problem]:
    """Everything that is wrong with the program, the files and the folder that sealing needs."""
    try:
        Openssl.found(seconds=sealing.timeout)
    except OpensslMissing as error:
        yield Problem("sealing", str(error))
    if not sealing.depot_folder.is_dir():
        yield Problem("sealing.depot_folder", f"{sealing.depot_folder} is not a folder")
    anchors = partial(certificates_in, sealing.anchors_file)
    yield from _checked("sealing.anchors_file", anchors, strict=strict)
    yield from _checked("sealing.signing", partial(_certificates, sealing.signing), strict=strict)
    for name, pair in sealing.decryption.items():
        read = partial(_certificates, pair, decrypts=True)
        yield from _checked(f"sealing.decryption.{name}", read, strict=strict)


def _checked(path: str, read: Callable[[], Sequence[x509.Certificate]], *, strict: bool) -> Iterator[Problem]:
    try:
        certificates = read()
    except OSError as error:
        yield Problem(path, f"{error.filename} cannot be read: {error.strerror}")
    except ValueError as error:
        yield Problem(path, str(error))
    else:
        if strict and any(map(is_of_sandbox, certificates)):
            yield Problem(path, "a sandbox made this certificate, which is refused in strict mode")


def _certificates(pair: KeyPairSettings, *, decrypts: bool = False) -> Sequence[x509.Certificate]:
    key = CertifiedKey.read(pair.key_file, pair.certificate_file, decrypts=decrypts)
    return (key.credential.certificate, *key.chain)
