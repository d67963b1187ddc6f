"""Locks of packages: what they fix, what they do not, and what is handed on of them."""

import json
from typing import Any

import pytest

from registry_tool.core.closure import LOCK_BYTES, LOCKS, MEND, PACKAGES, closure_in, manager_of, read_closure
from registry_tool.core.digest import sha256
from registry_tool.core.errors import InvalidInput
from registry_tool.core.kind import Pin
from registry_tool.core.payload import PayloadFile

A, B = "aa" * 32, "bb" * 32
INTEGRITY = "sha512-" + "A" * 86 + "=="
PIP, NPM = LOCKS["pypi"], LOCKS["npm"]


def pip_lock(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def npm_lock(packages: Any = None, /, **members: Any) -> bytes:
    rows = {"": {"dependencies": {"words": "1.0.0"}}, **({} if packages is None else packages)}
    return json.dumps({"name": "x", "lockfileVersion": 3, "packages": rows, **members}).encode()


def row(**members: Any) -> dict[str, Any]:
    return {"version": "1.0.0", "integrity": INTEGRITY, **members}


def faults(manager: Any, data: bytes) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        read_closure(manager, data, "lock")
    assert ("lock", MEND) == (refused.value.where, refused.value.hint)
    return [one.message for one in refused.value.findings]


def test_every_line_of_a_pip_lock_is_a_pin() -> None:
    """Names are compared as indexes do; several hashes of one package are one digest; all is written in one form."""
    data = pip_lock(
        "# made by a tool",
        f"Words_Server==1.2.0 --hash=sha256:{A}  # via nothing",
        "other[cli]==2.0 ; python_version < '3.12'   \\",
        f"    --hash=sha256:{B} \\",
        f"    --hash=sha256:{A}",
        "",
    )

    closure = read_closure("pypi", data, PIP)

    both = sha256(f"sha256:{A}\nsha256:{B}\n".encode())
    assert (
        Pin("pypi", "other", f"files-sha256:{both}", "2.0"),
        Pin("pypi", "words-server", f"sha256:{A}", "1.2.0"),
    ) == closure.pins
    assert {
        "requirements.txt": (
            f"other==2.0 ; python_version < '3.12' --hash=sha256:{A} --hash=sha256:{B}\n"
            f"words-server==1.2.0 --hash=sha256:{A}\n"
        ).encode()
    } == closure.files
    assert closure.digest == read_closure("pypi", closure.files["requirements.txt"], PIP).digest


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("words==1.0", "has no hash"),
        (f"words>=1.0 --hash=sha256:{A}", "no exact version"),
        (f"words --hash=sha256:{A}", "no exact version"),
        (f"words==1.0 --hash=md5:{'a' * 32}", "no exact version"),
        (f"words==1.0 --hash=sha256:{A} --index-url=https://example.org", "is an address"),
        ("--index-url https://example.org/simple", "is an option"),
        ("--extra-index-url=https://example.org", "is an option"),
        ("-r other.txt", "is an option"),
        ("-e .", "is a path"),
        ("--editable=git+https://example.org/x", "is a path"),
        ("./words.whl", "is a path"),
        ("/tmp/words.whl", "is a path"),
        ("folder/words.whl", "is a path"),
        (f"words @ https://example.org/words.whl --hash=sha256:{A}", "is an address"),
        ("git+https://example.org/words", "is an address"),
        (f"words==1.0 ; import('os') --hash=sha256:{A}", "no condition that pip knows"),
        (f"words==1.0 ; os_name == 'x' | y --hash=sha256:{A}", "no exact version"),
    ],
)
def test_a_pip_line_that_fixes_nothing_is_refused(line: str, told: str) -> None:
    """Whatever else pip would obey is told with its line, and how to mend it."""
    with pytest.raises(InvalidInput) as refused:
        read_closure("pypi", pip_lock(f"good==1.0 --hash=sha256:{A}", line), PIP)

    (fault,) = refused.value.findings
    assert told in fault.message
    assert (2, PIP) == (fault.line, fault.path)
    assert MEND in fault.hint


def test_all_faults_are_told_at_once() -> None:
    """The first of them in the message, ten of them as findings."""
    with pytest.raises(InvalidInput, match="and 11 more") as refused:
        read_closure("pypi", pip_lock(*(f"a{number}==1.0" for number in range(12))), PIP)

    assert 10 == len(refused.value.findings)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"# nothing", "names no package"),
        (pip_lock(*(f"a{number}==1.0 --hash=sha256:{A}" for number in range(PACKAGES + 1))), "at most 1000"),
        (b"#" * (LOCK_BYTES + 1), "may have at most"),
        (b"\xff\x00==1", "no exact version"),
    ],
)
def test_a_lock_has_packages_and_not_too_many(data: bytes, told: str) -> None:
    """What is empty, too large or no text is refused."""
    assert told in faults("pypi", data)[0]


def test_every_package_of_an_npm_lock_is_a_pin() -> None:
    """Also optional ones for other machines, and under another name; what only its author needs is left out."""
    rows = {
        "node_modules/words": row(
            resolved="https://example.org/words.tgz",
            dependencies={"@ann/part": "^1.0.0", "alias": "npm:real@2.x"},
            peerDependencies={"missing": "*"},
            peerDependenciesMeta={"missing": {"optional": True}, "other": {}, "odd": 1},
            bin={"words": "cli.js"},
            hasInstallScript=True,
        ),
        "node_modules/@ann/part": row(
            version="1.1.0", os=["linux"], cpu=["x64"], optional=True, engines={"node": ">1"}
        ),
        "node_modules/alias": row(name="real", version="2.0.0-rc.1"),
        "node_modules/words/node_modules/@ann/part": row(version="1.0.0", cpu=[1], peerDependenciesMeta=[]),
        "node_modules/words/node_modules/inside": {"version": "0.1.0", "inBundle": True},
        "node_modules/dev": {"dev": True, "link": True},
    }

    closure = read_closure("npm", npm_lock(rows), NPM)

    assert (
        Pin("npm", "@ann/part", INTEGRITY, "1.0.0"),
        Pin("npm", "@ann/part", INTEGRITY, "1.1.0"),
        Pin("npm", "real", INTEGRITY, "2.0.0-rc.1"),
        Pin("npm", "words", INTEGRITY, "1.0.0"),
    ) == closure.pins
    assert ("words",) == closure.scripts
    top = {"name": "plugin", "version": "0.0.0", "dependencies": {"words": "1.0.0"}}
    assert {**top, "private": True} == json.loads(closure.files["package.json"])
    lock = json.loads(closure.files["package-lock.json"])
    assert {
        "": top,
        "node_modules/@ann/part": row(version="1.1.0", os=["linux"], cpu=["x64"], optional=True),
        "node_modules/alias": row(name="real", version="2.0.0-rc.1"),
        "node_modules/words": row(
            dependencies={"@ann/part": "^1.0.0", "alias": "npm:real@2.x"},
            peerDependencies={"missing": "*"},
            peerDependenciesMeta={"missing": {"optional": True}},
            hasInstallScript=True,
        ),
        "node_modules/words/node_modules/@ann/part": row(version="1.0.0"),
        "node_modules/words/node_modules/inside": {"version": "0.1.0", "inBundle": True},
    } == lock["packages"]
    assert closure.digest == read_closure("npm", closure.files["package-lock.json"], NPM).digest


def test_a_lock_without_a_top_has_one_all_the_same() -> None:
    """npm reads a row for the folder itself."""
    data = json.dumps({"lockfileVersion": 3, "packages": {"node_modules/words": row()}}).encode()

    assert {"name": "plugin", "version": "0.0.0", "private": True} == json.loads(
        read_closure("npm", data, NPM).files["package.json"]
    )


@pytest.mark.parametrize(
    ("place", "told", "message"),
    [
        ("node_modules/a", 1, "is no object"),
        ("node_modules/a", {"version": "1.0.0"}, "has no integrity"),
        ("node_modules/a", row(integrity="sha1-xyz="), "has no integrity"),
        ("node_modules/a", row(version="^1.0.0"), "has no exact version"),
        ("node_modules/a", row(version=1), "has no exact version"),
        ("node_modules/a", row(resolved="git+ssh://git@example.org/a.git#1"), "comes from 'git+ssh"),
        ("node_modules/a", row(resolved="file:../a"), "comes from 'file:"),
        ("node_modules/a", row(resolved=True), "comes from 'True'"),
        ("node_modules/a", row(link=True), "is a path"),
        ("packages/a", row(), "is a path"),
        ("node_modules/../a", row(), "is a path"),
        ("node_modules/a/../../b", row(), "is a path"),
        ("node_modules/a", row(name="../b"), "no name of a package"),
        ("node_modules/a", row(dependencies={"b": "git+https://example.org/b"}), "by an address"),
        ("node_modules/a", row(dependencies={"b": "ann/b"}), "by an address"),
        ("node_modules/a", row(optionalDependencies={"../b": "1.0.0"}), "by an address"),
        ("node_modules/a", row(peerDependencies={"b": 1}), "by an address"),
        ("node_modules/a", row(dependencies=[]), "by an address"),
        ("", {"dependencies": {"b": "file:../b"}}, "by an address"),
    ],
)
def test_an_npm_row_that_fixes_nothing_is_refused(place: str, told: Any, message: str) -> None:
    """Links, paths, repositories and weak or missing hashes."""
    assert message in faults("npm", npm_lock({"node_modules/words": row(), place: told}))[0]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "is not JSON"),
        (b"[]", '"lockfileVersion": 3'),
        (npm_lock(lockfileVersion=2), '"lockfileVersion": 3'),
        (npm_lock(packages=[]), '"lockfileVersion": 3'),
        (npm_lock(), "names no package"),
    ],
)
def test_what_is_no_npm_lock_is_refused(data: bytes, told: str) -> None:
    """Older forms of it have no hash for each package."""
    assert told in faults("npm", data)[0]


@pytest.mark.parametrize(
    ("manager", "data", "name", "version", "expected"),
    [
        ("pypi", pip_lock(f"my-words==1.0 --hash=sha256:{A}"), "My_Words", "1.0.0", True),
        ("pypi", pip_lock(f"my-words==1.0 --hash=sha256:{A}"), "my-words", "1.1", False),
        ("pypi", pip_lock(f"my-words==1.0 --hash=sha256:{A}"), "other", "1.0", False),
        ("pypi", pip_lock(f"my-words==1.0 --hash=sha256:{A}"), "my-words", "one", False),
        ("npm", npm_lock({"node_modules/words": row()}), "words", "1.0.0", True),
        ("npm", npm_lock({"node_modules/words": row()}), "words", "1.0.1", False),
    ],
)
def test_a_package_at_its_version_is_found(
    manager: Any, data: bytes, name: str, version: str, *, expected: bool
) -> None:
    """As its manager compares names and versions."""
    assert expected == read_closure(manager, data, "lock").holds(name, version)


def test_a_lock_counts_where_it_is_meant_for_what_starts() -> None:
    """A repository's own lock is none of what is fetched; packages that lie in the payload need none."""
    own = {NPM: PayloadFile(npm_lock({"node_modules/dev": row()}))}
    meant = {NPM: PayloadFile(npm_lock({"node_modules/words": row()}))}

    assert closure_in({}, "npm", top=("words", "1.0.0")) is None
    assert closure_in(own, "npm", top=("words", "1.0.0")) is None
    assert closure_in(own, "npm", top=None) is not None
    assert closure_in({**own, "node_modules/dev/index.js": PayloadFile(b"")}, "npm", top=None) is None
    assert closure_in(meant, "npm", top=("words", "1.0.0")) is not None
    with pytest.raises(InvalidInput, match=r"does not hold words 2\.0\.0, which is what starts"):
        closure_in(meant, "npm", top=("words", "2.0.0"))


@pytest.mark.parametrize(
    ("run", "manager"),
    [
        ({"type": "npm"}, "npm"),
        ({"type": "pypi"}, "pypi"),
        ({"type": "payload", "command": "python3"}, "pypi"),
        ({"type": "payload", "command": "node"}, "npm"),
        ({"type": "payload"}, None),
        ({"type": "oci"}, None),
        ({}, None),
    ],
)
def test_where_packages_come_from_follows_from_what_runs(run: dict[str, str], manager: str | None) -> None:
    """npm for node, pypi for Python; nothing for the rest."""
    assert manager == manager_of(run)
