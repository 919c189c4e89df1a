"""The services about access to documents, together: what SOAP, the REST API and a portal call."""

from dataclasses import dataclass

from hub.services.access_rights import AccessRights
from hub.services.audit_trails import AuditTrails
from hub.services.consents import Consents
from hub.services.exclusions import Exclusions
from hub.services.mandates import Mandates
from hub.services.patient_records import PatientRecords
from hub.services.therapeutic_links import TherapeuticLinks


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessServices:
    """One of each."""

    links: TherapeuticLinks
    exclusions: Exclusions
    consents: Consents
    rights: AccessRights
    mandates: Mandates
    trails: AuditTrails
    records: PatientRecords
