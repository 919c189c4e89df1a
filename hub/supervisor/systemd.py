"""Telling systemd how far the hub is (a unit of Type=notify); nothing happens elsewhere. See sd_notify(3)."""

import os
import socket


def notify(state: str) -> None:
    """Send a state such as `READY=1` to whoever started us, when that wants to know."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as messages:
        messages.connect("\0" + place[1:] if place.startswith("@") else place)
        messages.sendall(state.encode())
