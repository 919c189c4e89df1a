"""Where an export goes: a file that is there as a whole or not at all, and that only its owner may read."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class TargetError(Exception):
    """The file cannot be written; the text says why."""


@contextmanager
def whole_file(file: Path) -> Iterator[IO[bytes]]:
    """A file to write; it gets its name, and replaces what had it, when the context is left without an error.

    Raises TargetError.
    """
    try:
        # The name begins so that nobody takes it for what was asked for; mode 0600 is what the library gives.
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as target:
            try:
                yield target.file
                target.flush()
                os.fsync(target.fileno())
                Path(target.name).replace(file)
            except BaseException:
                Path(target.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise TargetError(f"{file}: cannot be written: {error.strerror}") from error
