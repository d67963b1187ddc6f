"""A token for git, given through its environment: never in an address, a file or a list of arguments."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

VARIABLE: Final = "FORGE_GIT_PASSWORD"
_SAYS: Final = r"printf 'username=x-access-token\npassword=%s\n'"
_HELPER: Final = f'!f() {{ test "$1" = get && {_SAYS} "${VARIABLE}"; }}; f'
"""Git runs it in a shell and asks it for the password of one server (gitcredentials(7))."""


def with_token(env: Mapping[str, str], *, server: str, token: str | None) -> Mapping[str, str]:
    """`env`, in which git answers `server` with `token` where it asks who comes; `env` itself without one.

    For that server other helpers are not asked: they would keep the token on disk once it was taken.
    """
    if token is None:
        return env
    parts = urlsplit(server)
    name = f"credential.{parts.scheme}://{parts.netloc}.helper"
    rows = dict(env)
    given = rows.get("GIT_CONFIG_COUNT", "0")
    first = int(given) if given.isdecimal() else 0
    for number, value in enumerate(("", _HELPER), first):  # an empty one forgets those before it
        rows[f"GIT_CONFIG_KEY_{number}"], rows[f"GIT_CONFIG_VALUE_{number}"] = name, value
    return {**rows, "GIT_CONFIG_COUNT": str(first + 2), VARIABLE: token}
