"""The stores, and what the national registers say, for commands of the staff beside a running hub or without one."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.app import pseudonyms_of
from hub.archive.opening import open_archive
from hub.certificates.watch import CertificateWatch
from hub.commands.index_store import open_store
from hub.config import Settings
from hub.national import open_registers
from hub.observability.logging import open_log
from hub.observability.metrics import Metrics
from hub.operations import Stores
from hub.ports.connectors import Connectors
from hub.runtime import BelgianClock
from hub.services.national_facts import NationalFacts
from hub.storage.connection import connect
from hub.storage.index_secrets import IndexSecrets
from hub.storage.known_keys import require_known


@dataclass(frozen=True, slots=True)
class OpenStores:
    """What is asked about access, and the keys by which it is stored."""

    stores: Stores
    secrets: IndexSecrets


@asynccontextmanager
async def open_access_stores(settings: Settings) -> AsyncIterator[OpenStores]:
    """Closed at the end. Raises ServerError, WrongKeyError, and HubError (index-unavailable)."""
    pseudonyms, secret = pseudonyms_of(settings.index), settings.index.secret.value
    secrets = IndexSecrets.of(secret, pseudonyms)
    async with (
        open_store(settings) as url,
        connect(url, timeout=settings.redis.timeout, connections=settings.redis.connections) as client,
        open_archive(
            settings.audit_address(), patience=settings.audit.timeout, secret=secret, clock=BelgianClock()
        ) as archive,
    ):
        await require_known(client, pseudonyms)
        yield OpenStores(Stores(settings, client=client, secrets=secrets, archive=archive), secrets)


@asynccontextmanager
async def open_national(settings: Settings, connectors: Connectors) -> AsyncIterator[NationalFacts]:
    """The registers that are configured; what fails is told on standard error, as a worker logs it.

    Raises ValueError or OSError when their settings cannot be used.
    """
    clock, metrics, logger = BelgianClock(), Metrics(), open_log(sys.stderr)
    watch = CertificateWatch(clock=clock, metrics=metrics, logger=logger)
    async with open_registers(
        settings.national, connectors, clock=clock, watch=watch, metrics=metrics, logger=logger
    ) as registers:
        yield registers.facts
