"""An operator at a desk: time that goes by, an environment, and the keys of a registry that was founded there."""

import base64
from dataclasses import replace
from pathlib import Path

from tests.cli.desk import Desk

DAY = 86_400


def later(desk: Desk, days: float) -> None:
    """Lets time go by."""
    now = desk.world.now() + int(days * DAY)
    desk.world = replace(desk.world, now=lambda: now)


def with_env(desk: Desk, **more: str) -> None:
    """Sets variables of the environment."""
    desk.world = replace(desk.world, env={**desk.world.env, **more})


def key_folder(desk: Desk) -> Path:
    """Where the keys of the one registry lie."""
    (folder,) = (desk.folder / "home" / "keys").glob("registry-*")
    return folder


def seed_of(desk: Desk, use: str) -> bytes:
    """The private key for a use."""
    body = (key_folder(desk) / f"{use}.pem").read_text().splitlines()[1]
    return base64.b64decode(body)[-32:]
