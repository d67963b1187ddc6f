"""Whether programs can be confined here: tried for real, with nothing granted and with a network granted."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry_tool.core.confinement import ANYWHERE, Confinement
from registry_tool.core.errors import RegistryError
from registry_tool.core.job import Bounds, Job, Shown
from registry_tool.sandbox.bubblewrap import find
from registry_tool.sandbox.starting import start

_SYSTEM: Final = ("/usr", "/bin", "/lib", "/lib64", "/nix/store", "/gnu/store")
_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found."""

    works: bool
    why: str
    """Why it does not work, or what does it."""
    hint: str
    """What to do; empty where it works."""
    notes: tuple[str, ...]
    """What is not bounded here all the same."""


def probe(env: Mapping[str, str]) -> Probed:
    """Starts a program that does nothing, confined, and says whether that works; raises nothing."""
    program = shutil.which("true", path=env.get("PATH", "/usr/bin:/bin")) or "/bin/true"
    shown = tuple(Shown(path, path) for path in _SYSTEM if os.path.isdir(path))
    job = Job((program,), shown, cwd="/", bounds=Bounds(wall=_SECONDS))
    notes: tuple[str, ...] = ()
    try:
        found = find()
        for confinement in (Confinement(), Confinement(egress=(ANYWHERE,))):
            quiet = subprocess.DEVNULL
            with start(job, confinement, stdin=quiet, stdout=quiet, stderr=quiet) as running:
                code, notes = running.wait(), running.notes
            if code:
                return Probed(False, f"a program that does nothing ended with {code}", "", notes)
    except RegistryError as error:
        return Probed(False, str(error), error.hint, notes)
    return Probed(True, f"bubblewrap at {found.path}", "", notes)
