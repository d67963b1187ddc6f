"""HTTP, the only door to it: a registry's files, and servers with an API.

    source        a static site, file by file          Source
    exchange      an API: any method, any status       Exchange
    connections   what both share

Bytes are bounded while they come, time for all of a request, names of hosts and headers too.
"""

from registry_tool.stores.http.exchange import HttpExchange
from registry_tool.stores.http.source import HttpSource

__all__ = ["HttpExchange", "HttpSource"]
