"""Imports and exports within this process, but for the workers."""

import gzip
from functools import partial
from io import BufferedReader
from pathlib import Path

from hub.domain.references import VAULT
from hub.storage.bulk.exporting import Exported, export_file
from hub.storage.bulk.importing import ImportStopped
from hub.storage.bulk.index_access import IndexAccess
from hub.storage.bulk.line_source import LineSource
from hub.storage.bulk.line_target import whole_file
from hub.storage.bulk.lines import Opening
from hub.storage.bulk.report import Counts, Rejected
from hub.storage.bulk.running import Imported, import_file
from hub.storage.secrets import Pseudonyms
from hub.wire.hubservices.bulk_forms import BulkForms
from hub.wire.schemas import default_schema_folder
from tests.bulk.files import HUB
from tests.bulk.operator import SECRET, SOURCES

FORMS = partial(BulkForms.load, default_schema_folder())


def access_to(url: str) -> IndexAccess:
    return IndexAccess(url=url, timeout=5, pseudonyms=Pseudonyms(SECRET, key_id="0"), secret=SECRET)


class Watcher:
    """Keeps rejected lines, or stops the import when there is room for no more, or when it has come so far."""

    def __init__(self, *, room: int = 100, last: int | None = None) -> None:
        self.seen: list[Rejected] = []
        self._room, self._last = room, last

    def progressed(self, position: int, counts: Counts) -> None:  # noqa: ARG002 - as the import has it
        if self._last is not None and counts.lines >= self._last:
            raise ImportStopped("far enough")

    def rejected(self, line: Rejected) -> None:
        self.seen.append(line)
        if len(self.seen) > self._room:
            raise ImportStopped(f"line {line.number}: {line.reason}")


async def imported(
    url: str,
    file: Path,
    watcher: Watcher,
    *,
    sources: frozenset[str] | None = frozenset((*SOURCES, VAULT)),
    piece: int = 2**20,
) -> Imported:
    """Import a file into the index of HUB."""
    with file.open("rb") as opened:
        assert isinstance(opened, BufferedReader)
        return await import_file(
            LineSource(opened, piece=piece),
            access=access_to(url),
            load_forms=FORMS,
            hub=HUB,
            sources=sources,
            workers=1,
            watcher=watcher,
        )


async def exported(access: IndexAccess, file: Path) -> Exported:
    """Export an index to a file."""
    with whole_file(file) as target:
        return await export_file(
            target,
            Opening(hub=HUB),
            access=access,
            load_forms=FORMS,
            pack=gzip.compress if file.suffix == ".gz" else bytes,
            workers=1,
            progress=lambda *_: None,
        )
