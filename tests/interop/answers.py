"""What the hub says to a message that was signed elsewhere."""

import urllib.error
import urllib.request

from lxml import etree

from hub.wire.namespaces import CORE, PROTOCOL, SOAP
from tests.integration.served_hub import fault_of

LIST = f"{{{PROTOCOL}}}GetTransactionListResponse"


def answer_to(envelope: bytes, url: str) -> etree._Element:
    """The one element in the body of the answer."""
    request = urllib.request.Request(url, data=envelope, headers={"Content-Type": "text/xml; charset=utf-8"})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            content = response.read()
    except urllib.error.HTTPError as fault:
        with fault:
            content = fault.read()
    message = etree.fromstring(content).find(f"{{{SOAP}}}Body/*")
    assert message is not None
    return message


def assert_is_list(message: etree._Element) -> None:
    """A list, complete, with documents in it; the sandbox tells what is wrong when it is a fault."""
    assert message.tag == LIST, fault_of(message)
    assert message.findtext(f"{{{CORE}}}acknowledge/{{{CORE}}}iscomplete") == "true"
    assert message.find(f".//{{{CORE}}}folder/{{{CORE}}}transaction") is not None


def assert_is_refused(message: etree._Element) -> None:
    """The fault for what was changed after it was signed."""
    assert fault_of(message)[:2] == ("FailedCheck", "SOA-01001")
    assert "digest-differs" in fault_of(message)[2]
