"""The person's private keys: one file each, which openssl reads too.

    <folder>/<owner>/<use>.pem      owner: `ann`, or `registry-<16 hex digits>` for `registry:<16 hex digits>`
    <folder>/<owner>/<use>-2.pem    the next one: nothing is replaced, since a registry may refuse the new key

A file is PKCS #8 in PEM (RFC 8410 part 7): for Ed25519 a fixed prefix of 16 bytes and the seed of 32,
so it is read by comparing, and nothing else is a key.
"""

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from registry_tool.core.errors import InvalidInput, StateForbids, WrongUsage
from registry_tool.core.keys import Signer, k16, key_text
from registry_tool.core.names import PART_PATTERN
from registry_tool.core.quoting import quoted
from registry_tool.stores.rooted import Rooted, told

SEED_BYTES: Final = 32

_PREFIX: Final = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410 part 7
_BEGIN: Final = "-----BEGIN PRIVATE KEY-----"
_END: Final = "-----END PRIVATE KEY-----"
_FILE_BYTES: Final = 4096  # such a file has 119 bytes
_OWNER: Final = re.compile(f"registry:[0-9a-f]{{16}}|{PART_PATTERN}")
_USE: Final = re.compile("[a-z]([a-z-]{0,62}[a-z])?")
_FILE: Final = re.compile("(?P<use>[a-z](?:[a-z-]{0,62}[a-z])?)(?:-(?P<number>[2-9]|[1-9][0-9]))?[.]pem")
_MOST: Final = 99  # numbers have two digits; nobody rotates that often


class KeyFolder:
    """The keys in `path` as `Keys`: folders 0700, files 0600.

    `random_seed` gives 32 bytes that nobody can guess; `signer` makes a signer of a seed.
    """

    def __init__(self, path: Path, *, random_seed: Callable[[], bytes], signer: Callable[[bytes], Signer]) -> None:
        self._path = path
        self._files = Rooted(path)
        self._random_seed = random_seed
        self._signer = signer

    def find(self, owner: str, use: str) -> Signer | None:
        """The signer of `owner` for `use`; `None` where there is no key.

        `StateForbids` (`open-key`) where others can read the file, `InvalidInput` (`bad-key-file`) for
        one that holds no key.
        """
        return self._at(owner, use, 1)

    def every(self, owner: str, use: str) -> tuple[Signer, ...]:
        """All keys of `owner` for `use`, oldest first; raises as `find` does."""
        _relative(owner, use)
        found = []
        for name in self._files.names(_folder(owner)):
            match = _FILE.fullmatch(name)
            if match and match["use"] == use:
                found.append(int(match["number"] or 1))
        signers = (self._at(owner, use, number) for number in sorted(found))
        return tuple(signer for signer in signers if signer is not None)

    def another(self, owner: str, use: str) -> Signer:
        """A new key beside those that are there, on the disk before it is returned."""
        return self.import_seed(owner, use, self._random_seed(), beside=True)

    def _at(self, owner: str, use: str, number: int) -> Signer | None:
        path = _relative(owner, use, number)
        where = str(self._path / path)
        try:
            status = self._files.status(path)
            data = self._files.read(path, limit=_FILE_BYTES)
        except OSError as error:
            raise told(error, where) from error
        if status is None or data is None:
            return None
        if status.st_mode & 0o077:
            hint = f"if nobody else used it: chmod 600 '{where}'; else rotate the key"
            raise StateForbids("others can read this private key", where=where, code="open-key", hint=hint)
        return self._signer(_seed(data, where))

    def make(self, owner: str, use: str) -> Signer:
        """A new key, on the disk before it is returned; `StateForbids` (`key-exists`) where there is one."""
        return self.import_seed(owner, use, self._random_seed())

    def import_seed(self, owner: str, use: str, seed: bytes, *, beside: bool = False) -> Signer:
        """The signer of `seed` (32 bytes), which is kept first.

        `StateForbids` (`key-exists`) where there is one already, with `beside` only where it is this very key.
        """
        if len(seed) != SEED_BYTES:
            raise InvalidInput(f"a seed has {SEED_BYTES} bytes, this one has {len(seed)}", code="bad-key-file")
        signer = self._signer(seed)
        there = self.every(owner, use) if beside else ()
        number = self._free(owner, use) if there and all(one.key != signer.key for one in there) else 1
        path = _relative(owner, use, number)
        where = str(self._path / path)
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = path.partition("/")[0]
            self._files.make_folder(folder, mode=0o700)
            if self._files.kind(path) is not None:
                hint = f"use it, or replace it with: registry keys rotate --as {owner}"
                raise StateForbids(f"{owner} has a {use} key already", where=where, code="key-exists", hint=hint)
            # Another process may make one in between: the whole file appears at once, or there is one.
            draft = f"{path}.{k16(signer.key)}.new"
            self._files.unlink(draft)
            self._files.write_new(draft, pem(seed), mode=0o600)
            self._link(draft, path)
            self._files.sync_folder(folder)
            self._files.sync_folder("")
        except OSError as error:
            raise told(error, where) from error
        return signer

    def _free(self, owner: str, use: str) -> int:
        """The first number that has no file."""
        taken = set(self._files.names(_folder(owner)))
        for number in range(2, _MOST + 1):
            if _relative(owner, use, number).rpartition("/")[2] not in taken:
                return number
        raise StateForbids(f"{owner} has {_MOST} {use} keys", where=str(self._path / _folder(owner)), code="key-exists")

    def _link(self, draft: str, path: str) -> None:
        """Gives the draft its name; unlike a rename this never replaces a key."""
        folder, _, name = path.rpartition("/")
        with self._files.folder(folder) as descriptor:
            try:
                os.link(draft.rpartition("/")[2], name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
            finally:
                self._files.unlink(draft)

    def list(self) -> tuple[Mapping[str, Any], ...]:  # Any: a row of texts, for --json
        """Every key, by owner and use: {owner, use, key, k16, path}; raises as `find` does."""
        rows = []
        for folder in self._files.names(""):
            for name in self._files.names(folder):
                owner = folder.replace("registry-", "registry:", 1) if _is_registry(folder) else folder
                match = _FILE.fullmatch(name)
                if match is None or not _OWNER.fullmatch(owner):
                    continue
                use = match["use"]
                signer = self._at(owner, use, int(match["number"] or 1))
                if signer is not None:
                    row = {"owner": owner, "use": use, "key": key_text(signer.key), "k16": str(k16(signer.key))}
                    rows.append({**row, "path": str(self._path / folder / name)})
        return tuple(sorted(rows, key=lambda row: (row["owner"], row["use"], len(row["path"]), row["path"])))

    def path_of(self, owner: str, use: str) -> Path:
        """Where the first key of `owner` for `use` lies or would lie."""
        return self._path / _relative(owner, use)


def pem(seed: bytes) -> bytes:
    """The seed of an Ed25519 key as openssl reads it: PKCS #8 in PEM (RFC 8410 part 7, RFC 7468 part 10)."""
    body = base64.b64encode(_PREFIX + seed).decode("ascii")
    return f"{_BEGIN}\n{body}\n{_END}\n".encode("ascii")


def seed_of(data: bytes) -> bytes:
    """The seed that a PEM file holds; `InvalidInput` (`bad-key-file`) for anything else."""
    return _seed(data, "")


def _seed(data: bytes, where: str) -> bytes:
    lines = data.decode("latin-1").replace("\r\n", "\n").strip("\n").split("\n")
    try:
        raw = base64.b64decode("".join(lines[1:-1]), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    seed = raw.removeprefix(_PREFIX)
    if lines[0] != _BEGIN or lines[-1] != _END or len(raw) != len(_PREFIX) + SEED_BYTES or len(seed) != SEED_BYTES:
        hint = "make one with: openssl genpkey -algorithm ed25519"
        message = "expected an Ed25519 private key in PEM (PKCS #8, without a password), this is something else"
        raise InvalidInput(message, where=where, code="bad-key-file", hint=hint)
    return seed


def _is_registry(folder: str) -> bool:
    return re.fullmatch("registry-[0-9a-f]{16}", folder) is not None


def _folder(owner: str) -> str:
    # A colon cannot be in a file's name everywhere.
    return owner.replace(":", "-")


def _relative(owner: str, use: str, number: int = 1) -> str:
    if not _OWNER.fullmatch(owner) or _is_registry(owner):
        hint = "name an author's id as 'ann', or 'registry:' and 16 hex digits"
        raise WrongUsage(f"{quoted(owner)} cannot own keys", code="bad-owner", hint=hint)
    if not _USE.fullmatch(use):
        hint = "write it in a-z and '-', as 'signing'"
        raise WrongUsage(f"{quoted(use)} is not a use of keys", code="bad-use", hint=hint)
    return f"{_folder(owner)}/{use}{f'-{number}' if number > 1 else ''}.pem"
