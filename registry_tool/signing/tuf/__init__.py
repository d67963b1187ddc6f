"""The signed index: TUF metadata, written and followed with python-tuf, which is imported on first use."""
