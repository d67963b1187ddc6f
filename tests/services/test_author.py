"""What an author does: look at a folder, sign it, submit it."""

from typing import Any

import pytest

from registry_tool.core.describe import Said
from registry_tool.core.errors import InvalidInput
from registry_tool.core.keys import k16
from registry_tool.core.names import parse_artifact
from registry_tool.core.published import chain_at
from registry_tool.services.author import Folder, look, prepare, submit
from registry_tool.services.moderator import approve
from registry_tool.services.releasing import Hands, release_files
from tests.builders import RegistryInMemory, a_registry, as_payload
from tests.checks.changes import KINDS, SKILL
from tests.core.landings import rotated
from tests.proving import refusal
from tests.services.office import CARD, Office

LINKS = "@ann/links"


@pytest.fixture
def office() -> Office:
    return Office(a_registry(demo=False))


def folder(artifact: str = LINKS, where: str = "here", more: dict[str, bytes] | None = None, **said: Any) -> Folder:
    words = {"artifact": artifact, "version": "1.0.0", **said}
    return Folder(where, as_payload({**SKILL, "artifact.yaml": CARD, **(more or {})}), Said(**words))


def published(office: Office) -> Office:
    approve(office.bench(), office.publish(LINKS, "1.0.0").id, note="")
    return office


def test_first_use_registers_the_author_and_claims_the_scope(office: Office) -> None:
    """Keys, keyring, scope and release are one submission; its value says so."""
    made = office.prepared(LINKS, "1.0.0")
    value = made.value()

    assert (True, ("ann",), "review") == (made.first, made.claims, made.report.verdict)
    assert ("ann", ["ann"], made.branch) == (value["registers"], value["claims"], value["branch"])
    assert f"submit/{made.id[:12]}" == made.branch


def test_later_uses_bring_only_the_release(office: Office) -> None:
    """Keys, scope and blobs that the registry has are not brought again."""
    made = published(office).prepared(LINKS, "1.1.0")

    assert (False, ()) == (made.first, made.claims)
    assert [] == [path for path in made.additions if "/authors/" in path or "/scopes/" in path]
    assert 4 == len(made.additions)


def test_a_second_scope_is_claimed_by_a_known_author(office: Office) -> None:
    """The scope's statement is signed by the author's control key."""
    made = published(office).prepared("@dusk/links", "1.0.0")

    assert (False, ("dusk",)) == (made.first, made.claims)


def test_two_folders_are_one_submission(office: Office) -> None:
    """Several releases of one author come together, also of two scopes."""
    made = prepare(
        [folder(author="ann"), folder("@dusk/other", "there", author="ann")], tip=office.tip, desk=office.desk()
    )

    assert ([LINKS, "@dusk/other"], ("ann", "dusk")) == (
        [one["artifact"] for one in made.value()["releases"]],
        made.claims,
    )


def test_the_same_submission_waits_once(office: Office) -> None:
    """A second push of the same content is told that it waits."""
    made = office.publish(LINKS, "1.0.0")

    assert (5, "already-submitted") == refusal(lambda: submit(made, office.history, onto=office.commit, at=office.now))


@pytest.mark.parametrize(("said", "expected"), [("", "ann"), ("bob", "bob")])
def test_the_author_is_the_scope_where_nobody_says_another(office: Office, said: str, expected: str) -> None:
    """`--as`, else what the folder says, else the scope's own name."""
    assert expected == prepare([folder(author=said)], tip=office.tip, desk=office.desk()).author


def test_the_folder_can_say_its_author(office: Office) -> None:
    """`author:` in artifact.yaml is who publishes."""
    made = prepare([folder(more={"artifact.yaml": CARD + b"author: bob\n"})], tip=office.tip, desk=office.desk())

    assert "bob" == made.author


def refused(office: Office, *folders: Folder, **more: Any) -> tuple[int, str]:
    return refusal(lambda: prepare(folders, tip=office.tip, desk=office.desk(), **more))


def test_what_cannot_be_published_is_told_before_anything_is_written(office: Office) -> None:
    """Folders that are broken, the same, of several authors, or say nothing."""
    broken = folder(more={"SKILL.md": b"no front matter\n"})

    assert (1, "not-publishable") == refused(office, broken)
    assert (1, "not-publishable") == refused(office, Folder("here", as_payload({"a.txt": b"a"}), Said()))
    assert (1, "not-publishable") == refused(office, folder(artifact=""))
    assert (1, "same-name-twice") == refused(office, folder(), folder(where="there"))
    assert (1, "several-authors") == refused(office, folder(author="ann"), folder("@bob/x", author="bob"))


def test_of_several_folders_each_fault_has_its_place(office: Office) -> None:
    """The path begins with the folder."""
    broken = folder(where="there", more={"SKILL.md": b"no front matter\n"}, author="ann")

    with pytest.raises(InvalidInput) as error:
        prepare([folder(author="ann"), broken], tip=office.tip, desk=office.desk())
    assert {"there"} == {finding.path.partition("/")[0] for finding in error.value.findings}


def test_what_the_checks_refuse_is_not_submitted(office: Office) -> None:
    """The author reads what a reviewer would: a reserved scope cannot be claimed."""
    assert (1, "checks-failed") == refused(office, folder("@registry/links", author="ann"))


def test_a_published_version_never_changes(office: Office) -> None:
    """Neither the same bytes nor others."""
    published(office)

    assert (5, "version-exists") == refused(office, folder(author="ann"))
    assert (5, "version-exists") == refused(office, folder(author="ann", more={"NEW.md": b"new\n"}))


def test_keys_that_are_not_here_are_told_with_the_verb_that_brings_them(office: Office) -> None:
    """The signing key of a known author, an ended one, and the control key for a new scope."""
    published(office)
    office.cabinet.lose("ann", "control")

    assert (3, "key-missing") == refused(office, folder("@dusk/links", author="ann"))

    office.cabinet.lose("ann", "signing")

    assert (3, "key-missing") == refused(office, folder(author="ann", version="1.1.0"))

    office.cabinet.make("ann", "signing")
    office.land(office.evolve(ended))

    assert (3, "key-missing") == refused(office, folder(author="ann", version="1.1.0"))


def ended(registry: RegistryInMemory) -> None:
    rotated(registry, since="2028-01-01T00:00:00Z")


def test_somebody_elses_scope_is_not_published_into(office: Office) -> None:
    """The message says whose it is and how to be let in."""
    published(office)

    assert (4, "not-a-publisher") == refused(office, folder("@ann/other", author="bob"))


def test_a_demonstration_is_entered_knowingly() -> None:
    """Its keys are published; `--demo` says that one knows."""
    office = Office(a_registry())

    assert (4, "demonstration") == refused(office, folder())
    assert "ann" == prepare([folder()], tip=office.tip, desk=office.desk(), demo=True).author


def test_a_folder_is_looked_at_without_keys_or_registry() -> None:
    """Name and author are guessed where nobody says them."""
    registry = "0" * 64
    said = look(folder(), kinds=KINDS, registry=registry)
    named = look(folder(author="bob"), kinds=KINDS, registry=registry)
    bare = look(Folder("here", as_payload({"a.txt": b"a"}), Said()), kinds=KINDS, registry=registry)

    assert said.manifest is not None
    assert named.manifest is not None
    assert ("ann", "bob", None) == (said.manifest.author, named.manifest.author, bare.manifest)


def test_a_release_lies_where_clients_look(office: Office) -> None:
    """Manifest, signature, flat signature, pointer and blobs, in the registry's own layout."""
    made = office.prepared(LINKS, "1.0.0").described[0]
    signer = office.registry.hand("ann signing")
    assert made.manifest is not None
    assert made.kind is not None
    files = release_files(made.manifest, made.kind, made.payload, Hands(signer, None))
    suffixes = sorted(path.partition(".")[2] for path in files if "/blobs/" in path and "." in path)

    assert [f"flat.{k16(signer.key)}.sig", f"{k16(signer.key)}.sig"] == sorted(suffixes, reverse=True)
    assert () == chain_at(office.tip, f"scopes/{parse_artifact(LINKS).scope}")
