"""A small KMEHR document and hub messages, for tests that change one thing in them. All people are invented."""

from hub.wire.namespaces import CORE, KMEHR, PROTOCOL, SOAP

_IN_KMEHR = f' xmlns="{KMEHR}"'


def _doctor(declaration: str = "") -> str:
    return (
        f'<hcparty{declaration}><id S="ID-HCPARTY" SV="1.0">19990116004</id><id S="INSS" SV="1.0">50123199879</id>'
        '<cd S="CD-HCPARTY" SV="1.16">persphysician</cd>'
        "<firstname>Ana</firstname><familyname>Testarts</familyname></hcparty>"
    )


def _content(declaration: str = "") -> str:
    return (
        f'<header{declaration}><standard><cd S="CD-STANDARD" SV="1.4">20231110</cd></standard>'
        '<id S="ID-KMEHR" SV="1.0">19990116004.1</id><date>2026-03-02</date><time>10:15:00</time>'
        f'<sender>{_doctor()}</sender><recipient><hcparty><id S="ID-HCPARTY" SV="1.0">1990000728</id>'
        '<cd S="CD-HCPARTY" SV="1.16">hub</cd><name>RSB</name></hcparty></recipient></header>'
        f'<folder{declaration}><id S="ID-KMEHR" SV="1.0">1</id>'
        '<patient><id S="ID-PATIENT" SV="1.0">45123199772</id><id S="INSS" SV="1.0">45123199772</id>'
        "<firstname>Jan</firstname><familyname>Proefmans</familyname><birthdate><date>1945-12-31</date></birthdate>"
        '<sex><cd S="CD-SEX" SV="1.1">male</cd></sex></patient>'
        '<transaction><id S="ID-KMEHR" SV="1.0">1</id><cd S="CD-TRANSACTION" SV="1.14">note</cd>'
        f"<date>2026-03-02</date><time>10:00:00</time><author>{_doctor()}</author>"
        '<iscomplete>true</iscomplete><isvalidated>true</isvalidated><text L="nl">Alles goed.</text>'
        "<recorddatetime>2026-03-02T10:05:00</recorddatetime></transaction></folder>"
    )


NOTE = f"<kmehrmessage{_IN_KMEHR}>{_content()}</kmehrmessage>"

_REQUEST = (
    f'<request><id S="ID-KMEHR" SV="1.0">19990116004.1</id><author>{_doctor(_IN_KMEHR)}</author>'
    "<date>2026-03-02</date><time>10:20:00</time></request>"
)
PUT = (
    f'<p:PutTransactionRequest xmlns:p="{PROTOCOL}" xmlns="{CORE}">{_REQUEST}'
    f"<kmehrmessage>{_content(_IN_KMEHR)}</kmehrmessage></p:PutTransactionRequest>"
)
LIST = (
    f'<p:GetTransactionListRequest xmlns:p="{PROTOCOL}" xmlns="{CORE}">{_REQUEST}'
    '<select><patient><id S="INSS" SV="1.0">45123199772</id></patient><transaction>'
    '<cd S="CD-TRANSACTION" SV="1.14">sumehr</cd></transaction></select></p:GetTransactionListRequest>'
)


def in_envelope(message: str) -> str:
    """The message in a SOAP 1.1 envelope."""
    return f'<S:Envelope xmlns:S="{SOAP}"><S:Header/><S:Body>{message}</S:Body></S:Envelope>'


def changed(document: str, *changes: tuple[str, str]) -> str:
    """The document with the first occurrence of each text replaced; the text must be there."""
    for old, new in changes:
        assert old in document, old
        document = document.replace(old, new, 1)
    return document
