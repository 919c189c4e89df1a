"""Every patient has a lane in his slot, and what is in it reveals nobody."""

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from hub.domain.audit import Actor, AuditedTransaction, AuditEvent, Outcome
from hub.domain.context import Origin
from hub.domain.identifiers import LocalId
from hub.domain.parties import Address, Code, FreeText, HcParty, Id, Telecom
from hub.storage.audit_codec import decode_event, encode_event
from hub.storage.audit_lanes import AlteredError, EventSealer, Written, lane_of, lanes
from hub.storage.keys import references
from hub.storage.secrets import Pseudonyms
from tests.builders import JAN, MILA, an_event

TEXT = st.text(max_size=12)
IDS = st.builds(Id, TEXT, TEXT, TEXT, st.none() | TEXT)
CODES = st.builds(Code, TEXT, TEXT, TEXT, st.none() | TEXT, st.none() | TEXT, st.none() | TEXT)
TEXTS = st.builds(FreeText, TEXT, TEXT)


def tuples_of(values: st.SearchStrategy[object], *, least: int = 0) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, min_size=least, max_size=2).map(tuple)


ADDRESSES = st.builds(
    Address, ids=tuples_of(IDS), country=st.none() | CODES, zip=st.none() | TEXT, texts=tuples_of(TEXTS)
)
TELECOMS = st.builds(Telecom, tuples_of(IDS), tuples_of(CODES), TEXT)
PARTIES = st.builds(
    HcParty,
    ids=tuples_of(IDS),
    cds=tuples_of(CODES),
    name=st.none() | TEXT,
    familyname=st.none() | TEXT,
    addresses=tuples_of(ADDRESSES),
    telecoms=tuples_of(TELECOMS),
)
CHAINS = tuples_of(PARTIES)
OFFSETS = st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TRANSACTIONS = st.builds(
    AuditedTransaction,
    id=st.builds(LocalId, TEXT, TEXT),
    serial=st.integers(0, 2**32),
    transaction_type=TEXT,
    date=TEXT,
    time=TEXT,
    author=CHAINS,
)
EVENTS = st.builds(
    AuditEvent,
    at=st.datetimes(timezones=OFFSETS),
    origin=st.builds(
        Origin, operation=st.text(min_size=1), request_id=TEXT, message_id=TEXT, address=TEXT, software=TEXT
    ),
    actor=st.builds(
        Actor, parties=tuples_of(PARTIES, least=1), quality=TEXT, certificate=TEXT, token=TEXT, mandate=TEXT
    ),
    outcome=st.sampled_from(Outcome),
    patient=st.sampled_from([None, JAN, MILA]),
    transaction=st.none() | TRANSACTIONS,
    reason=TEXT,
    rules=tuples_of(TEXT),
    break_the_glass=TEXT,
    criteria=TEXT,
    results=st.none() | st.integers(0, 2**40),
    peer=TEXT,
    subject=CHAINS,
    details=st.dictionaries(TEXT, TEXT, max_size=2),
)


@given(event=EVENTS)
def test_an_event_comes_back_as_it_was_written(event: AuditEvent) -> None:
    assert decode_event(encode_event(event)) == event


def test_an_event_of_a_later_format_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="format 2"):
        decode_event(b'[2,"2026-11-21T10:30:00+00:00"]')


@given(value=st.binary(max_size=40))
def test_the_lane_of_a_patient_is_in_the_slot_of_his_keys(value: bytes) -> None:
    pseudonym = Pseudonyms(b"k" * 32, key_id="k1").of(value.hex())
    assert key_slot(lane_of(pseudonym).encode()) == key_slot(references(pseudonym).encode())


def test_there_is_one_lane_for_each_slot() -> None:
    assert [key_slot(lane.encode()) for lane in lanes()] == list(range(16384))


class TestSealing:
    sealer = EventSealer(b"s" * 32)

    def test_opens_what_it_sealed(self) -> None:
        event = an_event(JAN)
        assert self.sealer.read(self.sealer.written(event)) == event

    def test_names_nobody(self) -> None:
        mark, sealed = self.sealer.written(an_event(JAN))
        assert JAN.digits.encode() not in sealed
        assert mark != EventSealer(b"t" * 32).patient_mark(JAN)

    def test_marks_a_patient_always_in_the_same_way(self) -> None:
        assert self.sealer.written(an_event(JAN)).mark == self.sealer.patient_mark(JAN)
        assert self.sealer.patient_mark(JAN) != self.sealer.patient_mark(MILA)

    def test_marks_an_event_without_a_patient_as_nobodys(self) -> None:
        assert self.sealer.written(an_event(None)).mark == b""

    def test_does_not_open_an_event_with_the_mark_of_somebody_else(self) -> None:
        _, sealed = self.sealer.written(an_event(JAN))
        with pytest.raises(AlteredError):
            self.sealer.read(Written(self.sealer.patient_mark(MILA), sealed))
