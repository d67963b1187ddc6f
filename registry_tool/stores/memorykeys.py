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
        self._made: dict[tuple[str, str], list[Signer]] = {}

    def find(self, owner: str, use: str) -> Signer | None:
        """The person's own key, else one that was made here."""
        found = self.every(owner, use)
        return found[0] if found else None

    def make(self, owner: str, use: str) -> Signer:
        """A new key; `StateForbids` where there is one."""
        if self.find(owner, use) is not None:
            raise StateForbids(f"{owner} has a {use} key already", code="key-exists")
        return self.another(owner, use)

    def every(self, owner: str, use: str) -> tuple[Signer, ...]:
        """The person's own keys, then those that were made here."""
        kept = self._kept.every(owner, use) if self._kept is not None else ()
        return (*kept, *self._made.get((owner, use), ()))

    def another(self, owner: str, use: str) -> Signer:
        """A new key beside the others."""
        signer = self._signer(self._random_seed())
        self._made.setdefault((owner, use), []).append(signer)
        return signer


class WithKey:
    """`Keys` that has one key more than `kept`, which came from elsewhere; nothing of it is kept."""

    def __init__(self, kept: Keys, owner: str, use: str, signer: Signer) -> None:
        self._kept = kept
        self._for = (owner, use)
        self._signer = signer

    def find(self, owner: str, use: str) -> Signer | None:
        """The key that came, for what it is for; else the person's own."""
        return self._signer if (owner, use) == self._for else self._kept.find(owner, use)

    def make(self, owner: str, use: str) -> Signer:
        """A new key of the person's own."""
        return self._kept.make(owner, use)

    def every(self, owner: str, use: str) -> tuple[Signer, ...]:
        """The key that came first, then the person's own."""
        own = self._kept.every(owner, use)
        return (self._signer, *own) if (owner, use) == self._for else own

    def another(self, owner: str, use: str) -> Signer:
        """A new key of the person's own."""
        return self._kept.another(owner, use)
