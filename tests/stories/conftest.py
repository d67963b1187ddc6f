"""The forge of these stories: a small GitHub behind the proxy that knows GitHub's published description."""

from tests.forge.conftest import described_api, github, github_home

__all__ = ["described_api", "github", "github_home"]
