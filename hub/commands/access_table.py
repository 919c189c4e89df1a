"""Writes what is shipped about access into `docs/access.md`: `python -m hub.commands.access_table docs/access.md`."""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hub.config.access_policy import load_policy
from hub.domain.access_matrix import Basis, Cell, Edition, Permission, Role
from hub.domain.access_policy import AccessPolicy, ActionRules

_BETWEEN_MARKS = re.compile(r"(?<=<!-- policy -->\n).*(?=<!-- end of policy -->)", re.DOTALL)


def with_policy(document: str) -> str:
    """The document with the shipped policy between its marks."""
    return _BETWEEN_MARKS.sub(lambda _: "\n".join(_tables(load_policy())), document)


def _tables(policy: AccessPolicy) -> Iterator[str]:
    for edition in policy.matrix.editions:
        yield f"From {edition.effective.isoformat()} on:\n"
        yield from _matrix(edition, [role for role in policy.roles if edition.knows(role)])
    yield from _table(
        ("action", "patient", "mandatary", "care providers"),
        (
            (f"`{action}`", "yes" if it.patient else "–", _mandatary(it), _providers(it))
            for action, it in policy.actions.items()
        ),
    )


def _matrix(edition: Edition, roles: Sequence[Role]) -> Iterator[str]:
    rows = [(category.name, [category.cell(role) for role in roles]) for category in edition.categories]
    parts = list(dict.fromkeys(cell.items for _, cells in rows for cell in cells if cell.items))
    yield from _table(
        ("category", *(role.name for role in roles)),
        ((name, *(_cell(cell, parts) for cell in cells)) for name, cells in rows),
    )
    yield from _table(
        ("part", "item kinds (CD-ITEM)"),
        ((str(number), ", ".join(sorted(items))) for number, items in enumerate(parts, start=1)),
    )
    yield from _table(
        ("category", "types (CD-TRANSACTION)", "with one of these authors (CD-HCPARTY)", "patients wait"),
        (
            (it.name, _codes(it.types) or "all", _codes(it.authors), f"{it.delay} days" if it.delay else "")
            for it in edition.categories
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _cell(cell: Cell, parts: Sequence[frozenset[str]]) -> str:
    """What a cell says; in italics what is inferred."""
    word = {Permission.NONE: "–", Permission.CONDITIONAL: "cond."}.get(cell.permission, cell.permission.value)
    text = f"{word} {parts.index(cell.items) + 1}" if cell.items else word
    return text if cell.basis is Basis.SOURCED else f"*{text}*"


def _codes(codes: frozenset[str]) -> str:
    return ", ".join(sorted(codes))


def _mandatary(rules: ActionRules) -> str:
    if not rules.mandate:
        return "–"
    return "who may read" if rules.by_reading else "who may decide"


def _providers(rules: ActionRules) -> str:
    named = (("", rules.roles), ("with a link: ", rules.linked), ("about themselves: ", rules.concerned))
    texts = [f"{head}{'all' if '*' in roles else _codes(roles)}" for head, roles in named if roles]
    return "; ".join([*texts, "the author of the document"] if rules.author else texts) or "–"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_policy(path.read_text(encoding="utf-8")), encoding="utf-8")
