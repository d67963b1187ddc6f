"""Keyless signatures, the one door to sigstore: verifying in `verify.py`, signing in `sign.py`.

Both are slow to load (half a second), so only `wiring.py` imports them, when the first keyless signature
has to be verified or made.
"""
