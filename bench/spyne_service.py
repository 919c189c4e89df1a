"""A GetTransactionList service as one writes it with spyne: declared types, objects in, XML out.

Loaded by gunicorn (`bench.spyne_service:build(FILE)`), which runs it in two processes. The rows are the ones that the
hub lists, as objects in memory: no index, no decoding. Namespaces are as near to the hub's as spyne takes them.
"""

import json
from pathlib import Path
from typing import Any

from spyne import AnyXml, Application, Boolean, ComplexModel, ServiceBase, Unicode, XmlAttribute, XmlData, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

from hub.wire.namespaces import CORE, KMEHR, PROTOCOL

_OPTIONAL = Unicode(min_occurs=0)


def _some(kind: Any) -> Any:  # noqa: ANN401 - a class that spyne has changed
    return kind.customize(min_occurs=0, max_occurs="unbounded")


class Coded(ComplexModel):
    """An `id` or a `cd`."""

    S = XmlAttribute(Unicode)
    SV = XmlAttribute(Unicode)
    SL = XmlAttribute(Unicode)
    value = XmlData(Unicode)


class Country(ComplexModel):
    """A country of an address."""

    __namespace__ = KMEHR
    _type_info = (("cd", Coded),)


class Address(ComplexModel):
    """An address."""

    __namespace__ = KMEHR
    _type_info = (("cd", _some(Coded)), ("country", Country.customize(min_occurs=0)), ("zip", _OPTIONAL))


class HcParty(ComplexModel):
    """A care party."""

    __namespace__ = KMEHR
    _type_info = (
        ("id", _some(Coded)),
        ("cd", _some(Coded)),
        ("name", _OPTIONAL),
        ("firstname", _OPTIONAL),
        ("familyname", _OPTIONAL),
        ("address", _some(Address)),
    )


class Author(ComplexModel):
    """An author chain."""

    __namespace__ = KMEHR
    _type_info = (("hcparty", _some(HcParty)),)


class Transaction(ComplexModel):
    """A row of the list."""

    __namespace__ = CORE
    _type_info = (
        ("id", _some(Coded)),
        ("cd", _some(Coded)),
        ("date", Unicode),
        ("time", Unicode),
        ("author", Author),
        ("iscomplete", Boolean),
        ("isvalidated", Boolean),
        ("recorddatetime", Unicode),
    )


class Patient(ComplexModel):
    """A patient, by number."""

    __namespace__ = CORE
    _type_info = (("id", _some(Coded)),)


class Folder(ComplexModel):
    """A patient and the rows."""

    __namespace__ = CORE
    _type_info = (("patient", Patient), ("transaction", _some(Transaction)))


class KmehrHeader(ComplexModel):
    """What stands around a folder."""

    __namespace__ = CORE
    _type_info = (("folder", Folder),)


class Acknowledge(ComplexModel):
    """Yes or no."""

    __namespace__ = CORE
    _type_info = (("iscomplete", Boolean),)


class ListAnswer(ComplexModel):
    """The answer."""

    __namespace__ = CORE
    _type_info = (("acknowledge", Acknowledge), ("kmehrheader", KmehrHeader))


class Select(ComplexModel):
    """Whose list."""

    __namespace__ = CORE
    _type_info = (("patient", Patient), ("transaction", AnyXml))


class ListRequest(ComplexModel):
    """The request."""

    __namespace__ = CORE
    _type_info = (("request", AnyXml), ("select", Select))


def build(file: str) -> WsgiApplication:
    """The service on the rows of a file (`bench.peer_rows`)."""
    content = json.loads(Path(file).read_text("utf-8"))
    authors = [Author(hcparty=[_party(party) for party in author]) for author in content["authors"]]
    listed = {number: [_transaction(row, authors) for row in rows] for number, rows in content["patients"].items()}

    class ListService(ServiceBase):
        """One operation, dispatched on the element in the body."""

        @rpc(
            ListRequest,
            _returns=ListAnswer,
            _body_style="bare",
            _in_message_name=f"{{{PROTOCOL}}}GetTransactionListRequest",
            _out_message_name=f"{{{PROTOCOL}}}GetTransactionListResponse",
        )
        def get_transaction_list(ctx: object, request: Any) -> ListAnswer:  # noqa: ANN401, N805 - as spyne has it
            patient = request.select.patient
            folder = Folder(patient=patient, transaction=listed[patient.id[0].value])
            return ListAnswer(acknowledge=Acknowledge(iscomplete=True), kmehrheader=KmehrHeader(folder=folder))

    application = Application([ListService], tns=PROTOCOL, in_protocol=Soap11(validator="lxml"), out_protocol=Soap11())
    return WsgiApplication(application)


def _transaction(row: dict[str, Any], authors: list[Author]) -> Transaction:
    plain = {name: value for name, value in row.items() if name not in ("id", "cd", "author")}
    return Transaction(id=_coded(row["id"]), cd=_coded(row["cd"]), author=authors[row["author"]], **plain)


def _party(party: dict[str, Any]) -> HcParty:
    plain = {name: party.get(name) for name in ("name", "firstname", "familyname")}
    addresses = [
        Address(cd=_coded(address["cd"]), country=Country(cd=Coded(**address["country"]["cd"])), zip=address["zip"])
        for address in party.get("address", ())
    ]
    return HcParty(id=_coded(party.get("id", ())), cd=_coded(party.get("cd", ())), address=addresses, **plain)


def _coded(values: Any) -> list[Coded]:  # noqa: ANN401 - from JSON
    return [Coded(**value) for value in values]
