"""Filling a new sandbox the way a network fills: people register and consent, hospitals declare, care providers put.

Everything raises NotAccepted or HubError when the hub refuses it.
"""

from collections.abc import Mapping

from hub.domain.identity import HUB
from hub.domain.parties import Id
from hub.domain.references import VAULT
from hub.sandbox.callers import Callers
from hub.sandbox.documents import SampleDocument, sample_documents
from hub.sandbox.office import Office
from hub.wire.xml import parse


async def enrol_providers(callers: Callers, office: Office) -> None:
    """Care providers and organisations apply, are approved but for those who wait, and say that they take part."""
    people = callers.people
    groups = {key: group.party for key, group in people.organisations.items() if group.quality != HUB}
    for key, party in (*groups.items(), *((key, hospital.party) for key, hospital in people.hospitals.items())):
        await office.apply(party.number, party.profession)
        (await callers.caller(key).take_part()).accepted()
    for key, provider in people.providers.items():
        organisation = people.hospitals[provider.hospital].number if provider.hospital else ""
        guarantor = await office.apply(provider.nihii, provider.profession, organisation=organisation)
        if guarantor and provider.takes_part:
            await office.approve(provider.nihii, guarantor=guarantor)
        (await callers.caller(key).take_part()).accepted()


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


async def publish_documents(callers: Callers) -> Mapping[str, Id]:
    """Publish the documents of who can consent: into the vault by the author, or declared by the hospital.

    The hub's id of each, by that of its publisher.
    """
    ids = {}
    for document in sample_documents(callers.people):
        if document.patient.deathdate is None:
            ids[document.id] = await _publish(callers, document)
    return ids


async def _publish(callers: Callers, document: SampleDocument) -> Id:
    if document.source != VAULT:
        return await callers.publishers[document.source].publish(document)
    author = callers.caller_for(document.declaration.author)
    return (await author.put(parse(document.content), as_set=document.is_set)).accepted().ids[0]
