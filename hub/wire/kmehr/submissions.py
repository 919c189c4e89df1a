"""A KMEHR message that is put into the vault: what the hub needs to know of it."""

from lxml import etree

from hub.domain.errors import HubError, Reason
from hub.domain.submissions import Submission
from hub.wire.hubservices.requests import read_summary
from hub.wire.kmehr.persons import read_patient
from hub.wire.namespaces import KMEHR
from hub.wire.xml import text


def read_submission(message: etree._Element) -> Submission:
    """The submission that a standalone KMEHR message makes; its first transaction speaks for it.

    Raises HubError: sealed-content, several-patients (a message holds one folder), patient-number, content (the version
    of a set is no whole number).
    """
    folders = message.findall(_k("folder"))
    if not folders:
        raise HubError(Reason.SEALED_CONTENT, where="kmehrmessage")
    if len(folders) > 1:
        raise HubError(Reason.SEVERAL_PATIENTS, where="kmehrmessage/folder[2]", found=str(len(folders)))
    patient = folders[0].find(_k("patient"))
    transactions = folders[0].findall(_k("transaction"))
    if patient is None:  # pragma: no cover - the message has passed the schema
        raise LookupError("folder has no patient")
    head = transactions[0]
    return Submission(
        patient=read_patient(patient),
        declaration=read_summary(head),
        message=etree.tostring(message, encoding="UTF-8", xml_declaration=False, with_tail=False),
        members=len(transactions),
        new_version_of=frozenset(
            link.get("URL", "").strip() for link in head.findall(_k("lnk")) if link.get("TYPE") == "isanewversionof"
        ),
        stated_version=_read_version(head),
    )


def _read_version(head: etree._Element) -> int | None:
    written = text(head.find(_k("version")))
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and 0 < int(written) < 2**31):
        raise HubError(
            Reason.CONTENT, where="kmehrmessage/folder/transaction/version", limit="a whole number from 1 to 2147483647"
        )
    return int(written)


def _k(name: str) -> str:
    return f"{{{KMEHR}}}{name}"
