"""Who signs without a key: the options that say it, and the session that does it."""

import sys
from typing import Any

import click

from registry_tool.core import limits
from registry_tool.core.errors import InvalidInput, NotFound
from registry_tool.core.identity import SignKeyless
from registry_tool.wiring import World

TOKEN = "REGISTRY_IDENTITY_TOKEN"  # noqa: S105  # the name of the variable
CONFIG = "REGISTRY_SIGSTORE_CONFIG"
JOBS = ("CI", "BUILDKITE", "GOOGLE_SERVICE_ACCOUNT_NAME")
"""One of them is set where a job may have an identity of its own."""
TOKEN_BYTES = 64 * limits.KIB


def keyless_options(function: Any) -> Any:  # Any: click's decorators
    """The flags of keyless signing: `keyless`, `identity_token`, `trust_config`."""
    for option in (
        click.option(
            "--trust-config",
            metavar="FILE",
            default="",
            help=f"Another sigstore instance: its client trust configuration. Also {CONFIG}.",
        ),
        click.option(
            "--identity-token",
            metavar="TOKEN",
            default="",
            help=f"Sign as whom this token names; `-` reads stdin, `@FILE` a file. Also {TOKEN}.",
        ),
        click.option("--keyless", is_flag=True, help="Sign as an identity too, where the scope does not need it."),
    ):
        function = option(function)
    return function


def identity_of(world: World, *, identity_token: str, trust_config: str) -> SignKeyless:
    """Signs as the identity that the flags, the variables, a CI job or a browser give; found at the first signature."""
    sessions: list[SignKeyless] = []

    def sign(message: bytes) -> bytes:
        if not sessions:
            from registry_tool.signing.sigstore.sign import Session

            token = _token(world, identity_token or world.env.get(TOKEN, ""))
            config = _file(world, trust_config or world.env.get(CONFIG, ""), limits.ROOT_BYTES)
            ambient = any(world.env.get(name) for name in JOBS)
            sessions.append(Session(token, config, ambient=ambient, browser=world.terminal).sign)
        return sessions[0](message)

    return sign


def _token(world: World, said: str) -> str:
    if said == "-":
        text = sys.stdin.read(TOKEN_BYTES)
    elif said.startswith("@"):
        text = _file(world, said[1:], TOKEN_BYTES).decode("utf-8", "replace")
    else:
        text = said
    return text.strip()


def _file(world: World, name: str, limit: int) -> bytes:
    """A file that the person named; empty where they named none."""
    if not name:
        return b""
    path = world.path(name)
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}", code="no-file") from error
    if len(data) > limit:
        raise InvalidInput(f"{path} may have at most {limit} bytes", code="too-large")
    return data
