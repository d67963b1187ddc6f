"""The gate between an agent and a plugin's server (MCP over stdio): what may pass, decided without any I/O.

    client ──▶ from_client ──▶ server        gate         the client's side, and the session
    client ◀── from_server ◀── server        server       the server's side
                                             asking       what a client may ask for
                                             answers      what of a server's answers passes
                                             shown        which tools are shown, now
                                             listing      which tools are shown, by one listing
                                             definitions  what is shown of a tool
                                             wire         JSON-RPC, read one way and written anew
                                             lines        lines out of bytes
                                             moved        what follows from a line

Nothing passes that is not named in these modules. To the client the gate is a server with the granted tools and no
more, to the server a client that offers nothing. It speaks to either in the version of the protocol that it knows.
"""

from registry_tool.core.toolgate.gate import Gate
from registry_tool.core.toolgate.lines import Lines
from registry_tool.core.toolgate.moved import Moved
from registry_tool.core.toolgate.wire import LINE_BYTES

__all__ = ["LINE_BYTES", "Gate", "Lines", "Moved"]
