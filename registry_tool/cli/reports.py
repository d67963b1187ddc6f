"""A report in the form that was asked for."""

import json

from registry_tool.core.review import Report

FORMATS = ("text", "json", "markdown", "sarif", "github")


def render(report: Report, form: str) -> str:
    """The report as text for people, Markdown for a pull request, JSON or SARIF for programs, a job's annotations."""
    if form == "markdown":
        from registry_tool.core.reports.markdown import to_markdown

        return to_markdown(report).rstrip("\n")
    if form == "sarif":
        from registry_tool import __version__
        from registry_tool.checks import all_checks
        from registry_tool.core.reports.sarif import to_sarif

        return json.dumps(to_sarif(report, all_checks(), version=__version__), sort_keys=True, ensure_ascii=False)
    if form == "github":
        from registry_tool.core.reports.annotations import to_annotations

        return to_annotations(report).rstrip("\n")
    from registry_tool.core.reports.plain import to_json, to_text

    return (
        json.dumps(to_json(report), sort_keys=True, ensure_ascii=False)
        if form == "json"
        else to_text(report).rstrip("\n")
    )
