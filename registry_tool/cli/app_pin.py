"""`registry app pin`: the digests of an app's images, written into its `artifact.yaml`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry_tool.cli import show
from registry_tool.core.errors import InvalidInput
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.native.compose_values import Image
    from registry_tool.core.payload import Payload


@click.command(
    name="pin",
    help="Write the digests of an app's images into artifact.yaml, as they are in their registries now.\n\n"
    "With them everybody who installs it runs the same bytes. Images whose digest stands in the compose file are left "
    "as they are.\n\nExample: registry app pin wiki",
)
@click.argument("directory", metavar="[DIR]", default=".")
@show.yes_option
@show.dry_run_option
@show.json_option
@click.pass_context
def pin(ctx: click.Context, /, directory: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Asks each image's registry, shows the difference, and writes it where the person agrees."""
    from registry_tool.cli.folders import folders_of, said_of
    from registry_tool.core.describe import CARD
    from registry_tool.core.image_pins import with_image_pins
    from registry_tool.core.payload import PayloadFile
    from registry_tool.core.reports.diff import diff
    from registry_tool.stores.mended import write_back

    here, talk = show.world(ctx), show.Talk(quiet=as_json)
    said = said_of(artifact="", version="", author="", permissions=(), kind="app")
    folder = folders_of(here, (directory,), said)[0]
    digests = _digests(here, _images(here, folder.payload), talk)
    before = {path: file for path, file in folder.payload.items() if path == CARD}
    data = with_image_pins(folder.payload, digests) if digests else None
    changed = data is not None and (CARD not in before or before[CARD].data != data)
    if data is not None and changed:
        talk.say("\n".join(diff(before, {CARD: PayloadFile(data)}).lines))
        if not dry_run:
            show.ask(here, f"Write {CARD}?", flag="--yes", yes=yes)
            write_back(Path(folder.where), {CARD: data}, before={path: file.data for path, file in before.items()})
    rows = [{"image": image.tagged, "digest": digest} for image, digest in digests.items()]
    value = {"folder": folder.where, "pins": rows, "written": changed and not dry_run}
    show.result(value, as_json=as_json, text=lambda: _words(len(rows), changed=changed, dry_run=dry_run))


def _images(here: World, payload: "Payload") -> "list[Image]":
    """The images of the compose file that it names without a digest."""
    from registry_tool.core.describe import recompute
    from registry_tool.core.native.compose_values import read_image

    reading = recompute(payload, here.kinds["app"])
    faults = tuple(finding for finding in reading.findings if finding.level == "fail")
    if faults:
        raise InvalidInput("the app cannot be read yet", code="not-publishable", findings=faults)
    return [read_image(text.replace("$", "$$")) for text in reading.spec["images"] if text and "@" not in text]


def _digests(here: World, images: "list[Image]", talk: show.Talk) -> "dict[Image, str]":
    from registry_tool.core.native.image_places import place_of
    from registry_tool.stores.address import login_for
    from registry_tool.stores.http import HttpExchange
    from registry_tool.stores.images import ImageRegistries

    registries = ImageRegistries(HttpExchange(env=here.env), lambda address: login_for(address, here.env))
    found = {}
    for image in images:
        found[image] = registries.digest(place_of(image))
        talk.say(f"{image.tagged} is {found[image]}")
    return found


def _words(count: int, *, changed: bool, dry_run: bool) -> str:
    if not count:
        return "Every image has its digest in the compose file."
    if not changed:
        return f"The digests of {count} images are as they were."
    return f"{'Would pin' if dry_run else 'Pinned'} {count} images in artifact.yaml."
