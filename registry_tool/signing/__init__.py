"""Signatures: one module per way to sign."""
