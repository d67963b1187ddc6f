"""`registry policy show`: what holds here, and which file or registry says it."""

from typing import Any

from registry_tool.cli.consumer_ground import Options, choose_registry
from registry_tool.cli.contacting import contact_with, settled_here
from registry_tool.cli.deciding import bench_of
from registry_tool.cli.show import result
from registry_tool.core.errors import NotFound, RegistryError
from registry_tool.core.policy_words import differences, policy_lines
from registry_tool.core.published import registry_of
from registry_tool.core.settled import WHOSE, HereRule
from registry_tool.core.standing import government_at
from registry_tool.core.statements import Policy
from registry_tool.services import governing
from registry_tool.services.bench import Bench, tip_of
from registry_tool.services.governing import Draft
from registry_tool.wiring import World, looks_like_git

Json = dict[str, Any]


def show_policy(here: World, where: str | None, project: str | None, *, as_json: bool) -> None:
    """Shows the rules of the settings files that hold in the project, then the registry's policy.

    Where no registry is named and none is chosen, the settings alone.
    """
    options = Options(where=where, project=project)
    local = settled_here(here, options).rules()
    said: Json = {}
    try:
        said = _of_registry(here, options)
    except RegistryError as error:
        if where is not None or error.code != "which-registry":
            raise
    registry = [HereRule("policy", line, "registry", said["where"]) for line in said.get("words", ())]
    value = {"words": [], **said, "rules": [one.value() for one in (*local, *registry)]}
    value.pop("waits_words", None)
    result(value, as_json=as_json, text=lambda: "\n".join(_words(local, said)))


def policy_of(bench: Bench) -> Policy:
    """The policy that holds in a registry's repository."""
    _, tip = tip_of(bench.history)
    return government_at(tip, registry=registry_of(tip), check=bench.means.check).policy.head.body


def _of_registry(here: World, options: Options) -> Json:
    """The policy of the registry that is named, stood in, or would be installed from, and what waits there."""
    repository = options.where or here.standing_in()
    if repository is not None and not _is_read_only(here, str(repository)):
        try:
            return _of_repository(bench_of(here, options.where), str(repository))
        except NotFound as error:
            if error.code != "no-git-address":
                raise
    contact = contact_with(here, choose_registry(here, options, "install").where, options)
    now = contact.government.policy.head.body
    return {**_value(now), "change": None, "where": contact.source.where, "waits_words": []}


def _of_repository(bench: Bench, where: str) -> Json:
    now = policy_of(bench)
    waits = _waiting(bench)
    change = waits.value() if waits is not None else None
    return {**_value(now), "change": change, "where": where, "waits_words": _change_lines(now, waits)}


def _is_read_only(here: World, where: str) -> bool:
    """Whether it is what a build or an export wrote, on this machine: it has no repository to read changes in."""
    known = {str(one["name"]): str(one["where"]) for one in here.state.registries()}
    path = here.path(known.get(where, where).removeprefix("file://"))
    return path.exists() and not looks_like_git(path)


def _value(now: Policy) -> Json:
    members = ("approvals", "gate", "waits", "self_approval", "private", "limits")
    document = now.value()
    return {
        "number": now.number,
        **{name: document[name] for name in members},
        "words": list(policy_lines(now)),
    }


def _words(local: tuple[HereRule, ...], said: Json) -> list[str]:
    lines = []
    for level, path in dict.fromkeys((one.said_by, one.path) for one in local):
        lines.append(f"{WHOSE[level][0].upper()}{WHOSE[level][1:]} ({path}) say:")
        lines += [f"  {one.words}" for one in local if one.path == path]
    if not said:
        return lines or ["No settings file says anything, and no registry is chosen: name one with --registry."]
    return [*lines, *([f"The policy of {said['where']}:"] if lines else []), *said["words"], *said["waits_words"]]


def _waiting(bench: Bench) -> Draft | None:
    _, tip = tip_of(bench.history)
    try:
        return governing.waiting(bench, tip, "policy")
    except NotFound:
        return None


def _change_lines(now: Policy, waits: Draft | None) -> list[str]:
    if waits is None:
        return []
    sentences = differences(now, waits.body) if isinstance(waits.body, Policy) else ()
    lead = f"A change waits as {waits.branch} for {'; '.join(waits.missing)}:"
    return [lead, *(f"  {one}" for one in sentences), "  look at it and sign: registry policy sign"]
