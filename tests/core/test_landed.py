"""What a landing is, told from its additions."""

import pytest

from registry_tool.core.errors import NotTrusted
from registry_tool.core.keys import K16
from registry_tool.core.landed import parts_of, signed_by, sort_of, stray_signatures
from registry_tool.core.layout import locate

MOD, ANN = K16("1" * 16), K16("2" * 16)
HEX = "ab" + "0" * 62
NAME = "index/releases/an/ann/links"
VERSION = f"{NAME}/1.0.0"
KEYS = "index/authors/an/ann/keys/2"
EVENT = f"{VERSION}/events/1"
PROFILE = "index/authors/an/ann/profile/1"
BLOB = f"{NAME}/blobs/ab/{HEX}"


def files(*paths: str) -> dict[str, bytes]:
    return dict.fromkeys(paths, b"")


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ((), "decided"),
        ((f"{VERSION}/release.json", f"{KEYS}.json"), "decided"),
        (("index/trust/2.root.json", "index/trust/2.targets.json", f"index/trust/{HEX}.trusted_root.json"), "ground"),
        (("index/moderators/2.json", f"index/moderators/2.{MOD}.sig"), "people"),
        (("index/policy/2.json",), "people"),
    ],
)
def test_a_landing_is_one_of_three(paths: tuple[str, ...], expected: str) -> None:
    """What is signed offline, the registry's own people, or what somebody decided."""
    assert expected == sort_of(files(*paths))


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (("index/trust/2.root.json", "index/policy/2.json"), "what is signed offline lands by itself"),
        (("index/policy/2.json", f"{VERSION}/release.json"), "a change of moderators or policy lands by itself"),
    ],
)
def test_two_at_once_are_refused(paths: tuple[str, ...], says: str) -> None:
    """Whoever reads the one must not overlook the other."""
    with pytest.raises(NotTrusted, match=says) as refused:
        sort_of(files(*paths))

    assert "mixed-landing" == refused.value.code


@pytest.mark.parametrize(
    ("part", "paths"),
    [
        ("submitted", (f"{KEYS}.json", f"{KEYS}.{ANN}.sig")),
        ("submitted", (f"{VERSION}/release.json", BLOB, f"{BLOB}.{ANN}.sig")),
        ("submitted", (f"{EVENT}.json", f"{EVENT}.{ANN}.sig")),
        ("submitted", (f"{EVENT}.json",)),
        ("submitted", (f"{PROFILE}.json", f"{PROFILE}.{ANN}.sig")),
        ("decided", (f"{EVENT}.json", f"{EVENT}.{MOD}.sig")),
        ("decided", (f"{PROFILE}.json", f"{PROFILE}.{MOD}.sig")),
        ("decided", (f"{VERSION}/admission.json", f"{VERSION}/admission.{ANN}.sig")),
        ("decided", (f"{VERSION}/approvals/mod.json", f"index/moderation/2027/{HEX}/1.json")),
        ("decided", ("index/waivers/one.json", f"index/waivers/one.{ANN}.sig", "index/entitlements/ann/1.json")),
        ("restored", (BLOB,)),
    ],
)
def test_paths_and_signers_say_who_brought_what(part: str, paths: tuple[str, ...]) -> None:
    """A submission, whoever approved it, or somebody who puts withheld files back."""
    found = parts_of(files(*paths), {MOD})

    assert files(*paths) == getattr(found, part)
    assert len(paths) == len(found.submitted) + len(found.decided) + len(found.restored)


def test_a_countersignature_is_apart_from_what_it_signs() -> None:
    """The statement is its author's, the second signature a moderator's; an event with both is its author's."""
    papers = (f"{KEYS}.json", f"{KEYS}.{ANN}.sig", f"{KEYS}.{MOD}.sig", f"{EVENT}.json", f"{EVENT}.{ANN}.sig")
    found = parts_of(files(*papers, f"{EVENT}.{MOD}.sig"), {MOD})

    assert files(f"{KEYS}.{MOD}.sig", f"{EVENT}.{MOD}.sig") == found.decided
    assert files(f"{KEYS}.json", f"{KEYS}.{ANN}.sig", f"{EVENT}.json", f"{EVENT}.{ANN}.sig") == found.submitted


def test_a_statement_signed_by_moderators_alone_is_still_a_submission_s() -> None:
    """A keyring begins with its author; that nobody signed for them is for the checks to say."""
    assert files(f"{KEYS}.json") == parts_of(files(f"{KEYS}.json", f"{KEYS}.{MOD}.sig"), {MOD}).submitted


def test_signatures_without_a_document_are_told() -> None:
    """Sorted, and none that lies beside what it signs."""
    found = files(f"{KEYS}.json", f"{KEYS}.{ANN}.sig", f"{VERSION}/admission.{MOD}.sig", f"{EVENT}.{MOD}.sig")

    assert (f"{VERSION}/admission.{MOD}.sig", f"{EVENT}.{MOD}.sig") == stray_signatures(found)
    assert f"{EVENT}.json" == signed_by(locate(f"{EVENT}.{MOD}.sig"))
