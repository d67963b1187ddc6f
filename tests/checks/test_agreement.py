"""Manifest, files, permissions, addresses, sizes and licences agree."""

from dataclasses import replace
from typing import Any

import pytest

from registry_tool.checks.agreement import manifest_agrees
from registry_tool.checks.licenses import license_known
from registry_tool.checks.powers import gained, permissions, pinned
from registry_tool.checks.sizes import sizes
from registry_tool.checks.urls import url_fault, urls
from registry_tool.core import limits
from registry_tool.core.change import Change
from registry_tool.core.kind import Pin
from registry_tool.core.manifest import ManifestPin
from tests.builders import RegistryInMemory
from tests.checks.changes import change, skill, with_candidate
from tests.checks.fixtures import first, update, with_file, with_member


def reading(made: Change, **members: Any) -> Change:  # Any: members of Reading
    """The same submission, its payload read in another way."""
    found = made.releases[0].reading
    assert found is not None
    return with_candidate(made, reading=replace(found, **members))


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (b'id: "@ann/other"\n', "it says id '@ann/other', the manifest says '@ann/links'"),
        (b'version: "2.0.0"\n', "it says version '2.0.0', the manifest says '1.0.1'"),
        (b"kind: plugin\n", "it says kind 'plugin', the manifest says 'skill'"),
        (b"author: bob\n", "it says author 'bob', the manifest says 'ann'"),
        (b"visibility: private\n", "it says visibility 'private', the manifest says 'public'"),
        (b"kind: skills\n", None),
        (b'id: "@ann/links"\nversion: "1.0.1"\nkind: skill\nauthor: ann\nvisibility: public\n', None),
    ],
)
def test_the_card_and_the_manifest_say_the_same(card: bytes, expected: str | None) -> None:
    """What artifact.yaml says about who this is stands in the manifest too."""
    found = list(manifest_agrees(with_file("artifact.yaml", card)()))

    assert ([expected] if expected else []) == [one.message for one in found]
    assert {"@ann/links@1.0.1: artifact.yaml"} >= {one.path for one in found}


VERSIONED = b"---\nname: links\ndescription: Finds them.\nmetadata:\n  version: 3.0.0\n---\n"


def test_the_card_overrides_the_native_file() -> None:
    """A version in the native file counts where artifact.yaml says none."""
    alone = list(manifest_agrees(with_file("SKILL.md", VERSIONED)()))

    def build(registry: RegistryInMemory) -> None:
        skill(registry, "1.0.1", {"SKILL.md": VERSIONED, "artifact.yaml": b'version: "1.0.1"\n'})

    assert ["@ann/links@1.0.1: SKILL.md"] == [one.path for one in alone]
    assert [] == list(manifest_agrees(change(build)))


def test_a_spec_is_read_again() -> None:
    """A member of the spec that the files do not give, or give otherwise, is refused by name."""
    spec = {"native_name": "links", "entry": "OTHER.md", "allowed_tools": [], "unpinned": []}
    found = [one.message for one in manifest_agrees(with_member("spec", spec)())]

    assert [
        f"the files give another '{member}' than the manifest's spec says"
        for member in ("entry", "scripts", "unpinned")
    ] == found


def test_a_spec_that_cannot_be_written_equals_nothing() -> None:
    """What is no canonical JSON is never equal, and raises nothing."""
    found = list(manifest_agrees(reading(update(), spec={"entry": 2**60})))

    assert "the files give another 'entry' than the manifest's spec says" in [one.message for one in found]


def test_a_pin_that_the_manifest_hides_is_refused() -> None:
    """What the files fetch by digest stands among the manifest's pins."""
    digest = "sha256:" + "a" * 64
    made = reading(update(), pins=(Pin("image", "example.org/a", digest),))
    manifest = made.releases[0].manifest
    assert manifest is not None
    pin = ManifestPin(type="image", name="example.org/a", digest=digest)
    honest = with_candidate(made, manifest=manifest.model_copy(update={"pins": (pin,)}))

    assert [f"the files fetch the image 'example.org/a' at {digest}, `pins` does not say so"] == [
        one.message for one in manifest_agrees(made)
    ]
    assert [] == list(manifest_agrees(honest))


def test_another_reader_is_refused() -> None:
    """A manifest that was read by other rules than this tool has is refused, once."""
    found = list(manifest_agrees(with_member("reader", "skill/9")()))

    assert ["it was read by the rules 'skill/9', here they are skill/1"] == [one.message for one in found]


def test_an_unknown_kind_is_refused() -> None:
    """A kind that this tool does not know is refused with those that it knows."""
    found = list(manifest_agrees(with_member("kind", "spaceship")()))

    assert ["'spaceship' is not a kind that this tool knows"] == [one.message for one in found]
    assert "one of: plugin, skill; or update the tool" == found[0].hint


def test_what_cannot_be_read_agrees_with_nothing_and_nobody_asks() -> None:
    """Without manifest or payload there is nothing to compare; a card is compared without a reading too."""
    made = with_file("artifact.yaml", b"kind: plugin\n")()

    assert [] == list(manifest_agrees(with_candidate(made, manifest=None)))
    assert [] == list(manifest_agrees(with_candidate(made, payload=None, reading=None)))
    assert 1 == len(list(manifest_agrees(with_candidate(made, reading=None))))


SCRIPT = b"#!/bin/sh\ncurl -s https://api.example.org/links\ncurl -s https://b.example.org/\n"


def asking(*asked: str, script: bytes = SCRIPT) -> Change:
    """An update with a script that reaches two hosts, which asks for `asked`."""
    return change(lambda registry: skill(registry, "1.0.1", {"run.sh": script}, permissions=asked))


def test_a_missing_permission_comes_with_the_line_to_paste() -> None:
    """Each need that is not covered is told, with one line that has all of them."""
    found = list(permissions(asking("network:api.example.org")))

    assert [
        (
            "the files need 'network:b.example.org' and it is not granted: reach b.example.org",
            'permissions: ["network:api.example.org", "network:b.example.org"]',
            "@ann/links@1.0.1: artifact.yaml",
        )
    ] == [(one.message, one.hint, one.path) for one in found]


def test_a_wider_permission_covers_a_need() -> None:
    """`network` covers every host."""
    assert [] == list(permissions(asking("network")))


def test_a_permission_without_need_is_noted() -> None:
    """What nothing in the files shows a need for is a note, never more; an unknown one is refused."""
    found = list(permissions(asking("chat_inject", "fly", script=b"true\n")))

    assert [("permission-unknown", "fail"), ("permission-unshown", "note")] == [(one.check, one.level) for one in found]


def test_an_unknown_need_is_told_as_such() -> None:
    """A need that the kind's own grammar does not know is a fault of the tool, and still refused."""
    found = list(permissions(reading(update(), needs=("fly",))))

    assert ["the files need 'fly' and it is not granted: unknown"] == [one.message for one in found]


def test_permissions_need_a_kind_and_a_reading() -> None:
    """Without a kind nothing is known; without a reading only the grammar is looked at."""
    assert [] == list(permissions(with_candidate(asking("fly"), kind=None)))
    assert [] == list(permissions(with_candidate(asking("fly"), manifest=None)))
    assert 1 == len(list(permissions(with_candidate(asking("fly"), reading=None))))


def test_gains_are_told_in_words() -> None:
    """What an update newly may do, and a new name, are told to a person in words."""
    update_told = [one.message for one in gained(asking("network", script=b"true\n"))]
    first_told = [one.message for one in gained(first())]
    again = with_candidate(update(), previous=None, gained=("author ann",))

    assert ["newly: may reach any host on the public Internet (network) (compared with 1.0.0)"] == update_told
    assert ["a new name; nobody has looked at it before"] == first_told
    assert ["newly: is published by ann (it is the first to compare)"] == [one.message for one in gained(again)]
    assert [] == list(gained(with_candidate(update(), manifest=None)))


def test_what_floats_is_named() -> None:
    """Each thing that is fetched without a digest asks for a person."""
    assert 2 == len(list(pinned(reading(update(), unpinned=("npm express", "image redis")))))
    assert [] == list(pinned(with_candidate(update(), reading=None)))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a?b=c#d", None),
        ("https://Example.ORG./", None),
        ("https://example.org:443/", None),
        ("http://example.org/", "an address begins with https://"),
        ("https://ann@example.org/", "an address holds no name or password"),
        ("https://example.org:8443/", "an address uses the usual port, this one 8443"),
        ("https://example.org:99999/", "it is no address"),
        ("https://[::1", "it is no address"),
        ("https://127.0.0.1/", "an address is not allowed, only a name"),
        ("https://2130706433/", "an address is not allowed, only a name"),
        ("https://printer.local/", "that is a name of a private network"),
        ("https:///path", "an address is not allowed, only a name"),
    ],
)
def test_an_address_is_public(url: str, expected: str | None) -> None:
    """An address is https, without credentials, and names a host of the public Internet."""
    found = url_fault(url)

    assert (expected is None) == (found is None)
    if url != "https:///path":
        assert expected == found


def test_every_address_of_a_manifest_is_looked_at() -> None:
    """Links, source, pins and addresses in the spec are looked at; templates and other members are not."""

    def edit(value: dict[str, Any]) -> None:
        value["links"] = {"home": "https://localhost/"}
        value["source"] = {"repository": "https://10.0.0.1/x", "commit": "a" * 40}
        value["pins"] = [
            {"type": "git", "name": "http://example.org/x", "digest": "a" * 40},
            {"type": "npm", "name": "http", "digest": "a" * 40},
        ]
        value["spec"] = {
            "run": {"url": "http://example.org/"},
            "more": [{"url": "https://example.org/{place}"}, {"url": ["x"]}, "http://example.org/"],
        }

    found = [one.message.partition(" is '")[0] for one in urls(change(lambda r: skill(r, "1.0.1", change=edit)))]

    assert ["the link 'home'", "source.repository", "the git that is pinned", "spec.run.url"] == found
    assert [] == list(urls(with_candidate(update(), manifest=None)))


def small(registry: RegistryInMemory) -> None:
    """A policy with small limits."""
    small_limits = {"file": 100, "readme": 50, "icon": 10, "submission": 100}
    registry.policy(change=lambda value: value.update(limits=small_limits))


def test_sizes_are_those_of_the_policy() -> None:
    """Files, README, icon and the whole submission have limits that the tip's policy can set."""

    def build(registry: RegistryInMemory) -> None:
        skill(registry, "1.0.1", {"README": b"a" * 51, "icon.png": b"a" * 11, "big.md": b"a" * 101, "ok.md": b"a"})

    found = [one.path.rpartition(": ")[2] for one in sizes(change(build, tip=small))]

    assert ["README", "big.md", "icon.png", ""] == found
    assert [] == list(sizes(with_candidate(change(build), payload=None)))


def test_a_submission_has_a_bounded_number_of_files() -> None:
    """More files than two full payloads are refused."""
    many = {f"index/x{number}": b"" for number in range(limits.SUBMISSION_FILES + 1)}

    assert [f"a submission may add at most {limits.SUBMISSION_FILES} files, this one adds {len(many)}"] == [
        one.message for one in sizes(replace(update(), additions=many))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT", []),
        ("MIT OR Apache-2.0", []),
        ("mit", [("fail", "license: MIT")]),
        ("Apache 2", [("fail", "license: Apache-2.0")]),
        ("LicenseRef-LICENSE", [("review", "read it: may it be given to others?")]),
        (
            "LicenseRef-TERMS",
            [("fail", "add the text, for example LICENSE, and write license: SEE LICENSE IN LICENSE")],
        ),
        ("MIT AND LicenseRef-LICENSE", [("review", "read it: may it be given to others?")]),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", []),
    ],
)
def test_a_licence_is_an_expression_of_spdx(text: str, expected: list[tuple[str, str]]) -> None:
    """A manifest's licence is the canonical expression, or refers to a text that is there and that a person reads."""
    found = list(license_known(with_member("license", text)()))

    assert expected == [(one.level, one.hint) for one in found]


def test_a_missing_manifest_has_no_licence() -> None:
    """Without a manifest there is nothing to read; without files no text can be meant."""
    assert [] == list(license_known(with_candidate(update(), manifest=None)))
    assert 1 == len(list(license_known(with_candidate(with_member("license", "LicenseRef-LICENSE")(), payload=None))))
