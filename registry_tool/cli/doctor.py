"""`registry doctor`: what works on this machine, what does not, and what to do about it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import click

from registry_tool.cli.settled import settings_of
from registry_tool.cli.show import json_option, project_option, result, world
from registry_tool.core.confinement import Way
from registry_tool.core.errors import RegistryError
from registry_tool.wiring import World

ENGINES: Final = (("docker", "compose", "version"), ("podman", "compose", "version"), ("podman-compose", "--version"))
"""What starts an app; one of them is enough."""

State = Literal["good", "missing", "bad"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at."""

    what: str
    state: State
    """`missing`: something that not everybody needs; `bad`: something that must be mended."""
    words: str
    do: str = ""
    """What to do, where it is not good."""

    def value(self) -> dict[str, str]:
        """As JSON."""
        return {"what": self.what, "state": self.state, "words": self.words, "do": self.do}


@click.command()
@project_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, /, project: str | None, as_json: bool) -> None:
    """Say what works on this machine, and what to do about the rest.

    Whether programs can be confined is tried for real. Ends with 5 where something must be mended; what is only
    missing, and not needed by everybody, is no fault. Example: registry doctor
    """
    here = world(ctx)
    rows = [row for look in _LOOKS for row in look(here)] + list(_settings(here, project))
    kinds = kinds_words(here, {row.what: row.state for row in rows})
    usable = all(row.state != "bad" for row in rows)
    value = {"checks": [row.value() for row in rows], "kinds": kinds, "usable": usable}
    result(value, as_json=as_json, text=lambda: _words(rows, kinds, usable=usable))
    ctx.exit(0 if usable else 5)


def kinds_words(here: World, states: Mapping[str, State]) -> list[dict[str, Any]]:  # Any: JSON
    """Each kind with whether what is installed of it runs here, and what that takes."""
    return [
        {"kind": kind.id, "way": kind.way, "runs": _runs(kind.way, states), "words": _WAYS[kind.way]}
        for kind in here.kinds
    ]


def _runs(way: Way, states: Mapping[str, State]) -> bool:
    needed = _NEEDS.get(way)
    return needed is None or states[needed] == "good"


_NEEDS: Final[Mapping[Way, str | None]] = {
    "process": "confinement",
    "engine": "containers",
    "frame": None,
    "inert": None,
}
_WAYS: Final[Mapping[Way, str]] = {
    "process": "installs everywhere; its programs start confined on Linux with namespaces, elsewhere only unconfined",
    "engine": "installs everywhere; runs where docker or podman runs compose files",
    "frame": "installs and runs everywhere, in a frame of the browser",
    "inert": "installs and works everywhere; nothing of it runs",
}


def _confinement(here: World) -> Iterator[Checked]:
    from registry_tool.sandbox.confined import probe

    found = probe(here.env)
    words = found.why or "bubblewrap confines programs"
    if found.works:
        yield Checked("confinement", "good", "; ".join([words, *found.notes]))
        return
    if sys.platform != "linux":
        hint = "plugins and skills' scripts start with all your rights here, and only where you say --unconfined"
        yield Checked("confinement", "missing", "this system has no namespaces to confine programs with", hint)
        return
    yield Checked("confinement", "bad", words, found.hint)


def _runtimes(here: World) -> Iterator[Checked]:
    from registry_tool.sandbox.runtimes import node_runtime, python_runtime

    makers: tuple[tuple[str, Callable[[Mapping[str, str]], Any]], ...] = (  # Any: a runtime, of which nothing is read
        ("python3", python_runtime),
        ("node", node_runtime),
    )
    for name, make in makers:
        try:
            make(here.env)
        except RegistryError as error:
            yield Checked(name, "missing", error.message, error.hint or f"install {name}, for what is written in it")
        else:
            yield Checked(name, "good", f"{name} is there for what is written in it")


def _programs(here: World) -> Iterator[Checked]:
    from registry_tool.sandbox.asking import answers

    engine = next((one for one in ENGINES if answers(one, here.env)), None)
    if engine is not None:
        yield Checked("containers", "good", f"apps start with {' '.join(engine[:-1])}")
    else:
        hint = "install docker with its compose plugin, or podman with podman-compose, if you want to run apps"
        yield Checked("containers", "missing", "nothing here runs compose files", hint)
    if answers(("git", "--version"), here.env):
        yield Checked("git", "good", "git is there")
    else:
        yield Checked(
            "git", "missing", "git is not on the PATH", "install git, to publish to a registry on the network"
        )


def _kept(here: World) -> Iterator[Checked]:
    """What the tool keeps for this person."""
    keys = here.folder("keys")
    yield _tried("keys", lambda: f"{len(_keys(here))} keys in {keys}, for your eyes only")
    known = "registries that you trust, in"
    yield _tried("trust", lambda: f"{len(here.state.registries())} {known} {here.folder('trust')}")
    yield _tried("audit log", lambda: _log(here))


def _log(here: World) -> str:
    here.audit.ready()
    return f"what is installed, removed, started or refused is noted in {here.audit.path}"


def _keys(here: World) -> tuple[Mapping[str, Any], ...]:  # Any: a row of texts
    """The person's keys, with the folder looked at too."""
    from registry_tool.core.errors import NotTrusted

    folder = here.folder("keys")
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        raise NotTrusted("others can look into the folder of your keys", hint=f"chmod -R go= {folder}")
    return here.keys.list()


def _settings(here: World, project: str | None) -> Iterator[Checked]:
    def words() -> str:
        files = settings_of(here, here.project(project)).files
        return ", ".join(f"{one.path} ({one.level})" for one in files) or "no settings file says anything"

    yield _tried("settings", words)


def _tried(what: str, look: Callable[[], str]) -> Checked:
    """What `look` says, or why it cannot."""
    try:
        return Checked(what, "good", look())
    except RegistryError as error:
        return Checked(what, "bad", str(error), error.hint)
    except OSError as error:
        return Checked(what, "bad", f"{error.filename}: {error.strerror}", "give yourself permission to read it")


_LOOKS: Final = (_confinement, _runtimes, _programs, _kept)


def _words(rows: list[Checked], kinds: list[dict[str, Any]], *, usable: bool) -> str:  # Any: JSON
    lines = []
    for row in rows:
        lines.append(f"{row.state:<8} {row.what:<12} {row.words}")
        lines += [f"{'':<21} {row.do}"] if row.do and row.state != "good" else []
    lines += ["", "What is installed here:"]
    by_words: dict[str, list[str]] = {}
    for one in kinds:
        by_words.setdefault(str(one["words"]), []).append(str(one["kind"]))
    lines += [f"  {', '.join(names)}: {words}" for words, names in by_words.items()]
    return "\n".join([*lines, "", "All that must work does." if usable else "Mend what is bad, then run it again."])
