"""For each check a submission that it must find fault with, and one that it must let through."""

from collections.abc import Callable, Mapping

from registry_tool.core.change import Change
from registry_tool.core.payload import PayloadFile
from registry_tool.core.ports import Edit
from registry_tool.core.tree import TreeEntry
from registry_tool.kinds import app
from tests.builders import RegistryInMemory
from tests.checks.changes import change, newcomer, skill, version_path, with_candidate

Make = Callable[[], Change]


def update() -> Change:
    """An ordinary update: the next version, nothing new asked for."""
    return change(lambda registry: skill(registry, "1.0.1"))


def first() -> Change:
    """An ordinary first submission: author, scope and release together."""

    def build(registry: RegistryInMemory) -> None:
        newcomer(registry)
        skill(registry, "1.0.0", name="@bob/tables")

    return change(build)


def adds(path: str, data: bytes = b"x\n") -> Make:
    """An update with one more file in the repository."""

    def build(registry: RegistryInMemory) -> None:
        skill(registry, "1.0.1")
        registry.files[path] = data

    return lambda: change(build)


def with_file(path: str, data: bytes) -> Make:
    """An update with one more file in its payload."""
    return lambda: change(lambda registry: skill(registry, "1.0.1", {path: data}))


def with_member(name: str, value: object) -> Make:
    """An update whose manifest says something else."""

    def edit(manifest: dict[str, object]) -> None:
        manifest[name] = value

    return lambda: change(lambda registry: skill(registry, "1.0.1", change=edit))


def executable_in_repository() -> Change:
    """An update that brings an executable file into the repository."""
    path = f"{version_path('1.0.1')}/run.sh"
    return change(
        lambda registry: skill(registry, "1.0.1"),
        odd=[Edit(path, None, TreeEntry("run.sh", "executable", "1"))],
    )


def unsigned() -> Change:
    """An update that no key signed."""
    return change(lambda registry: skill(registry, "1.0.1", by=()))


def edited() -> Change:
    """A submission that changes a published `release.json`."""

    def build(registry: RegistryInMemory) -> None:
        registry.files[f"{version_path('1.0.0')}/release.json"] += b" "

    return change(build)


def stranger() -> Change:
    """A release by a registered author in a scope that does not list them."""

    def build(registry: RegistryInMemory) -> None:
        registry.keyring("bob", by=("bob control", "bob signing"))
        skill(registry, "1.0.1", author="bob")

    return change(build)


def two_authors() -> Change:
    """Releases of two authors in one submission."""

    def build(registry: RegistryInMemory) -> None:
        newcomer(registry)
        skill(registry, "1.0.0", name="@bob/tables")
        skill(registry, "1.0.1")

    return change(build)


def reserved_scope() -> Change:
    """A first claim of a scope that is reserved."""

    def build(registry: RegistryInMemory) -> None:
        newcomer(registry, "bob", scope="microsoft")
        skill(registry, "1.0.0", name="@microsoft/tables", author="bob")

    return change(build)


def other_kind() -> Change:
    """A skill's name, used for a plugin."""
    return change(lambda registry: skill(registry, "1.0.1", kind="plugin"))


def lower() -> Change:
    """A version below the newest one of its line."""

    def tip(registry: RegistryInMemory) -> None:
        skill(registry, "1.0.5")
        registry.admit("@ann/links", "1.0.5")

    return change(lambda registry: skill(registry, "1.0.4"), tip=tip)


def other_bytes() -> Change:
    """A manifest that says another bundle than its files make."""
    return with_member("bundle", {"format": "bundle/1", "sha256": "0" * 64, "size": 2048})()


def bad_paths() -> Change:
    """A payload with a path that is a device on Windows."""
    made = update()
    payload = made.releases[0].payload
    assert payload is not None
    return with_candidate(made, payload={**payload, "aux.txt": payload["LICENSE"]})


def two_compose_files() -> Change:
    """An app with two native files."""
    files = {name: PayloadFile(b"services: {}\n") for name in app.KIND.native[:2]}
    return with_candidate(update(), kind=app.KIND, payload=files)


def asks_for_more() -> Change:
    """An update that asks for the network."""
    return change(lambda registry: skill(registry, "1.0.1", permissions=["network"]))


_SCRIPT = b"#!/bin/sh\ncurl -s https://api.example.org/links\n"

FIXTURES: Mapping[str, tuple[Make, Make]] = {
    "allowed-paths": (adds(f"{version_path('1.0.1')}/admission.json"), first),
    "append-only": (edited, update),
    "bytes-match": (other_bytes, first),
    "countersigned-statement": (first, update),
    "file-set": (two_compose_files, update),
    "gained": (asks_for_more, update),
    "invisible-characters": (
        with_file("notes.md", "Do\u200b not.\n".encode()),
        with_file("a.md", "Gut 👩\u200d🔬\n".encode()),
    ),
    "license": (with_member("license", "SEE LICENSE IN TERMS"), update),
    "manifest-agrees": (with_member("spec", {"entry": "SKILL.md"}), with_file("artifact.yaml", b'version: "1.0.1"\n')),
    "name-stays": (other_kind, first),
    "names": (reserved_scope, first),
    "native-file": (with_file("artifact.yaml", b"colour: red\n"), with_file("artifact.yaml", b"title: Links\n")),
    "one-author": (two_authors, first),
    "owner-may-act": (stranger, first),
    "payload-paths": (bad_paths, update),
    "permissions": (with_file("scripts/look.sh", _SCRIPT), update),
    "pinned": (with_file("scripts/set.sh", b"#!/bin/sh\nnpx some-linter\n"), update),
    "policy-from-base": (adds("index/trust/2.root.json"), first),
    "regular-files": (executable_in_repository, first),
    "secrets": (with_file("notes.md", b"gh" + b"p_" + b"aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2dF4gH6\n"), update),
    "signature": (unsigned, update),
    "sizes": (with_file("README.md", b"a" * 600_000), update),
    "strict-documents": (with_member("surprise", 1), first),
    "urls": (
        with_member("links", {"home": "https://ann:pass@example.org/"}),
        with_member("links", {"h": "https://example.org/"}),
    ),
    "version": (lower, update),
}
"""Check id to a submission that must fail and one that must pass."""
