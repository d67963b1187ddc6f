"""`python -m registry_tool`: the same as the command `registry`."""

from registry_tool.cli import main

if __name__ == "__main__":
    main()
