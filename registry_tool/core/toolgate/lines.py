"""Lines out of bytes as they come, bounded."""

from collections.abc import Iterator


class Lines:
    """Collects bytes and gives whole lines; what is longer than `limit` bytes is dropped while it comes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._begun = bytearray()
        self._dropping = False

    def feed(self, data: bytes) -> Iterator[bytes | None]:
        """The lines that end in `data`, without the sign that ends them; `None` for one that was too long."""
        *whole, rest = data.split(b"\n")
        for piece in whole:
            yield self._ended(piece)
        self._more(rest)

    def last(self) -> Iterator[bytes | None]:
        """What came after the last line's end, if anything: a writer need not end its last line."""
        if self._begun or self._dropping:
            yield self._ended(b"")

    def _more(self, piece: bytes) -> None:
        self._dropping = self._dropping or len(self._begun) + len(piece) > self._limit
        if self._dropping:
            self._begun.clear()
        else:
            self._begun += piece

    def _ended(self, piece: bytes) -> bytes | None:
        self._more(piece)
        line = None if self._dropping else bytes(self._begun)
        self._begun.clear()
        self._dropping = False
        return line
