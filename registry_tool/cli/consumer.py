"""The consumer's verbs, gathered for the table of verbs."""

from registry_tool.cli.consumer_find import search_verb, show, verify
from registry_tool.cli.consumer_install import install_verb, uninstall_verb
from registry_tool.cli.consumer_kept import list_, update
from registry_tool.cli.consumer_remote import add, remote

search = search_verb(None)
install = install_verb(None)
uninstall = uninstall_verb(None)

__all__ = ["add", "install", "list_", "remote", "search", "show", "uninstall", "update", "verify"]
