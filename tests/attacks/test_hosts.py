"""What a host can do to the files of a site: nothing that is accepted (formats of the registry, part 12)."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput, NotTrusted, Unreachable
from registry_tool.core.names import parse_artifact
from registry_tool.core.trust import Means
from registry_tool.core.verified import Verified
from registry_tool.services.contact import Contact
from registry_tool.services.seen import Seen
from registry_tool.signing.ed25519 import check
from tests.builders import RegistryInMemory, SiteInMemory
from tests.proving import MEANS, SOLAR, refusal

pytestmark = pytest.mark.slow

NAME = parse_artifact(SOLAR)


def a_site() -> tuple[RegistryInMemory, dict[str, bytes], dict[str, bytes]]:
    """A registry whose newest release is an owner's update, its site, and the site as it was before."""
    registry = RegistryInMemory(demo=False)
    registry.root()
    registry.moderators({"mod": None}, gate=("gate",))
    registry.policy(gate_releases="owner-updates")
    registry.release(SOLAR, "1.0.0")
    before = registry.site()
    registry.publish(SOLAR, "1.1.0", {"theme.css": b"b{}"})
    registry.admit(SOLAR, "1.1.0", by=("gate",), path="owner", compared="1.0.0")
    return registry, registry.site(), before


REGISTRY, SITE, BEFORE = a_site()


def install(files: Mapping[str, bytes], seen: Mapping[str, Any] | None = None) -> tuple[Verified, Contact]:
    """What an install of the newest version verifies, and its contact."""
    contact = Contact(SiteInMemory(files), REGISTRY.id, means=_MEANS, seen=Seen(seen or {}), demo=False)
    (name,) = contact.names([NAME])
    return contact.verified(name, "1.1.0"), contact


_MEANS = Means(check, MEANS.covers)
GENUINE, CONTACT = install(SITE)
READ = sorted(set(CONTACT.source.asked))  # type: ignore[attr-defined]  # the source of the tests counts
SEEN = CONTACT.seen.merged({})


def places(data: bytes) -> list[int]:
    """Places in a file: its ends, and evenly spread ones between."""
    return sorted({0, len(data) - 1, *range(0, len(data), max(1, len(data) // 120))})


def test_an_install_reads_every_kind_of_file() -> None:
    """Chains, scope, record, two proofs for the comparison, and one bundle."""
    bundles = [path for path in READ if path == layout.object_path(sha256(GENUINE.bundle))]

    assert (8, 1) == (len(READ), len(bundles))


@pytest.mark.parametrize("path", READ)
def test_one_byte_flipped_is_never_accepted(path: str) -> None:
    """In every file that an install reads: refused, or it was a hint that decides nothing."""
    genuine = SITE[path]
    hints = 0
    for place in places(genuine):
        changed = genuine[:place] + bytes([genuine[place] ^ 1]) + genuine[place + 1 :]
        try:
            found, _ = install({**SITE, path: changed})
        except (InvalidInput, NotTrusted, Unreachable):
            continue  # anything else that is raised fails this test
        hints += 1
        assert (GENUINE.digest, GENUINE.bundle) == (found.digest, found.bundle)

    # Only the record is unsigned: sizes, and the rows of other versions, are all that it can lie about.
    assert hints == 0 or path == layout.name_path(NAME)


CUTS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("without its last byte", lambda data: data[:-1]),
    ("half of it", lambda data: data[: len(data) // 2]),
    ("nothing of it", lambda data: b""),
    ("twice", lambda data: data + data),
    ("with a byte more", lambda data: data + b"\n"),
    ("with a byte before", lambda data: b"\xef\xbb\xbf" + data),
)


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize(("what", "cut"), CUTS)
def test_a_file_that_was_cut_or_grew_is_refused(path: str, what: str, cut: Callable[[bytes], bytes]) -> None:
    """A file is what it is, or nothing is installed."""
    code, _ = refusal(lambda: install({**SITE, path: cut(SITE[path])}))

    assert code in (1, 4, 6), what


@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("other", READ)
def test_files_that_were_swapped_are_refused(path: str, other: str) -> None:
    """No file passes for another."""
    if path != other:
        code, _ = refusal(lambda: install({**SITE, path: SITE[other]}))

        assert code in (1, 4)


@pytest.mark.parametrize("path", READ)
def test_a_file_that_is_gone_is_refused(path: str) -> None:
    """Nothing is installed without it."""
    assert refusal(lambda: install({other: data for other, data in SITE.items() if other != path}))[0] in (3, 4, 6)


def test_an_older_state_is_refused_to_whoever_saw_a_newer_one() -> None:
    """The record of before, replayed: the newest admission that was seen is gone."""
    contact = Contact(SiteInMemory({**SITE, **BEFORE}), REGISTRY.id, means=_MEANS, seen=Seen(SEEN), demo=False)

    assert (4, "rolled-back") == refusal(lambda: contact.names([NAME]))
