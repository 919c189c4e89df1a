"""The start tag of a relayed message: another name, the same attributes, every namespace that was in scope."""

import re
from collections.abc import Iterator
from itertools import count

from hub.wire.xml import escape

_OPENING = re.compile(rb"<[^\s/>]+")


class Namespaces:
    """The prefixes in scope while a document is read, and which of them the newest element declared itself."""

    def __init__(self) -> None:
        self._uris: dict[str | None, list[str | None]] = {}
        self._own: set[str | None] = set()

    def declare(self, prefix: str | None, uri: str | None) -> None:
        """The element that comes next declares a prefix (None is the default namespace)."""
        self._uris.setdefault(prefix, []).append(uri)
        self._own.add(prefix)

    def forget(self, prefix: str | None) -> None:
        """The element that declared a prefix has ended."""
        self._uris[prefix].pop()

    def element_started(self) -> None:
        """The element came; the next declarations are of another one."""
        self._own.clear()

    def rename(self, start_tag: bytes, namespace: str, name: str) -> tuple[bytes, bytes]:
        """A start tag under a new qualified name, and the end tag to go with it.

        What the element inherited is declared on it, so that its content means the same elsewhere.
        """
        prefix = next(free for free in _prefixes() if not self._uris.get(free))
        inherited = {key: uris[-1] for key, uris in self._uris.items() if uris and key not in self._own}
        if None not in self._own:
            inherited.setdefault(None, None)
        declarations = "".join(
            f' xmlns{f":{key}" if key else ""}="{escape(uri or "")}"' for key, uri in inherited.items()
        )
        opening = f'<{prefix}:{name} xmlns:{prefix}="{namespace}"{declarations}'.encode()
        start = opening + _OPENING.sub(b"", start_tag, count=1)
        return start, f"</{prefix}:{name}>".encode()


def _prefixes() -> Iterator[str]:
    yield "hub"
    yield from (f"hub{number}" for number in count(1))
