"""What the build publishes for other tools: one pure function per format."""
