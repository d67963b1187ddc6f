"""Values and rules: no I/O, no clock, no environment.

Everything in here takes bytes and values and returns values. The world is reached through the
protocols of `ports.py`, whose implementations live in the layers above.
"""
