"""What is made of an author's sources when a folder is read: a module more among its files, and no byte changed."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from registry_tool.cli import show
from registry_tool.core import limits
from registry_tool.core.bundled import arguments, bundler_faults, by_hand, compiling, finished, judged
from registry_tool.core.bundling import Recipe, compiled, recipe_of
from registry_tool.core.card import Card
from registry_tool.core.describe import kind_of
from registry_tool.core.errors import InvalidInput, RegistryError
from registry_tool.core.findings import Finding
from registry_tool.core.native.package_lock import Locked
from registry_tool.core.payload import Payload, PayloadFile
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.sandbox.esbuild import Ran

_PACKAGE_FILES: Final = 20_000
_PACKAGE_BYTES: Final = 256 * limits.MIB
_READ: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".json", ".css", ".svg", ".png", ".woff2")


def bundled(world: World, folder: Path, whole: Payload, chosen: Payload, card: Card, *, kind: str) -> Payload:
    """The files to publish: `chosen`, and the module that is made of `whole`, where one has to be.

    `kind` is what a flag says. Raises `InvalidInput` with every fault of the sources, `NotFound` and `Unreachable`
    where the bundler cannot be had, `StateForbids` where it cannot be confined.
    """
    # A folder that says by itself what it is cannot be made into something else by a flag.
    found = kind_of(whole, card, world.kinds, said="")[0] or kind_of(whole, card, world.kinds, said=kind)[0]
    recipe = recipe_of(found.id, whole, card) if found else None
    if recipe is not None:
        return {**chosen, **_new(_made(world, folder, whole, recipe), whole)}
    if found is not None and (plain := compiled(found.id, whole, card)) is not None:
        _compile(world, folder, whole, plain)
    return chosen


def _made(world: World, folder: Path, whole: Payload, recipe: Recipe) -> dict[str, PayloadFile]:
    packages = dict(_packages(folder, recipe))
    own = {path: file.data for path, file in whole.items()}
    try:
        ran = _run(world, folder, recipe, [*own.items(), *packages.items()])
    except RegistryError as error:
        if error.code not in ("no-esbuild", "no-sandbox"):
            raise
        message = f"{recipe.entry} has to be bundled: {error.message}"
        first = "`registry doctor` says how to mend that" if error.code == "no-sandbox" else error.hint
        raise type(error)(message, code=error.code, hint=f"{first}; or {by_hand(recipe)}") from error
    if not ran.outputs:
        raise _refused(recipe, bundler_faults(ran.said, recipe, whole))
    return finished(recipe, ran.outputs, judged(recipe, ran.outputs["meta.json"], own))


def _run(world: World, folder: Path, recipe: Recipe, files: Iterable[tuple[str, bytes]]) -> "Ran":
    """What the bundler made, after it was fetched where that had to be."""
    from registry_tool.sandbox import esbuild

    pin, cache = esbuild.pin_for(), world.folder("cache")
    program = esbuild.program_at_hand(pin, cache=cache, folder=folder)
    if program is None:
        show.Talk(quiet=False).say(f"fetching {pin.package} once, which bundles {recipe.entry}")
        program = esbuild.fetch_program(pin, cache=cache, env=world.env)
    return esbuild.run(program, arguments(recipe), files)


def _refused(recipe: Recipe, faults: tuple[Finding, ...]) -> InvalidInput:
    return InvalidInput(f"{recipe.entry} cannot be bundled as it is", code="not-bundled", findings=faults)


def _new(made: Mapping[str, PayloadFile], whole: Payload) -> Mapping[str, PayloadFile]:
    """What was made, where the folder holds nothing else at its place."""
    others = [path for path, file in made.items() if path in whole and whole[path].data != file.data]
    if others:
        message = "the folder holds another file here than its sources give"
        hint = "remove it, or name it as what is loaded (entry in artifact.yaml) and publish it as it is"
        faults = tuple(Finding("bundle-other", "fail", message, path, hint) for path in others)
        raise InvalidInput(f"{others[0]} is made when this is published", code="not-bundled", findings=faults)
    return made


def _compile(world: World, folder: Path, whole: Payload, recipe: Recipe) -> None:
    """Lets the compiler look at a source that is published as it is, where that is at hand and can be confined."""
    from registry_tool.sandbox import esbuild

    try:
        program = esbuild.program_at_hand(esbuild.pin_for(), cache=world.folder("cache"), folder=folder)
        own = [(recipe.entry, whole[recipe.entry].data)]
        ran = esbuild.run(program, compiling(recipe), own) if program is not None else None
    except RegistryError:
        return  # our own reader of its syntax has looked at it already
    if ran is not None and not ran.outputs:
        raise _refused(recipe, bundler_faults(ran.said, recipe, whole))


def _packages(folder: Path, recipe: Recipe) -> Iterator[tuple[str, bytes]]:
    """The files of the locked packages that lie in the author's `node_modules`; each has the version that is locked."""
    faults, files, size = [], 0, 0
    for one in recipe.packages.values():
        wrong = _difference(folder, one)
        if wrong and one.folder.removeprefix("node_modules/") in recipe.used:
            faults.append(Finding("bundle-lock", "fail", wrong, recipe.entry, "put it there: npm ci"))
        if wrong:
            continue
        for path in _below(folder / one.folder):
            files, size = files + 1, size + path.stat().st_size
            if files > _PACKAGE_FILES or size > _PACKAGE_BYTES:
                message = f"its packages have more than {_PACKAGE_FILES} files or {_PACKAGE_BYTES} bytes"
                faults.append(Finding("bundle-lock", "fail", message, "package.json", "depend on less"))
                raise _refused(recipe, tuple(faults))
            yield path.relative_to(folder).as_posix(), path.read_bytes()
    if faults:
        raise _refused(recipe, tuple(faults))


def _difference(top: Path, one: Locked) -> str:
    """Why the folder of a package cannot be taken; empty where it can."""
    import json

    root = top / one.folder
    try:
        if not root.is_dir() or root.resolve() != top.resolve() / one.folder:
            return f"{one.folder} is not there as a folder, as npm makes it"
        value = json.loads((root / "package.json").read_bytes()[: limits.NATIVE_BYTES])
    except (OSError, ValueError, RecursionError):
        value = None
    version = value.get("version") if isinstance(value, dict) else None
    if version != one.version:
        return f"{one.folder} has the version {str(version)[:40]!r}, and package-lock.json says {one.version}"
    return ""


def _below(root: Path) -> Iterator[Path]:
    """The files of one package that a module may be made of, sorted; no links, and no packages inside it."""
    for entry in sorted(root.iterdir()):
        if entry.is_symlink() or entry.name == "node_modules":
            continue
        if entry.is_dir():
            yield from _below(entry)
        elif entry.suffix in _READ and entry.is_file():
            yield entry
