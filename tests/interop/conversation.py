"""One call of each of the 26 operations, written once for all toolkits; the people are invented."""

from dataclasses import dataclass
from typing import Any

from hub.domain.identifiers import Ssin
from hub.domain.parties import Author

Fields = dict[str, Any]

REQUEST_ID = "71999833.interop.1"


@dataclass(frozen=True, slots=True)
class Coded:
    """An element with a value and attributes."""

    value: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The members of a repeated choice, each a name and what it holds, in order."""

    members: tuple[tuple[str, Any], ...]


def _id(scheme: str, value: str, **more: str) -> Coded:
    return Coded(value, {"S": scheme, "SV": "1.0", **more})


def _cd(table: str, value: str) -> Coded:
    return Coded(value, {"S": table, "SV": "1.0"})


_HOSPITAL = {
    "id": [_id("ID-HCPARTY", "71999833")],
    "cd": [_cd("CD-HCPARTY", "orghospital")],
    "name": "Invented Hospital",
}
_PHYSICIAN = {
    "id": [_id("ID-HCPARTY", "19998727004"), _id("INSS", "62071599701")],
    "cd": [_cd("CD-HCPARTY", "persphysician")],
    "firstname": "Imagined",
    "familyname": "Physician",
}
_REQUEST = {
    "id": _id("ID-KMEHR", REQUEST_ID),
    "author": {"hcparty": [_HOSPITAL, _PHYSICIAN]},
    "date": "2026-03-02",
    "time": "09:30:00",
}
_LIST_REQUEST = {**_REQUEST, "paginationinfo": {"index": 1}}
_PATIENT_ID = {"id": [_id("INSS", "12031599818")]}
_PARTY_ID = {"id": [_id("ID-HCPARTY", "19998727004")]}
_LOCAL_ID = _id("LOCAL", "interop-1", SL="RSBID")
_PATIENT = {
    "id": [_id("ID-PATIENT", "12031599818"), _id("INSS", "12031599818")],
    "firstname": ["Invented"],
    "familyname": "Patient",
    "birthdate": {"date": "2012-03-15"},
    "sex": {"cd": _cd("CD-SEX", "female")},
    "usuallanguage": "nl",
}
_SUMMARY = {
    "id": [_id("ID-KMEHR", "1"), _LOCAL_ID],
    "cd": [_cd("CD-TRANSACTION", "note")],
    "date": "2026-03-01",
    "time": "08:00:00",
    "author": {"hcparty": [_HOSPITAL, _PHYSICIAN]},
    "iscomplete": True,
    "isvalidated": True,
}
_MESSAGE = {
    "header": {
        "standard": {"cd": _cd("CD-STANDARD", "20260210")},
        "id": [_id("ID-KMEHR", "71999833.1")],
        "date": "2026-03-01",
        "time": "08:00:00",
        "sender": {"hcparty": [_HOSPITAL]},
        "recipient": [{"hcparty": [_HOSPITAL]}],
    },
    "folder": [
        {
            "id": [_id("ID-KMEHR", "1")],
            "patient": _PATIENT,
            "transaction": [
                {
                    **_SUMMARY,
                    "_content": AnyOf(
                        (
                            ("text", Coded("Bought, not bitten.", {"L": "en"})),
                            ("lnk", Coded("SW52ZW50ZWQ=", {"TYPE": "multimedia", "MEDIATYPE": "text/plain"})),
                        )
                    ),
                    "recorddatetime": "2026-03-01T08:05:00",
                }
            ],
        }
    ],
}
_PARTY = {**_PHYSICIAN, "recorddatetime": "2026-03-01T08:05:00"}
_CONSENT = {"patient": _PATIENT_ID, "cd": [_cd("CD-CONSENTTYPE", "retrospective")], "signdate": "2026-03-01"}
_PARTICIPATION = {"hcparty": _PARTY_ID, "signdate": "2026-03-01"}
_LINK = {
    "patient": _PATIENT_ID,
    "hcparty": _PARTY_ID,
    "cd": _cd("CD-THERAPEUTICLINKTYPE", "gpconsultation"),
    "startdate": "2026-03-01",
}
_ONE_DOCUMENT = {"patient": _PATIENT_ID, "transaction": {"id": _LOCAL_ID}}
_PARTY_WITH_KIND = {"id": _PARTY_ID["id"], "cd": [_cd("CD-HCPARTY", "persphysician")]}

CALLS: dict[str, Fields] = {
    "DeclareTransaction": {
        "request": _REQUEST,
        "kmehrheader": {
            "folder": {"patient": _PATIENT_ID, "transaction": {**_SUMMARY, "recorddatetime": "2026-03-01T08:05:00"}}
        },
    },
    "PutTransaction": {"request": _REQUEST, "kmehrmessage": _MESSAGE},
    "RevokeTransaction": {"request": _REQUEST, "select": _ONE_DOCUMENT},
    "GetTransactionList": {
        "request": _LIST_REQUEST,
        "select": {
            "patient": _PATIENT_ID,
            "transaction": {"cd": [_cd("CD-TRANSACTION", "note")], "begindate": "2020-01-01"},
            "searchtype": "local",
        },
    },
    "GetTransaction": {"request": _REQUEST, "select": _ONE_DOCUMENT},
    "RequestPublication": {
        "request": _REQUEST,
        "select": {"patient": _PATIENT_ID, "transaction": {"cd": [_cd("CD-TRANSACTION", "note")]}, "comment": "please"},
    },
    "PutTransactionSet": {"request": _REQUEST, "kmehrmessage": _MESSAGE},
    "GetTransactionSet": {"request": _REQUEST, "select": _ONE_DOCUMENT},
    "GetLatestUpdate": {
        "request": _REQUEST,
        "select": {"criteria": [{"patient": _PATIENT_ID, "cd": [_cd("CD-TRANSACTION", "medicationscheme")]}]},
    },
    "PutPatient": {"request": _REQUEST, "patient": _PATIENT},
    "GetPatient": {"request": _REQUEST, "select": {"patient": _PATIENT_ID}},
    "PutHCParty": {"request": _REQUEST, "hcparty": _PARTY},
    "GetHCParty": {"request": _REQUEST, "select": {"hcparty": _PARTY_ID}},
    "PutPatientConsent": {"request": _REQUEST, "consent": _CONSENT},
    "GetPatientConsent": {"request": _REQUEST, "select": {"patient": _PATIENT_ID}},
    "RevokePatientConsent": {"request": _REQUEST, "consent": {**_CONSENT, "revokedate": "2026-03-02"}},
    "PutHCPartyConsent": {"request": _REQUEST, "consent": _PARTICIPATION},
    "GetHCPartyConsent": {"request": _REQUEST, "select": {"hcparty": _PARTY_ID}},
    "RevokeHCPartyConsent": {"request": _REQUEST, "consent": {**_PARTICIPATION, "revokedate": "2026-03-02"}},
    "PutTherapeuticLink": {"request": _REQUEST, "therapeuticlink": _LINK},
    "GetTherapeuticLink": {
        "request": _REQUEST,
        "select": {"_content": AnyOf((("patient", _PATIENT_ID), ("hcparty", _PARTY_ID))), "begindate": "2026-01-01"},
    },
    "RevokeTherapeuticLink": {"request": _REQUEST, "therapeuticlink": {**_LINK, "enddate": "2026-03-02"}},
    "PutAccessRight": {
        "request": _REQUEST,
        "accessright": {
            "transaction": {"id": [_LOCAL_ID]},
            "hcparty": _PARTY_WITH_KIND,
            "cd": _cd("CD-ACCESSRIGHT", "disallow"),
        },
    },
    "GetAccessRight": {"request": _REQUEST, "select": {"transaction": {"id": [_LOCAL_ID]}}},
    "RevokeAccessRight": {
        "request": _REQUEST,
        "accessright": {"transaction": {"id": [_LOCAL_ID]}, "hcparty": _PARTY_WITH_KIND},
    },
    "GetPatientAuditTrail": {
        "request": _LIST_REQUEST,
        "select": {"patient": _PATIENT_ID, "begindate": "2026-01-01", "searchtype": "local"},
    },
}
"""What is sent, by operation: the parts of the message, in their order."""


def list_call(author: Author, patient: Ssin) -> Fields:
    """GetTransactionList, by somebody else about somebody else."""
    parties = [
        {
            "id": [_id(id_.scheme, id_.value) for id_ in party.ids],
            "cd": [_cd(code.scheme, code.value) for code in party.cds],
            **{name: value for name in ("name", "firstname", "familyname") if (value := getattr(party, name))},
        }
        for party in author
    ]
    return {
        "request": {**_LIST_REQUEST, "author": {"hcparty": parties}},
        "select": {"patient": {"id": [_id("INSS", patient.digits)]}, "searchtype": "local"},
    }


def as_zeep(value: Any) -> Any:
    """A value in the form that zeep takes: dictionaries, attributes among the fields, repeated choices as a list."""
    match value:
        case Coded():
            return {"_value_1": value.value, **value.attributes}
        case AnyOf():
            return [{name: as_zeep(inner)} for name, inner in value.members]
        case dict():
            return {("_value_1" if name == "_content" else name): as_zeep(inner) for name, inner in value.items()}
        case list():
            return [as_zeep(inner) for inner in value]
        case _:
            return value


def as_node(value: Any) -> Any:
    """A value in the form that node's toolkit takes: attributes apart, the members of a choice like any others."""
    match value:
        case Coded():
            return {"attributes": value.attributes, "$value": value.value}
        case dict():
            plain = {name: as_node(inner) for name, inner in value.items() if not isinstance(inner, AnyOf)}
            choices = [inner.members for inner in value.values() if isinstance(inner, AnyOf)]
            return plain | {name: as_node(inner) for members in choices for name, inner in members}
        case list():
            return [as_node(inner) for inner in value]
        case _:
            return value
