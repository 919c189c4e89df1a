"""The XML namespaces of hub services v3, KMEHR (protocol facts, part 1) and WS-Security, and the prefixes we write."""

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SECURITY_11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
SECURITY_UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE_11 = "http://www.w3.org/2009/xmldsig11#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ASSERTION = "urn:oasis:names:tc:SAML:1.0:assertion"
TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
PROTOCOL = "http://www.ehealth.fgov.be/hubservices/protocol/v3"
CORE = "http://www.ehealth.fgov.be/hubservices/core/v3"
KMEHR = "http://www.ehealth.fgov.be/standards/kmehr/schema/v1"
SOA_ERRORS = "urn:be:fgov:ehealth:errors:soa:v1"

ANSWER_DECLARATIONS = f'xmlns="{CORE}" xmlns:k="{KMEHR}" xmlns:p="{PROTOCOL}"'
"""What every fragment of our answers relies on: core without prefix, KMEHR as `k`, the message root as `p`."""
