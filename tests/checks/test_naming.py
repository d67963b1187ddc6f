"""Names and versions."""

import pytest

from registry_tool.checks.naming import name_stays, names
from registry_tool.checks.versions import manifest_at, manifests_at, version
from registry_tool.core.change import Change
from registry_tool.core.names import parse_artifact
from tests.builders import RegistryInMemory
from tests.checks.changes import Build, change, newcomer, skill, version_path, with_candidate
from tests.checks.fixtures import first, update

LINKS = parse_artifact("@ann/links")


def told(made: Change) -> list[tuple[str, str]]:
    """Level and message of what the check of names finds."""
    return [(one.level, one.message) for one in names(made)]


def new(name: str, author: str = "ann") -> Build:
    """A first release of `name` by `author`."""
    return lambda registry: skill(registry, "1.0.0", name=name, author=author)


def claims(scope: str) -> Build:
    """Bob comes and claims a scope, without a release."""
    return lambda registry: newcomer(registry, scope=scope)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (new("@ann/1inks"), [("review", "@ann/1inks looks like @ann/links")]),
        (new("@ann/li-nks"), [("review", "@ann/li-nks looks like @ann/links")]),
        (claims("annn"), []),
        (claims("a-nn"), [("review", "the scope @a-nn looks like @ann")]),
        (claims("g0ogle"), [("review", "the scope @g0ogle looks like @google")]),
        (claims("google"), [("fail", "the scope @google is reserved, nobody can claim it by publishing")]),
        (claims("con"), [("fail", "the scope 'con' is the name of a device on Windows")]),
    ],
)
def test_a_new_name_looks_like_no_other(build: Build, expected: list[tuple[str, str]]) -> None:
    """New names and scopes that resemble others ask for a person; reserved and bad ones are refused."""
    assert expected == told(change(build))


def test_two_new_names_do_not_look_alike() -> None:
    """Two names of one submission are compared with each other too."""

    def build(registry: RegistryInMemory) -> None:
        new("@ann/tables")(registry)
        new("@ann/tab1es")(registry)

    assert [("review", "@ann/tab1es looks like @ann/tables"), ("review", "@ann/tables looks like @ann/tab1es")] == told(
        change(build)
    )


@pytest.mark.parametrize("name", ["aux", "xn--links"])
def test_a_name_that_the_grammar_refuses_is_refused(name: str) -> None:
    """What the pattern of paths cannot say (devices, encoded names) is refused all the same."""
    artifact = type(LINKS)(LINKS.scope, type(LINKS.name)(name))
    found = told(with_candidate(update(), artifact=artifact))

    assert ["fail"] == [level for level, _ in found]


def test_a_bad_author_id_is_refused() -> None:
    """An author id that is a device on Windows is refused when it registers."""
    made = change(lambda registry: registry.keyring("nul", by=("nul control",)))

    assert [("fail", "the author id 'nul' is the name of a device on Windows")] == told(made)


def test_a_name_in_use_is_not_compared_again() -> None:
    """An update of a name that is there says nothing about names."""
    assert [] == told(update())


def test_a_name_stays_of_its_kind() -> None:
    """A name's kind is that of its releases, or of the first in the same submission."""

    def both(registry: RegistryInMemory) -> None:
        new("@ann/tables")(registry)
        skill(registry, "1.1.0", name="@ann/tables", kind="plugin")

    assert ["@ann/tables is a skill, this release is a plugin"] == [one.message for one in name_stays(change(both))]
    assert [] == list(name_stays(with_candidate(update(), manifest=None)))


def one(made: Change) -> list[str]:
    """What the check of versions says."""
    return [finding.message for finding in version(made)]


def published(*versions: str) -> Build:
    """These versions are published on the tip."""

    def build(registry: RegistryInMemory) -> None:
        for text in versions:
            skill(registry, text)
            registry.admit("@ann/links", text)

    return build


@pytest.mark.parametrize(
    ("tip", "this", "expected", "hint"),
    [
        ((), "1.0.1", [], ""),
        (
            (),
            "0.9.0",
            ["0.9.0 begins an older line than 1.0.0, which is published"],
            "a repair of an older line is welcome; what was meant to be the newest takes a higher number",
        ),
        (("1.1.8", "1.2.0"), "1.1.9", [], ""),
        ((), "1.0.0-rc.1", ["1.0.0-rc.1 is lower than 1.0.0, which is published"], "publish it as 1.0.1"),
        (
            ("1.1.0-rc.2",),
            "1.1.0-rc.1",
            ["1.1.0-rc.1 is lower than 1.1.0-rc.2, which is published"],
            "publish it as 1.1.0",
        ),
        (("2.0.0", "1.2.3"), "1.2.2", ["1.2.2 is lower than 1.2.3, which is published"], "publish it as 1.2.4"),
        (("2.0.0",), "1.0.1", [], ""),
    ],
)
def test_a_version_goes_up_in_its_line(tip: tuple[str, ...], this: str, expected: list[str], hint: str) -> None:
    """A version below the newest of its major.minor line is refused with the next free one; older lines go on."""
    found = list(version(change(lambda registry: skill(registry, this), tip=published(*tip))))

    assert expected == [finding.message for finding in found]
    assert [hint] * len(expected) == [finding.hint for finding in found]


@pytest.mark.parametrize(
    ("there", "this", "expected"),
    [
        ("1.0.1", "1.0.1", "@ann/links@1.0.1 is published already and never changes"),
        ("1.0.1+a", "1.0.1+b", "1.0.1+a is published; 1.0.1+b differs from it only in letter case or build metadata"),
        (
            "1.1.0-RC",
            "1.1.0-rc",
            "1.1.0-RC is published; 1.1.0-rc differs from it only in letter case or build metadata",
        ),
    ],
)
def test_a_version_is_published_once(there: str, this: str, expected: str) -> None:
    """The same version again, also in other case or with other build metadata, is refused."""
    made = change(
        lambda registry: skill(registry, this, {"more.md": b"more\n"}),
        tip=published(there),
    )

    assert [expected] == one(made)


def test_a_version_lies_in_its_folder() -> None:
    """A manifest in the folder of another version is refused; one that cannot be read is told elsewhere."""
    assert ["it lies in the folder 9.9.9, the manifest says 1.0.1"] == one(with_candidate(update(), folder="9.9.9"))
    assert [] == one(with_candidate(update(), manifest=None))


def test_what_cannot_be_read_is_left_out() -> None:
    """Broken pointers and missing manifests in the tip hide no others and raise nothing."""

    def tip(registry: RegistryInMemory) -> None:
        published("1.0.2", "1.0.3")(registry)
        registry.files[f"{version_path('1.0.2')}/release.json"] = b"{}"
        digest = registry.manifest("@ann/links", "1.0.3")
        registry.files = {path: data for path, data in registry.files.items() if data != digest.to_bytes()}

    made = change(lambda registry: None, tip=tip)
    found = [manifest.version for manifest in manifests_at(made.tip, LINKS, registry=made.registry)]

    assert ["1.0.0"] == found
    assert manifest_at(made.tip, LINKS, "7.0.0", registry=made.registry) is None


def test_a_first_submission_has_nothing_to_compare_with() -> None:
    """A first version is no lower than any."""
    assert [] == one(first())
