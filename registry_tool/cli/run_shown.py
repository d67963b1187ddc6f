"""The files that a person hands to a script by name: read-only, and never their keys."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from registry_tool.core.errors import NotFound, WrongUsage
from registry_tool.core.job import Shown
from registry_tool.core.quoting import quoted
from registry_tool.wiring import World

SHOWN: Final = "/shown"
"""Where a program finds what it is shown."""
_SECRET: Final = (
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".netrc",
    ".git-credentials",
    ".config",
    ".npmrc",
)
"""Below home: keys and tokens of other programs."""
_SYSTEM: Final = ("/proc", "/sys", "/dev", "/run", "/boot")


def shown_paths(here: World, paths: Sequence[Path]) -> Iterator[Shown]:
    """Each as a program sees it. `WrongUsage` for what holds the person's keys, `NotFound` for what is not there."""
    names: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            raise NotFound(f"{path} is not there, so it cannot be shown", code="no-file")
        real = path.resolve()
        why = _refused(here, real)
        if why:
            raise WrongUsage(
                f"{path} is not shown to a program: {why}", code="not-shown", hint="show the file that it is about"
            )
        name = path.name or real.name
        if name in names:
            raise WrongUsage(
                f"{path} and {names[name]} would both be {SHOWN}/{name}", code="same-name", hint="show the folder above"
            )
        names[name] = path
        yield Shown(str(real), f"{SHOWN}/{name}")


def _refused(here: World, real: Path) -> str:
    if not (real.is_dir() or real.is_file()):
        return "it is no ordinary file or folder"
    if any(real == Path(one) or Path(one) in real.parents for one in _SYSTEM):
        return "it is the system's"
    home = here.home.resolve()
    private = [here.folder(use).resolve() for use in ("keys", "trust", "settings", "state")]
    private += [(home / name).resolve() for name in _SECRET]
    for one in (home, *private):
        if real == one or real in one.parents:
            return f"it holds {'your home' if one == home else one}"
    inside = next((one for one in private if one in real.parents), None)
    if inside is not None:
        return f"keys lie in {inside}"
    if real.name in _SECRET or real.name.startswith(("id_rsa", "id_ed25519", "id_ecdsa")):
        return f"{quoted(real.name)} holds keys"
    return ""
