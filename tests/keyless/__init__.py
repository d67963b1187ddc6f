"""Keyless signatures, over a sigstore instance of our own in pure Python."""
