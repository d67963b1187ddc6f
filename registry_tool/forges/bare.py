"""A bare repository that looks after itself: git's hooks ask the tool, and refuse what it refuses.

    hooks/pre-receive     what a push brings is judged before git keeps it
    hooks/post-receive    when a submission was first seen is written down

The hooks hold no secrets and name the tool by the absolute path of its interpreter: a server's PATH is somebody
else's business. Where the tool is gone they refuse everything.
"""

import shlex
from typing import Final

from registry_tool.core.payload import PayloadFile
from registry_tool.forges.setup import Ground, Setting, Setup

HOOKS: Final = ("pre-receive", "post-receive")
MARK: Final = "# Written by `registry hook install`; write it again where the tool moved to."

SETTINGS: Final = (
    # A server's own settings may name another folder, and then nobody would look at anything.
    Setting("core", "hooksPath", "hooks"),
    # Larger ones are never held in memory while they come; without a suffix, which not every reader knows.
    Setting("core", "bigFileThreshold", "67108864", kept=True),
    Setting("receive", "fsckObjects", "true"),
    Setting("receive", "maxInputSize", "192m", kept=True),  # the largest submission, and half of it again
    # A statement that waits for signatures is put anew on the newest state; that main goes on is the hook's to see.
    Setting("receive", "denyNonFastForwards", "false"),
    Setting("receive", "denyDeletes", "false"),
    Setting("uploadpack", "allowFilter", "true"),  # who reads a registry fetches only what they need of it,
    Setting("uploadpack", "allowAnySHA1InWant", "true"),  # object by object
)


def setup(ground: Ground) -> Setup:
    """Hooks and settings of a bare repository."""
    return Setup(
        bare=True,
        kept={f"hooks/{name}": PayloadFile(hook(name, ground.python), executable=True) for name in HOOKS},
        settings=SETTINGS,
        words=(
            "Whoever may push to it can submit, and nothing lands that moderators did not sign.",
            "Serve it over ssh, git daemon --enable=receive-pack, or git http-backend.",
        ),
    )


def hook(name: str, python: str) -> bytes:
    """The script of a hook, run by the interpreter at the absolute path `python`.

    `-P` and `-E`: neither the folder that git starts it in nor the environment says what is imported.
    After a push that brings no submission nothing is to be remembered, and nothing is started.
    """
    start = f'"$python" -P -E -m registry_tool hook {name}'
    after = (
        "submissions=$(grep ' refs/heads/submit/' | grep -v ' 0000000000000000000000000000000000000000 ')\n"
        '[ -z "$submissions" ] || printf \'%s\\n\' "$submissions" | '
    )
    return (
        "#!/bin/sh\n"
        f"{MARK}\n"
        f"python={shlex.quote(python)}\n"
        'if ! [ -x "$python" ]; then\n'
        "    echo 'error: the registry'\\''s tool is not where it was, so nothing is taken' >&2\n"
        "    echo '  whoever keeps this repository runs: registry hook install REPOSITORY' >&2\n"
        "    exit 1\n"
        "fi\n"
        f"{after if name == 'post-receive' else 'exec '}{start}\n"
    ).encode()
