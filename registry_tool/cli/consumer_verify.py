"""`registry verify --all`: what is installed, on the disk and in the registries that it came from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from registry_tool.cli.consumer_ground import Options, root_of, where_flags
from registry_tool.cli.contacting import contact_by_id, index_value, settled_here
from registry_tool.cli.show import result
from registry_tool.core.errors import NotFound, NotTrusted, Unreachable
from registry_tool.core.findings import Finding
from registry_tool.core.names import parse_artifact
from registry_tool.core.settled import facts_of_record
from registry_tool.core.status import TREATMENT
from registry_tool.wiring import World

if TYPE_CHECKING:
    from registry_tool.core.trust import Admitted
    from registry_tool.services.contact import Contact, Name
    from registry_tool.services.project import Receipt
    from registry_tool.stores.disk import DiskTarget

Row = dict[str, Any]  # Any: JSON


def verify_installed(here: World, options: Options) -> None:
    """Holds the files against their receipts and manifests, and the releases against all that is signed.

    Without a network bundles are not fetched: the files on the disk are held against the manifests then.
    """
    from registry_tool.services.consumer import remember
    from registry_tool.services.project import installed

    target = here.target(root_of(here, options))
    receipts = installed(target).values()
    if not receipts:
        raise NotFound("nothing is installed here", code="not-installed", hint="see: registry list")
    faults: list[Finding] = []
    rows: list[Row] = []
    settled = settled_here(here, options)
    contacts: dict[str, Contact] = {}
    for receipt in receipts:
        record = receipt["record"]
        registry = str(record["registry"])
        settled.refuse_installed(here.kinds[str(record["kind"])], facts_of_record(record))
        if registry not in contacts:
            contacts[registry] = contact_by_id(here, registry, options)
        faults += _edited(target, receipt, where_flags(here, options))
        rows += _held(contacts[registry], receipt, where_flags(here, options), faults)
    if faults:
        raise NotTrusted("not all that is installed holds", code="not-trusted", findings=tuple(faults))
    for contact in contacts.values():
        remember(contact, here.state)
    value = {"verified": rows, "index": index_value(here, list(contacts.values()))}
    result(value, as_json=options.as_json, text=lambda: _words(rows))


def _edited(target: "DiskTarget", receipt: "Receipt", flags: str) -> list[Finding]:
    """What was changed on the disk since the install."""
    record = receipt["record"]
    hint = f"registry install {record['id']}@{record['version']} --force{flags} puts it back"
    words = f"{record['id']}: it is not as it was installed"
    return [Finding("edited", "fail", words, path, hint) for path in target.edited(receipt)]


def _held(contact: "Contact", receipt: "Receipt", flags: str, faults: list[Finding]) -> list[Row]:
    """The row of a release that its registry has as it is installed; else what is wrong is added to `faults`."""
    from registry_tool.core.trust import enough_approved
    from registry_tool.services.audit import other_files

    record = receipt["record"]
    version, what = str(record["version"]), f"{record['id']}@{record['version']}"
    (name,) = contact.names([parse_artifact(record["id"])])
    there = name.record.versions.get(version)
    if there is None:
        faults.append(Finding("gone", "fail", f"{what} is not in its registry any more"))
        return []
    if there.manifest != record["manifest"]:
        faults.append(Finding("other-release", "fail", f"{what} is another release in its registry"))
        return []
    admitted, bundle = _looked_at(contact, name, version)
    enough_approved(admitted, contact.approvals)
    hint = f"registry install {what} --force{flags} puts it back"
    words = f"{record['id']}: it is another file than its author signed, and the receipt was changed with it"
    faults += [Finding("other-file", "fail", words, path, hint) for path in other_files(receipt, admitted.manifest)]
    status = name.statuses[version]
    if not TREATMENT[status].stays:
        faults.append(Finding(status, "fail", f"{what} is {status}", "", f"registry uninstall {record['id']}{flags}"))
    return [{"id": record["id"], "version": version, "status": status, "bundle": bundle}]


def _looked_at(contact: "Contact", name: "Name", version: str) -> "tuple[Admitted, str]":
    """The release, and whether its bundle was `checked` or `not-fetched`."""
    try:
        return contact.whole(name, version), "checked"
    except Unreachable as error:
        if error.code != "offline":
            raise
        return contact.admitted(name, version), "not-fetched"


def _words(rows: Sequence[Row]) -> str:
    ways = {
        "checked": "on the disk and in its registry",
        "not-fetched": "on the disk, against its signed manifest; its bundle was not fetched",
    }
    return "\n".join(f"{row['id']} {row['version']} holds, {ways[row['bundle']]}." for row in rows)
