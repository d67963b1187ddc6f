"""A report in SARIF 2.1.0, which forges and editors show beside the files (OASIS, 27 March 2020)."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from registry_tool.core.digest import sha256
from registry_tool.core.errors import RegistryError
from registry_tool.core.findings import Finding, Level
from registry_tool.core.places import repository_path
from registry_tool.core.reports.steps import next_step
from registry_tool.core.reports.view import is_waived
from registry_tool.core.reports.words import visible
from registry_tool.core.review import PAGE, Check, Report, rules_of
from registry_tool.core.tables import REGISTRY_TABLE, read_registry_table

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final[dict[Level, str]] = {"fail": "error", "review": "warning", "warn": "warning", "note": "note"}


def to_sarif(report: Report, checks: Sequence[Check], *, version: str) -> dict[str, Any]:  # Any: JSON
    """The report as a SARIF log with one run; `version` is this tool's.

    A file of a payload is told by its path in the repository, where its blob lies; its own name is the
    logical location.
    """
    known = rules_of(checks)
    page = _page(report)
    ids = sorted({check.id for check in checks} | {finding.check for finding in report.findings})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "registry-tool",
                        "version": version,
                        "semanticVersion": version,
                        "rules": [_rule(one, known.get(one), page) for one in ids],
                    }
                },
                "automationDetails": {"id": f"registry-check/{report.change.submission}"},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not report.undecided,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": visible(one)}} for one in report.undecided
                        ],
                    }
                ],
                "results": [_result(report, finding, ids.index(finding.check)) for finding in report.findings],
                "properties": {"verdict": report.verdict, "next": next_step(report)},
            }
        ],
    }


def _page(report: Report) -> str:
    """Where the registry's site tells what each check is for; empty where it has no address."""
    try:
        url = read_registry_table(report.change.tip.read(REGISTRY_TABLE)).url
    except RegistryError:
        return ""  # the check of paths says what is wrong with it
    return f"{url}{PAGE}" if url else ""


def _rule(name: str, check: Check | None, page: str) -> dict[str, Any]:  # Any: JSON
    if check is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": f"{check.title}."},
        "fullDescription": {"text": f"{check.title}. {check.why}"},
        "defaultConfiguration": {"level": _LEVELS[check.level]},
        **({"helpUri": page} if page else {}),
    }


def _result(report: Report, finding: Finding, rule: int) -> dict[str, Any]:  # Any: JSON
    text = visible(finding.message)
    hint = " ".join(visible(line.strip()) for line in finding.hint.splitlines())
    print_of = "\n".join((finding.check, finding.path, finding.message))
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": _LEVELS[finding.level],
        "message": {"text": f"{text}. {hint}" if hint else text},
        "partialFingerprints": {"registryFinding/v1": sha256(print_of.encode("utf-8", "surrogatepass"))},
        "properties": {"level": finding.level},
    }
    if is_waived(finding):
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": text}]
    if finding.path:
        result["locations"] = [_location(report, finding)]
    return result


def _location(report: Report, finding: Finding) -> dict[str, Any]:  # Any: JSON
    path = repository_path(report.change, finding.path)
    uri = quote(path.encode("utf-8", "surrogatepass"), safe="/@")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if finding.line:
        physical["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if path != finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(finding.path), "kind": "resource"}]
    return location
