"""Writes what `registry init --forge github` would write for this repository: python -m tests.forge.own_files"""

from pathlib import Path

from registry_tool.forges.github_files import files_for

if __name__ == "__main__":
    root = Path(__file__).parents[2]
    for path, data in files_for(own=True).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
