"""The `cms` command of the platform's openssl as a child process (ADR 9).

Content goes over pipes, private keys stay in their files and are named by path; nothing is written to a disk.
"""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Self

from hub.domain.errors import HubError, Reason
from hub.sealing.layers import NOT_CMS, malformed

_AT_ONCE = 8
"""Children of one worker at a time; others wait, until their deadline."""
_LONGEST_HANDED_BACK = 64 * 1024
_CHECK_FAILED = 4
_NOT_READ = b"Error reading SMIME Content Info"
_CERTIFICATE_REFUSED = b"certificate verify error"
_WHY = b"Verify error: "


class OpensslMissing(ValueError):
    """There is no openssl program on this machine that will do."""

    def __init__(self) -> None:
        super().__init__("sealed folders need the program openssl, version 3.0 or later, which is not on the PATH")


@dataclass(frozen=True, slots=True)
class Verified:
    """What stood in a SignedData, and the certificate (PEM) whose key has signed it."""

    content: bytes
    signer: bytes


class Openssl:
    """Runs the program, with a time limit for each run; a run ends with its caller."""

    def __init__(self, *, program: str, seconds: float) -> None:
        self._program, self._seconds = program, seconds
        self._threads = ThreadPoolExecutor(_AT_ONCE, "openssl")

    @classmethod
    def found(cls, *, seconds: float) -> Self:
        """The one on the PATH. Raises OpensslMissing."""
        program = shutil.which("openssl")
        if program is None or not _VERSION.match(_version(program)):
            raise OpensslMissing
        return cls(program=program, seconds=seconds)

    async def verify(self, signed: bytes, *, anchors: Path, moment: int) -> Verified:
        """Check a SignedData (DER) and its signer's chain to the anchors (a PEM file) at a moment (Unix time).

        Raises HubError: seal-malformed, seal-altered, seal-signer, sealing-unavailable.
        """
        reading, writing = os.pipe()
        with _closed_after(reading):
            with _closed_after(writing):
                arguments = ["-verify", "-inform", "DER", "-binary", "-signer", f"/dev/fd/{writing}"]
                arguments += ["-CAfile", str(anchors), "-no-CApath", "-no-CAstore", "-partial_chain"]
                # What certificates of the field are for is said in too many ways for the program: `signers` looks.
                arguments += ["-attime", str(moment), "-auth_level", "2", "-purpose", "any"]
                content = await self._run(arguments, signed, writing)
            return Verified(content, os.read(reading, _LONGEST_HANDED_BACK))

    async def rewritten(self, layer: bytes) -> bytes:
        """A CMS layer in DER or BER, in plain DER: every length stands before what it is the length of.

        Raises HubError: seal-malformed, sealing-unavailable.
        """
        return await self._run(["-cmsout", "-inform", "DER", "-outform", "DER"], layer, explain=_not_cms)

    async def decrypt(self, enveloped: bytes, *, key: Path, certificate: Path) -> bytes:
        """The content of an EnvelopedData (DER), by the PEM files of a private key and its certificate.

        Raises HubError: seal-malformed, seal-altered, sealing-unavailable.
        """
        arguments = ["-decrypt", "-inform", "DER", "-binary", "-recip", str(certificate), "-inkey", str(key)]
        return await self._run(arguments, enveloped)

    async def encrypt(self, content: bytes, *, recipients: Sequence[bytes]) -> bytes:
        """An EnvelopedData (DER) for RSA certificates (PEM): AES-256-CBC, RSA-OAEP. Raises HubError."""
        arguments = ["-encrypt", "-outform", "DER", "-binary", "-aes-256-cbc"]
        with ExitStack() as open_ends:
            handed = [open_ends.enter_context(_readable(certificate)) for certificate in recipients]
            for end in handed:
                arguments += ["-recip", f"/dev/fd/{end}", *_OAEP]
            return await self._run(arguments, content, *handed)

    async def _run(
        self,
        arguments: Sequence[str],
        content: bytes,
        *handed: int,
        explain: Callable[[int, bytes], HubError] | None = None,
    ) -> bytes:
        child = _Child([self._program, "cms", *arguments], content=content, handed=handed, seconds=self._seconds)
        done = self._threads.submit(child.run)
        running = asyncio.wrap_future(done)
        try:
            status, output, said = await asyncio.shield(running)
        except asyncio.CancelledError:
            done.cancel()
            child.end()
            await asyncio.wait([running])
            raise
        except (OSError, subprocess.SubprocessError) as error:
            raise HubError(Reason.SEALING_UNAVAILABLE, where=f"openssl {type(error).__name__}") from error
        if status != 0:
            raise (explain or _refusal)(status, said)
        return output


class _Child:
    """One run, in a thread: the event loop would fork the whole worker, which costs more than the run."""

    def __init__(self, command: Sequence[str], *, content: bytes, handed: Sequence[int], seconds: float) -> None:
        self._command, self._content, self._handed, self._seconds = command, content, handed, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._is_unwanted = False

    def run(self) -> tuple[int, bytes, bytes]:
        """Its status and what it wrote on both ways out. Raises OSError or SubprocessError."""
        with subprocess.Popen(  # noqa: S603 - our own words, and names of files
            self._command, stdin=PIPE, stdout=PIPE, stderr=PIPE, pass_fds=self._handed, env={}
        ) as process:
            self._process = process
            try:
                if self._is_unwanted:
                    process.kill()
                output, said = process.communicate(self._content, timeout=self._seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return process.returncode, output, said

    def end(self) -> None:
        """Nobody waits for it any more."""
        self._is_unwanted = True
        if self._process is not None:
            self._process.kill()


def _version(program: str) -> str:
    try:
        return subprocess.run([program, "version"], capture_output=True, text=True, check=True, timeout=10).stdout  # noqa: S603 - found on the PATH
    except (OSError, subprocess.SubprocessError):
        return ""


_VERSION = re.compile(r"OpenSSL ([3-9]|\d\d)\.")
_OAEP = tuple(
    word
    for option in ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256")
    for word in ("-keyopt", option)
)


def _refusal(status: int, said: bytes) -> HubError:
    """What the program says is read only to choose the words."""
    if _NOT_READ in said:
        return malformed(NOT_CMS)
    if status != _CHECK_FAILED:
        return HubError(Reason.SEALING_UNAVAILABLE, where=f"openssl status {status}")
    if _CERTIFICATE_REFUSED in said:
        why = said.partition(_WHY)[2].partition(b"\n")[0].decode("ascii", "replace")
        return HubError(Reason.SEAL_SIGNER, problem=why or "the certificate is not trusted")
    return HubError(Reason.SEAL_ALTERED)


def _not_cms(_status: int, _said: bytes) -> HubError:
    return malformed(NOT_CMS)


@contextmanager
def _readable(certificate: bytes) -> Iterator[int]:
    """A descriptor to read it from; a certificate fits into the buffer of a pipe."""
    reading, writing = os.pipe()
    with _closed_after(reading):
        with _closed_after(writing):
            os.write(writing, certificate)
        yield reading


@contextmanager
def _closed_after(end: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(end)
