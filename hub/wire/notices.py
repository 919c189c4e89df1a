"""Notices of broken glass as files of JSON, for whoever sends them (security facts, part 4.9; docs/access.md).

One is for the patient, by his national number, as the eBox wants it. One is for the privacy officer, who gets it by
mail: it names neither the patient nor the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from hub.domain.audit import AuditEvent
from hub.domain.broken_glass import name_of
from hub.domain.parties import HcParty
from hub.domain.texts import Text

FORMAT: Final = "hub-notice/1"

_SUBJECT: Final = Text(
    fr="{hub} : accès d'urgence à un dossier",
    nl="{hub}: noodtoegang tot een dossier",
    en="{hub}: emergency access to a record",
    de="{hub}: Notfallzugriff auf eine Akte",
)
_FOR_PATIENT: Final = Text(
    fr=(
        "Le {day} à {time}, {who} a consulté votre dossier de santé partagé sans lien thérapeutique, en invoquant une "
        "urgence : « {reason} ». Cet accès vaut jusqu'au {until}. Le hub le contrôle. Vous voyez toutes les "
        "consultations de votre dossier sur le portail du hub, et vous pouvez y exclure un prestataire."
    ),
    nl=(
        "Op {day} om {time} heeft {who} uw gedeelde gezondheidsdossier geraadpleegd zonder therapeutische relatie, met "
        "een noodgeval als reden: „{reason}”. Deze toegang geldt tot {until}. De hub controleert ze. Op het portaal "
        "van de hub ziet u alle raadplegingen van uw dossier, en kunt u een zorgverlener uitsluiten."
    ),
    en=(
        "On {day} at {time} {who} looked at your shared health record without a therapeutic link, giving an emergency "
        "as the reason: “{reason}”. This access lasts until {until}. The hub reviews it. On the hub's portal you see "
        "everybody who looked at your record, and can exclude a care provider."
    ),
    de=(
        "Am {day} um {time} hat {who} Ihre gemeinsame Gesundheitsakte ohne therapeutische Beziehung eingesehen und "
        "einen Notfall als Grund angegeben: „{reason}“. Dieser Zugriff gilt bis {until}. Der Hub prüft ihn. Auf dem "
        "Portal des Hubs sehen Sie alle Einsichten in Ihre Akte und können einen Leistungserbringer ausschließen."
    ),
)
_FOR_OFFICER: Final = Text(
    fr="Le {day} à {time}, {who} a invoqué une urgence à défaut de lien thérapeutique. À contrôler : {name}.",
    nl="Op {day} om {time} riep {who} een noodgeval in bij gebrek aan therapeutische relatie. Na te gaan: {name}.",
    en="On {day} at {time} {who} gave an emergency as the reason, for want of a link. To be reviewed: {name}.",
    de="Am {day} um {time} hat {who} mangels therapeutischer Beziehung einen Notfall angegeben. Zu prüfen: {name}.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWriter:
    """Writes the notices of a hub; `officer` is the address of the privacy officer, which may be empty."""

    hub: HcParty
    officer: str

    def __call__(self, event: AuditEvent, until: datetime) -> Mapping[str, bytes]:
        """Both notices about glass that an event broke, by the names of their files."""
        name = name_of(event)
        who = [party for party in event.actor.parties if party.is_person or party.is_organisation]
        values = {
            "hub": self.hub.name or self.hub.number,
            "name": name,
            "day": f"{event.at:%d/%m/%Y}",
            "time": f"{event.at:%H:%M}",
            "until": f"{until:%d/%m/%Y %H:%M}",
            "who": ", ".join(_called(party) for party in who),
            "reason": event.break_the_glass,
        }
        patient = {"role": "patient", "inss": event.patient.digits if event.patient else ""}
        officer = {"role": "privacy-officer", "address": self.officer}
        about = {"at": event.at, "until": until, "who": [_party(party) for party in who]}
        return {
            f"{name}-patient.json": self._written(
                name, patient, about | {"reason": event.break_the_glass}, _FOR_PATIENT, values
            ),
            f"{name}-privacy-officer.json": self._written(name, officer, about, _FOR_OFFICER, values),
        }

    def _written(
        self, name: str, to: Mapping[str, str], about: Mapping[str, Any], text: Text, values: Mapping[str, str]
    ) -> bytes:
        return orjson.dumps(
            {
                "format": FORMAT,
                "notice": "broken-glass",
                "name": name,
                "hub": self.hub.number,
                "to": to,
                **about,
                "subject": _in_all_languages(_SUBJECT.fill(**values)),
                "text": _in_all_languages(text.fill(**values)),
            },
            option=orjson.OPT_INDENT_2,
        )


def _in_all_languages(text: Text) -> Mapping[str, str]:
    return {"fr": text.fr, "nl": text.nl, "de": text.de, "en": text.en}


def _party(party: HcParty) -> Mapping[str, str]:
    return {"profession": party.profession, "name": _name(party), "number": party.number}


def _called(party: HcParty) -> str:
    return _name(party) or party.number or party.profession


def _name(party: HcParty) -> str:
    return " ".join(name for name in (party.name, party.firstname, party.familyname) if name)
