"""What a person or a project wants beyond a registry's own policy: it can only ask for more.

    trust:
      approvals: 2        # as many people must have approved whatever is installed

The person's file is `settings.yaml` in their settings folder, the project's `registry.settings.yaml` beside its
lock file. Where both say something, the larger number counts.
"""

from typing import Annotated, Final

from pydantic import Field

from registry_tool.core.document import Document
from registry_tool.core.errors import InvalidInput
from registry_tool.core.limits import KIB
from registry_tool.core.tables import row_of, yaml_of

PROJECT_FILE: Final = "registry.settings.yaml"
SETTINGS_FILE: Final = "settings.yaml"
SETTINGS_BYTES: Final = 64 * KIB


class TrustSettings(Document):
    """What is trusted."""

    approvals: Annotated[int, Field(ge=0, le=99)] = 0
    """How many people must have approved a release."""


class Settings(Document):
    """The whole file."""

    trust: TrustSettings = TrustSettings()


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
