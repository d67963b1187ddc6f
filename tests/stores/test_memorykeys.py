"""A key that came from elsewhere, beside the person's own."""

from pathlib import Path

from registry_tool.signing.ed25519 import Ed25519Signer
from registry_tool.stores.keys import KeyFolder
from registry_tool.stores.memorykeys import WithKey

OWNER = "registry:0123456789abcdef"


def test_it_is_found_first_for_what_it_is_for_and_nowhere_kept(tmp_path: Path) -> None:
    """The person's own keys stay as they are, for everything else too."""
    seeds = iter(bytes([number]) * 32 for number in range(1, 9))
    own = KeyFolder(tmp_path, random_seed=lambda: next(seeds), signer=Ed25519Signer)
    came = Ed25519Signer(b"x" * 32)
    keys = WithKey(own, OWNER, "gate", came)
    mine, control = keys.make(OWNER, "gate"), keys.make("ann", "control")
    second = keys.another("ann", "control")

    assert (came, came.key, mine.key) == (keys.find(OWNER, "gate"), *(one.key for one in keys.every(OWNER, "gate")))
    found = keys.find("ann", "control")
    assert found is not None
    assert control.key == found.key
    assert [control.key, second.key] == [one.key for one in keys.every("ann", "control")]
    assert came.key not in [one.key for one in own.every(OWNER, "gate")]
