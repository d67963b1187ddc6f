"""The ggui wire, as far as files can speak it (ggui wire facts, part 11): the bundles of gadgets.

    bundles/public/@<scope>/<name>/<version>/bundle.js     the ES module, exactly as the author signed it

Packages, version lists and search come with their own feed.
"""

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
