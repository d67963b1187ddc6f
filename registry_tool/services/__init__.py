"""What people do with a registry: one module per actor, one function per verb, speaking only to ports."""
