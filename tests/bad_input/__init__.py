"""Bad input at the level of the command: each row has its exit code, one clear message, and nothing is written."""
