"""Whether an author's profile may join what is there, and holds afterwards (part 9)."""

from typing import Final

from registry_tool.core.approvals import CLOCK_SECONDS
from registry_tool.core.authorities import Government
from registry_tool.core.change import Change, Joined
from registry_tool.core.errors import InvalidInput, NotFound, StateForbids
from registry_tool.core.family import Family
from registry_tool.core.joining import names_heads, no_stranger
from registry_tool.core.keys import SignatureCheck
from registry_tool.core.layout import Located
from registry_tool.core.profiles import Claim, Profile, ProfileChain, profile_words, read_profile
from registry_tool.core.standing import keyring_at
from registry_tool.core.stored import chain_at
from registry_tool.core.times import from_seconds, to_seconds
from registry_tool.core.tree import Tree
from registry_tool.core.trust import Means

WAIT_SECONDS: Final = 30 * 86_400
"""How long a statement that has a time of its own may have waited when it lands; as an approval."""


def profile_of(
    tree: Tree, author: str, government: Government, *, check: SignatureCheck, countersigned: bool = True
) -> ProfileChain | None:
    """The verified profile of an author; `None` where there is none.

    `countersigned=False` where the author's keyring waits for its moderator. Raises `NotTrusted`, and `NotFound`
    where the author is not registered.
    """
    sources = chain_at(tree, f"profile/{author}")
    if not sources:
        return None
    keyring = keyring_at(tree, government, author, check=check, countersigned=countersigned)
    return read_profile(sources, author, government, keyring, check=check)


def next_number(change: Change, joined: Joined, count: int) -> None:
    """Refuses a statement that is not the next of its chain, of which the tip has `count`."""
    number = joined.located.number
    if joined.statement is not None and (number, joined.statement.number) != (count + 1, count + 1):
        raise StateForbids(
            f"it lies at number {number} of {joined.located.subject}, the next is {count + 1}",
            code="sign-again",
            hint="sign again",
        )


def registered(change: Change, author: str) -> None:
    """Refuses a statement of an author whose keyring neither is there nor comes along."""
    if not chain_at(change.merged, f"authors/{author}"):
        raise NotFound(
            f"the author {author} is not registered here",
            code="no-author",
            hint="the first submission brings the keyring too: sign it again with the tool, which makes one",
        )


def timely(at: str, change: Change, what: str) -> None:
    """Refuses a time that is to come, or so long ago that its keys may have ended since."""
    age = change.at - to_seconds(at)
    if age < -CLOCK_SECONDS:
        raise StateForbids(
            f"{what} is of {at}, and it is {from_seconds(change.at)}", code="bad-clock", hint="set the clock right"
        )
    if age > WAIT_SECONDS:
        raise StateForbids(f"{what} is of {at}, more than thirty days ago", code="sign-again", hint="sign again")


def confirming(change: Change, joined: Joined, government: Government, means: Means) -> tuple[Claim, ...]:
    """The claims of a profile that waits which nobody confirmed yet: who approves it confirms them."""
    profile = joined.statement
    if not isinstance(profile, Profile):
        return ()
    author = joined.located.subject.partition("/")[2]
    known = profile_of(change.tip, author, government, check=means.check)
    return known.standing.open(profile.claims) if known and known.standing else profile.claims


def _may_join(change: Change, joined: Joined, government: Government, means: Means) -> None:
    """Refuses a profile that is not the next, by anybody but its author, or out of its time."""
    profile = joined.statement
    if not isinstance(profile, Profile):
        return  # its faults say why it cannot be read
    subject = joined.located.subject
    author = subject.partition("/")[2]
    next_number(change, joined, len(chain_at(change.tip, subject)))
    registered(change, author)
    names_heads(profile.under, change.merged, joined.path)
    waits = any(one.located.subject == f"authors/{author}" for one in change.statements)
    read = profile_of(change.merged, author, government, check=means.check, countersigned=not waits)
    assert read is not None  # noqa: S101  # it is one of the additions
    timely(profile.at, change, "the profile")
    keyring = keyring_at(change.merged, government, author, check=means.check, countersigned=not waits).head.body
    no_stranger(
        read.links[-1].source, [row.raw for row in keyring.keys if row.active and row.use == "control"], means.check
    )
    asks, open_ = "moderators" in profile.under, confirming(change, joined, government, means)
    if open_ and not {"moderators", "policy"} <= set(profile.under):
        raise InvalidInput(
            "it claims what nobody confirmed yet, and does not name the moderators and the policy",
            code="bad-under",
            hint="sign it again with `registry author profile`",
        )
    if asks and not open_:
        raise InvalidInput(
            "it asks moderators to sign, and claims nothing that they did not confirm already",
            code="bad-under",
            hint="sign it again with `registry author profile`",
        )


def _countersigned(change: Change, joined: Joined) -> bool:
    """Landing sees to it that a profile names the moderators exactly where it claims something new."""
    return joined.statement is not None and "moderators" in joined.statement.under


def _verify(tree: Tree, located: Located, government: Government, means: Means) -> None:
    profile_of(tree, located.subject.partition("/")[2], government, check=means.check)


FAMILY: Final = Family(
    model=Profile,
    submitted=True,
    words=profile_words,
    may_join=_may_join,
    countersigned=_countersigned,
    verify=_verify,
)
