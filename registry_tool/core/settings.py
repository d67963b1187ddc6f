"""What the machine, a person or a project allows here, beyond a registry's own policy.

    registries:                            # only these, by their ids
      - id: 3f0c…
        name: ours                         # for people
    trust:
      approvals: 2                         # as many people must have approved whatever is installed
      signers:                             # only what one of these signed
        - author: acme
        - key: 0123456789abcdef
        - identity: https://forge.example/acme/words/.github/workflows/release.yml@refs/heads/main
          issuer: https://issuer.example
    permissions:
      never: [chat_inject, "skill network"]    # with the kind before it, where it is meant for one
      granted: ["fs:tmp"]                      # needs no question; not in a project's file
    cool_down: 3d                          # only what was let in at least that long ago
    run:
      unconfined: ["@acme/words"]          # may start with all of the person's rights; or: never

The machine's file is `settings.yaml` in the folder for the settings of all (`/etc/xdg/registry-tool`), the
person's is `settings.yaml` in their own settings folder, the project's is `registry.settings.yaml` beside its lock
file. All hold at once (`settled.py`): none of them can lift what another one says.
"""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from registry_tool.core.document import ArtifactText, Document, HexText, IdText, K16Text, LineText, Seq
from registry_tool.core.errors import InvalidInput, WrongUsage
from registry_tool.core.identity import Expected, parse_expected
from registry_tool.core.limits import KIB
from registry_tool.core.tables import row_of, yaml_of

PROJECT_FILE: Final = "registry.settings.yaml"
SETTINGS_FILE: Final = "settings.yaml"
SETTINGS_BYTES: Final = 64 * KIB

_SPAN: Final = "^[1-9][0-9]{0,6}[smhd]$"
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_ROWS: Final = 1000  # of any list in such a file, which people write by hand
_Permission = Annotated[str, Field(min_length=1, max_length=500)]


class AllowedRegistry(Document):
    """One registry that things may come from."""

    id: HexText
    name: LineText = ""
    """For people; nothing is decided by it."""


class Signer(Document):
    """Somebody whose signature is enough: an author, a key, or a keyless identity."""

    author: IdText = ""
    key: K16Text = ""
    identity: Annotated[str, Field(min_length=1, max_length=500)] = ""
    """The whole of it, or `/regex/`."""
    issuer: Annotated[str, Field(min_length=1, max_length=500)] = ""
    """Who vouches for the identity."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sorted(self.model_fields_set) not in (["author"], ["key"], ["identity", "issuer"]):
            raise ValueError("a signer is an author, a key, or an identity with its issuer")
        try:
            self.expected()
        except WrongUsage as error:
            raise ValueError(error.message) from error
        return self

    def expected(self) -> Expected | None:
        """Whom it means; `None` where it is an author or a key."""
        return parse_expected(self.identity, self.issuer) if self.identity else None

    @property
    def words(self) -> str:
        """The signer, for people."""
        if self.identity:
            return f"{self.identity} of {self.issuer}"
        return f"the author {self.author}" if self.author else f"the key {self.key}"


class TrustSettings(Document):
    """What is trusted."""

    approvals: Annotated[int, Field(ge=0, le=99)] = 0
    """How many people must have approved a release."""
    signers: Annotated[Seq[Signer], Field(max_length=_ROWS)] | None = None
    """Only what one of these signed; nothing at all where it is empty."""


class PermissionSettings(Document):
    """What may be granted."""

    never: Annotated[Seq[_Permission], Field(max_length=_ROWS)] = ()
    """Permissions that nothing gets, nor one that holds them or is held by them."""
    granted: Annotated[Seq[_Permission], Field(max_length=_ROWS)] = ()
    """Permissions that nobody is asked for."""


class RunSettings(Document):
    """How things start."""

    unconfined: Annotated[Seq[ArtifactText], Field(max_length=_ROWS)] | Literal["never"] = ()
    """What may start with all of the person's rights; `never` where nothing may, whatever anybody says."""


class Settings(Document):
    """The whole file."""

    registries: Annotated[Seq[AllowedRegistry], Field(max_length=_ROWS)] | None = None
    """Only these; nothing at all where it is empty."""
    trust: TrustSettings = TrustSettings()
    permissions: PermissionSettings = PermissionSettings()
    cool_down: Annotated[str, Field(pattern=_SPAN)] = ""
    """How long ago a release must have been let in: `90m`, `36h`, `3d`."""
    run: RunSettings = RunSettings()

    @property
    def cool_down_seconds(self) -> int:
        """The same in seconds; 0 where nothing is said."""
        return int(self.cool_down[:-1]) * _SECONDS[self.cool_down[-1]] if self.cool_down else 0


def read_settings(data: bytes, *, what: str) -> Settings:
    """The settings in the file `what`; `InvalidInput` (`bad-settings`) for unknown keys and anything else."""
    hint = "write:\ntrust:\n  approvals: 2"
    if len(data) > SETTINGS_BYTES:
        raise InvalidInput(f"it may have at most {SETTINGS_BYTES} bytes", where=what, code="bad-settings", hint=hint)
    try:
        value = yaml_of(data, what)
        if value is None:
            return Settings()
        if not isinstance(value, dict):
            raise InvalidInput("it is no list of `key: value` lines", where=what, hint=hint)
        return row_of(Settings, value, what)
    except InvalidInput as error:
        raise InvalidInput(
            error.message, where=what, code="bad-settings", hint=error.hint or hint, findings=error.findings
        ) from error


def kind_and_permission(text: str) -> tuple[str, str]:
    """`("skill", "network")` of `skill network`; `("", "network")` of `network`, which is meant for every kind."""
    found = re.fullmatch(r"([a-z][a-z0-9-]*) (\S.*)", text, re.DOTALL)
    return (found[1], found[2]) if found else ("", text)
