"""What asks for more than it can have, and what is not what was signed: at the desk, in the review, at an install."""

from pathlib import Path
from typing import Any

import pytest

from registry_tool.checks.powers import permissions as permissions_check
from registry_tool.core import layout
from registry_tool.core.describe import Said, full_spec, recompute
from registry_tool.core.digest import sha256
from registry_tool.core.kind import Kind
from registry_tool.core.payload import Payload
from registry_tool.kinds import gadget, skill, theme
from tests.bad_input.stage import Refusal, Stage, adds
from tests.builders import RegistryInMemory, a_registry
from tests.checks.changes import change
from tests.kinds.folders import described, files
from tests.kinds.test_gadget import gadget as a_gadget
from tests.sites import named

pytestmark = pytest.mark.slow

SKILL = files(SKILL_md="---\nname: pdf\ndescription: Read PDF files.\nlicense: MIT\n---\n", LICENSE="MIT License\n")
THEME = files(theme_css=":root { --a: 1 }\n", LICENSE="MIT License\n")
GADGET = a_gadget(scope="@ann", name="new")

WANTS = [
    ("137 an unknown permission", skill.KIND, SKILL, "fly"),
    ("137 one in other letters", skill.KIND, SKILL, "Network"),
    ("137 one with a character that nobody sees", skill.KIND, SKILL, "network\u200b"),
    ("137 one with more behind it", skill.KIND, SKILL, "network:example.org:443/x"),
    ("137 one for this machine", skill.KIND, SKILL, "network:127.0.0.1"),
    ("138 a permission of widgets", skill.KIND, SKILL, "data:read.cpu"),
    ("138 a permission of apps", skill.KIND, SKILL, "cap:NET_BIND_SERVICE"),
    ("138 a permission of plugins", skill.KIND, SKILL, "mcp:count"),
    ("139 a theme with one of skills", theme.KIND, THEME, "network"),
    ("139 a theme with one of widgets", theme.KIND, THEME, "refresh:5s"),
]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def bytes_of(payload: Payload) -> dict[str, bytes]:
    return {path: file.data for path, file in payload.items()}


def released(kind: Kind, payload: Payload, **more: Any) -> RegistryInMemory:  # Any: for `publish`
    """A registry in which a moderator admitted it all the same."""
    built = named(a_registry(demo=False))
    spec = full_spec(recompute(payload, kind))
    return built.release("@ann/new", "1.0.0", bytes_of(payload), kind=kind.id, spec=spec, **more)


def reviewed(kind: Kind, payload: Payload, permission: str) -> list[tuple[str, str]]:
    """What the review of a submission that asks for it says."""
    spec = full_spec(recompute(payload, kind))
    wanted: dict[str, Any] = {"kind": kind.id, "spec": spec, "permissions": [permission]}  # Any: for `publish`
    made = change(lambda registry: registry.publish("@ann/new", "1.0.0", bytes_of(payload), **wanted))
    return [(one.level, one.message) for one in permissions_check(made)]


@pytest.mark.parametrize(("kind", "payload", "permission"), [row[1:] for row in WANTS], ids=[row[0] for row in WANTS])
def test_what_a_kind_cannot_have_is_refused_everywhere(
    stage: Stage, kind: Kind, payload: Payload, permission: str
) -> None:
    """Its author is told what can be asked for, the review has the same words, and no install has it."""
    said = Said(artifact="@ann/new", version="1.0.0", author="ann", permissions=(permission,), kind=kind.id)
    faults = [one for one in described(kind, payload, said).findings if one.level == "fail"]
    fault = next(one for one in faults if one.check.startswith("permission"))
    adds(stage, released(kind, payload, permissions=[permission]))

    assert ("permission-unknown", True) == (fault.check, bool(fault.hint))
    assert kind is theme.KIND or ("fail", fault.message) in reviewed(kind, payload, permission)
    stage.refuses(Refusal(4, "permission-unknown", fault.message), "install", "@ann/new", "--yes")


def flipped(data: bytes) -> bytes:
    """With one bit of its last letter changed."""
    place = data.rindex(b";")
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_gadget_with_one_flipped_byte_is_refused(stage: Stage) -> None:
    """Row 125: the bundle that a host serves is not the one that was signed; nothing is written."""
    built = released(gadget.KIND, GADGET)
    path = layout.object_path(sha256(built.bundle("@ann/new", "1.0.0")))
    site = built.site()
    adds(stage, built, {**site, path: flipped(site[path])})

    stage.refuses(Refusal(4, "bad-digest", "expected sha256 "), "install", "@ann/new", "--yes")


def test_a_gadget_that_another_key_signed_is_refused(stage: Stage) -> None:
    """Row 126: the manifest is signed by a key that is not its author's, and a moderator admitted it."""
    built = released(gadget.KIND, GADGET, by=("somebody else",))
    adds(stage, built)

    stage.refuses(Refusal(4, "not-signed", "@ann/new"), "install", "@ann/new", "--yes")
