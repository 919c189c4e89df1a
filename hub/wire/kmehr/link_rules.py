"""Rules about `lnk`: that a file is there, decodes, is what it says and is not too large."""

from collections.abc import Iterator

from lxml import etree

from hub.domain.findings import Finding
from hub.wire.kmehr.attachments import Attachment, decode
from hub.wire.kmehr.examination import Examination, RulesByElement
from hub.wire.kmehr.rule_texts import (
    LINK_BASE64,
    LINK_EMPTY,
    LINK_MEDIA_TYPE,
    LINK_MEDIA_TYPE_MISSING,
    LINK_SIZE,
    LINK_TOO_LARGE,
)
from hub.wire.namespaces import KMEHR

_FILES = ("multimedia", "thumbnail")


def link(element: etree._Element, examination: Examination) -> Iterator[Finding]:
    """A link, with or without content; a link between transactions needs neither content nor URL."""
    content = element.text or ""
    if not content or content.isspace():
        if element.get("TYPE") in _FILES and not element.get("URL", "").strip():
            yield examination.finding(LINK_EMPTY, element, "")
        return
    attachment = decode(content)
    if attachment is None:
        yield examination.finding(LINK_BASE64, element, content)
        return
    if attachment.size > examination.limits.attachment_bytes:
        limit = str(examination.limits.attachment_bytes)
        yield examination.finding(LINK_TOO_LARGE, element, f"{attachment.size} bytes", limit=limit)
    yield from _described(element, attachment, examination)


def _described(element: etree._Element, attachment: Attachment, examination: Examination) -> Iterator[Finding]:
    declared = element.get("MEDIATYPE")
    if declared is None:
        yield examination.finding(LINK_MEDIA_TYPE_MISSING, element, attachment.media_type)
    elif attachment.contradicts(declared):
        seen = attachment.media_type or repr(attachment.beginning[:12])
        yield examination.finding(LINK_MEDIA_TYPE, element, seen, attribute="MEDIATYPE", declared=declared)
    size = element.get("SIZE", "").strip()
    # SIZE is free text; what is no plain number is not for us to read.
    if size.isascii() and size.isdigit() and size.lstrip("0") != str(attachment.size):
        yield examination.finding(LINK_SIZE, element, size, attribute="SIZE", size=str(attachment.size))


LINK_RULES: RulesByElement = {f"{{{KMEHR}}}lnk": link}
