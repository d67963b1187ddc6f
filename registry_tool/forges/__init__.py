"""How a submission becomes a pull request: one module per forge."""
