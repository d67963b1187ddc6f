"""Names of artifacts, scopes and authors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry_tool.core.errors import InvalidInput
from registry_tool.core.names import (
    PART_PATTERN,
    RESERVED_SCOPES,
    ArtifactId,
    Name,
    Scope,
    Wanted,
    is_reserved_scope,
    is_windows_device,
    parse_artifact,
    parse_author,
    parse_part,
    parse_scope,
    parse_wanted,
    skeleton,
)

SOLAR = ArtifactId(Scope("acme"), Name("solar"))
PARTS = st.from_regex(PART_PATTERN, fullmatch=True).filter(
    lambda part: part[2:4] != "--" and not is_windows_device(part)
)


@pytest.mark.parametrize("text", ["ab", "a1", "42", "a-b", "a--b", "abc--d", "a" * 64, "com10", "xn-a"])
def test_a_good_part_is_returned_unchanged(text: str) -> None:
    """Letters, digits and hyphens within, 2 to 64 of them."""
    assert text == parse_part(text, "name")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "the name '' is too short: at least 2 characters", "write 2 to 64 of a-z, 0-9 and '-', as 'solar-2'"),
        ("a", "the name 'a' is too short: at least 2 characters", "write 2 to 64 of a-z, 0-9 and '-', as 'solar-2'"),
        ("a" * 65, f"the name '{'a' * 60}'… is too long: at most 64 characters, it has 65", f"write '{'a' * 64}'"),
        ("Acme", "the name 'Acme' has upper-case letters, only lower-case ones are allowed", "write 'acme'"),
        ("my_tool", "the name 'my_tool' holds '_', only a-z, 0-9 and '-' are allowed", "write 'my-tool'"),
        ("solar\n", "the name 'solar\\n' holds '\\n', only a-z, 0-9 and '-' are allowed", "write 'solar'"),
        ("٣٣", "the name '٣٣' holds '٣', only a-z, 0-9 and '-' are allowed", "write 2 to 64"),
        ("s\u043elar", "the name 's\u043elar' holds '\u043e', only a-z, 0-9 and '-' are allowed", "write 's-lar'"),
        ("-ab", "the name '-ab' begins or ends with '-'", "write 'ab'"),
        ("ab-", "the name 'ab-' begins or ends with '-'", "write 'ab'"),
        ("xn--p1ai", "the name 'xn--p1ai' has '--' at places 3 and 4, which marks an encoded name", "write 'xn-p1ai'"),
        ("nul", "the name 'nul' is the name of a device on Windows", "write 2 to 64"),
        ("com1", "the name 'com1' is the name of a device on Windows", "write 2 to 64"),
    ],
)
def test_a_bad_part_is_refused_with_a_spelling_that_would_do(text: str, message: str, hint: str) -> None:
    """The message says what is wrong, the hint gives the nearest good spelling."""
    with pytest.raises(InvalidInput) as caught:
        parse_part(text, "name")

    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)
    assert "bad-name" == caught.value.code


def test_an_author_and_a_scope_are_parts() -> None:
    """A scope may carry its @, an author's id may not."""
    assert ("ann", "acme", "acme") == (parse_author("ann"), parse_scope("acme"), parse_scope("@acme"))
    with pytest.raises(InvalidInput, match="the author id '@ann' holds '@'"):
        parse_author("@ann")
    with pytest.raises(InvalidInput, match="the scope '@acme' holds '@'"):
        parse_scope("@@acme")


def test_an_artifact_has_its_three_spellings() -> None:
    """Its name, its slug and its shard follow from scope and name."""
    assert SOLAR == parse_artifact("@acme/solar")
    assert ("@acme/solar", "acme__solar", "ac") == (str(SOLAR), SOLAR.slug, SOLAR.shard)


def test_artifacts_are_sorted_by_scope_then_name() -> None:
    """`@a1/z` comes before `@a2/a`."""
    texts = ["@a2/aa", "@a1/zz", "@a1/aa"]

    assert ["@a1/aa", "@a1/zz", "@a2/aa"] == [str(one) for one in sorted(map(parse_artifact, texts))]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("solar", "an artifact is named @scope/name, this is 'solar'", "put its scope before it, as @acme/solar"),
        ("acme/solar", "an artifact is named @scope/name, this is 'acme/solar'", "write @acme/solar"),
        ("@acme", "an artifact is named @scope/name, this is '@acme'", "write the name behind the scope: @acme/…"),
        ("", "an artifact is named @scope/name, this is ''", "write it as @acme/solar: '@', the scope, '/', the name"),
        ("Ac/me", "an artifact is named @scope/name, this is 'Ac/me'", "write it as @acme/solar: '@'"),
        ("So lar", "an artifact is named @scope/name, this is 'So lar'", "write it as @acme/solar: '@'"),
        ("/solar", "an artifact is named @scope/name, this is '/solar'", "write it as @acme/solar: '@'"),
        ("@Acme/solar", "the scope 'Acme' has upper-case letters", "write 'acme'"),
        ("@acme/Solar", "the name 'Solar' has upper-case letters", "write 'solar'"),
        ("@acme/", "the name '' is too short", "write 2 to 64"),
        ("@acme/a/b", "the name 'a/b' holds '/'", "write 'a-b'"),
        ("@@acme/solar", "the scope '@acme' holds '@'", "write 'acme'"),
        ("@acme/solar@1.0.0", "no version is wanted here, this is '@acme/solar@1.0.0'", "leave out the '@'"),
        (
            f"@{'a' * 60}/{'b' * 41}",
            f"scope and name together may have at most 100 characters, '@{'a' * 59}'… has 101",
            "choose a shorter name",
        ),
    ],
)
def test_what_is_no_artifact_is_refused(text: str, message: str, hint: str) -> None:
    """A missing @, scope or name is told apart, and the hint completes it where it can."""
    with pytest.raises(InvalidInput) as caught:
        parse_artifact(text)

    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)


def test_scope_and_name_may_have_100_characters_together() -> None:
    """The limit itself passes."""
    text = f"@{'a' * 60}/{'b' * 40}"

    assert text == str(parse_artifact(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("@acme/solar", Wanted(SOLAR, None)), ("@acme/solar@1.0.0-RC.1+b", Wanted(SOLAR, "1.0.0-RC.1+b"))],
)
def test_what_is_wanted_reads_back(text: str, expected: Wanted) -> None:
    """With or without a version, and writing it gives the text again."""
    assert expected == parse_wanted(text)
    assert text == str(expected)


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("@acme/solar@latest", "bad-version", "leave the version out: @acme/solar means the newest"),
        ("@acme/solar@Latest", "bad-version", "leave the version out: @acme/solar means the newest"),
        ("@acme/solar@", "bad-version", "leave the version out: @acme/solar means the newest"),
        ("@acme/solar@^1.0.0", "bad-version", "write one exact version such as 1.2.3, not a range"),
        ("@acme/solar@v1.0.0", "bad-version", "write 1.0.0"),
        ("@acme/solar@1.0.0@2.0.0", "bad-name", "leave out the '@' and what follows it"),
        ("@Acme/solar@1.0.0", "bad-name", "write 'acme'"),
        ("acme/solar@1.0.0", "bad-name", "write @acme/solar"),
        ("solar@1.0.0", "bad-name", "put its scope before it, as @acme/solar"),
        ("@acme", "bad-name", "write the name behind the scope: @acme/…"),
        ("", "bad-name", "write it as @acme/solar: '@', the scope, '/', the name"),
    ],
)
def test_what_cannot_be_wanted_says_what_to_write(text: str, code: str, hint: str) -> None:
    """`latest`, ranges and upper case come from command lines: each gets its own way out."""
    with pytest.raises(InvalidInput) as caught:
        parse_wanted(text)

    assert (code, hint) == (caught.value.code, caught.value.hint)


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Any text is a wanted artifact that reads back, or an error with a hint."""
    try:
        found, hint = str(parse_wanted(text)), "none is needed"
    except InvalidInput as error:
        found, hint = text, error.hint

    assert text == found
    assert hint


@given(PARTS, PARTS)
def test_no_two_artifacts_share_a_slug(scope: str, name: str) -> None:
    """Scope and name can be read back from a slug."""
    artifact = ArtifactId(Scope(scope), Name(name))

    assert [scope, name] == artifact.slug.split("__")


@pytest.mark.parametrize(
    ("scope", "expected"), [("ggui", True), ("@ggui-ai", True), ("registry", True), ("acme", False), ("@acme", False)]
)
def test_some_scopes_are_reserved(scope: str, expected: bool) -> None:
    """The wire's own list and names that would speak for the registry, with or without the @."""
    assert expected == is_reserved_scope(scope)


@pytest.mark.parametrize("scope", sorted(RESERVED_SCOPES))
def test_a_reserved_scope_is_a_good_scope(scope: str) -> None:
    """The list holds nothing that the grammar refuses anyway."""
    assert scope == parse_scope(scope)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("solar", "s0lar"),
        ("solar", "5o1ar"),
        ("solar", "so-lar"),
        ("@acme/solar", "acme-solar"),
        ("lib", "1ib"),
        ("iib", "llb"),
        ("modern", "modem"),
        ("vvidget", "widget"),
        ("r-n", "m"),
        ("SOLAR", "solar"),
        ("google", "g00g1e"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    """Case, separators, 0/o, 1/l/i, 5/s, rn/m and vv/w are folded."""
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("solar", "polar"), ("v1", "v2"), ("man", "men")])
def test_names_that_differ_to_the_eye_have_two_skeletons(one: str, other: str) -> None:
    """Nothing else is folded."""
    assert skeleton(one) != skeleton(other)


@given(PARTS)
def test_a_skeleton_is_its_own_skeleton(text: str) -> None:
    """Folding twice changes nothing."""
    assert skeleton(text) == skeleton(skeleton(text))


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ("con", True),
        ("Con.txt", True),
        ("NUL .tar.gz", True),
        ("com¹", True),
        ("LPT³.x", True),
        ("com0", True),
        ("CONIN$", True),
        ("console", False),
        ("com10", False),
        ("acon", False),
        (".con", False),
        ("", False),
    ],
)
def test_windows_devices_are_known_with_any_extension(component: str, expected: bool) -> None:
    """The part before the first dot decides, in any case; superscript digits are digits."""
    assert expected == is_windows_device(component)
