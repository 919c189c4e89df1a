"""The composition of what is about access: services on their stores, and the ten handlers of SOAP on the services."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.domain.link_policy import LinkPolicy
from hub.ports.access_registry import AccessRegistry
from hub.ports.audit_trail import AuditTrail
from hub.ports.cards import CardDirectory
from hub.ports.registries import PartyRegistry, PatientRegistry
from hub.ports.runtime import Clock
from hub.services.access_rights import AccessRights
from hub.services.access_services import AccessServices
from hub.services.attempts import Attempts
from hub.services.audit_trails import AuditTrails
from hub.services.auditing import Auditing
from hub.services.consents import Consents
from hub.services.exclusions import Exclusions
from hub.services.lookup import TransactionLookup
from hub.services.mandates import Mandates
from hub.services.patient_records import PatientRecords
from hub.services.patients import KnownPatients
from hub.services.permissions import Permissions
from hub.services.therapeutic_links import TherapeuticLinks
from hub.web.soap.calls import Handler
from hub.web.soap.handlers.access_rights import AccessRightHandlers
from hub.web.soap.handlers.audit_trail import AuditTrailHandlers
from hub.web.soap.handlers.consent import ConsentHandlers
from hub.web.soap.handlers.therapeutic_links import TherapeuticLinkHandlers
from hub.web.soap.pages import Pages
from hub.wire.hubservices.responses import HubIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessStores:
    """Where statements about access go, and what is asked about them."""

    registry: AccessRegistry
    trail: AuditTrail
    patients: PatientRegistry
    parties: PartyRegistry
    cards: CardDirectory
    lookup: TransactionLookup
    permissions: Permissions


def access_services(
    stores: AccessStores, *, policy: LinkPolicy, clock: Clock, registers_patients: bool
) -> AccessServices:
    """The services on their stores."""
    attempts = Attempts(permissions=stores.permissions, auditing=Auditing(clock=clock), trail=stores.trail)
    patients = KnownPatients(patients=stores.patients, cards=stores.cards)
    return AccessServices(
        links=TherapeuticLinks(
            registry=stores.registry,
            attempts=attempts,
            policy=policy,
            patients=patients,
            parties=stores.parties,
            clock=clock,
        ),
        exclusions=Exclusions(registry=stores.registry, attempts=attempts, clock=clock),
        consents=Consents(
            registry=stores.registry,
            attempts=attempts,
            patients=patients,
            clock=clock,
            registers_patients=registers_patients,
            tolerance=policy.tolerance,
        ),
        rights=AccessRights(registry=stores.registry, attempts=attempts, lookup=stores.lookup, clock=clock),
        mandates=Mandates(registry=stores.registry, attempts=attempts, clock=clock),
        trails=AuditTrails(trail=stores.trail, attempts=attempts, patients=patients, lookup=stores.lookup),
        records=PatientRecords(
            registry=stores.registry, trail=stores.trail, attempts=attempts, patients=patients, clock=clock
        ),
    )


def access_operations(services: AccessServices, *, hub: HubIdentity, pages: Pages) -> Mapping[str, Handler]:
    """The handlers of SOAP by operation."""
    consenting = ConsentHandlers(consents=services.consents)
    linking = TherapeuticLinkHandlers(links=services.links)
    permitting = AccessRightHandlers(rights=services.rights, hub=hub)
    trailing = AuditTrailHandlers(trails=services.trails, hub=hub, pages=pages)
    return {
        "PutPatientConsent": consenting.put_patient_consent,
        "GetPatientConsent": consenting.get_patient_consent,
        "RevokePatientConsent": consenting.revoke_patient_consent,
        "PutTherapeuticLink": linking.put_therapeutic_link,
        "GetTherapeuticLink": linking.get_therapeutic_link,
        "RevokeTherapeuticLink": linking.revoke_therapeutic_link,
        "PutAccessRight": permitting.put_access_right,
        "GetAccessRight": permitting.get_access_right,
        "RevokeAccessRight": permitting.revoke_access_right,
        "GetPatientAuditTrail": trailing.get_patient_audit_trail,
    }
