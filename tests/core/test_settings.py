"""One settings file: what can be written there, and what is refused."""

from typing import Any

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.settings import SETTINGS_BYTES, Settings, read_settings

KEY = "ef" * 8
WHOLE = f"""
registries:
  - id: {"ab" * 32}
    name: ours
trust:
  approvals: 2
  signers:
    - author: acme
    - key: {KEY}
    - identity: /ann|bob/
      issuer: https://issuer.example
permissions:
  never: [chat_inject, "skill network"]
  granted: ["fs:tmp"]
cool_down: 3d
run:
  unconfined: ["@acme/words"]
"""


def test_the_whole_file_is_read() -> None:
    """Every key has its place, and an empty file asks for nothing."""
    found = read_settings(WHOLE.encode(), what="settings.yaml")

    assert (2, ("chat_inject", "skill network"), ("fs:tmp",)) == (
        found.trust.approvals,
        found.permissions.never,
        found.permissions.granted,
    )
    assert ["the author acme", f"the key {KEY}", "/ann|bob/ of https://issuer.example"] == [
        one.words for one in found.trust.signers or ()
    ]
    assert (259_200, ("@acme/words",)) == (found.cool_down_seconds, found.run.unconfined)
    assert Settings() == read_settings(b"", what="settings.yaml")


@pytest.mark.parametrize(
    "text",
    [
        b"approvals: 2",
        b"trust: {approval: 2}",
        b"trust: {approvals: two}",
        b"trust: {approvals: -1}",
        b"trust: {signers: [{}]}",
        b"trust: {signers: [{author: ann, key: efefefefefefefef}]}",
        b"trust: {signers: [{identity: ann}]}",
        b"trust: {signers: [{identity: '/(a+)+/', issuer: x}]}",
        b"trust: {signers: ann}",
        b"registries: [ours]",
        b"registries:",
        b"permissions: {allow: [network]}",
        b"permissions: {never: network}",
        b"permissions: {never: [1]}",
        b"cool_down: 3",
        b"cool_down: -3d",
        b"cool_down: 3d1h",
        b"run: {unconfined: true}",
        b"run: {unconfined: [words]}",
        b"- 2",
        b"trust: &a {}\nother: *a",
        b"trust: {approvals: 1}\ntrust: {approvals: 0}",
        b"\xff",
        b"[" * 10_000,
        b"#" * (SETTINGS_BYTES + 1),
    ],
)
def test_what_is_no_setting_is_refused(text: bytes) -> None:
    """A misspelt key would ask for nothing, so it is exit 1, names the file and says what to write."""
    with pytest.raises(InvalidInput) as refused:
        read_settings(text, what="here/settings.yaml")

    assert ("bad-settings", "here/settings.yaml") == (refused.value.code, refused.value.where)
    assert refused.value.hint


@pytest.mark.parametrize("members", [{"cool_down": "9999999d"}, {"registries": []}, {"trust": {"signers": []}}])
def test_what_is_strange_and_strict_is_taken(members: dict[str, Any]) -> None:
    """An empty list allows nothing, and a long time is one."""
    assert members == Settings.of(members).value()
