"""Why something becomes of a release: one closed list of words for each action, that scripts can count.

The list is for who signs now. An old event may have another word, and is shown with it.
"""

from collections.abc import Mapping
from typing import Final

from registry_tool.core.errors import WrongUsage

REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "yank": {
        "broken": "It does not work.",
        "mistake": "It was published by mistake.",
        "security": "It has a weakness that can be used against people.",
        "superseded": "Another version takes its place.",
        "license": "Its licence was wrong, or it holds something that may not be given away.",
        "other": "The note says why.",
    },
    "deprecate": {
        "superseded": "Something else takes its place.",
        "unmaintained": "Nobody looks after it any more.",
        "renamed": "It goes on under another name.",
        "broken": "It does not work everywhere.",
        "security": "It has a weakness; there is something better.",
        "other": "The note says why.",
    },
    "quarantine": {
        "suspected-malware": "It may harm people on purpose; a moderator is looking into it.",
        "compromised-account": "Somebody else may have published it with the author's keys.",
        "security": "It may have a weakness that can be used against people.",
        "reported": "Somebody reported it, and a moderator is looking into it.",
        "other": "The note says why.",
    },
    "revoke": {
        "malware": "It harms people on purpose.",
        "compromised-account": "Somebody else published it with the author's keys.",
        "security": "It has a weakness so grave that nobody should go on with it.",
        "misleading-name": "It passes itself off as something else.",
        "policy": "It breaks this registry's rules.",
        "other": "The note says why.",
    },
    "withhold": {
        "malware": "It harms people on purpose.",
        "copyright": "Somebody who owns what is in it asked for it to go.",
        "court-order": "A court or an authority ordered it.",
        "personal-data": "It holds something about a person that is nobody's business.",
        "secrets": "It holds a password or a key.",
        "other": "The note says why.",
    },
    "restore": {
        "cleared": "Somebody looked into it, and nothing is wrong with it.",
        "mistake": "What is lifted was a mistake.",
        "fixed": "What was wrong is no longer wrong.",
        "appeal": "Its author objected, and was right.",
        "other": "The note says why.",
    },
}
"""Action to reason to one sentence."""

_NOT_LIKE_THIS: Final[Mapping[str, str]] = {
    "broken": "It does not work.",
    "incomplete": "Something is missing that people need.",
    "licence": "Its licence is wrong, or it holds something that may not be given away.",
    "malicious": "It harms people on purpose.",
    "misleading-name": "It passes itself off as something else.",
    "permissions": "It asks for more than it needs.",
    "quality": "It is not good enough yet.",
    "spam": "It is not what this registry is for.",
    "other": "The note says why.",
}
SUBMISSION_REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "reject": _NOT_LIKE_THIS,
    "flag": _NOT_LIKE_THIS,
    "objection": _NOT_LIKE_THIS,
}
"""The same for what is said of a submission that waits."""

SECURITY: Final = "security"
"""The reason that makes an advisory also of a yank."""


def checked_reason(action: str, reason: str) -> str:
    """`reason`, where it is one of the action's; `WrongUsage` (`bad-reason`) with all of them otherwise."""
    if reason not in REASONS[action]:
        listed = "\n".join(f"  {code:<20} {words}" for code, words in REASONS[action].items())
        raise WrongUsage(
            f"{reason!r} is no reason to {action} something" if reason else f"nothing says why to {action} it",
            code="bad-reason",
            hint=f"--reason is one of:\n{listed}",
        )
    return reason


def reason_words(action: str, reason: str) -> str:
    """The sentence of a reason; for a word that is not in the list, the word itself."""
    return REASONS.get(action, {}).get(reason, f"The reason given is {reason!r}.")
