"""Where the archive is: what the configuration says, and what the drivers want to hear."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_WANTED = "sqlite:////PATH or postgresql://USER@HOST/DATABASE is wanted"


def address(url: str, *, password: str | None) -> URL:
    """`sqlite:////PATH` or `postgresql://USER@HOST/DATABASE` as the drivers want it. Raises ValueError."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError(_WANTED) from error
    if parsed.drivername not in _DRIVERS or not parsed.database:
        raise ValueError(_WANTED)
    if parsed.drivername == "sqlite" and not Path(parsed.database).is_absolute():
        raise ValueError(_WANTED)
    if parsed.password:
        raise ValueError("write no password here; use password_file or HUB_AUDIT_PASSWORD")
    parsed = parsed.set(drivername=_DRIVERS[parsed.drivername])
    return parsed.set(password=password) if password is not None else parsed
