"""Where everything lies, put together and taken apart."""

import pytest

from registry_tool.core import layout
from registry_tool.core.digest import Hex
from registry_tool.core.keys import K16
from registry_tool.core.layout import Located, locate
from registry_tool.core.names import parse_artifact

SOLAR = parse_artifact("@ann/solar")
HEX = Hex("cd" * 32)
KEY = K16("0123456789abcdef")
VERSION = "index/releases/an/ann/solar/1.0.0-rc.1"
BLOBS = "index/releases/an/ann/solar/blobs"


@pytest.mark.parametrize(
    ("path", "role", "members"),
    [
        ("index/registry.yaml", "table", {}),
        ("index/trust/12.root.json", "root", {"number": 12}),
        ("index/moderators/1.json", "chain", {"subject": "moderators", "number": 1}),
        (f"index/policy/2.{KEY}.sig", "chain", {"subject": "policy", "number": 2, "sig": KEY}),
        ("index/authors/an/ann/keys/3.json", "chain", {"subject": "authors/ann", "number": 3}),
        (f"index/scopes/an/ann/4.{KEY}.sig", "chain", {"subject": "scopes/ann", "number": 4, "sig": KEY}),
        (f"{BLOBS}/cd/{HEX}", "blob", {"artifact": SOLAR, "hex": HEX}),
        (f"{BLOBS}/cd/{HEX}.{KEY}.sig", "blob-signature", {"artifact": SOLAR, "hex": HEX, "suffix": f"{KEY}.sig"}),
        (
            f"{BLOBS}/cd/{HEX}.flat.{KEY}.sig",
            "blob-signature",
            {"artifact": SOLAR, "hex": HEX, "suffix": f"flat.{KEY}.sig"},
        ),
        (
            f"{BLOBS}/cd/{HEX}.wire.{KEY}.sig",
            "blob-signature",
            {"artifact": SOLAR, "hex": HEX, "suffix": f"wire.{KEY}.sig"},
        ),
        (
            f"{BLOBS}/cd/{HEX}.sigstore.json",
            "blob-signature",
            {"artifact": SOLAR, "hex": HEX, "suffix": "sigstore.json"},
        ),
        (f"{VERSION}/release.json", "pointer", {"artifact": SOLAR, "version": "1.0.0-rc.1"}),
        (f"{VERSION}/admission.json", "admission", {"artifact": SOLAR, "version": "1.0.0-rc.1"}),
        (f"{VERSION}/admission.{KEY}.sig", "admission", {"artifact": SOLAR, "version": "1.0.0-rc.1", "sig": KEY}),
        (f"{VERSION}/approvals/eva.json", "approval", {"artifact": SOLAR, "version": "1.0.0-rc.1", "person": "eva"}),
        (f"{VERSION}/events/7.json", "event", {"artifact": SOLAR, "version": "1.0.0-rc.1", "number": 7}),
        (f"index/moderation/2026/{HEX}/1.json", "moderation", {"hex": HEX, "number": 1}),
    ],
)
def test_a_path_of_the_layout_is_known(path: str, role: str, members: dict[str, object]) -> None:
    """Each form has its role, and what its path says."""
    found = locate(path)

    assert Located(path, role, **members) == found  # type: ignore[arg-type]  # the table's rows hold what each role has


@pytest.mark.parametrize(
    "path",
    [
        "",
        "README.md",
        "index/other.yaml",
        "index/registry.yaml\n",
        "index/trust/0.root.json",
        "index/trust/01.root.json",
        "index/trust/1.root.json.bak",
        "index/moderators/1.json/2.json",
        "index/moderators/1.0123.sig",
        "index/moderators/1.0123456789ABCDEF.sig",
        "index/authors/bo/ann/keys/1.json",
        "index/authors/an/ann/1.json",
        "index/scopes/an/ann/keys/1.json",
        "index/scopes/AN/ANN/1.json",
        f"{BLOBS}/ab/{HEX}",
        f"{BLOBS}/cd/{HEX}.txt",
        f"{BLOBS}/cd/{HEX}.raw.{KEY}.sig",
        f"{BLOBS}/cd/{HEX.upper()}",
        f"index/releases/bo/ann/solar/blobs/cd/{HEX}",
        "index/releases/an/ann/solar/1.0/release.json",
        "index/releases/an/ann/solar/01.0.0/release.json",
        "index/releases/an/ann/solar/1.0.0-RC.1/release.json",
        "index/releases/an/ann/solar/1.0.0+build/release.json",
        "index/releases/an/ann/solar/1.0.0-../release.json",
        f"{VERSION}/approvals/Eva.json",
        f"{VERSION}/events/0.json",
        f"{VERSION}/admission.sig",
        f"{VERSION}/note.json",
        f"index/moderation/26/{HEX}/1.json",
    ],
)
def test_a_path_beside_the_layout_is_other(path: str) -> None:
    """Another shard, another spelling of a number or version, and names of another form have no place."""
    assert Located(path, "other") == locate(path)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (layout.root_path(3), "root"),
        (layout.statement_path("moderators", 1), "chain"),
        (layout.statement_path("policy", 1), "chain"),
        (layout.statement_path("authors/ann", 2), "chain"),
        (layout.signature_path(layout.statement_path("scopes/ann", 2), KEY), "chain"),
        (layout.blob_path(SOLAR, HEX), "blob"),
        (f"{layout.version_folder(SOLAR, '1.0.0-RC.1+build')}/release.json", "pointer"),
        (f"{layout.moderation_folder(HEX, '2026')}/1.json", "moderation"),
    ],
)
def test_what_is_put_together_is_taken_apart(path: str, role: str) -> None:
    """Every path that the layout makes has its role."""
    assert role == locate(path).role


def test_a_chain_comes_back_from_its_path() -> None:
    """Subject and number lead to a path that says them."""
    for subject in ("moderators", "policy", "authors/ann", "scopes/ann"):
        found = locate(layout.statement_path(subject, 5))

        assert (subject, 5, layout.chain_folder(subject)) == (
            found.subject,
            found.number,
            found.path[: -len("/5.json")],
        )


def test_the_site_has_its_places() -> None:
    """Part 10, to the letter."""
    assert f"objects/sha256/cd/{HEX}" == layout.object_path(HEX)
    assert "index/an/ann/solar.json" == layout.name_path(SOLAR)
    assert "chains/scopes/an/ann.json" == layout.scope_path("ann")
    assert "chains/authors/an/ann.json" == layout.author_path("ann")
