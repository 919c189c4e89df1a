"""Writes the table of rules into `docs/validation.md`: `python -m hub.commands.rule_table docs/validation.md`."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from hub.wire.kmehr.rule_texts import KMEHR_RULES, MESSAGE_RULES, Rule
from hub.wire.kmehr.schema_texts import SCHEMA_RULES

_BETWEEN_MARKS = re.compile(r"(?<=<!-- rules -->\n).*(?=<!-- end of rules -->)", re.DOTALL)


def with_rule_table(document: str) -> str:
    """The document with the present catalogue between its marks."""
    return _BETWEEN_MARKS.sub(lambda _: _table((*MESSAGE_RULES, *SCHEMA_RULES, *KMEHR_RULES)), document)


def _table(rules: Iterable[Rule]) -> str:
    rows = "".join(f"| `{rule.id}` | {rule.severity} | {rule.what} | {rule.why} |\n" for rule in rules)
    return f"| rule | severity | what it finds | why |\n| --- | --- | --- | --- |\n{rows}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_rule_table(path.read_text(encoding="utf-8")), encoding="utf-8")
