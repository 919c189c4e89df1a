"""Sealed folders on their way in: opened before a put is judged, so that it is judged as one in clear."""

import asyncio
from enum import StrEnum

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.findings import Finding
from hub.domain.identity import Identity
from hub.ports.runtime import Clock
from hub.ports.sealing import Sealing
from hub.wire.kmehr.sealed_folders import document_in, is_sealed, put_back, take_sealed
from hub.wire.kmehr.validation_workers import MessageValidation

_LARGE = 128 * 1024


class SealedPuts(StrEnum):
    """What may be put."""

    REQUIRED = "required"
    ACCEPTED = "accepted"
    OFF = "off"


class FolderOpening:
    """Opens what is put. Without a `sealing` nothing can be sealed."""

    def __init__(
        self, *, sealing: Sealing | None, puts: SealedPuts, validation: MessageValidation, clock: Clock
    ) -> None:
        self._sealing, self._puts, self._validation, self._clock = sealing, puts, validation, clock

    async def open(
        self, message: etree._Element, findings: tuple[Finding, ...], sender: Identity | None
    ) -> tuple[Finding, ...]:
        """Put the folders of a sealed put in the place of what sealed them; what the rules find in the message now.

        `findings` are those of the message as it came. Raises HubError: sealed-content, clear-content, schema, those
        of `Sealing.open` and of `wire.kmehr.sealed_folders`.
        """
        document = document_in(message)
        if document is None:
            return findings
        if not is_sealed(document):
            if self._puts is SealedPuts.REQUIRED:
                raise HubError(Reason.CLEAR_CONTENT, where="kmehrmessage/folder")
            return findings
        if self._sealing is None or self._puts is SealedPuts.OFF:
            raise HubError(Reason.SEALED_CONTENT, where="kmehrmessage")
        clear = await self._sealing.open(await asyncio.to_thread(take_sealed, document), sender)
        await asyncio.to_thread(put_back, document, clear)
        return await self._judged(message, is_large=len(clear) > _LARGE)

    async def _judged(self, message: etree._Element, *, is_large: bool) -> tuple[Finding, ...]:
        findings = await self._validation.check(message, is_large=is_large, now=self._clock.now())
        if any(finding.is_of_schema for finding in findings):
            raise HubError(Reason.SCHEMA, findings=findings)
        return findings
