"""The wire of the ggui client: its canonical JSON, manifests, signatures, gate and project files."""
