"""A report as text, Markdown, JSON and SARIF, and the differences that it shows."""
