"""The XML namespaces of hub services v3 and KMEHR (protocol facts, part 1), and the prefixes our answers use."""

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
PROTOCOL = "http://www.ehealth.fgov.be/hubservices/protocol/v3"
CORE = "http://www.ehealth.fgov.be/hubservices/core/v3"
KMEHR = "http://www.ehealth.fgov.be/standards/kmehr/schema/v1"
SOA_ERRORS = "urn:be:fgov:ehealth:errors:soa:v1"

ANSWER_DECLARATIONS = f'xmlns="{CORE}" xmlns:k="{KMEHR}" xmlns:p="{PROTOCOL}"'
"""What every fragment of our answers relies on: core without prefix, KMEHR as `k`, the message root as `p`."""
