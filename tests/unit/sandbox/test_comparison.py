"""Comparing a document that came back with the one that was put."""

import pytest
from lxml import etree

from hub.domain.parties import HcParty, Id
from hub.sandbox.comparison import difference
from hub.sandbox.documents import sample_documents
from hub.sandbox.people import SANDBOX_HUB, load_people
from hub.wire.kmehr.parties import write_hcparty, write_id
from hub.wire.namespaces import KMEHR
from hub.wire.xml import parse

PEOPLE = load_people()
DOCUMENTS = {document.id: document for document in sample_documents(PEOPLE)}
NOTE = DOCUMENTS["GP1-1004"].content
SCHEME = DOCUMENTS["GP1-1003"].content


def as_the_hub_gives_it(message: bytes) -> etree._Element:
    """The message with the hub's own sender, recipient and ids, and other prefixes."""
    hub = write_hcparty(SANDBOX_HUB.party)
    text = message.decode().replace("<", "<k:").replace("<k:/", "</k:").replace("<k:?", "<?")
    text = text.replace("xmlns=", "xmlns:k=").replace("<k:sender>", f"<k:sender>{hub}", 1)
    text = text.replace("<k:recipient>", f"<k:recipient>{write_hcparty(recipient())}</k:recipient><k:recipient>", 1)
    parts = text.split('<k:cd S="CD-TRANSACTION"')
    return parse('<k:cd S="CD-TRANSACTION"'.join([*(part + the_id() for part in parts[:-1]), parts[-1]]).encode())


def recipient() -> HcParty:
    return PEOPLE.providers["gp_nl"].party


def the_id() -> str:
    return write_id(Id("LOCAL", "1.0", "abc", SANDBOX_HUB.id_scheme))


@pytest.mark.parametrize("message", [NOTE, SCHEME])
def test_what_a_hub_adds_does_not_count(message: bytes) -> None:
    assert difference(parse(message), as_the_hub_gives_it(message), SANDBOX_HUB) is None


def test_the_version_of_a_set_does_not_count_and_others_are_left_alone() -> None:
    newer = SCHEME.replace(b"<version>1</version>", b"<version>7</version>")
    assert newer != SCHEME
    assert difference(parse(SCHEME), parse(newer), SANDBOX_HUB) is None


def test_white_space_around_folders_does_not_count_when_they_were_sealed() -> None:
    sealed = NOTE.replace(b"</folder>\n", b"</folder>")
    assert sealed != NOTE
    assert difference(parse(NOTE), parse(sealed), SANDBOX_HUB, was_sealed=True) is None
    assert difference(parse(NOTE), parse(sealed), SANDBOX_HUB) is not None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Tension 13/8", "Tension 14/9", "text"),
        ('<text L="fr">', '<text L="nl">', "attributes"),
        ("<iscomplete>true", "<iscomplete>false", "iscomplete"),
        ("<usuallanguage>fr</usuallanguage>", "", "patient"),
        ("10:30:00", "10:30:01", "time"),
    ],
)
def test_any_other_difference_is_told_with_its_place(old: str, new: str, told: str) -> None:
    changed = NOTE.decode().replace(old, new)
    assert changed != NOTE.decode()
    found = difference(parse(NOTE), parse(changed.encode()), SANDBOX_HUB)
    assert found is not None
    assert told in found


def test_white_space_counts() -> None:
    changed = NOTE.replace(b"  <header>", b" <header>")
    assert difference(parse(NOTE), parse(changed), SANDBOX_HUB) is not None


def test_a_transaction_that_is_missing_is_told() -> None:
    shorter = parse(SCHEME)
    folder = shorter.find(f"{{{KMEHR}}}folder")
    assert folder is not None
    folder.remove(folder[-1])
    assert difference(parse(SCHEME), shorter, SANDBOX_HUB) is not None


def test_the_messages_are_not_changed_by_being_compared() -> None:
    put, fetched = parse(SCHEME), as_the_hub_gives_it(SCHEME)
    before = etree.tostring(put), etree.tostring(fetched)
    difference(put, fetched, SANDBOX_HUB)
    assert (etree.tostring(put), etree.tostring(fetched)) == before
