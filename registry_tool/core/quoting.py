"""Foreign text made fit for a message: short, and nothing that a terminal would obey."""

SHOWN_CHARACTERS = 60  # a line of a terminal still holds the sentence around it


def quoted(text: str) -> str:
    """`text` in quotes: control, invisible and bidirectional characters escaped, cut after 60 characters."""
    return repr(text) if len(text) <= SHOWN_CHARACTERS else repr(text[:SHOWN_CHARACTERS]) + "…"
