"""What a registry answered, read: something that is not well formed is not trusted."""

from typing import TypeVar

from registry_tool.core import canonical, layout, limits
from registry_tool.core.digest import Hex, sha256
from registry_tool.core.document import Document
from registry_tool.core.errors import InvalidInput, NotTrusted, Unreachable
from registry_tool.core.release import RegistryChains

D = TypeVar("D", bound=Document)


class told:  # noqa: N801  # reads as a word in a with statement
    """What a registry serves and is not well formed is not trusted, whoever made it so."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        """Nothing is done before."""

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, InvalidInput):
            raise NotTrusted(
                f"what it serves is broken: {error.message}",
                where=error.where or self._where,
                code=error.code,
                hint=error.hint,
                findings=error.findings,
            ) from error


def read_chains(data: bytes | None, where: str) -> RegistryChains:
    """`chains/registry.json`; `Unreachable` where something else than a registry answers."""
    if data is None or data.lstrip()[:1] in (b"<", b""):
        what = "there is nothing" if data is None else "it answers with a page" if data else "it answers with nothing"
        raise Unreachable(
            f"this is no registry: {what} at {layout.REGISTRY_CHAINS}",
            where=where,
            code="not-a-registry",
            hint="is the address right, and does it go on behind the host's name?",
        )
    with told(where):
        return document_of(RegistryChains, data, layout.REGISTRY_CHAINS)


def first_root(chains: bytes | None, where: str) -> Hex:
    """The id of the registry that serves `chains`, which nobody vouches for yet."""
    return sha256(first_root_text(chains, where))


def first_root_text(chains: bytes | None, where: str) -> bytes:
    """The first root that `chains` hold, whose digest is the registry's id."""
    return read_chains(chains, where).roots[0].encode("utf-8", "surrogatepass")


def document_of(model: type[D], data: bytes, what: str) -> D:
    """The unsigned document that `data` holds; `InvalidInput`. What it carries is verified by others."""
    value = canonical.parse(data, limit=limits.CHAIN_FILE_BYTES, what=what)
    if not isinstance(value, dict):
        raise InvalidInput(f"{what} is not a JSON object", code="invalid-document")
    return model.of(value)


def right_object(digest: Hex, data: bytes | None, *, where: str) -> bytes:
    """`data`, if it is there and has this digest; `Unreachable` and `NotTrusted` otherwise."""
    if data is None:
        raise Unreachable(
            "an object that the registry names is not there",
            where=where,
            code="object-missing",
            hint="try again in a minute, or from another mirror",
        )
    if sha256(data) != digest:
        raise NotTrusted(
            f"expected sha256 {digest}, got {sha256(data)}",
            where=where,
            code="bad-digest",
            hint="the address or something between here and there changed it; try another mirror",
        )
    return data
