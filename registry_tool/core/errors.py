"""Everything that can go wrong, one exit code per branch.

    RegistryError            70   a bug in the tool
    ├── InvalidInput          1   the input breaks rules; every finding was told
    ├── WrongUsage            2   the command was called wrongly
    ├── NotFound              3   no such artifact, version or key
    ├── NotTrusted            4   digest, signature, identity, freshness, revoked: stop
    ├── StateForbids          5   version exists, yanked, already installed, local edits
    ├── Unreachable           6   it could not be reached: try again
    └── Interrupted         130   stopped by the person; nothing half-done

A message says what was expected, what came and where. A hint says what to do next.
"""

from typing import ClassVar

from registry_tool.core.findings import Finding


class RegistryError(Exception):
    """Anything this tool raises on purpose; by itself it means a bug."""

    exit_code: ClassVar[int] = 70
    default_code: ClassVar[str] = "bug"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        where: str = "",
        code: str = "",
        findings: tuple[Finding, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        """What was expected, and what came."""
        self.hint = hint
        """What to do next; empty where nothing can be done."""
        self.where = where
        """The file, path or address that it is about; empty where there is none."""
        self.code = code or self.default_code
        """A stable word for scripts (`--json` prints it)."""
        self.findings = findings
        """All faults, where there can be several."""

    def __str__(self) -> str:
        """The message with its place before it."""
        return f"{self.where}: {self.message}" if self.where else self.message


class InvalidInput(RegistryError):
    """The input breaks rules."""

    exit_code = 1
    default_code = "invalid-input"


class WrongUsage(RegistryError):
    """The command was called wrongly."""

    exit_code = 2
    default_code = "wrong-usage"


class NotFound(RegistryError):
    """There is no such artifact, version, key or registry."""

    exit_code = 3
    default_code = "not-found"


class NotTrusted(RegistryError):
    """A digest, signature, identity or state does not hold. Never downgraded to a warning."""

    exit_code = 4
    default_code = "not-trusted"


class StateForbids(RegistryError):
    """What was asked for is fine, but not in the present state."""

    exit_code = 5
    default_code = "state-forbids"


class Unreachable(RegistryError):
    """Something outside did not answer, or not as it should; trying again may help."""

    exit_code = 6
    default_code = "unreachable"


class Interrupted(RegistryError):
    """The person stopped it; nothing is half-done."""

    exit_code = 130
    default_code = "interrupted"
