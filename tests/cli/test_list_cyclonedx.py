"""`registry list --format cyclonedx`."""

import json

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.builders import RegistryInMemory
from tests.cli.desk import PDF, Desk, added, plugin_release


def test_what_is_installed_is_a_bill_of_materials(desk: Desk, built: RegistryInMemory) -> None:
    """It fits other people's schema, names what is there with its grants, and is the same bytes each time."""
    added(desk, plugin_release(built))
    empty = desk.run("list", "--format", "cyclonedx")
    desk.run("install", PDF, "@ann/words", "--yes")
    text = desk.run("list", "--format", "cyclonedx")
    value = json.loads(text)

    assert [None, None] == [JsonStrictValidator(SchemaVersion.V1_6).validate_str(one) for one in (empty, text)]
    assert text == desk.run("list", "--format", "cyclonedx") == desk.run("list", "--format", "cyclonedx", "--json")
    assert [("@ann", "pdf", "1.0.0"), ("@ann", "words", "1.0.0")] == [
        (one["group"], one["name"], one["version"]) for one in value["components"]
    ]
    assert {"name": "registry-tool:permission", "value": "mcp:count"} in value["components"][1]["properties"]
    assert [{"expression": "MIT"}] == value["components"][0]["licenses"]
    assert str(desk.work) not in text


def test_a_bill_says_what_is_there_alone(desk: Desk) -> None:
    """With `--outdated` it is exit 2."""
    assert (2, "wrong-usage") == desk.refused("list", "--format", "cyclonedx", "--outdated")
