"""A national register behind an adapter that takes questions as JSON over HTTPS (docs/national.md)."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from connectors.national.answers import Nonsense
from connectors.national.settings import NationalServiceSettings
from connectors.transport import Answer, Transport
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.national import NationalQuestion
from hub.domain.parties import Code, HcParty
from hub.domain.recorded import Recorded
from hub.ports.certificates import CertificateFiles
from hub.ports.runtime import Clock

Said = TypeVar("Said")

_REGISTER = HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "orgpublichealth"),), name="eHealth")
"""By whose word something is recorded that a register said."""


class JsonNationalService(Generic[Said]):
    """Implements `hub.ports.national.NationalService`; `read` makes of an answer what the register says.

    Raises OSError when a file that the settings name cannot be used.
    """

    def __init__(
        self,
        *,
        name: str,
        settings: NationalServiceSettings,
        read: Callable[[bytes, NationalQuestion, Recorded], Said],
        clock: Clock,
    ) -> None:
        self.name = name
        self._url, self._read, self._clock = settings.url, read, clock
        self._transport = Transport(source=name, settings=settings)
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if settings.token_file is not None:
            self._headers["Authorization"] = f"Bearer {settings.token_file.read_text().strip()}"

    async def ask(self, question: NationalQuestion, context: RequestContext) -> Said:
        """See the port. Nonsense counts as a failure of the register, as silence does."""
        async with self._transport.exchange(
            "POST", self._url, deadline=context.deadline, headers=self._headers, body=_written(question)
        ) as answer:
            try:
                body = await _body(answer)
                return self._read(body, question, Recorded(self._clock.now(), (_REGISTER,)))
            except Nonsense as error:
                answer.distrust()
                raise HubError(Reason.SOURCE_ANSWER, source=self.name, problem=str(error)) from error

    @property
    def certificates(self) -> CertificateFiles | None:
        """See the port."""
        return self._transport

    def is_available(self) -> bool:
        """See the port."""
        return self._transport.is_available

    async def close(self) -> None:
        """See the port."""
        await self._transport.close()


def _written(question: NationalQuestion) -> bytes:
    parties = [{party.kind.value: party.value} for party in sorted(question.parties)]
    asked = {"patient": question.patient.digits}
    return msgspec.json.encode(asked | {"parties": parties} if parties else asked)


async def _body(answer: Answer) -> bytes:
    if answer.status != 200:
        raise Nonsense(f"HTTP status {answer.status}")
    if answer.media_type != "application/json":
        raise Nonsense("a media type other than JSON")
    return b"".join([chunk async for chunk in answer.chunks()])
