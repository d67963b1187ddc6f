"""Stands for a process of the tool: hands arguments, folder, variables and open files to `tests/forking.py`.

    python -I -S tests/forked.py SOCKET ARGUMENT...

A program of its own that imports next to nothing; it ends as the process ends that it stands for.
"""

import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as asked:
    asked.connect(sys.argv[1])
    umask = os.umask(0)
    arguments = [os.fsencode(word) for word in sys.argv[2:]]
    variables = [name + b"=" + value for name, value in os.environb.items()]
    said = b"\0".join([os.getcwdb(), b"%d" % umask, b"%d" % len(arguments), *arguments, *variables])
    socket.send_fds(asked, [len(said).to_bytes(8, "big")], [0, 1, 2])
    asked.sendall(said)
    ended = asked.recv(1)
os._exit(ended[0] if ended else 137)  # nothing said: it was killed
