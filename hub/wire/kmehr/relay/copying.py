"""Copying by position: what of the bytes that came in goes out, and when."""


class Copier:
    """Bytes that came in and are not yet copied or dropped, and bytes that are to go out.

    Positions count from the first byte of the document. While `holding`, what is copied is kept back until `release`;
    while `dropping`, passing over bytes loses them.
    """

    def __init__(self) -> None:
        self.holding = True
        self.dropping = True
        self._window = b""
        self._window_start = 0
        self._at = 0
        self._held = bytearray()
        self._ready: list[bytes] = []

    def append(self, piece: bytes) -> None:
        """Take in the next bytes."""
        rest = self._window[self._at - self._window_start :]
        self._window = rest + piece if rest else piece
        self._window_start = self._at

    def from_position(self, position: int) -> bytes:
        """What came in from a position on."""
        return self._window[position - self._window_start :]

    def advance(self, position: int) -> None:
        """Copy, or drop, everything before a position."""
        if not self.dropping:
            self.insert(self._window[self._at - self._window_start : position - self._window_start])
        self._at = position

    def drop(self, position: int) -> None:
        """Drop everything before a position."""
        self._at = position

    def pass_over(self, piece: bytes) -> None:
        """Copy, or drop, the next bytes at once; nothing else may be waiting."""
        if not self.dropping:
            self.insert(piece)
        self._at += len(piece)
        self._window, self._window_start = b"", self._at

    def insert(self, fragment: bytes) -> None:
        """Send out something that did not come in."""
        if self.holding:
            self._held += fragment
        elif fragment:
            self._ready.append(fragment)

    def insert_held(self, place: int, fragment: bytes) -> None:
        """The same among what is held back, at a place that `held_size` told."""
        self._held[place:place] = fragment

    @property
    def held_size(self) -> int:
        """How many bytes are held back."""
        return len(self._held)

    def undo(self, place: int) -> None:
        """Lose what is held back from a place on that `held_size` told."""
        del self._held[place:]

    def release(self) -> None:
        """Let go what was held back, and hold no more."""
        self._ready.append(bytes(self._held))
        self._held.clear()
        self.holding = False

    def take(self) -> bytes:
        """What can go out now."""
        ready, self._ready = self._ready, []
        return ready[0] if len(ready) == 1 else b"".join(ready)
