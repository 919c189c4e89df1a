"""National numbers for commands: given on the command line, or from where the list of processes does not show them."""

import sys
from pathlib import Path
from typing import Final

from hub.domain.errors import HubError, Reason
from hub.domain.identifiers import Ssin

HOW_GIVEN: Final = "`-` for a line of standard input, or `@FILE`"


def given(text: str) -> str:
    """A number as it was given, or from where it was said to be. Raises OSError."""
    if text == "-":
        return sys.stdin.readline().strip()
    return Path(text[1:]).read_text("utf-8").strip() if text.startswith("@") else text


def given_ssin(text: str, *, option: str) -> Ssin:
    """The same as the number of a person. Raises OSError, and HubError (content) which names the option."""
    try:
        return Ssin(given(text))
    except (HubError, UnicodeError) as error:
        wanted = "an INSS (or BIS) number of 11 digits with right check digits"
        raise HubError(Reason.CONTENT, where=option, limit=wanted) from error
