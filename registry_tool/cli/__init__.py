"""The command line: words in, calls to services out, results shown.

Verbs are loaded when they are called, so that `registry --help` imports nothing but click: the table
below says where each lives and what it is for. The verbs of a kind come from the files in `kinds/`.
"""

import atexit
import gc
import json
import pkgutil
import sys
from importlib import import_module
from typing import Any

import click

from registry_tool import __version__

VERBS: dict[str, tuple[str, str]] = {
    "check": ("checking", "Say what a folder is, what it asks for, and what to mend."),
    "publish": ("author", "Sign a folder and submit it to a registry."),
    "keys": ("keys", "Make, import, rotate, revoke and recover your keys."),
    "author": ("profiles", "Say who you are, have it confirmed, and see who others are."),
    "review": ("reviews", "Say what you think of an artifact, and read what others do."),
    "scope": ("members", "Invite somebody into a scope, or remove them."),
    "intake": ("intake", "Take in a release that its author's own job signed."),
    "import": ("importing", "Take in what other catalogues list, marked as imported."),
    "status": ("submissions", "Show what became of your submissions."),
    "withdraw": ("submissions", "Take back a submission that is not decided yet."),
    "waiver": ("waivers", "Let a release pass a check that is wrong about it, for a time."),
    "moderators": ("moderators", "Show who moderates a registry, let people in, end keys."),
    "queue": ("moderator", "List, show, approve and reject submissions."),
    "admit": ("admit", "Let in what needs no moderator's key, as the gate."),
    "policy": ("policy", "Show what admitting takes here, and change it."),
    "report": ("report", "Write the report on a submission into its pull request, as a job."),
    "yank": ("lifecycle", "Take a version of yours back."),
    "deprecate": ("lifecycle", "Say that something else is better."),
    "quarantine": ("lifecycle", "Stop a version from being installed, as a moderator."),
    "revoke": ("lifecycle", "Say that nobody should have a version, as a moderator."),
    "withhold": ("lifecycle", "Stop publishing a version's files, as a moderator."),
    "restore": ("lifecycle", "Lift what was said of a version."),
    "init": ("founding", "Make a new registry."),
    "hook": ("hook", "Judge what is pushed to a bare repository, for git's hooks."),
    "build": ("operator", "Turn a registry's repository into a static site."),
    "dist": ("dist", "Lay out releases for tools that install from repositories."),
    "serve": ("operator", "Serve a built site on this machine."),
    "stats": ("stats", "Count installs from access logs."),
    "trust": ("trust", "Show, refresh and change what a registry's trust stands on."),
    "add": ("consumer_remote", "Trust a registry from now on, by its id."),
    "remote": ("consumer_remote", "List and remove the registries that you trust."),
    "search": ("consumer_find", "Find artifacts."),
    "show": ("consumer_find", "Show everything about an artifact."),
    "install": ("consumer_install", "Verify and install artifacts."),
    "tier": ("tiers", "Show, keep and give out tiers, where a registry has any."),
    "uninstall": ("consumer_install", "Remove what an install wrote, exactly."),
    "list": ("consumer_kept", "List what is installed here."),
    "update": ("consumer_kept", "Install newer versions of what is installed."),
    "sync": ("sync", "Make the project equal to its lock file."),
    "export": ("exporting", "Write one file to install an artifact from without a network."),
    "verify": ("consumer_find", "Verify an artifact or a whole registry, and install nothing."),
    "audit": ("audit", "Compare what is installed with the newest state of its registries."),
    "run": ("run", "Start an installed plugin or a skill's script."),
    "doctor": ("doctor", "Say what works on this machine, and what to do about the rest."),
}
"""Verb to the module of `cli/` that has it, and its one line of help."""


def kind_names() -> tuple[str, ...]:
    """The kinds' ids: the names of the files in `kinds/`, which are not imported for it."""
    import registry_tool

    folder = f"{registry_tool.__path__[0]}/kinds"
    return tuple(sorted(module.name for module in pkgutil.iter_modules([folder])))


class Verbs(click.Group):
    """The group whose verbs are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb in the order of the table, then the kinds."""
        return [*VERBS, *kind_names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, imported now."""
        if cmd_name in VERBS:
            module = import_module(f"registry_tool.cli.{VERBS[cmd_name][0]}")
            command: click.Command = getattr(module, f"{cmd_name}_" if cmd_name in ("list", "import") else cmd_name)
            return command
        if cmd_name in kind_names():
            kinds: Any = import_module("registry_tool.cli.kinds")  # Any: an import cycle for mypy, not for Python
            built: click.Command = kinds.verbs_of(cmd_name)
            return built
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with their lines from the table, nothing imported."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])
        with formatter.section("Kinds (create, publish, search, install, uninstall)"):
            formatter.write_dl([(", ".join(kind_names()), "The same verbs, locked to one kind.")])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="registry")
def registry() -> None:
    """A registry that is nothing but a git repository and static files.

    Example: registry install @acme/solar
    """


def main(args: list[str] | None = None, world: Any = None) -> None:  # Any: a World, imported late
    """Runs the command line, in `world` where one is given; exits with the code of the error's branch."""
    from registry_tool.core.errors import RegistryError

    arguments = sys.argv[1:] if args is None else args
    gc.set_threshold(50_000, 20, 20)  # most verbs end before a collection would free anything,
    atexit.register(gc.disable)  # and a last one would only delay the end: 20 ms of an install
    as_json = "--json" in arguments
    try:
        code = registry.main(args=arguments, prog_name="registry", standalone_mode=False, obj=world)
    except RegistryError as error:
        sys.exit(_tell(error, as_json=as_json))
    except (click.exceptions.Abort, KeyboardInterrupt):
        _complain({"code": "interrupted", "message": "stopped; nothing is half-done", "exit": 130}, as_json=as_json)
        sys.exit(130)
    except click.ClickException as error:
        if as_json:
            hint = f"see: {error.ctx.command_path} --help" if isinstance(error, click.UsageError) and error.ctx else ""
            _complain({"code": "wrong-usage", "message": error.format_message(), "exit": 2, "hint": hint}, as_json=True)
        else:
            error.show()
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        from registry_tool.stores.rooted import told

        sys.exit(_tell(told(error, str(error.filename or "")), as_json=as_json))
    except Exception as error:  # noqa: BLE001  # the last door: scripts must not take a bug for bad input
        _bug(error, as_json=as_json)
        sys.exit(70)
    sys.exit(code if isinstance(code, int) else 0)


def _bug(error: Exception, *, as_json: bool) -> None:
    import traceback

    click.echo("".join(traceback.format_exception(error)), err=True)
    message = f"this is a bug in the tool: {type(error).__name__}: {error}"
    hint = "nothing says that it worked; please report it with the lines above"
    _complain({"code": "bug", "message": message, "exit": 70, "hint": hint}, as_json=as_json)


_HINTS = {
    1: "mend that, then run it again",
    2: "add --help to see how it is called",
    3: "look at the spelling, and at what is there: registry search, registry list, registry remote list",
    4: "nothing was taken from it: try another mirror, or ask the registry's operator before you go on",
    5: "change that first, then run it again",
    6: "try again later, or from another mirror",
}
"""What to do next, by exit code, where the error does not say it better."""


def _tell(error: Any, *, as_json: bool) -> int:  # Any: a RegistryError, imported late
    findings = [
        {
            "check": one.check,
            "level": one.level,
            "message": one.message,
            "path": one.path,
            "line": one.line,
            "hint": one.hint,
        }
        for one in error.findings
    ]
    report = {
        "code": error.code,
        "exit": error.exit_code,
        "message": error.message,
        "where": error.where,
        "hint": error.hint or ("" if any(one.hint for one in error.findings) else _HINTS.get(error.exit_code, "")),
    }
    _complain({**report, "findings": findings}, as_json=as_json)
    return int(error.exit_code)


def _complain(report: dict[str, Any], *, as_json: bool) -> None:  # Any: JSON
    """The error: one JSON object on stdout for scripts, words on stderr for people."""
    if as_json:
        click.echo(json.dumps({"error": report}, sort_keys=True).replace("##[", "#\\u0023["))  # see `show.json_line`
        return
    from registry_tool.cli.show import plain

    where = f"{report['where']}: " if report.get("where") else ""
    lines = [f"error: {where}{report['message']}"]
    for finding in report.get("findings", ()):
        place = finding["path"].replace("\n", "\\n") + (f":{finding['line']}" if finding["line"] else "")
        lines.append(f"  {finding['level']:<6} {place + ': ' if place else ''}{finding['message']}")
        lines += [f"         {finding['hint']}"] if finding["hint"] else []
    lines += [f"  {report['hint']}"] if report.get("hint") else []
    click.echo(plain("\n".join(lines)), err=True)
