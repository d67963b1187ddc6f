"""Keys that vanish with the process: for a dry run, and for a look before there is an account."""

from collections.abc import Callable

from registry_tool.core.errors import StateForbids
from registry_tool.core.keys import Signer
from registry_tool.core.ports import Keys


class MemoryKeys:
    """`Keys` that finds what `kept` holds and keeps what it makes to itself."""

    def __init__(
        self, kept: Keys | None, *, random_seed: Callable[[], bytes], signer: Callable[[bytes], Signer]
    ) -> None:
        self._kept = kept
        self._random_seed = random_seed
        self._signer = signer
        self._made: dict[tuple[str, str], Signer] = {}

    def find(self, owner: str, use: str) -> Signer | None:
        """The person's own key, else one that was made here."""
        kept = self._kept.find(owner, use) if self._kept is not None else None
        return kept or self._made.get((owner, use))

    def make(self, owner: str, use: str) -> Signer:
        """A new key; `StateForbids` where there is one."""
        if self.find(owner, use) is not None:
            raise StateForbids(f"{owner} has a {use} key already", code="key-exists")
        self._made[owner, use] = self._signer(self._random_seed())
        return self._made[owner, use]
