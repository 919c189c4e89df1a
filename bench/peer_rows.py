"""The rows that the hub lists, as a JSON file for the peers: spyne and node `soap` make their own objects of it.

Authors are written once each; a row names its author by number. What is absent is left out.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.domain.declarations import Declaration
from hub.domain.parties import Author, Code, HcParty, Id


def write_peer_rows(file: Path, listed: Mapping[str, Sequence[Declaration]]) -> None:
    """The rows of each patient, by national number."""
    authors: dict[Author, int] = {}
    patients = {number: [_row(row, authors) for row in rows] for number, rows in listed.items()}
    written = {"authors": [[_party(party) for party in author] for author in authors], "patients": patients}
    file.write_text(json.dumps(written), "utf-8")


def _row(row: Declaration, authors: dict[Author, int]) -> dict[str, Any]:
    return {
        "id": [_coded(id_) for id_ in row.ids],
        "cd": [_coded(cd) for cd in row.cds],
        "date": row.date,
        "time": row.time,
        "author": authors.setdefault(row.author, len(authors)),
        "iscomplete": row.iscomplete,
        "isvalidated": row.isvalidated,
        "recorddatetime": row.recorddatetime,
    }


def _party(party: HcParty) -> dict[str, Any]:
    addresses = [
        {
            "cd": [_coded(cd) for cd in address.cds],
            "country": {"cd": _coded(address.country)} if address.country else None,
            "zip": address.zip,
        }
        for address in party.addresses
    ]
    return _present(
        id=[_coded(id_) for id_ in party.ids],
        cd=[_coded(cd) for cd in party.cds],
        name=party.name,
        firstname=party.firstname,
        familyname=party.familyname,
        address=addresses,
    )


def _coded(value: Id | Code) -> dict[str, Any]:
    return _present(S=value.scheme, SV=value.version, SL=value.local_scheme, value=value.value)


def _present(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {name: value for name, value in values.items() if value not in (None, [])}
