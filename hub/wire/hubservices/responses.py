"""Hub services responses: domain values to message parts, as text fragments.

Fragments rely on the declarations of `namespaces.ANSWER_DECLARATIONS`; every value passes `escape`. Protocol facts,
part 4: an answer without transactions has no kmehrheader, and the owning hub stands first among the authors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.domain.identifiers import LocalId, Ssin
from hub.domain.parties import Code, HcParty, Id, Patient
from hub.domain.texts import Language
from hub.wire.hubservices.requests import RequestPart
from hub.wire.kmehr.parties import write_code, write_hcparty, write_id, write_party_content
from hub.wire.xml import escape


@dataclass(frozen=True, slots=True)
class HubIdentity:
    """This hub as it signs: its number, its name and the scheme of the ids it gives (SL, such as `RSBID`)."""

    number: str
    name: str
    id_scheme: str

    @property
    def party(self) -> HcParty:
        """The hub as a care party."""
        return HcParty(
            ids=(Id("ID-HCPARTY", "1.0", self.number),),
            cds=(Code("CD-HCPARTY", "1.16", "hub"),),
            name=self.name,
        )

    def id_of(self, local_id: LocalId) -> Id:
        """A hub-given id as an identifier."""
        return Id("LOCAL", "1.0", local_id.value, local_id.scheme)


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One `error` of an acknowledge: a code, a sentence, and where in the request it is about."""

    code: Code
    text: str
    language: Language
    url: str = ""


@dataclass(frozen=True, slots=True)
class LatestUpdate:
    """The last change of one kind of transaction of one patient."""

    patient: Ssin
    transaction_type: str
    version: int
    updated: str


def write_response_part(
    hub: HubIdentity, response_id: str, now: datetime, request: RequestPart, *, page: tuple[int, int] | None = None
) -> bytes:
    """The `response` part. `page` is (rows on this page, rows in all), for lists only."""
    pagination = ""
    if page:
        size, total = page
        pagination = (
            f"<paginationinfo><pagesize>{size}</pagesize><totalrecordcount>{total}</totalrecordcount></paginationinfo>"
        )
    start = (
        f'<response><id S="ID-KMEHR" SV="1.0">{hub.number}.{escape(response_id)}</id>'
        f"<author>{write_hcparty(hub.party)}</author>"
        f"<date>{now:%Y-%m-%d}</date><time>{now:%H:%M:%S}</time>"
    )
    return start.encode() + request.copy + f"{pagination}</response>".encode()


def write_acknowledge(errors: Sequence[ErrorEntry] = ()) -> bytes:
    """The `acknowledge` part: complete when there are no errors."""
    written = "".join(_write_error(entry) for entry in errors)
    return f"<acknowledge><iscomplete>{'false' if errors else 'true'}</iscomplete>{written}</acknowledge>".encode()


def _write_error(entry: ErrorEntry) -> str:
    url = f"<k:url>{escape(entry.url)}</k:url>" if entry.url else ""
    return (
        f"<error>{write_code(entry.code)}"
        f'<k:description L="{entry.language}">{escape(entry.text)}</k:description>{url}</error>'
    )


def write_transaction_ids(hub: HubIdentity, ids: Iterable[LocalId]) -> bytes:
    """`transaction` with the ids the hub gave."""
    return f"<transaction>{''.join(write_id(hub.id_of(id_), '') for id_ in ids)}</transaction>".encode()


def write_list(patient: Patient, summaries: str) -> bytes:
    """`kmehrheader` with the patient and at least one summary."""
    start, end = b"<kmehrheader><folder><patient>", b"</folder></kmehrheader>"
    return b"".join((start, patient.as_put, b"</patient>", summaries.encode(), end))


def write_patient_id(patient: Ssin) -> str:
    """`patient`, by his number alone."""
    return f'<patient><id S="INSS" SV="1.0">{patient.digits}</id></patient>'


def write_patient(patient: Patient) -> bytes:
    """`patient`, the person as registered."""
    return b"<patient>" + patient.as_put + b"</patient>"


def write_party(party: HcParty, recorddatetime: str) -> bytes:
    """`hcparty` (hub services HCPartyAdaptedType)."""
    content = write_party_content(party, "k:", "")
    return f"<hcparty>{content}<recorddatetime>{escape(recorddatetime)}</recorddatetime></hcparty>".encode()


def write_latest_updates(updates: Iterable[LatestUpdate]) -> bytes:
    """`latestupdatelist`, which an answer always has, even empty."""
    return (
        f"<latestupdatelist>{''.join(_write_latest_update(update) for update in updates)}</latestupdatelist>".encode()
    )


def _write_latest_update(update: LatestUpdate) -> str:
    version = f"<version>{update.version}</version>" if update.version else ""
    return (
        f"<latestupdate>{write_patient_id(update.patient)}"
        f'<cd S="CD-TRANSACTION" SV="1.14">{escape(update.transaction_type)}</cd>{version}'
        f"<updatedatetime>{escape(update.updated)}</updatedatetime></latestupdate>"
    )
