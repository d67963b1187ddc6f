"""The trust root of the public sigstore instance, as the library brings it along."""

from importlib.resources import files

_INSTANCE = "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"
"""The folder that the library keeps it in, named for the instance."""


def public_trusted_root() -> bytes:
    """The trust root of the public instance; what a new registry believes.

    Read from the installed library, never from the cache that its own tool keeps: nobody checks that.
    """
    return files("sigstore").joinpath("_store", _INSTANCE, "trusted_root.json").read_bytes()
