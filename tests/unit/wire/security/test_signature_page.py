"""The page that explains failing signatures knows every cause, with the fault that it is answered with."""

import re
from pathlib import Path

from hub.domain.errors import Reason
from hub.web.soap.faults import FAULTS
from hub.wire.security.refusal import Cause

PAGE = Path(__file__).resolve().parents[4] / "docs" / "signatures.md"


def rows() -> dict[str, str]:
    """The fault that the page gives for each cause."""
    found: dict[str, str] = {}
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("| `"):
            causes, fault, _ = line.strip("| ").split(" | ", 2)
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", causes), fault.strip("`"))
    return found


def fault_of(reason: Reason) -> str:
    code = FAULTS[reason].code
    return code if ":" in code else f"soap:{code}"


def test_every_cause_is_explained_with_its_fault() -> None:
    assert rows() == {cause.label: fault_of(cause.reason) for cause in Cause}


def test_no_two_causes_have_one_name() -> None:
    assert len({cause.label for cause in Cause}) == len(Cause)
