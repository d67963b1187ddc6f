"""Where everything lies: in the repository (parts 3, 4, 8) and on the site (part 10).

Nobody else puts these paths together or takes them apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from registry_tool.core.digest import Hex
from registry_tool.core.errors import InvalidInput
from registry_tool.core.keys import K16
from registry_tool.core.names import ArtifactId
from registry_tool.core.versions import parse_version

TABLES = ("registry.yaml", "categories.yaml", "tiers.yaml", "featured.yaml", "sources.yaml")
"""Words and tables; nothing that decides trust is read from them."""

ATTRIBUTES = "index/** -text -filter -ident -merge\n"
"""What the repository's `.gitattributes` says, so that no checkout changes a byte."""

Role = Literal[
    "table",
    "root",
    "targets",
    "trusted-root",
    "chain",
    "blob",
    "blob-signature",
    "pointer",
    "admission",
    "approval",
    "event",
    "moderation",
    "profile",
    "review",
    "waiver",
    "entitlement",
    "other",
]

_ID = r"[a-z0-9][a-z0-9-]{0,62}[a-z0-9]"
_SIG = r"(?:\.(?P<sig>[0-9a-f]{16})\.sig|\.json)"
_NUMBER = r"(?P<number>[1-9][0-9]{0,8})"
_RELEASES = rf"index/releases/(?P<aa>[a-z0-9-]{{2}})/(?P<scope>{_ID})/(?P<name>{_ID})"
_VERSION = rf"{_RELEASES}/(?P<version>[0-9][0-9a-z.-]{{4,47}})"
_SUFFIX = r"(?:flat\.|wire\.)?[0-9a-f]{16}\.sig|(?:wire\.)?sigstore\.json"
_FORMS: tuple[tuple[Role, str], ...] = (
    ("table", rf"index/(?P<table>{'|'.join(re.escape(table) for table in TABLES)})"),
    ("root", rf"index/trust/{_NUMBER}\.root\.json"),
    ("targets", rf"index/trust/{_NUMBER}\.targets\.json"),
    ("trusted-root", r"index/trust/(?P<hex>[0-9a-f]{64})\.trusted_root\.json"),
    ("chain", rf"index/(?P<subject>moderators|policy)/{_NUMBER}{_SIG}"),
    ("chain", rf"index/(?P<family>authors)/(?P<aa>[a-z0-9-]{{2}})/(?P<owner>{_ID})/keys/{_NUMBER}{_SIG}"),
    ("chain", rf"index/(?P<family>scopes)/(?P<aa>[a-z0-9-]{{2}})/(?P<owner>{_ID})/{_NUMBER}{_SIG}"),
    ("blob", rf"{_RELEASES}/blobs/(?P<bb>[0-9a-f]{{2}})/(?P<hex>[0-9a-f]{{64}})"),
    (
        "blob-signature",
        rf"{_RELEASES}/blobs/(?P<bb>[0-9a-f]{{2}})/(?P<hex>[0-9a-f]{{64}})\.(?P<suffix>{_SUFFIX})",
    ),
    ("pointer", rf"{_VERSION}/release\.json"),
    ("admission", rf"{_VERSION}/admission{_SIG}"),
    ("approval", rf"{_VERSION}/approvals/(?P<person>{_ID}){_SIG}"),
    ("event", rf"{_VERSION}/events/{_NUMBER}{_SIG}"),
    ("profile", rf"index/authors/(?P<aa>[a-z0-9-]{{2}})/(?P<owner>{_ID})/profile/{_NUMBER}{_SIG}"),
    (
        "review",
        rf"index/reviews/(?P<aa>[a-z0-9-]{{2}})/(?P<scope>{_ID})/(?P<name>{_ID})/(?P<person>{_ID})/{_NUMBER}{_SIG}",
    ),
    ("waiver", rf"index/waivers/(?P<waiver>[a-z0-9][a-z0-9-]{{0,62}}){_SIG}"),
    ("entitlement", rf"index/entitlements/(?P<holder>{_ID})/{_NUMBER}{_SIG}"),
    ("moderation", rf"index/moderation/(?P<year>[0-9]{{4}})/(?P<hex>[0-9a-f]{{64}})/{_NUMBER}{_SIG}"),
)
_COMPILED = tuple((role, re.compile(form)) for role, form in _FORMS)


def _begin(beginning: str) -> tuple[tuple[Role, re.Pattern[str]], ...]:
    """The forms that a path with this beginning can have."""
    return tuple(one for one, (_, form) in zip(_COMPILED, _FORMS, strict=True) if form.startswith(beginning))


_IN_BLOBS = _begin(f"{_RELEASES}/blobs")
_IN_RELEASES = {
    "release.json": _begin(rf"{_VERSION}/release"),
    "admission": _begin(f"{_VERSION}/admission"),
    "approvals": _begin(f"{_VERSION}/approvals"),
    "events": _begin(f"{_VERSION}/events"),
}
_ELSEWHERE = tuple(one for one, (_, form) in zip(_COMPILED, _FORMS, strict=True) if not form.startswith(_RELEASES))


def _possible(path: str) -> tuple[tuple[Role, re.Pattern[str]], ...]:
    """The few forms that are worth trying: a build locates every file of a repository."""
    if not path.startswith("index/releases/"):
        return _ELSEWHERE
    parts = path.split("/", 7)
    if len(parts) < 7:
        return ()
    if parts[5] == "blobs":
        return _IN_BLOBS
    last = parts[6]
    return _IN_RELEASES.get("admission" if last.startswith("admission.") else last, ())


@dataclass(frozen=True, slots=True)
class Located:
    """What a path in the repository is; members that do not apply are empty."""

    path: str
    role: Role
    subject: str = ""
    """Of a chain: `moderators`, `policy`, `authors/<id>`, `scopes/<scope>`; of a family of statements: `profile/<id>`,
    `reviews/@s/n/<author>`, `waivers/<id>`, `entitlements/<id>`."""
    artifact: ArtifactId | None = None
    version: str = ""
    """The version's folder: lower case, without build metadata."""
    number: int = 0
    hex: str = ""
    """A blob's digest, or a submission's id."""
    suffix: str = ""
    """Of a file beside a manifest's blob."""
    person: str = ""
    sig: K16 | None = None
    """Whose detached signature it is; `None` for the document itself."""


def locate(path: str) -> Located:
    """What lies at `path`; role `other` for a path that the layout does not have.

    Names are of the right form here; devices, encoded names and length are refused by whoever reads
    what lies there, in words of their own.
    """
    for role, form in _possible(path):
        match = form.fullmatch(path)
        if match:
            return _located(path, role, match.groupdict())
    return Located(path, "other")


def _located(path: str, role: Role, parts: dict[str, str | None]) -> Located:
    owner, scope, digest = parts.get("owner"), parts.get("scope"), parts.get("hex") or ""
    if (owner or scope or "")[:2] != (parts.get("aa") or ""):
        return Located(path, "other")
    if parts.get("bb") and not digest.startswith(parts["bb"] or ""):
        return Located(path, "other")
    if not _is_folder(parts.get("version")):
        return Located(path, "other")
    sig = parts.get("sig")
    return Located(
        path,
        role,
        subject=_subject(role, parts),
        artifact=ArtifactId(scope, parts["name"]) if scope else None,  # type: ignore[arg-type]  # the pattern is the grammar
        version=parts.get("version") or "",
        number=int(parts.get("number") or 0),
        hex=digest,
        suffix=parts.get("suffix") or "",
        person=parts.get("person") or "",
        sig=K16(sig) if sig else None,
    )


def _subject(role: Role, parts: Mapping[str, str | None]) -> str:
    """What a statement at a path is about; it says the same itself, or is refused (part 4)."""
    match role:
        case "chain":
            return parts.get("subject") or f"{parts['family']}/{parts['owner']}"
        case "profile":
            return f"profile/{parts['owner']}"
        case "review":
            return f"reviews/@{parts['scope']}/{parts['name']}/{parts['person']}"
        case "waiver":
            return f"waivers/{parts['waiver']}"
        case "entitlement":
            return f"entitlements/{parts['holder']}"
        case _:
            return ""


def _is_folder(version: str | None) -> bool:
    """Whether a version is in the one spelling that folders have (part 5)."""
    try:
        return version is None or parse_version(version).folder == version
    except InvalidInput:
        return False


TRUST = "index/trust"
"""What people sign offline."""


def root_path(number: int) -> str:
    """The root metadata with this number."""
    return f"{TRUST}/{number}.root.json"


def targets_path(number: int) -> str:
    """The targets metadata with this number."""
    return f"{TRUST}/{number}.targets.json"


def trusted_root_path(digest: Hex) -> str:
    """The sigstore trust root with this digest."""
    return f"{TRUST}/{digest}.trusted_root.json"


def chain_folder(subject: str) -> str:
    """The folder of a chain."""
    family, _, owner = subject.partition("/")
    if family == "authors":
        return f"index/authors/{owner[:2]}/{owner}/keys"
    if family == "scopes":
        return f"index/scopes/{owner[:2]}/{owner}"
    if family == "profile":
        return f"index/authors/{owner[:2]}/{owner}/profile"
    if family == "reviews":
        scope, name, author = owner.removeprefix("@").split("/")
        return f"index/reviews/{scope[:2]}/{scope}/{name}/{author}"
    if family == "entitlements":
        return f"index/entitlements/{owner}"
    return f"index/{family}"


def statement_path(subject: str, number: int) -> str:
    """A statement of a chain."""
    return f"{chain_folder(subject)}/{number}.json"


def waiver_path(name: str) -> str:
    """A waiver; it has no second number."""
    return f"index/waivers/{name}.json"


def signature_path(document: str, key: K16) -> str:
    """The detached signature of a JSON document by a key (part 1.4)."""
    return f"{document.removesuffix('.json')}.{key}.sig"


def name_folder(artifact: ArtifactId) -> str:
    """Everything about a name."""
    return f"index/releases/{artifact.scope[:2]}/{artifact.scope}/{artifact.name}"


def blob_path(artifact: ArtifactId, digest: Hex) -> str:
    """A manifest or payload file below its name."""
    return f"{name_folder(artifact)}/blobs/{digest[:2]}/{digest}"


def version_folder(artifact: ArtifactId, version: str) -> str:
    """Everything about a version; letter case and build metadata do not make another one."""
    return f"{name_folder(artifact)}/{parse_version(version).folder}"


def reviews_folder(artifact: ArtifactId) -> str:
    """Everything that people think of a name, a folder for each of them."""
    return f"index/reviews/{artifact.scope[:2]}/{artifact.scope}/{artifact.name}"


def moderation_folder(submission: str, year: str) -> str:
    """What was said about a submission in a year."""
    return f"index/moderation/{year}/{submission}"


# The site.

ENTRY = "index/registry.json"
CATALOGUE = "index/catalogue.json"
REVOKED = "index/revoked.json"
REGISTRY_CHAINS = "chains/registry.json"
TRUSTED_ROOT = "trust/trusted_root.json"
"""The sigstore trust root, a target of the offline keys."""
TRUST_TARGETS = "trust/targets.json"
"""The newest targets metadata, for clients that ask for no index: a clone, an export, a frozen lock."""
SITE_QUEUE = "queue/queue.json"
"""What waited when the site was built, where it shows that."""
METADATA = "tuf/"
"""Where the signed index lies."""
TIMESTAMP = METADATA + "timestamp.json"


def is_listed(path: str) -> bool:
    """Whether the signed index lists a file of the site: what clients read by name."""
    return path.startswith(("index/", "chains/"))


def read_with(path: str) -> str | None:
    """The chain that whoever reads a per-name file reads too; `None` for other files."""
    parts = path.split("/")
    return scope_path(parts[2]) if len(parts) == 4 and parts[0] == "index" else None


def by_digest(path: str, digest: str) -> str:
    """The same file under its digest, as clients of the signed index ask for it (TUF 1.0.33 part 5.7)."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{digest}.{name}"


def metadata_path(role: str, version: int) -> str:
    """A file of the signed index other than the timestamp."""
    return f"{METADATA}{version}.{role}.json"


def object_path(digest: str) -> str:
    """A bundle, manifest or evidence on the site, by bare hex."""
    return f"objects/sha256/{digest[:2]}/{digest}"


def name_path(artifact: ArtifactId) -> str:
    """The per-name file."""
    return f"index/{artifact.scope[:2]}/{artifact.scope}/{artifact.name}.json"


def scope_path(scope: str) -> str:
    """A scope's chain with its keyrings."""
    return f"chains/scopes/{scope[:2]}/{scope}.json"


def author_path(author: str) -> str:
    """A keyring that lies apart."""
    return f"chains/authors/{author[:2]}/{author}.json"


def author_file_path(author: str) -> str:
    """Who an author is; there for those who have a profile."""
    return f"index/authors/{author[:2]}/{author}/profile.json"


def reviews_path(artifact: ArtifactId) -> str:
    """What people think of a name; there for those that have reviews."""
    return f"{reviews_folder(artifact)}.json"
