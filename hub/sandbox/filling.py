"""Filling a new sandbox the way a network fills: people registered, hospitals declaring, care providers putting.

Everything raises NotAccepted when the hub refuses it.
"""

from hub.domain.references import VAULT
from hub.sandbox.callers import Callers
from hub.sandbox.documents import SampleDocument, sample_documents
from hub.wire.xml import parse


async def register_people(callers: Callers) -> None:
    """Register every patient, provider and hospital."""
    people, client = callers.people, callers.caller("gp_fr")
    for patient in people.patients.values():
        (await client.put_patient(patient.content("k:"))).accepted()
    parties = (
        *(provider.party for provider in people.providers.values()),
        *(hospital.party for hospital in people.hospitals.values()),
        people.organisations["group_practice"].party,
    )
    for party in parties:
        (await client.put_party(party)).accepted()


async def publish_documents(callers: Callers) -> None:
    """Publish every sample document: into the vault by its author, or declared by its hospital."""
    for document in sample_documents(callers.people):
        if document.source == VAULT:
            await _put(callers, document)
        else:
            await callers.publishers[document.source].publish(document)


async def _put(callers: Callers, document: SampleDocument) -> None:
    author = callers.caller_for(document.declaration.author)
    (await author.put(parse(document.content), as_set=document.is_set)).accepted()
