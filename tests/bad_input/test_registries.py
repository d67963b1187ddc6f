"""Registries that are not what they say: demonstrations, unknown ones, wrong ids, and broken authority."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from registry_tool.core import canonical, layout
from registry_tool.core.demo_keys import demo_seed
from registry_tool.core.keys import k16
from registry_tool.core.names import parse_artifact
from registry_tool.signing.ed25519 import Ed25519Signer
from tests.bad_input.stage import Refusal, Stage, adds, pdf_registry
from tests.builders import RegistryInMemory, a_registry
from tests.cli.desk import PDF, SKILL, SKILL_SPEC, skill_release
from tests.cli.test_operator import repository
from tests.sites import named

INSTALL = ("install", PDF, "--yes")
FOLDER = layout.version_folder(parse_artifact(PDF), "1.0.0")


def test_a_demonstration_is_not_added_without_the_flag(stage: Stage) -> None:
    """`add` of a registry with published keys says what it is, and what to say to try it."""
    built = pdf_registry(demo=True)
    where = stage.put("reg", stage.site(built))

    stage.refuses(Refusal(4, "demonstration", "this registry is a demonstration"), "add", where, "--root", built.id)


def test_a_demonstration_is_not_installed_from_without_the_flag(stage: Stage) -> None:
    """Naming a demonstration with `--registry` is not enough, whoever says yes."""
    where = stage.put("reg", stage.site(pdf_registry(demo=True)))

    stage.refuses(Refusal(4, "unknown-registry", "is a registry that you did not add"), *INSTALL, "--registry", where)


def test_a_registry_that_became_a_demonstration_is_left(stage: Stage) -> None:
    """One that was added as real and now has an author with a published test key is refused."""
    built = a_registry(demo=False)
    adds(stage, skill_release(built, "@bob/tab", "1.0.0"))
    built._hands["ann signing"] = Ed25519Signer(demo_seed(7))
    stage.put("reg", stage.site(skill_release(built, PDF, "1.0.0")))

    stage.refuses(Refusal(4, "demonstration", "this registry is a demonstration"), *INSTALL)


def test_nothing_is_published_into_a_demonstration_without_the_flag(stage: Stage) -> None:
    """`publish` into a demonstration is refused before any key is made."""
    repository(stage.work / "reg", named(a_registry(demo=True)))
    card = b'id: "@eve/pdf"\nversion: "1.0.0"\nlicense: MIT\n'
    folder = stage.put("pdf-skill", {**SKILL, "artifact.yaml": card})
    expected = Refusal(4, "demonstration", "this registry is a demonstration")

    stage.refuses(expected, "publish", folder, "--registry", "reg", "--yes")


@pytest.mark.parametrize("flags", [(), ("--demo",), ("--offline",)])
def test_an_unknown_registry_is_not_trusted_on_first_sight(stage: Stage, flags: tuple[str, ...]) -> None:
    """Nothing is taken from a registry that was never added, and the hint is the line that adds it."""
    where = stage.put("reg", stage.site(pdf_registry()))

    expected = Refusal(4, "unknown-registry", f"registry add {where} --root ID")
    stage.refuses(expected, *INSTALL, "--registry", where, *flags)


ROOTS: Mapping[str, tuple[str, Refusal]] = {
    "of another registry": ("0" * 64, Refusal(4, "other-registry", "its id should be 0000")),
    "too short": ("abc", Refusal(2, "bad-id", "an id is 64 of 0-9 and a-f")),
    "in capitals": ("ABCDEF" + "0" * 58, Refusal(2, "bad-id", "an id is 64 of 0-9 and a-f")),
    "with a space": (" " + "0" * 63, Refusal(2, "bad-id", "an id is 64 of 0-9 and a-f")),
    "empty": ("", Refusal(2, "bad-id", "an id is 64 of 0-9 and a-f")),
}


@pytest.mark.parametrize("what", ROOTS)
def test_a_wrong_id_is_not_added(stage: Stage, what: str) -> None:
    """`add --root` with another id, or with what is none, keeps nothing."""
    where = stage.put("reg", stage.site(pdf_registry()))
    root, expected = ROOTS[what]

    stage.refuses(expected, "add", where, "--root", root)


def test_a_registry_at_the_address_of_another_is_refused(stage: Stage) -> None:
    """Where an address serves another registry than the one added there, nothing is taken."""
    adds(stage, pdf_registry())
    other = a_registry(demo=False)
    other.files.clear()
    other.hand("another root")
    other.root(keys=("another root",))
    other.moderators({"mod": None}, by=("another root", "mod"))
    other.policy()
    stage.put("reg", stage.site(skill_release(other, PDF, "1.0.0")))

    stage.refuses(Refusal(4, "other-registry", "this is another registry: its id should be"), *INSTALL)


# What is signed wrongly. Each builds a registry in which one thing is not as it must be.


def _member(name: str, value: Any) -> Callable[[dict[str, Any]], None]:  # Any: JSON
    def change(document: dict[str, Any]) -> None:
        document[name] = value

    return change


def _release(**more: Any) -> RegistryInMemory:  # Any: for `publish`
    return skill_release(a_registry(demo=False), PDF, "1.0.0", **more)


def _unadmitted() -> RegistryInMemory:
    built = a_registry(demo=False)
    built.publish(PDF, "1.0.0", SKILL, kind="skill", spec=SKILL_SPEC)
    return built


def _admitted(**more: Any) -> RegistryInMemory:  # Any: for `admit`
    built = _unadmitted()
    built.admit(PDF, "1.0.0", **more)
    return built


def _by_a_stranger() -> RegistryInMemory:
    return _admitted(by=("stranger",))


def _by_nobody() -> RegistryInMemory:
    return _admitted(by=())


def _for_another_digest() -> RegistryInMemory:
    return _admitted(change=_member("manifest", "sha256:" + "0" * 64))


def _for_another_version() -> RegistryInMemory:
    return _admitted(change=_member("version", "2.0.0"))


def _by_a_moderator_who_was_removed() -> RegistryInMemory:
    built = a_registry(demo=False)
    built.moderators({"mod": None, "old": None})

    def ended(document: dict[str, Any]) -> None:
        document["people"][1]["keys"][0].update(status="retired", since=built.now())

    built.moderators({"mod": None, "old": None}, change=ended)
    built.policy()
    built.publish(PDF, "1.0.0", SKILL, kind="skill", spec=SKILL_SPEC)
    built.admit(PDF, "1.0.0", by=("old",))
    return built


def _under_a_keyring_that_never_was() -> RegistryInMemory:
    def change(document: dict[str, Any]) -> None:
        document["under"]["authors/ann"] = {"number": 9, "sha256": "0" * 64}

    return _admitted(change=change)


def _without_the_authors_signature() -> RegistryInMemory:
    return _release(by=())


def _signed_by_somebody_else() -> RegistryInMemory:
    return _release(by=("somebody else",))


def _signed_with_the_control_key() -> RegistryInMemory:
    return _release(by=("ann control",))


def _with_its_signature_stripped() -> RegistryInMemory:
    built = a_registry(demo=False)
    built.publish(PDF, "1.0.0", SKILL, kind="skill", spec=SKILL_SPEC, by=("ann signing", "ann control"))
    built.admit(PDF, "1.0.0")
    name = f".{k16(built.hand('ann control').key)}.sig"
    for path in [path for path in built.files if path.endswith(name) and "/blobs/" in path]:
        del built.files[path]
    return built


def _of_an_author_whose_key_was_revoked_before() -> RegistryInMemory:
    built = _release()
    since = "2020-01-01T00:00:00Z"
    rows = [
        built.row("ann control", use="control"),
        {**built.row("ann signing", use="signing"), "status": "revoked", "since": since},
    ]
    built.keyring("ann", rows, by=("ann control", "mod"))
    return built


def _with_a_scope_that_lists_somebody_else() -> RegistryInMemory:
    built = a_registry(demo=False)
    built.with_author("eve")
    built.with_author("ann")
    built.publish(PDF, "1.0.0", SKILL, kind="skill", spec=SKILL_SPEC, author="eve")
    built.admit(PDF, "1.0.0")
    return built


def _with_its_first_policy_replaced() -> RegistryInMemory:
    built = _release()
    built.policy()
    path = layout.statement_path("policy", 1)
    built.files[path] = built.files[path].replace(b'"self_approval":false', b'"self_approval":true')
    built.sign(path, ("mod",))
    return built


def _with_moderators_that_nobody_named() -> RegistryInMemory:
    built = a_registry(demo=False)
    built.moderators({"mod": None, "eve": None}, by=("eve",))
    return skill_release(built, PDF, "1.0.0")


def _with_a_policy_by_a_stranger() -> RegistryInMemory:
    built = a_registry(demo=False)
    built.policy(by=("stranger",))
    return skill_release(built, PDF, "1.0.0")


def _with_a_keyring_that_no_moderator_saw() -> RegistryInMemory:
    built = a_registry(demo=False)
    built.keyring("ann", by=("ann control", "ann signing"))
    return skill_release(built, PDF, "1.0.0")


def _with_a_test_key() -> RegistryInMemory:
    built = a_registry(demo=False)
    built._hands["ann signing"] = Ed25519Signer(demo_seed(3))
    return skill_release(built, PDF, "1.0.0")


FORGED: Mapping[str, tuple[Callable[[], RegistryInMemory], str]] = {
    "an admission by a stranger": (_by_a_stranger, "is not signed by a moderator"),
    "an admission that nobody signed": (_by_nobody, "is not signed by a moderator"),
    "an admission for another digest": (_for_another_digest, "is about another manifest"),
    "an admission for another version": (_for_another_version, "is about @ann/pdf@2.0.0"),
    "an admission by a removed moderator": (_by_a_moderator_who_was_removed, "is not signed by a moderator"),
    "an admission under a keyring that never was": (
        _under_a_keyring_that_never_was,
        "names number 9 of authors/ann, which ends at 1",
    ),
    "no signature of the author": (_without_the_authors_signature, "is not signed by a key that ann had"),
    "a signature by somebody else": (_signed_by_somebody_else, "is not signed by a key that ann had"),
    "a signature with a control key": (_signed_with_the_control_key, "is not signed by a key that ann had"),
    "a stripped signature": (_with_its_signature_stripped, "lists other signatures than there are"),
    "a revoked key": (_of_an_author_whose_key_was_revoked_before, "is not signed by a key that ann had"),
    "an author who is no member": (_with_a_scope_that_lists_somebody_else, "the keyring of eve is missing"),
    "a first statement that was replaced": (
        _with_its_first_policy_replaced,
        "follows another statement than the one before it",
    ),
    "moderators that nobody named": (_with_moderators_that_nobody_named, "is not signed by 1 of root 1's keys"),
    "a policy by a stranger": (_with_a_policy_by_a_stranger, "is not signed by 1 of the moderators"),
    "a keyring that no moderator saw": (
        _with_a_keyring_that_no_moderator_saw,
        "authors/ann 1 is not countersigned by a moderator",
    ),
    "a published test key": (_with_a_test_key, "this registry is a demonstration"),
}


@pytest.mark.parametrize("form", ["site", "repository"])
@pytest.mark.parametrize("what", FORGED)
def test_what_is_signed_wrongly_is_not_installed(stage: Stage, what: str, form: str) -> None:
    """Whatever is wrong above a release, the client finds it by itself, in a site as in the repository's files."""
    adds(stage, skill_release(a_registry(demo=False), "@bob/tab", "1.0.0"))
    build, says = FORGED[what]
    built = build()
    stage.put("reg", stage.site(built) if form == "site" else built.files)

    stage.refuses_any(4, says, *INSTALL)


def _chains(built: RegistryInMemory, change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    site = built.site()
    value = canonical.parse(site[layout.REGISTRY_CHAINS], limit=10**6, what="the chains")
    change(value)
    return {**site, layout.REGISTRY_CHAINS: canonical.encode(value)}


CHAINS: Mapping[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a gap": (lambda chains: chains["policy"].pop(1), "policy 2"),
    "another order": (lambda chains: chains["policy"].reverse(), "policy 1"),
    "a statement twice": (lambda chains: chains["policy"].append(chains["policy"][-1]), "policy 4"),
    "no moderators": (lambda chains: chains.update(moderators=[]), "moderators"),
    "no roots": (lambda chains: chains.update(roots=[]), "roots"),
    "no signatures": (lambda chains: chains["policy"][2].update(signatures=[]), "policy 3 is not signed"),
    "one member more": (lambda chains: chains.update(surprise=1), "surprise"),
}


@pytest.mark.parametrize("what", CHAINS)
def test_a_chain_that_is_not_whole_is_not_believed(stage: Stage, what: str) -> None:
    """A chain with a gap, in another order, without signatures or with more than it may hold is refused."""
    built = pdf_registry()
    built.policy()
    built.policy()
    change, says = CHAINS[what]
    adds(stage, built, _chains(built, lambda chains: (change(chains), None)[1]))

    stage.refuses_any(4, says, *INSTALL)


def test_a_revoked_release_is_not_installed_by_its_version(stage: Stage) -> None:
    """Somebody who names a revoked version is told that it is, and gets nothing."""
    built = pdf_registry()
    built.event(PDF, "1.0.0", "revoke", reason="malicious")
    adds(stage, built)

    stage.refuses_any(4, "revoked", "install", f"{PDF}@1.0.0", "--yes", "--force")
