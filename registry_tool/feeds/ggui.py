"""The ggui wire, as far as files can speak it (ggui wire facts, parts 6, 9 and 11).

    bundles/public/@<scope>/<name>/<version>/bundle.js       a gadget's ES module, exactly as its author signed it
                                             bundle.js.sig   the author's envelope, of blueprints too
                                             manifest.json   the manifest that the ggui client reads
    pkg/<scope>/<name>/<version>          the package body; no extension, absolute addresses
    pkg/<scope>/<name>/index.json         every version, the highest first
    gone/pkg/<scope>/<name>/<version>     the body of a yanked one: for hosts that answer 410 at pkg/…
    ggui/<kind>/pkg/…                     the same two, for a base address that knows one kind only

A yanked release is not at `pkg/`, since the client installs whatever is answered with 200; its bundle stays for apps
that import it. What a moderator took back is nowhere. A private release is nowhere either: no file can ask who reads
it. `bundle.js` alone does not depend on all this: our own installs name it, and have verified its bytes.
"""

from registry_tool.core.ggui import wire
from registry_tool.core.ggui.package import Package, address, body, package_of, yanked
from registry_tool.core.index import About, Name
from registry_tool.core.payload import Files
from registry_tool.core.status import TREATMENT

GADGET = "gadget"
ENTRY = "entry"
"""The member of a gadget's `spec` that names its ES module."""


def gadget_bundles(name: Name, about: About) -> Files:
    """`bundle.js` of every release of a gadget but the quarantined, revoked and withheld; nothing for other kinds."""
    files: dict[str, bytes] = {}
    if name.kind != GADGET:
        return files
    for release in name.releases:
        module = release.payload.get(str(release.manifest.spec.get(ENTRY, "")))
        if module is not None and TREATMENT[release.status].module:
            # A yanked one stays: apps that have it installed import it from here.
            files[f"bundles/public/{name.artifact}/{release.manifest.version}/bundle.js"] = module.data
    return files


def packages(name: Name, about: About) -> Files:
    """All but the bundles; nothing where the site has no address, for kinds that are not on the wire, or unsigned."""
    found = [one for release in name.releases if (one := package_of(name, release, about)) is not None]
    if not found:
        return {}
    files: dict[str, bytes] = {}
    bases = ("", f"ggui/{name.kind}/")
    listed = wire.canonical({"artifactId": str(name.artifact), "versions": [_version(one) for one in found]})
    for base in bases:
        files[f"{base}{_folder(name)}/index.json"] = listed
    for one in found:
        version, folder = one.release.manifest.version, address(one.release.manifest)
        answered = wire.canonical(body(one, name, about))
        for place in ("gone/",) if yanked(one.release) else bases:
            files[f"{place}{_folder(name)}/{version}"] = answered
        files[f"{folder}/bundle.js.sig"] = wire.canonical(one.envelope)
        files[f"{folder}/manifest.json"] = wire.canonical(one.manifest)
    return files


def _folder(name: Name) -> str:
    return f"pkg/{name.artifact.scope}/{name.artifact.name}"


def _version(package: Package) -> dict[str, object]:
    release = package.release
    return {
        "version": release.manifest.version,
        "publishedAt": package.published,
        "yanked": yanked(release),
        "kind": release.manifest.kind,
        "visibility": release.manifest.visibility,
    }
