"""Where bytes are kept or fetched: git, HTTP and disk, each behind a port of the core."""
