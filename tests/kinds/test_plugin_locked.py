"""Plugins whose lock pins all that they are made of."""

import json
from typing import Any

import pytest

from registry_tool.core.card import Card
from registry_tool.core.kind import Pin
from registry_tool.core.payload import PayloadFile
from registry_tool.kinds.plugin import KIND
from tests.kinds.test_plugin import HEX, NPM, folder, levels

SHA512 = "sha512-" + "A" * 86 + "=="
NPM_LOCK = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {
            "node_modules/@ann/words": {"version": "1.2.0", "integrity": SHA512, "hasInstallScript": True},
            "node_modules/part": {"version": "1.0.0", "integrity": SHA512},
        },
    }
).encode()
PIP_LOCK = f"words==1.2.0 --hash=sha256:{HEX}\npart==1.0 --hash=sha256:{HEX}\n".encode()
PYPI = {**NPM, "registryType": "pypi", "identifier": "words"}


@pytest.mark.parametrize(
    ("package", "path", "lock", "pins", "level"),
    [
        (
            NPM,
            "package-lock.json",
            NPM_LOCK,
            (Pin("npm", "@ann/words", SHA512, "1.2.0"), Pin("npm", "part", SHA512, "1.0.0")),
            ["note"],
        ),
        (
            PYPI,
            "requirements.lock.txt",
            PIP_LOCK,
            (Pin("pypi", "part", f"sha256:{HEX}", "1.0"), Pin("pypi", "words", f"sha256:{HEX}", "1.2.0")),
            [],
        ),
    ],
)
def test_a_lock_pins_all_that_a_package_is_made_of(
    package: dict[str, Any], path: str, lock: bytes, pins: tuple[Pin, ...], level: list[str]
) -> None:
    """Nothing is left unpinned; a script that wants to run at the install is told."""
    reading = KIND.read({**folder(packages=[package]), path: PayloadFile(lock)}, Card())

    assert pins == reading.pins
    assert reading.unpinned == ()
    assert path == reading.spec["run"]["lock"]
    assert level == levels(reading)
    assert KIND.spec.of(reading.spec)


def test_a_lock_that_pins_nothing_is_refused_with_the_line_to_write() -> None:
    """A package without a hash, and a lock that lacks what starts."""
    loose = KIND.read({**folder(packages=[PYPI]), "requirements.lock.txt": PayloadFile(b"words==1.2.0\n")}, Card())
    other = KIND.read(
        {**folder(packages=[{**PYPI, "version": "2.0"}]), "requirements.lock.txt": PayloadFile(PIP_LOCK)}, Card()
    )

    for reading, told in ((loose, "words 1.2.0 has no hash"), (other, "it does not hold words 2.0")):
        (fault,) = [one for one in reading.findings if one.level == "fail"]
        assert told in fault.message
        assert ("requirements.lock.txt", True) == (fault.path, "registry plugin lock DIR" in fault.hint)
        assert "lock" not in reading.spec["run"]


def test_a_program_of_the_payload_has_the_packages_of_the_lock_beside_it() -> None:
    """Without one it has none."""
    server = {"server.py": PayloadFile(b"import part\n"), "requirements.lock.txt": PayloadFile(PIP_LOCK)}

    reading = KIND.read(server, Card(entry="server.py", permissions=("mcp:count",)))

    assert ["part", "words"] == [pin.name for pin in reading.pins]
    run = {"type": "payload", "entry": "server.py", "command": "python3", "lock": "requirements.lock.txt"}
    assert run == reading.spec["run"]
    assert reading.findings == ()
