"""What people think of an artifact: say it, and read it."""

from typing import TYPE_CHECKING, Any

import click

from registry_tool.cli import show
from registry_tool.cli.consumer_ground import Options, reading_options
from registry_tool.cli.folders import desk_of
from registry_tool.cli.sending import acting, documents_in, opened, submit
from registry_tool.core.artifact_reviews import MOST_STARS, rating_words
from registry_tool.core.names import parse_wanted
from registry_tool.core.quoting import quoted

if TYPE_CHECKING:
    from registry_tool.services.contact import Contact
    from registry_tool.services.reviewing import Step


class Reviews(click.Group):
    """A group whose first word may be an artifact: then it is the verb that writes a review."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the verb in front of an artifact."""
        return super().parse_args(ctx, ["write", *args] if args and args[0].startswith("@") else args)


@click.group(cls=Reviews)
def review() -> None:
    """Say what you think of an artifact, and read what others do.

    `registry review @scope/name --stars 4` is the same as `registry review write @scope/name --stars 4`.

    Example: registry review @acme/solar --stars 4 --text "Warm colours." --as bob --registry reg
    """


@review.command("write", epilog='Example: registry review @acme/solar@1.0.0 --stars 4 --text "Warm colours." --as bob')
@click.argument("wanted", metavar="@SCOPE/NAME[@VERSION]")
@click.option("--stars", type=click.IntRange(1, MOST_STARS), required=True, help="From 1 to 5.")
@click.option("--text", default="", help="Why; people will read it beside your name.")
@click.option("--as", "by", default="", metavar="AUTHOR", help="The author that you are.")
@show.registry_option
@show.dry_run_option
@show.json_option
@click.pass_context
def write(
    ctx: click.Context, wanted: str, stars: int, text: str, by: str, where: str | None, dry_run: bool, as_json: bool
) -> None:
    """Review an artifact of somebody else; a second review of yours takes the place of the first.

    It is signed with your signing key and goes out as a submission.
    """
    from registry_tool.services.reviewing import Opinion, prepare

    world = show.world(ctx)
    access, tip = opened(world, where)
    opinion = Opinion(parse_wanted(wanted), stars, text.strip())
    step = prepare(tip, opinion, by=acting(world, by), desk=desk_of(world, throwaway=dry_run, tip=tip))
    artifact = step.body.subject.removeprefix("reviews/").rpartition("/")[0]
    if not dry_run:
        submit(
            world,
            access,
            step.files,
            id=step.id,
            branch=step.branch,
            by=step.author,
            message=f"Review of {artifact}@{step.body.version}\n",
            words=[f"a review of {artifact}@{step.body.version}"],
            statements=documents_in(step.files),
        )
    value = {
        "submission": step.id,
        "branch": step.branch,
        "registry": step.registry,
        "where": access.where,
        "artifact": artifact,
        "author": step.author,
        "version": step.body.version,
        "stars": stars,
        "text": step.body.text,
        "number": step.body.number,
        "state": "pending",
        "dry_run": dry_run,
    }
    show.result(value, as_json=as_json, text=lambda: _words(step, artifact, dry_run=dry_run))


def _words(step: "Step", artifact: str, *, dry_run: bool) -> str:
    said = f"{step.body.stars} of {MOST_STARS} stars for {artifact}@{step.body.version}: {quoted(step.body.text)}"
    if dry_run:
        return f"Would submit, signed by {step.author}: {said}. Nothing was written."
    lines = [f"Submitted, signed by {step.author}: {said}"]
    if step.body.number > 1:
        lines.append("It takes the place of what you said before, which stays readable.")
    lines.append(f"It waits as {step.branch}; a moderator decides. What became of it: registry status")
    return "\n".join([*lines, f"Take it back: registry withdraw {step.id[:12]}"])


@review.command("list", epilog="Example: registry review list @acme/solar --registry reg")
@click.argument("wanted", metavar="@SCOPE/NAME")
@reading_options
@click.pass_context
def list_(ctx: click.Context, /, wanted: str, **given: Any) -> None:  # Any: click's values
    """What people think of an artifact, the newest first."""
    from registry_tool.cli.contacting import read_from
    from registry_tool.services.opinions import reviews_of

    world, options = show.world(ctx), Options(**given)
    artifact = parse_wanted(wanted).artifact

    def read(contact: "Contact") -> dict[str, Any]:  # Any: JSON
        contact.names([artifact])  # says where there is no such thing
        return reviews_of(contact.source, contact.registry, artifact)

    value = read_from(world, options, read)
    show.result(value, as_json=options.as_json, text=lambda: _list_words(value))


def _list_words(value: dict[str, Any]) -> str:  # Any: JSON
    lines = [f"{value['artifact']}: {rating_words(value['rating'])}"]
    for one in value["reviews"]:
        lines += ["", f"{one['stars']} of {MOST_STARS}  {one['author']} on {one['version']} at {one['at']}"]
        lines += [f"  {line}" for line in one["text"].splitlines()]
    left = value["rating"]["count"] - len(value["reviews"])
    return "\n".join([*lines, *(["", f"{left} older ones are in the registry's repository."] if left else [])])
