"""Whether a document that came back is the one that was put.

By canonical XML, without what a hub adds (protocol facts, part 4).
"""

from copy import deepcopy

from lxml import etree

from hub.wire.hubservices.responses import HubIdentity
from hub.wire.kmehr.paths import cut, path_of
from hub.wire.kmehr.persons import read_ids
from hub.wire.namespaces import KMEHR
from hub.wire.xml import local_name


def difference(
    put: etree._Element, fetched: etree._Element, hub: HubIdentity, *, was_sealed: bool = False
) -> str | None:
    """The first place where two messages differ, or None when they are identical.

    Not compared: the hub among the senders, the recipient it adds, the id it gives to each transaction, the version of
    a set, which the hub counts, and prefixes; of one that was sealed, the white space around its folders.
    """
    put, fetched = deepcopy(put), deepcopy(fetched)
    if was_sealed:
        for message in (put, fetched):
            _remove_space_around_folders(message)
    _remove_additions(put, fetched, hub)
    for message in (put, fetched):
        _remove_version(message)
    if etree.canonicalize(put, rewrite_prefixes=True) == etree.canonicalize(fetched, rewrite_prefixes=True):
        return None
    return _first_difference(put, fetched, put) or "the same elements, written differently"


def _remove_additions(put: etree._Element, fetched: etree._Element, hub: HubIdentity) -> None:
    for path in ("header/sender/hcparty", "header/recipient"):
        before, after = _all(put, path), _all(fetched, path)
        if len(after) == len(before) + 1:
            _detach(after[0])
    for one, other in zip(_all(put, "folder/transaction"), _all(fetched, "folder/transaction"), strict=False):
        before, after = _all(one, "id"), _all(other, "id")
        if len(after) == len(before) + 1 and read_ids(other)[-1].local_scheme == hub.id_scheme:
            _detach(after[-1])


def _remove_version(message: etree._Element) -> None:
    """The version is the last element of a transaction, so the white space behind it goes with it."""
    for head in _all(message, "folder/transaction")[:1]:
        for version in _all(head, "version"):
            head.remove(version)


def _remove_space_around_folders(message: etree._Element) -> None:
    for child in message:
        child.tail = None


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall("/".join(f"{{{KMEHR}}}{name}" for name in path.split("/")))


def _detach(element: etree._Element) -> None:
    """Take out an element and leave the white space behind it where it is."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "") or None
    else:
        parent.text = (parent.text or "") + (element.tail or "") or None
    parent.remove(element)


def _first_difference(one: etree._Element, other: etree._Element, message: etree._Element) -> str | None:
    if found := _own_difference(one, other, path_of(one, message)):
        return found
    for child, counterpart in zip(one, other, strict=False):
        if found := _first_difference(child, counterpart, message):
            return found
        if (child.tail or "") != (counterpart.tail or ""):
            return f"{path_of(child, message)}: other text behind it"
    if len(one) != len(other):
        return f"{path_of(one, message)}: {len(one)} elements came back as {len(other)}"
    return None


def _own_difference(one: etree._Element, other: etree._Element, where: str) -> str | None:
    if one.tag != other.tag:
        return f"{where} came back as {local_name(other)}"
    if sorted(one.items()) != sorted(other.items()):
        return f"{where}: attributes differ"
    if (one.text or "") != (other.text or ""):
        return f"{where}: '{cut(one.text or '')}' came back as '{cut(other.text or '')}'"
    return None
