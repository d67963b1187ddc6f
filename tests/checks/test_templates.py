"""What `create` writes is what the checks let through, for every kind."""

import pytest

from registry_tool.checks import all_checks
from registry_tool.core.describe import Said, describe
from registry_tool.core.kind import Kind
from registry_tool.core.names import parse_artifact
from registry_tool.core.payload import PayloadFile
from registry_tool.core.review import review
from registry_tool.core.submission import read_change
from registry_tool.core.tree import MemoryTree
from registry_tool.kinds import all_kinds
from tests.builders import RegistryInMemory
from tests.checks.changes import LOOKED_AT, a_tip, edits, newcomer


@pytest.mark.parametrize("kind", list(all_kinds()), ids=lambda kind: kind.id)
def test_a_template_passes_every_check(kind: Kind) -> None:
    """A first release of a kind's template gets a person's look, and nothing stands against it."""
    artifact = parse_artifact("@bob/tables")
    registry = a_tip()
    before = MemoryTree(registry.files)
    newcomer(registry)
    payload = {path: PayloadFile(file.data, file.executable) for path, file in kind.template(artifact).items()}
    publish(registry, kind, payload)
    after = MemoryTree(registry.files)
    change = read_change(
        registry=registry.id,
        tip=before,
        head=after,
        edits=edits(before, after),
        kinds=all_kinds(),
        demonstration=False,
        at=LOOKED_AT,
    )
    report = review(change, all_checks())

    assert [] == [finding for finding in report.findings if finding.level == "fail"]
    assert "review" == report.verdict


def publish(registry: RegistryInMemory, kind: Kind, payload: dict[str, PayloadFile]) -> None:
    """Publishes a payload with the manifest that the author's tool makes of it."""
    said = Said(artifact="@bob/tables", version="1.0.0", author="bob")
    described = describe(payload, kinds=all_kinds(), registry=registry.id, said=said)
    assert described.manifest is not None, described.findings
    value = described.manifest.value()
    registry.publish("@bob/tables", "1.0.0", payload, kind=kind.id, change=lambda manifest: manifest.update(value))
