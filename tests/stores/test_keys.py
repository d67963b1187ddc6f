"""The person's private keys on the disk."""

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from registry_tool.core.errors import InvalidInput, RegistryError, StateForbids, WrongUsage
from registry_tool.core.keys import k16, key_text
from registry_tool.signing.ed25519 import Ed25519Signer
from registry_tool.stores.keys import KeyFolder, pem, seed_of
from registry_tool.stores.memorykeys import MemoryKeys

SEED = bytes(range(32))
REGISTRY = "registry:0123456789abcdef"


def keys(path: Path) -> KeyFolder:
    """A folder of keys whose chance is always the same."""
    return KeyFolder(path, random_seed=lambda: SEED, signer=Ed25519Signer)


def test_a_key_that_was_made_is_found(tmp_path: Path) -> None:
    """Another look at the folder finds the key that was made, and only under its owner and use."""
    made = keys(tmp_path).make("ann", "signing")

    found = keys(tmp_path).find("ann", "signing")

    assert found is not None
    assert made.key == found.key == Ed25519Signer(SEED).key
    assert [None, None] == [keys(tmp_path).find("bob", "signing"), keys(tmp_path).find("ann", "control")]


def test_looking_makes_nothing(tmp_path: Path) -> None:
    """A folder that is not there has no keys and is not made."""
    folder = keys(tmp_path / "keys")

    assert (None, ()) == (folder.find("ann", "signing"), folder.list())
    assert not (tmp_path / "keys").exists()


def test_keys_are_for_the_persons_eyes(tmp_path: Path) -> None:
    """Folders are 0700, files 0600, and nothing else lies there."""
    keys(tmp_path / "keys").make("ann", "signing")

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").rglob("*")}

    assert {"ann": 0o700, "signing.pem": 0o600} == modes
    assert 0o700 == (tmp_path / "keys").stat().st_mode & 0o777


def test_openssl_reads_our_keys(tmp_path: Path) -> None:
    """The stock openssl derives the same public key from the file."""
    signer = keys(tmp_path).make("ann", "signing")
    command = ["openssl", "pkey", "-in", str(keys(tmp_path).path_of("ann", "signing")), "-pubout", "-outform", "DER"]

    public = subprocess.run(command, check=True, capture_output=True).stdout

    assert signer.key == public[-32:]


def test_we_read_openssls_keys(tmp_path: Path) -> None:
    """A key that openssl made can be taken over."""
    file = tmp_path / "k.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(file)], check=True, capture_output=True)

    seed = seed_of(file.read_bytes())

    assert (32, file.read_bytes()) == (len(seed), pem(seed))


@pytest.mark.parametrize(
    "again",
    [lambda folder: folder.make("ann", "signing"), lambda folder: folder.import_seed("ann", "signing", b"x" * 32)],
)
def test_a_key_is_never_written_over(tmp_path: Path, again: Callable[[KeyFolder], object]) -> None:
    """Where there is a key, even one that is damaged, a second one is refused."""
    folder = keys(tmp_path)
    folder.make("ann", "signing")
    folder.path_of("ann", "signing").write_text("damaged")

    with pytest.raises(StateForbids) as caught:
        again(folder)

    assert ("key-exists", "damaged") == (caught.value.code, folder.path_of("ann", "signing").read_text())


def test_a_key_can_be_imported(tmp_path: Path) -> None:
    """The seed that was given is the one that signs."""
    folder = keys(tmp_path)

    assert Ed25519Signer(b"x" * 32).key == folder.import_seed(REGISTRY, "root", b"x" * 32).key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    """Group and others have no business here; the hint is the line that mends it."""
    folder = keys(tmp_path)
    folder.make("ann", "signing")
    path = folder.path_of("ann", "signing")
    path.chmod(mode)

    with pytest.raises(StateForbids) as caught:
        folder.find("ann", "signing")

    assert "open-key" == caught.value.code
    assert f"chmod 600 '{path}'" in caught.value.hint


GOOD = pem(SEED).decode()
OTHER_PREFIX = base64.b64encode(b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x6e\x04\x22\x04\x20" + SEED).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        GOOD.replace("PRIVATE", "ENCRYPTED PRIVATE"),
        GOOD.replace("PRIVATE", "PUBLIC"),
        GOOD[: GOOD.index("-----END")],
        GOOD.replace("MC4C", "MC4 "),
        GOOD.replace("MC4C", "\u00e4C4C"),
        f"-----BEGIN PRIVATE KEY-----\n{OTHER_PREFIX}\n-----END PRIVATE KEY-----\n",
        f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(SEED).decode()}\n-----END PRIVATE KEY-----\n",
        GOOD + GOOD,
        "x" * 5000,
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    """Keys of another kind, with a password, cut or doubled are told, and no guess is made."""
    path = keys(tmp_path).path_of("ann", "signing")
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(InvalidInput) as caught:
        keys(tmp_path).find("ann", "signing")

    assert str(path) == caught.value.where


def test_windows_line_ends_are_read() -> None:
    """An editor that changed the line ends did not change the key."""
    assert SEED == seed_of(pem(SEED).replace(b"\n", b"\r\n"))


def test_a_link_is_no_key(tmp_path: Path) -> None:
    """A key's place that leads elsewhere is refused."""
    folder = keys(tmp_path)
    path = folder.path_of("ann", "signing")
    path.parent.mkdir()
    path.symlink_to("/dev/null")

    with pytest.raises(RegistryError):
        folder.find("ann", "signing")


@pytest.mark.parametrize("owner", ["", "../ann", "Ann", "registry-0123456789abcdef", "registry:x", "registry:", "a/b"])
def test_an_owner_that_is_none_is_refused(tmp_path: Path, owner: str) -> None:
    """Owners are authors' ids and registries."""
    with pytest.raises(WrongUsage) as caught:
        keys(tmp_path).find(owner, "signing")

    assert "bad-owner" == caught.value.code


@pytest.mark.parametrize("use", ["", "..", "a/b", "Signing", "-a", "a-", "a1"])
def test_a_use_that_is_none_is_refused(tmp_path: Path, use: str) -> None:
    """Uses are words of small letters."""
    with pytest.raises(WrongUsage) as caught:
        keys(tmp_path).make("ann", use)

    assert ("bad-use", []) == (caught.value.code, list(tmp_path.iterdir()))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_has_32_bytes(tmp_path: Path, length: int) -> None:
    """Any other length is refused before the disk is touched."""
    with pytest.raises(InvalidInput):
        keys(tmp_path).import_seed("ann", "signing", bytes(length))

    assert [] == list(tmp_path.iterdir())


def test_all_keys_are_listed_by_owner_and_use(tmp_path: Path) -> None:
    """The list has every key and nothing else that lies there."""
    folder = keys(tmp_path)
    for owner, use in ((REGISTRY, "root"), ("bob", "signing"), ("ann", "signing"), ("ann", "control")):
        folder.make(owner, use)
    (tmp_path / "ann/notes.txt").write_text("x")
    (tmp_path / "ann/Not a use.pem").write_text("x")
    key = Ed25519Signer(SEED).key

    rows = folder.list()

    assert [("ann", "control"), ("ann", "signing"), ("bob", "signing"), (REGISTRY, "root")] == [
        (row["owner"], row["use"]) for row in rows
    ]
    path = str(tmp_path / "ann/control.pem")
    assert {"owner": "ann", "use": "control", "key": key_text(key), "k16": k16(key), "path": path} == rows[0]


def growing(path: Path) -> KeyFolder:
    """A folder of keys that are all different."""
    numbers = iter(range(200))
    return KeyFolder(path, random_seed=lambda: bytes([next(numbers)]) * 32, signer=Ed25519Signer)


def test_keys_are_added_and_never_replaced(tmp_path: Path) -> None:
    """The next key of a use lies beside the first, in order, also for one that ends in a number of two digits."""
    folder = growing(tmp_path)
    made = [folder.another("ann", "signing") for _ in range(11)]

    assert [one.key for one in made] == [one.key for one in folder.every("ann", "signing")]
    assert made[0].key == getattr(folder.find("ann", "signing"), "key", None)
    assert ["signing.pem", "signing-2.pem"] == [Path(row["path"]).name for row in folder.list()[:2]]
    assert ["signing"] * 11 == [row["use"] for row in folder.list()]
    assert () == folder.every("ann", "control") == folder.every("bob", "signing")


def test_the_same_key_is_not_kept_twice(tmp_path: Path) -> None:
    """Beside another one a key is imported, beside itself it is refused."""
    folder = keys(tmp_path)
    folder.make("ann", "signing")
    folder.import_seed("ann", "signing", b"x" * 32, beside=True)

    with pytest.raises(StateForbids) as caught:
        folder.import_seed("ann", "signing", b"x" * 32, beside=True)

    assert ("key-exists", 2) == (caught.value.code, len(folder.every("ann", "signing")))


def test_a_file_that_is_no_number_of_a_key_is_no_key(tmp_path: Path) -> None:
    """Numbers are written in one way, from 2 to 99."""
    folder = keys(tmp_path)
    folder.make("ann", "signing")
    for name in ("signing-1.pem", "signing-02.pem", "signing-100.pem", "signing-x2.pem", "signing-2.pem.old"):
        (tmp_path / "ann" / name).write_bytes(pem(SEED))

    assert (1, 1) == (len(folder.every("ann", "signing")), len(folder.list()))


def test_keys_of_one_use_have_an_end(tmp_path: Path) -> None:
    """After 99 of them there is no number left."""
    folder = growing(tmp_path)
    for _ in range(2):
        folder.another("ann", "signing")
    for number in range(3, 100):
        (tmp_path / "ann" / f"signing-{number}.pem").write_bytes(pem(SEED))
        (tmp_path / "ann" / f"signing-{number}.pem").chmod(0o600)

    with pytest.raises(StateForbids) as caught:
        folder.another("ann", "signing")

    assert "key-exists" == caught.value.code


def test_a_dry_runs_keys_vanish() -> None:
    """They are added beside nobody's, and a second `make` is refused as on the disk."""
    numbers = iter(range(9))
    memory = MemoryKeys(None, random_seed=lambda: bytes([next(numbers)]) * 32, signer=Ed25519Signer)
    made = [memory.make("ann", "signing"), memory.another("ann", "signing")]

    with pytest.raises(StateForbids):
        memory.make("ann", "signing")

    assert tuple(made) == memory.every("ann", "signing")
    assert memory.find("ann", "control") is None
