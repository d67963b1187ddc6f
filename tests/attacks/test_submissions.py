"""What a submission can try (formats of the registry, part 12)."""

from collections.abc import Sequence
from typing import Any

import pytest

from registry_tool.core.digest import sha256
from registry_tool.core.ports import Edit
from registry_tool.core.tree import TreeEntry
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, newcomer, skill, version_path
from tests.core.landings import LINKS, both, codes, rotated, sign, update

FILE = TreeEntry("x", "file", "1")
OLD = f"{version_path('1.0.0')}/release.json"


def odd(path: str, old: TreeEntry | None, type_: str | None) -> Edit:
    return Edit(path, old, TreeEntry("x", type_, "2") if type_ else None)  # type: ignore[arg-type]  # a literal


@pytest.mark.parametrize(
    "edit",
    [
        odd(f"{version_path('1.1.0')}/release.json", None, "link"),
        odd("vendor", None, "submodule"),
        odd("index/registry.yaml", FILE, "link"),
        odd(OLD, FILE, "executable"),
        odd(OLD, FILE, "file"),
        odd(OLD, FILE, None),
        odd("index/registry.yaml", FILE, None),
    ],
)
def test_a_submission_that_is_no_addition_is_refused(edit: Edit) -> None:
    """Links, submodules, modes, edits and deletions of what is published."""
    assert [] != codes(update, odd=[edit])


def put(path: str, data: bytes = b"x") -> Build:
    return lambda registry: registry.files.__setitem__(path, data)


def in_other_case(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.0-RC1")


def admitted_rc(registry: RegistryInMemory) -> None:
    skill(registry, "1.0.0-rc1")
    registry.admit(LINKS, "1.0.0-rc1")


def yank(registry: RegistryInMemory, *by: str, **more: Any) -> str:
    return registry.event(LINKS, "1.0.0", "yank", by=by or None, **more)


def revoked(registry: RegistryInMemory) -> None:
    registry.event(LINKS, "1.0.0", "revoke")


def lifted_by(hand: str) -> Build:
    """A restore of whatever stands first on the tip."""

    def build(registry: RegistryInMemory) -> None:
        first = sha256(registry.files[f"{version_path('1.0.0')}/events/1.json"])
        registry.event(LINKS, "1.0.0", "restore", lifts=f"sha256:{first}", by=(hand,))

    return build


ATTACKS: Sequence[tuple[Build, Build | None]] = [
    (lambda r: sign(r, "ann control", "1.0.0"), None),
    (lambda r: sign(r, "stranger", "1.0.0"), None),
    (lambda r: r.sign("index/authors/an/ann/keys/1.json", ("stranger",)), None),
    (lambda r: r.sign("index/moderators/1.json", ("stranger",)), None),
    (put(f"{OLD.removesuffix('release.json')}admission.{'0' * 16}.sig", bytes(64)), None),
    (both(update, lambda r: r.admit(LINKS, "1.1.0", by=("ann signing",))), None),
    (lambda r: r.policy(self_approval=True, by=("ann signing",)), None),
    (both(update, lambda r: r.policy(self_approval=True)), None),
    (put("index/trust/2.root.json"), None),
    (lambda r: skill(r, "1.0.0", {"NEW.md": b"other bytes\n"}), None),
    (lambda r: skill(r, "1.0.0+build"), None),
    (in_other_case, admitted_rc),
    (lambda r: skill(r, kind="plugin"), None),
    (lambda r: skill(r, "1.0.0", name="@ann/other", author="eve"), None),
    (both(newcomer, lambda r: r.keyring("eve", by=("eve control", "eve signing"))), newcomer),
    (lambda r: skill(r, by=("ann signing", "stranger")), None),
    (lambda r: yank(r, "stranger"), None),
    (lambda r: yank(r, "mod"), None),
    (lambda r: yank(r, "ann control"), None),
    (both(newcomer, lambda r: yank(r, "eve signing")), None),
    (lambda r: r.event(LINKS, "1.0.0", "revoke", by=("ann signing",)), None),
    (lambda r: r.event(LINKS, "1.0.0", "withhold", by=("ann signing",)), None),
    (lambda r: r.event(LINKS, "1.0.0", "restore", lifts=f"sha256:{'0' * 64}"), None),
    (lifted_by("ann signing"), revoked),
    (lifted_by("mod"), yank),
    (lifted_by("stranger"), yank),
    (update, lambda r: rotated(r, "ann laptop", by=("ann control", "mod"))),
]
"""What a submission tries, and what the tip holds beside the ordinary."""


@pytest.mark.parametrize(("attack", "tip"), ATTACKS)
def test_an_attack_by_a_submission_is_refused(attack: Build, tip: Build | None) -> None:
    """Before anybody approved it."""
    assert [] != codes(attack, tip=tip)


def claim(author: str) -> Build:
    """An author who claims the scope `dusk` in a first submission."""
    return lambda registry: newcomer(registry, author, scope="dusk")


def test_two_that_are_fine_alone_are_not_fine_together() -> None:
    """Both claim one scope; whoever comes second is refused on the new tip."""

    def landed(registry: RegistryInMemory) -> None:
        registry.with_author("bob", scope="dusk")

    assert ([], []) == (codes(claim("bob")), codes(claim("eve")))
    assert [] != codes(claim("eve"), tip=landed)


def test_two_scopes_of_one_author_are_fine() -> None:
    """What belongs to one person may come together."""

    def build(registry: RegistryInMemory) -> None:
        registry.scope("dusk", owners=["ann"], by=("ann control",))
        update(registry)
        skill(registry, "1.0.0", name="@dusk/links", author="ann")

    assert [] == codes(build)
