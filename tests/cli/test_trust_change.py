"""Root and targets change: people come and go, jobs get other keys, and nobody signs a release again."""

import base64
import json
from collections.abc import Callable

import pytest

from registry_tool.core import layout
from registry_tool.signing.ed25519 import Ed25519Signer
from tests.cli.desk import Desk
from tests.cli.operating import key_folder, seed_of
from tests.cli.test_operator import tree_of

pytestmark = pytest.mark.slow


def test_from_one_to_two_of_three_takes_three_commands(founded: Desk, people: Callable[[str], Desk]) -> None:
    """Two others make a key, one rotates, one of them signs and lands it; no release and no other file changes."""
    registry = str(founded.work / "reg")
    bob, eva = people("bob"), people("eva")
    keys = {}
    for name, desk in (("bob", bob), ("eva", eva)):
        keys[name] = desk.run("trust", "key", "--registry", registry).strip()
    before = tree_of(founded.work / "reg" / "index")

    founded.run("build", "--registry", "reg")
    wrote = founded.json(
        "trust", "rotate", "--registry", "reg", "--threshold", "2", "--yes",
        *(f"--add={name}={key}" for name, key in keys.items()),
    )  # fmt: skip
    file = wrote["file"]
    said = bob.json("trust", "sign", file, "--registry", registry, "--yes")
    after = tree_of(founded.work / "reg" / "index")
    status = founded.json("trust", "status", "--registry", "reg")
    names = {row["name"] for row in status["signers"]["root"]["keys"]}

    assert (False, True) == (wrote["complete"], said["complete"])
    assert {"trust/2.root.json", "trust/2.targets.json"} == after.keys() - before.keys()
    assert before == {path: after[path] for path in before}
    assert ({"", "bob", "eva"}, 2) == (names, status["signers"]["root"]["threshold"])
    assert [] == [line for line in said["changes"] if "bins" in line]
    assert {"snapshot", "timestamp"} <= {
        path.split(".")[-2].split("/")[-1] for path in founded.json("build", "--registry", "reg")["signed"]
    }


def test_a_half_signed_change_goes_from_hand_to_hand(founded: Desk, people: Callable[[str], Desk]) -> None:
    """Who has no key that is asked is told so; each signature is kept; what is complete lands once and only once."""
    registry = str(founded.work / "reg")
    bob, eva, stranger = people("bob"), people("eva"), people("stranger")
    added = [f"--add=bob={bob.run('trust', 'key', '--registry', registry).strip()}"]
    added.append(f"--add=eva={eva.run('trust', 'key', '--registry', registry).strip()}")
    founded.run("trust", "rotate", "--registry", "reg", *added, "--threshold", "3", "-o", "c.json", "--yes")
    file = str(founded.work / "c.json")

    assert (5, "exists") == founded.refused(
        "trust", "rotate", "--registry", "reg", *added, "--threshold", "3", "-o", "c.json", "--yes"
    )
    assert (5, "key-missing") == stranger.refused("trust", "sign", file, "--yes")
    half = bob.json("trust", "sign", file, "--yes")
    assert 2 == len(half["missing"])
    assert (5, "key-missing") == bob.refused("trust", "sign", file, "--yes")
    assert eva.json("trust", "sign", file, "--yes")["complete"]
    assert (5, "complete") == eva.refused("trust", "sign", file, "--yes")
    assert stranger.json("trust", "sign", file, "--registry", registry, "--yes")["commit"]
    assert (5, "landed") == stranger.refused("trust", "sign", file, "--registry", registry, "--yes")


def test_a_change_that_was_overtaken_is_told(founded: Desk, people: Callable[[str], Desk]) -> None:
    """Two changes begun from one state: the second to land is exit 5, and begins again."""
    registry, bob = str(founded.work / "reg"), people("bob")
    key = bob.run("trust", "key", "--registry", registry).strip()
    founded.run("trust", "rotate", "--registry", "reg", f"--add=bob={key}", "--threshold", "2", "-o", "c.json", "--yes")
    founded.run("trust", "rotate", "--registry", "reg", "--renew", "--yes")

    assert (5, "moved") == bob.refused("trust", "sign", str(founded.work / "c.json"), "--registry", registry, "--yes")


def test_a_new_job_key_signs_everything_anew(founded: Desk) -> None:
    """`--publishing new` needs no new root and signs all bins at the next build; `--timestamp new` needs one."""
    founded.run("build", "--registry", "reg")
    first = founded.json("trust", "rotate", "--registry", "reg", "--publishing", "new", "--yes")
    bins = founded.json("build", "--registry", "reg")["signed"]
    second = founded.json("trust", "rotate", "--registry", "reg", "--timestamp", "new", "--yes")
    top = founded.json("build", "--registry", "reg")["signed"]
    status = founded.json("trust", "status", "--registry", "reg", "--out", "site")

    assert (10, True) == (len(bins), layout.TIMESTAMP in top)
    assert [] == [line for line in first["changes"] if line.startswith("root")]
    assert [] == [line for line in second["changes"] if line.startswith("targets")]
    assert (2, 2, []) == (status["roots"], status["targets"], status["faults"])
    assert {"publishing.pem", "publishing-2.pem"} <= {path.name for path in key_folder(founded).iterdir()}


def test_it_says_where_a_new_key_lies(founded: Desk) -> None:
    """Whoever runs the job has to be given the private half."""
    said = founded.run("trust", "rotate", "--registry", "reg", "--publishing", "new", "--yes")
    path = key_folder(founded) / "publishing-2.pem"

    assert f"The new publishing key, private, lies in {path}." in said
    assert path.is_file()


def test_a_change_that_landed_makes_room_for_the_next(founded: Desk, people: Callable[[str], Desk]) -> None:
    """One that waits does not, nor does anything else; names stand beside the keys that are missing."""
    registry, bob, file = str(founded.work / "reg"), people("bob"), founded.work / "trust-change.json"
    key = bob.run("trust", "key", "--registry", registry).strip()
    begin = ("trust", "rotate", "--registry", "reg", f"--add=bob={key}", "--threshold", "2", "--yes")
    first = founded.json(*begin)
    renew = ("trust", "rotate", "--registry", "reg", "--renew", "--yes")
    waits = founded.refused(*begin)
    hint = founded.error.hint
    assert bob.json("trust", "sign", str(file), "--registry", registry, "--yes")["commit"]
    second = founded.json(*renew)
    file.write_bytes(b"something else")

    assert {"bob ("} == {line.rpartition(": ")[2][:5] for line in first["missing"]}
    assert ((5, "exists"), False) == (waits, second["complete"])
    assert "finish it (registry trust sign trust-change.json" in hint
    assert (5, "exists") == founded.refused(*renew)


def test_bins_terms_and_the_trust_root_change(founded: Desk) -> None:
    """Each is told in words, is in the next site, and goes away again."""
    believed = founded.work / "trusted_root.json"
    believed.write_text(json.dumps({"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}))
    told = founded.json(
        "trust", "rotate", "--registry", "reg", "--yes",
        "--bins", "16", "--days", "timestamp=5", "--trusted-root", "trusted_root.json",
    )["changes"]  # fmt: skip
    signed = founded.json("build", "--registry", "reg")["signed"]
    there = (founded.work / "site" / layout.TRUSTED_ROOT).read_bytes()
    founded.run("trust", "rotate", "--registry", "reg", "--trusted-root", "none", "--yes")
    founded.run("build", "--registry", "reg")

    assert ["16 bins", "timestamp 5", "sigstore trust root"] == [
        next(word for line in told if word in line) for word in ("16 bins", "timestamp 5", "sigstore trust root")
    ]
    assert (18, believed.read_bytes()) == (len(signed), there)
    assert not (founded.work / "site" / layout.TRUSTED_ROOT).exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), (2, "wrong-usage")),
        (("--threshold", "2"), (1, "bad-threshold")),
        (("--remove", "ffffffffffff"), (3, "unknown-key")),
        (("--add", "bob"), (1, "bad-key")),
        (("--add", "bob=AAAA"), (1, "bad-key")),
        (("--add", "bob=@nowhere"), (3, "no-file")),
        (("--add", "B B=@nowhere"), (1, "bad-name")),
        (("--bins", "100"), (1, "bad-bins")),
        (("--days", "timestamp=0"), (1, "invalid-document")),
        (("--days", "moon=3"), (1, "bad-days")),
        (("--trusted-root", "README"), (1, "bad-trusted-root")),
        (("--publishing", "ROOT"), (1, "key-used-twice")),
        (("--timestamp", "MODERATOR"), (1, "key-used-twice")),
        (("--add=eve=TIMESTAMP",), (1, "key-used-twice")),
    ],
)
def test_what_cannot_be_is_refused(founded: Desk, words: tuple[str, ...], expected: tuple[int, str]) -> None:
    """Each mistake is told, no key is made and the repository stays."""
    (founded.work / "README").write_text("{}")
    before = tree_of(founded.work / "reg"), tree_of(founded.folder / "home")
    for use in ("root", "moderator", "timestamp"):
        public = base64.b64encode(Ed25519Signer(seed_of(founded, use)).key).decode()
        words = tuple(word.replace(use.upper(), public) for word in words)

    assert expected == founded.refused("trust", "rotate", "--registry", "reg", "--yes", *words)
    assert before == (tree_of(founded.work / "reg"), tree_of(founded.folder / "home"))


def test_a_dry_run_changes_nothing(founded: Desk) -> None:
    """`rotate --dry-run` says what it would do, makes no key, no commit and no file."""
    before = tree_of(founded.folder)
    said = founded.json("trust", "rotate", "--registry", "reg", "--publishing", "new", "--dry-run")

    assert (True, "") == (said["complete"], said["commit"])
    assert before == tree_of(founded.folder)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (1, "not-canonical")),
        (b"{}", (1, "invalid-document")),
        (b'{"registry":"x","schema":"registry.trust-change/1"}', (1, "invalid-document")),
        (b'{"registry":"%s","roots":["{}"],"schema":"registry.trust-change/1"}' % (b"0" * 64), (4, "other-registry")),
    ],
)
def test_what_is_no_change_is_refused(founded: Desk, data: bytes, expected: tuple[int, str]) -> None:
    """A file that is none, or of nobody's registry, is told."""
    (founded.work / "c.json").write_bytes(data)

    assert expected == founded.refused("trust", "sign", "c.json", "--yes")
    assert (3, "no-file") == founded.refused("trust", "sign", "nowhere.json", "--yes")
