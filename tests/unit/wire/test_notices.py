"""Notices of broken glass: what each of the two may say."""

import json
from datetime import timedelta
from typing import Any

from hub.domain.broken_glass import day_in, name_of
from hub.domain.parties import Code, HcParty
from hub.wire.notices import NoticeWriter
from tests.builders import GP_NIHII, JAN, a_hospital, a_person, an_event

REASON = "Inconscient, trouvé par {quelqu'un}"
SOFTWARE = HcParty(ids=(), cds=(Code("CD-HCPARTY", "1.16", "application"),), name="Logiciel")
EVENT = an_event(parties=(a_hospital(), a_person(), SOFTWARE), break_the_glass=REASON)
WRITER = NoticeWriter(hub=HcParty(ids=(), cds=(), name="Hub d'essai"), officer="privacy@hub.example")


def written() -> dict[str, Any]:
    notices = WRITER(EVENT, EVENT.at + timedelta(hours=24))
    return {name.partition("-patient")[1] or "-officer": json.loads(notice) for name, notice in notices.items()}


def test_the_patient_is_told_who_when_and_why_in_each_language() -> None:
    notice = written()["-patient"]
    assert notice["to"] == {"role": "patient", "inss": JAN.digits}
    assert (notice["name"], notice["reason"]) == (name_of(EVENT), REASON)
    assert [party["profession"] for party in notice["who"]] == ["orghospital", "persphysician"]
    assert set(notice["text"]) == set(notice["subject"]) == {"fr", "nl", "de", "en"}
    for text in notice["text"].values():
        assert "Testziekenhuis, Ana Testarts" in text
        assert REASON in text
        assert "21/11/2026" in text
        assert "22/11/2026" in text


def test_the_privacy_officer_learns_neither_the_patient_nor_the_reason() -> None:
    notice = written()["-officer"]
    assert notice["to"] == {"role": "privacy-officer", "address": "privacy@hub.example"}
    assert GP_NIHII in json.dumps(notice["who"])
    shown = json.dumps(notice, ensure_ascii=False)
    assert JAN.digits not in shown
    assert REASON not in shown
    assert all(name_of(EVENT) in text for text in notice["text"].values())


def test_the_name_of_an_event_tells_its_belgian_day_and_nobody() -> None:
    late = an_event(at=EVENT.at.replace(hour=23, minute=30))
    assert name_of(late).startswith("20261122-")
    day = day_in(name_of(late))
    assert day is not None
    assert day.isoformat() == "2026-11-22"
    assert name_of(an_event(patient=None)) == name_of(an_event())
    assert name_of(late) != name_of(an_event(at=late.at + timedelta(microseconds=1)))
