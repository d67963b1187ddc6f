"""Which reviews in a forge count, and what they say (part 4, policy's mode `forge`).

A review counts where it is of the very commit that was checked, by an account that the moderators list by its
number, which is neither the author's nor the one that opened the pull request. What an account said last decides.

    approved                        one person's yes
    changes requested               nobody lands it
      "reject incomplete: why"      and it is rejected, with that reason where it is one of the list
      "flag spam: why"              and it is flagged
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry_tool.core.approvals import APPROVAL_SECONDS, CLOCK_SECONDS
from registry_tool.core.forge import PullRequest, PullReview
from registry_tool.core.moderation import reviewers
from registry_tool.core.reasons import SUBMISSION_REASONS
from registry_tool.core.statements import Moderators
from registry_tool.core.times import to_seconds

NOTE_CHARACTERS: Final = 2000
"""Of a review's text, kept with the decision that it becomes."""
_ORDER: Final = re.compile(r"\s*(reject|flag)\b[\s:,.-]*(.*)", re.IGNORECASE | re.DOTALL)
_WORD: Final = re.compile(r"([a-z][a-z-]*)\b[\s:,.-]*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Voice:
    """One review that counts."""

    review: PullReview
    people: tuple[str, ...]
    """Whose account it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody listed wants to become of a submission."""

    action: Literal["reject", "flag"]
    reason: str
    note: str
    voice: Voice


@dataclass(frozen=True, slots=True)
class Heard:
    """What the reviews of a pull request come to."""

    approving: tuple[Voice, ...] = ()
    """By the number of their review."""
    blocking: tuple[Voice, ...] = ()
    orders: tuple[Order, ...] = ()
    """Those of the blocking ones that say what to do, about exactly this commit; oldest first."""

    @property
    def people(self) -> frozenset[str]:
        """Who approves."""
        return frozenset(name for one in self.approving for name in one.people)


def heard(
    pull: PullRequest,
    reviews: Sequence[PullReview],
    moderators: Moderators,
    *,
    forge: str,
    own: frozenset[str],
    opener: int | None,
    after: str,
    at: int,
) -> Heard:
    """What `reviews`, oldest first, of a pull request come to at `at`.

    `own` are the people who are its author, `opener` is the account that opened it where that may not approve, by no
    other account of the same person either, and nothing from before the time `after`, when somebody flagged or
    rejected it, counts as a yes.
    """
    if opener is not None:
        own |= set(reviewers(forge, opener, moderators))
    latest: dict[int, PullReview] = {}
    for review in reviews:
        if review.state != "comment":
            latest[review.account.number] = review
    approving, blocking = [], []
    for account, review in sorted(latest.items(), key=lambda pair: pair[1].number):
        people = reviewers(forge, account, moderators)
        if not people:
            continue
        voice = Voice(review, people)
        if review.state == "changes":
            blocking.append(voice)
        elif review.state == "approved" and account != opener and not own & set(people):
            age = at - to_seconds(review.at)
            if review.commit == pull.head and review.at > after and -CLOCK_SECONDS <= age <= APPROVAL_SECONDS:
                approving.append(voice)
    orders = (order_of(voice) for voice in blocking if voice.review.commit == pull.head)
    return Heard(tuple(approving), tuple(blocking), tuple(one for one in orders if one is not None))


def order_of(voice: Voice) -> Order | None:
    """What a review tells to do; `None` where it only says no. The reason is `other` where it names none."""
    found = _ORDER.match(voice.review.text)
    if found is None:
        return None
    action: Literal["reject", "flag"] = "reject" if found[1].lower() == "reject" else "flag"
    reason, note = "other", found[2]
    word = _WORD.match(note)
    if word is not None and word[1].lower() in SUBMISSION_REASONS[action]:
        reason, note = word[1].lower(), word[2]
    return Order(action, reason, _plain(note), voice)


def _plain(text: str) -> str:
    """A review's words as a note: one that a document can hold."""
    clean = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").strip()
    return clean if len(clean) <= NOTE_CHARACTERS else f"{clean[: NOTE_CHARACTERS - 1]}…"
