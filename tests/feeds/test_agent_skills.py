"""Skills for programs that look for them on a site (B8): the discovery index, and what it leads to."""

import gzip
import io
import json
import tarfile
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urljoin

import jsonschema
import pytest

from registry_tool.core.digest import digest_of
from registry_tool.feeds import agent_skills
from registry_tool.feeds.agent_skills import DESCRIPTION, FACT, INDEX, warnings, wrapped
from tests.builders import RegistryInMemory
from tests.feeds.feed_sites import published
from tests.feeds.native_scene import reading_room, skill
from tests.feeds.skill_schema import SKILL_INDEX
from tests.sites import built, committed

SITE = "https://registry.example/"


def made(registry: RegistryInMemory) -> dict[str, bytes]:
    """What this feed makes."""
    return published(
        registry,
        names=(agent_skills.skill_files,),
        whole=(agent_skills.skill_index,),
        facts={FACT: agent_skills.skill_fact},
    )


def listed(files: dict[str, bytes], index: str = INDEX) -> dict[str, tuple[str, bytes]]:
    """Name to type and bytes of every entry of an index that fits its schema, each digest compared."""
    value = json.loads(files[index])
    jsonschema.validate(value, SKILL_INDEX)
    found: dict[str, tuple[str, bytes]] = {}
    for entry in value["skills"]:
        data = files[unquote(urljoin(SITE + index, entry["url"])).removeprefix(SITE)]
        assert entry["digest"] == digest_of(data)
        found[entry["name"]] = entry["type"], data
    assert len(found) == len(value["skills"])
    return found


def test_a_skill_of_one_file_is_that_file() -> None:
    """Its entry is of type skill-md, and what lies there is the author's SKILL.md, byte for byte."""
    registry = reading_room()
    skill(registry, "@ann/pdf")
    (kind, data) = listed(made(registry))["pdf"]

    assert ("skill-md", b"---\nname: pdf\n") == (kind, data[:14])


def test_an_archive_is_the_bundle_that_the_author_signed() -> None:
    """Unwrapped it is the bundle; tar reads it, with SKILL.md at its root."""
    registry = reading_room()
    skill(registry, "@ann/pdf", files={"scripts/run.py": "print()", "LICENSE": "MIT"})
    (kind, data) = listed(made(registry))["pdf"]
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        names = archive.getnames()

    assert ("archive", registry.bundle("@ann/pdf", "1.0.0")) == (kind, gzip.decompress(data))
    assert ["LICENSE", "SKILL.md", "scripts/run.py"] == names


@pytest.mark.parametrize("files", [{}, {"LICENSE": "MIT"}], ids=["one file", "archive"])
def test_an_entry_in_small_letters_is_served_as_programs_expect_it(files: dict[str, str]) -> None:
    """skill.md becomes SKILL.md, in an archive too; its bytes stay."""
    registry = reading_room()
    skill(registry, "@ann/pdf", entry="skill.md", files=files)
    (kind, data) = listed(made(registry))["pdf"]
    text = data
    if kind == "archive":
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            member = archive.extractfile("SKILL.md")
            assert member is not None
            text = member.read()

    assert text.startswith(b"---\nname: pdf\n")


def test_the_page_of_a_skill_is_an_address_to_install_it_from() -> None:
    """Below its page lies an index that has this skill alone, and leads to the same bytes."""
    registry = reading_room()
    skill(registry, "@ann/pdf")
    skill(registry, "@ann/xls")
    files = made(registry)

    assert {"pdf": listed(files)["pdf"]} == listed(files, f"skills/ann/pdf/{INDEX}")


def test_who_had_a_native_name_first_holds_it() -> None:
    """A later skill of the same name is listed with its scope, also where its name sorts first."""
    registry = reading_room()
    skill(registry, "@zoe/pdf")
    skill(registry, "@ann/pdf")

    assert ["ann-pdf", "pdf"] == list(listed(made(registry)))
    assert ["pdf"] == list(listed(made(registry), f"skills/ann/pdf/{INDEX}"))


def test_an_older_skill_that_takes_on_a_name_later_does_not_take_it_over() -> None:
    """What counts is since when a skill has a name, not since when it is there."""
    registry = reading_room()
    skill(registry, "@eve/tool", native="tool")
    skill(registry, "@ann/pdf")
    skill(registry, "@eve/tool", "2.0.0", native="PDF")

    assert ["eve-tool", "pdf"] == list(listed(made(registry)))


def test_a_name_stays_with_its_holder_while_that_is_yanked() -> None:
    """Nobody gets the name of a skill that its owner took back for now."""
    registry = reading_room()
    skill(registry, "@ann/pdf")
    skill(registry, "@eve/pdf")
    registry.event("@ann/pdf", "1.0.0", "yank")

    assert ["eve-pdf"] == list(listed(made(registry)))


def test_a_name_is_free_again_when_moderators_took_everything_back() -> None:
    """Who squatted on a name with something bad does not hold it for ever."""
    registry = reading_room()
    skill(registry, "@eve/pdf")
    skill(registry, "@ann/pdf")
    registry.event("@eve/pdf", "1.0.0", "revoke", reason="malware")

    assert ["pdf"] == list(listed(made(registry)))


def test_names_that_meet_in_every_form_get_a_mark() -> None:
    """@a-b/c-d and @a/b-c-d are a-b-c-d both; the later one has a mark that nobody else has."""
    registry = reading_room()
    for artifact in ("@aa-bb/cc", "@aa/bb-cc", "@eve/x1"):
        skill(registry, artifact, native="aa-bb-cc")
    names = list(listed(made(registry)))

    assert ["aa-bb-cc", "aa-bb-cc-", "eve-x1"] == [names[0], names[1][:9], names[2]]
    assert 17 == len(names[1])


@pytest.mark.parametrize("native", ["PDF Tools", "pdf_tools", "Pdf--Tools"])
def test_a_native_name_is_written_as_the_format_writes_names(native: str) -> None:
    """Small letters, digits and single hyphens."""
    registry = reading_room()
    skill(registry, "@ann/pdf", native=native)

    assert ["pdf-tools"] == list(listed(made(registry)))


def test_a_name_without_a_letter_that_the_format_has_is_still_listed() -> None:
    """It gets a name from its digest: 16 digits."""
    registry = reading_room()
    skill(registry, "@ann/pdf", native="文書")

    assert [16] == [len(name) for name in listed(made(registry))]


@pytest.mark.parametrize("action", ["yank", "quarantine", "revoke", "withhold"])
def test_what_cannot_be_installed_is_not_listed(action: str) -> None:
    """The release before it stands for the skill; without one there is no file at all."""
    registry = reading_room()
    skill(registry, "@ann/pdf", files={"a": "old"})
    skill(registry, "@ann/pdf", "1.1.0", files={"a": "new"})
    skill(registry, "@bob/xls")
    for artifact, version in (("@ann/pdf", "1.1.0"), ("@bob/xls", "1.0.0")):
        registry.event(artifact, version, action)
    files = made(registry)

    assert {"pdf": ("archive", wrapped(registry.bundle("@ann/pdf", "1.0.0")))} == listed(files)
    assert [] == [path for path in files if "xls" in path]


def test_a_private_skill_is_not_listed() -> None:
    """What only some may have is no business of a list for everybody."""
    registry = reading_room()

    def taking(value: dict[str, Any]) -> None:  # Any: JSON
        value["private"] = True

    registry.policy(change=taking)

    def private(value: dict[str, Any]) -> None:  # Any: JSON
        value["visibility"] = "private"

    content = {"SKILL.md": b"---\nname: pdf\n---\n"}
    registry.release("@ann/pdf", "1.0.0", content, kind="skill", spec={"native_name": "pdf"}, change=private)

    assert {} == listed(made(registry))


def test_other_kinds_and_skills_without_an_entry_are_not_listed() -> None:
    """A theme is none, and a folder without SKILL.md is nothing that an agent reads."""
    registry = reading_room().release("@ann/solar", "1.0.0")
    registry.release("@ann/odd", "1.0.0", {"README.md": b"?"}, kind="skill")

    assert {} == listed(made(registry))


def test_a_long_description_is_cut_where_readers_would_refuse_it() -> None:
    """1,024 units of UTF-16, as readers in JavaScript count them, and no half of a character."""
    registry = reading_room()
    skill(registry, "@ann/pdf", description="x" + "📄" * 700)
    (entry,) = json.loads(made(registry)[INDEX])["skills"]

    assert "x" + "📄" * 511 == entry["description"]
    assert DESCRIPTION - 1 == len(entry["description"].encode("utf-16-le")) // 2


@pytest.mark.parametrize("size", [0, 1, 0xFFFF, 0x10000, 200_000])
def test_the_wrapper_is_gzip_and_the_same_on_every_machine(size: int) -> None:
    """Whatever reads gzip gives the bytes back; nothing in it depends on a library that compresses."""
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)

    assert data == gzip.decompress(wrapped(data))
    assert len(wrapped(data)) == len(data) + 18 + 5 * max(1, -(-size // 0xFFFF))


@pytest.mark.parametrize(
    ("url", "count"),
    [("", 0), ("https://registry.example/", 0), ("https://ann.example/reg/", 1), ("http://127.0.0.1:8080/", 0)],
)
def test_the_operator_hears_where_the_index_cannot_be_found(url: str, count: int) -> None:
    """Only a site below its origin's root is warned of, with both addresses."""
    about = built(committed(reading_room().files)).about
    said = warnings(replace(about, table=about.table.model_copy(update={"url": url})))

    assert count == len(said)
    assert all("https://ann.example/.well-known/agent-skills/index.json" in one and url in one for one in said)
