"""The attacks of security facts, part 1.5, by row. Signature wrapping (row 5) is in `test_wrapping.py`."""

from collections.abc import Mapping, Sequence
from typing import Final

from tests.integration.attacks import rows_of_callers, rows_of_messages, rows_of_signatures
from tests.integration.attacks.alterations import Attack

ROWS: Final[Mapping[int, Sequence[Attack]]] = rows_of_messages.ROWS | rows_of_signatures.ROWS | rows_of_callers.ROWS
