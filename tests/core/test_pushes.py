"""What git tells a hook."""

import pytest

from registry_tool.core.errors import InvalidInput
from registry_tool.core.pushes import INPUT_BYTES, REFS, Update, only_withdraw, read_updates

ONE, TWO, NONE = "1" * 40, "2" * 40, "0" * 40
SUBMIT = "refs/heads/submit/0123456789ab"


def test_lines_are_updates() -> None:
    """Made, moved and taken away; a ref that is no branch has no branch's name."""
    lines = f"{NONE} {ONE} {SUBMIT}\n{ONE} {TWO} refs/heads/main\n{TWO} {NONE} refs/tags/v1\n"
    made, moved, gone = read_updates(lines.encode())

    assert (SUBMIT, None, ONE, "submit/0123456789ab") == (made.ref, made.old, made.new, made.branch)
    assert (ONE, TWO, "main") == (moved.old, moved.new, moved.branch)
    assert (None, "") == (gone.new, gone.branch)
    assert () == read_updates(b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"what\n", "bad-hook-input"),
        (f"{ONE} {TWO}\n".encode(), "bad-hook-input"),
        (f"{ONE} {TWO} HEAD\n".encode(), "bad-hook-input"),
        (f"{ONE} {TWO} refs/heads/a b\n".encode(), "bad-hook-input"),
        (f"{ONE} {TWO} refs/heads/{'a' * 300}\n".encode(), "bad-hook-input"),
        (f"{ONE[1:]} {TWO} refs/heads/main\n".encode(), "bad-hook-input"),
        (b"\xff\x00\n", "bad-hook-input"),
        (f"{ONE} {TWO} refs/heads/main\n".encode() * (REFS + 1), "too-many-refs"),
        (b"x" * (INPUT_BYTES + 1), "too-many-refs"),
    ],
)
def test_what_git_does_not_write_is_refused(data: bytes, code: str) -> None:
    """So is more than anybody pushes at once."""
    with pytest.raises(InvalidInput) as refused:
        read_updates(data)

    assert code == refused.value.code


@pytest.mark.parametrize(
    ("ref", "new", "expected"),
    [
        (SUBMIT, None, True),
        ("refs/heads/invite/moderators/2", None, True),
        ("refs/heads/invite/scopes/ann/2", None, True),
        (f"refs/heads/objection/0123456789ab/{'1' * 16}", None, True),
        (SUBMIT, ONE, False),
        ("refs/heads/main", None, False),
        ("refs/heads/registry/queue", None, False),
        ("refs/heads/submit/other", None, False),
        ("refs/heads/invite/trust/2", None, False),
        ("refs/tags/submit/0123456789ab", None, False),
    ],
)
def test_anybody_may_take_away_what_waits(ref: str, new: str | None, expected: bool) -> None:
    """And nothing else."""
    assert expected == only_withdraw([Update(ref, ONE, new)])
    assert not only_withdraw([Update(SUBMIT, ONE, None), Update("refs/heads/main", ONE, TWO)])
