"""What is in the memory and the environment of a process, keys among it, stays there."""

import ctypes
import os
import resource
import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4
_SECRETS = ("HUB_", "AWS_")


def keep_memory_private() -> None:
    """No core dump of this process, and on Linux no other process of the same user may look into it.

    The limit is handed on to processes it starts; the rest each process has to ask for itself.
    """
    with suppress(OSError, ValueError):  # a service manager that forbids this has set the limit itself
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # Besides the limit, which does not hold for dumps that the system pipes into a program.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def environment_without_secrets() -> dict[str, str]:
    """The environment for a program that needs no secret of the hub's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
