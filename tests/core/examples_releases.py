"""The rules of single documents that release something, and of the site; `examples.py` says how they are used."""

from typing import Final

from tests.core.examples import ABSENT, DIGEST, HEX, REF, TIME, Example, documents

MANIFEST: Final = documents()["registry.manifest-1"]
SAYS: Final = "has not the form it needs"


def of_manifest() -> tuple[Example, ...]:
    """`registry.manifest/1`, parts 5 and 6."""
    name, file = "registry.manifest-1", MANIFEST["files"][0]
    pin = {"type": "npm", "name": "left-pad", "digest": "sha512-abcdefgh"}
    source = {"repository": "https://forge.example/ann/solar", "commit": "ab" * 20}
    return (
        Example(name, ("kind",), "a kind is a word", "theme", "Theme", SAYS),
        Example(name, ("scope",), "a scope has no --at places 3 and 4", "an-n--x", "an--n", "places 3 and 4"),
        Example(name, ("scope",), "a scope is lower case", "ann", "Ann", SAYS),
        Example(name, ("name",), "a name is no Windows device", "com", "com1", "device"),
        Example(name, ("name",), "a name has two characters", "ab", "a", SAYS),
        Example(name, ("name",), "a name has at most 64 characters", "a" * 64, "a" * 65, SAYS),
        Example(name, ("name",), "a name ends where it ends", "solar", "solar-", SAYS),
        Example(name, ("author",), "an author is an id", "bob", "bob@forge.example", SAYS),
        Example(name, ("version",), "a version has three numbers", "1.0.0-rc.1+b", "1.0", "three numbers"),
        Example(name, ("version",), "a number has no leading zero", "10.0.0", "1.02.3", "three numbers"),
        Example(
            name,
            ("version",),
            "a version has at most 48 characters",
            "1.0.0-" + "a" * 42,
            "1.0.0-" + "a" * 43,
            "version: ",
        ),
        Example(name, ("visibility",), "it is public or private", "private", "secret", "visibility: "),
        Example(name, ("title",), "a title is a line", "Solar", "", "title: "),
        Example(name, ("license",), "a license is said", "MIT", ABSENT, "license: is missing"),
        Example(name, ("tags",), "tags are words", ["a-b"], ["A B"], SAYS),
        Example(name, ("tags",), "tags are sorted", ["aa", "bb"], ["bb", "aa"], "sorted", schema=False),
        Example(name, ("links",), "links are https", {"home": "https://a.example"}, {"home": "javascript:1"}, SAYS),
        Example(name, ("permissions",), "permissions are sorted", ["a", "b"], ["b", "a"], "sorted", schema=False),
        Example(name, ("permissions",), "a permission stands once", ["a"], ["a", "a"], "sorted", schema=False),
        Example(
            name,
            ("requires",),
            "what it requires is a range",
            {"host": "^1.0.0"},
            {"host": "new"},
            "range",
            schema=False,
        ),
        Example(
            name,
            ("dependencies",),
            "it depends on artifacts",
            {"@ann/base": "1.x"},
            {"base": "1.x"},
            "@scope/name",
            schema=False,
        ),
        Example(
            name,
            ("dependencies",),
            "it depends on ranges",
            {"@ann/base": "*"},
            {"@ann/base": "latest"},
            "range",
            schema=False,
        ),
        Example(name, ("pins",), "a pin is of a known type", [pin], [{**pin, "type": "ftp"}], "type: "),
        Example(name, ("pins",), "a pin has a digest", [pin], [{**pin, "digest": ""}], "digest: "),
        Example(name, ("files",), "there is a file", [file], [], "files: "),
        Example(
            name,
            ("files",),
            "files are sorted",
            [{**file, "path": "a"}, {**file, "path": "b"}],
            [{**file, "path": "b"}, {**file, "path": "a"}],
            "sorted",
            schema=False,
        ),
        Example(name, ("files",), "a file stands once", [file], [file, file], "sorted", schema=False),
        Example(name, ("files", 0, "sha256"), "a file's digest is bare", HEX, DIGEST, SAYS),
        Example(name, ("files", 0, "size"), "a file may be empty", 0, -1, "size: "),
        Example(name, ("files", 0, "executable"), "a file is a program or not", True, 1, "executable: "),
        Example(name, ("bundle", "format"), "the bundle is of a known form", "bundle/1", "zip", "format: "),
        Example(name, ("bundle", "sha256"), "the bundle's digest is bare", HEX, DIGEST, SAYS),
        Example(name, ("reader",), "the rules that read it have a number", "theme/2", "theme", SAYS),
        Example(name, ("spec",), "a spec holds no null", MANIFEST["spec"], {**MANIFEST["spec"], "x": None}, "null"),
        Example(name, ("source",), "a source names a commit", source, {**source, "commit": "main"}, SAYS),
        Example(name, ("source",), "a source is absent, never null", ABSENT, None, "source is null"),
        Example(name, ("imported",), "an import says from where", {"from": "elsewhere"}, {}, "from: is missing"),
    )


def of_releases() -> tuple[Example, ...]:
    """Pointer, approval, admission and evidence, part 8."""
    pointer, approval, admission, evidence = (
        f"registry.{one}-1" for one in "release approval admission evidence".split()
    )
    beside = {"file": f"{'0' * 16}.sig", "sha256": HEX}
    review = {"forge": "forge.example", "review": 3, "account": 7}
    entry = documents()[evidence]["admission"]
    content = {"file": "sigstore.json", "content": "e30="}
    return (
        Example(pointer, ("artifact",), "a pointer names an artifact", "@ann/solar", "ann/solar", SAYS),
        Example(
            pointer, ("artifact",), "an artifact's parts are names", "@ann/solar", "@an--n/solar", "places 3 and 4"
        ),
        Example(pointer, ("artifact",), "no part of it is a device", "@ann/console", "@ann/con", "device"),
        Example(
            pointer,
            ("artifact",),
            "both parts together have an end",
            f"@{'a' * 50}/{'b' * 50}",
            f"@{'a' * 51}/{'b' * 50}",
            "at most 100",
            schema=False,
        ),
        Example(pointer, ("version",), "a pointer names one version", "1.0.0", "latest", "three numbers"),
        Example(pointer, ("manifest",), "a pointer names a digest", DIGEST, HEX, SAYS),
        Example(approval, ("verdict",), "an approval approves", "approve", "reject", "verdict: "),
        Example(
            approval,
            ("under",),
            "an approval is under the moderators",
            {"moderators": REF},
            ABSENT,
            "under: is missing",
        ),
        Example(
            admission,
            ("signatures",),
            "it lists files beside the manifest",
            [beside],
            [{**beside, "file": "x.sig"}],
            SAYS,
        ),
        Example(
            admission,
            ("signatures",),
            "foreign signatures count too",
            [{**beside, "file": f"flat.{'0' * 16}.sig"}],
            [{**beside, "file": f"raw.{'0' * 16}.sig"}],
            SAYS,
        ),
        Example(admission, ("compared",), "nothing to compare with is null", None, ABSENT, "compared: is missing"),
        Example(admission, ("compared",), "it is compared with a version", "1.0.0", "1", "three numbers"),
        Example(admission, ("path",), "a person or an owner let it in", "owner", "gate", "path: "),
        Example(admission, ("approvals",), "an approval is a digest", [DIGEST], [HEX], "approvals[0]"),
        Example(
            admission,
            ("approvals",),
            "an approval is a review in a forge",
            [review],
            [{**review, "account": "mod"}],
            "approvals[0]",
        ),
        Example(admission, ("gained",), "what is gained is said", ["network"], [""], "gained[0]: "),
        Example(admission, ("at",), "it says when", TIME, ABSENT, "at: is missing"),
        Example(
            evidence, ("admission",), "a chain's entry has a text", entry, {**entry, "statement": 1}, "statement: "
        ),
        Example(
            evidence,
            ("admission",),
            "who signed is a reference",
            entry,
            {**entry, "signatures": [{"key": "mod", "signature": "AA=="}]},
            SAYS,
        ),
        Example(
            evidence,
            ("signatures",),
            "a file is one beside the manifest",
            [content],
            [{**content, "file": "../x"}],
            SAYS,
        ),
        Example(evidence, ("signatures",), "its content is base64", [content], [{**content, "content": "{}"}], SAYS),
    )


def of_site() -> tuple[Example, ...]:
    """What the site serves, part 10, and the author's card."""
    record = documents()["registry.name-1"]["versions"]["1.0.0"]
    row = documents()["registry.catalogue-1"]["artifacts"][0]
    entries = documents()["chains-author"]["entries"]
    return (
        Example(
            "registry.name-1", ("versions",), "it is by version", {"2.0.0": record}, {"newest": record}, "three numbers"
        ),
        Example("registry.name-1", ("versions", "1.0.0", "status"), "a status is known", "yanked", "gone", "status: "),
        Example(
            "registry.name-1",
            ("versions", "1.0.0", "events"),
            "events are always there",
            [],
            ABSENT,
            "events: is missing",
        ),
        Example("registry.name-1", ("key",), "it never holds a key", ABSENT, "AA==", "not a member"),
        Example(
            "registry.catalogue-1", ("artifacts",), "a row has a name", [row], [{**row, "artifact": "solar"}], SAYS
        ),
        Example("registry.entry-1", ("offers",), "it says what it offers", ["catalogue"], "catalogue", "offers: "),
        Example("chains-registry", ("roots",), "there is a root", ["{}"], [], "roots: "),
        Example("chains-registry", ("policy",), "there is a policy", entries, [], "policy: "),
        Example("chains-scope", ("keyrings",), "keyrings are by author", {"ann": entries}, {"Ann": entries}, SAYS),
        Example("chains-author", ("entries",), "a chain is not empty", entries, [], "entries: "),
        Example("artifact", ("version",), "YAML's numbers are no versions", "1.0.0", 1.0, "version: "),
        Example("artifact", ("permissions",), "permissions are a list", [], "network", "permissions: "),
        Example("artifact", ("titel",), "a typing mistake is seen", ABSENT, "Solar", "not a member"),
        Example("artifact", ("title",), "nothing to say is absent", ABSENT, None, "title is null"),
    )
