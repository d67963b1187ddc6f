"""What the other side says of a push, and the error that it means."""

import pytest

from registry_tool.core.errors import InvalidInput, NotTrusted, RegistryError, StateForbids
from registry_tool.stores.refusals import clean, declined

HOOK = "pre-receive hook declined"


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ("refused refs/heads/main 1 checks-failed", InvalidInput, "checks-failed"),
        ("refused refs/heads/main 4 not-admitted", NotTrusted, "not-admitted"),
        ("refused refs/heads/main 5 moved", StateForbids, "moved"),
        ("refused refs/heads/other 4 not-admitted", StateForbids, "declined"),
        ("refused refs/heads/main 70 bug", StateForbids, "declined"),
        ("refused refs/heads/main 4 not admitted", StateForbids, "declined"),
        ("refused refs/heads/main 4 Not-Admitted", StateForbids, "declined"),
        ("nothing of the kind", StateForbids, "declined"),
    ],
)
def test_a_hook_says_which_error_it_is(said: str, kind: type[RegistryError], code: str) -> None:
    """Of the branch that was pushed, as one of the three errors that mend nothing by trying again."""
    error = declined("main", HOOK, f"remote: error: no\nremote: {said}\nTo x", where="there")

    assert (kind, code, "there") == (type(error), error.code, error.where)
    assert "\nremote: error: no" in error.message


def test_people_read_the_words_and_not_the_code() -> None:
    """What is for the tool is left out; without words there is nothing to read."""
    told = declined("main", HOOK, "remote: error: it is a merge\nremote: refused refs/heads/main 5 merge", where="")
    silent = declined("main", HOOK, "To x", where="")

    assert "the registry there refuses the branch main\nremote: error: it is a merge" == told.message
    assert "the lines that begin with `remote:` say why" == told.hint
    assert f"the other side declined the branch main: {HOOK}" == silent.message
    assert "whoever keeps it knows why" == silent.hint


def test_words_obey_nothing() -> None:
    """No control characters, nothing that a carriage return hid, no password of an address."""
    said = clean("hidden\ra \x07b  \r\n\n\u202ehttps://ann:pw@example.org/x\r")

    assert "a b\nhttps://example.org/x" == said.replace("hidden", "")
