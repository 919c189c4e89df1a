"""Hubs that are attacked."""

from pathlib import Path
from typing import Any

from hub.config.security_settings import SecuritySettings
from tests.signed import World


def settings_of(world: World, folder: Path, **changes: Any) -> SecuritySettings:
    """A hub that believes the token service and the authority of the tests, and no other hub."""
    (folder / "sts.pem").write_bytes(world.pem(world.token_service.certificate))
    (folder / "authority.pem").write_bytes(world.pem(world.authority.credential.certificate))
    values = {"sts_certificates": (folder / "sts.pem",), "authorities": (folder / "authority.pem",)} | changes
    return SecuritySettings(**values)
