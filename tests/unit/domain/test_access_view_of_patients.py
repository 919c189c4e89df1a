"""What patients see of their documents: the publisher's word to them, and the wait without one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.domain.access_matrix import Level
from hub.domain.access_rights import Right
from hub.domain.access_view import DocumentAccess
from hub.domain.subjects import Subject, SubjectKind
from tests.access_builders import (
    OF_PSYCHIATRY,
    TODAY,
    a_document,
    a_patient_party,
    a_view,
    rights_on,
)
from tests.builders import MILA, a_person

AN_OLD_DAY = date(2020, 1, 1)


def test_a_patient_sees_the_notes_he_wrote_himself() -> None:
    own = frozenset({Subject(SubjectKind.INSS, MILA.digits)})
    view = a_view("patient", own=own)
    assert view.access(a_document("diarynote", author=(a_patient_party(),))).rule == "author/own"
    assert view.access(a_document("diarynote", author=(a_person(),))).level is Level.NONE


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ([("PatientAccess", "yes")], "matrix/2026-01-01/report/patient"),
        ([("PatientAccess", "TRUE")], "matrix/2026-01-01/report/patient"),
        ([("patientaccess", " Yes ")], "matrix/2026-01-01/report/patient"),
        ([("PatientAccess", "no")], "patient-access/closed"),
        ([("PatientAccess", "never")], "patient-access/closed"),
        ([("PatientAccess", "")], "patient-access/closed"),
        ([("PatientAccess", "yes"), ("PatientAccess", "no")], "patient-access/closed"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "")], "matrix/2026-01-01/report/patient"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "2026-03-10")], "matrix/2026-01-01/report/patient"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "10/03/2026")], "matrix/2026-01-01/report/patient"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "10-03-2026")], "matrix/2026-01-01/report/patient"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "2026-03-11")], "patient-access/not-yet"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "11/03/2026")], "patient-access/not-yet"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "11-03-2026")], "patient-access/not-yet"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "11/03-2026")], "patient-access/closed"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "2026-02-30")], "patient-access/closed"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "tomorrow")], "patient-access/closed"),
        ([("PatientAccess", "yes"), ("PatientAccessDate", "２０２６-01-01")], "patient-access/closed"),
        ([("PatientAccess", "no"), ("PatientAccessDate", "2026-03-11")], "patient-access/closed"),
        ([("PatientAccessDate", "2026-03-11")], "patient-access/not-yet"),
        ([("PatientAccessDate", "2026-03-10")], "patient-access/not-yet"),
        ([("PatientAccessDeniedReasonForPatient", "no")], "patient-access/not-yet"),
        ([], "patient-access/not-yet"),
    ],
)
def test_the_publisher_decides_what_the_patient_sees(words: list[tuple[str, str]], rule: str) -> None:
    found = a_view("patient").access(a_document("report", *words, day=TODAY, recorded_on=TODAY))
    assert found.rule == rule
    assert (found.level is Level.FULL) is rule.startswith("matrix")


def test_a_right_does_not_open_what_the_publisher_closed() -> None:
    view = a_view("patient", rights=rights_on(Right.ALLOW))
    for words in ([("PatientAccess", "no")], [("PatientAccessDate", "2026-03-11")]):
        assert view.access(a_document("report", *words)).level is Level.NONE


@pytest.mark.parametrize(
    ("day", "recorded_on", "opens_after"),
    [(TODAY, TODAY, 7), (AN_OLD_DAY, TODAY, 7), (TODAY, AN_OLD_DAY, 7), (TODAY + timedelta(days=3), TODAY, 10)],
)
def test_without_a_word_of_the_publisher_the_patient_waits(day: date, recorded_on: date, opens_after: int) -> None:
    document = a_document("report", day=day, recorded_on=recorded_on)
    view = a_view("patient")
    assert view.access(document) == DocumentAccess(Level.NONE, "patient-access/not-yet")
    before = replace(view, today=TODAY + timedelta(days=opens_after - 1))
    assert before.access(document).level is Level.NONE
    assert replace(view, today=TODAY + timedelta(days=opens_after)).access(document).level is Level.FULL


def test_a_summary_is_open_to_the_patient_at_once() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert a_view("patient").access(a_document("sumehr", day=tomorrow, recorded_on=tomorrow)).level is Level.FULL


def test_what_is_conditional_the_patient_sees_when_the_publisher_opened_it() -> None:
    view = a_view("patient", in_care_context=True)
    words = [("PatientAccess", "yes")]
    assert view.access(a_document("report", *words, author=OF_PSYCHIATRY)).level is Level.FULL
    assert view.access(a_document("report", author=OF_PSYCHIATRY)).rule == "matrix/2026-01-01/psychiatry/patient"
    assert view.access(a_document("invented", *words)).level is Level.NONE
    allowed = a_view("patient", rights=rights_on(Right.ALLOW))
    assert allowed.access(a_document("report", author=OF_PSYCHIATRY)).level is Level.FULL
    fresh = a_document("report", author=OF_PSYCHIATRY, recorded_on=TODAY)
    assert allowed.access(fresh).rule == "patient-access/not-yet"


def test_flags_for_the_patient_say_nothing_to_care_providers() -> None:
    assert a_view().access(a_document("report", ("PatientAccess", "never"))).level is Level.FULL
