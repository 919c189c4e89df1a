"""The weekly reminder to guarantors: a message for each who has registrations to decide on, as a file for a mailer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from hub.config.provider_settings import GuarantorSettings, ProviderSettings
from hub.domain.providers import Provider
from hub.domain.texts import Text

_SUBJECT: Final = Text(
    fr="{hub} : {count} inscription(s) attendent votre accord",
    nl="{hub}: {count} inschrijving(en) wachten op uw akkoord",
    en="{hub}: {count} registration(s) wait for your approval",
    de="{hub}: {count} Eintragung(en) warten auf Ihre Zustimmung",
)
_OPENING: Final = Text(
    fr="{name} est garant pour les prestataires suivants, qui ont demandé leur inscription :",
    nl="{name} is garant voor de volgende zorgverleners, die om inschrijving gevraagd hebben:",
    en="{name} is the guarantor of these care providers, who have asked to be registered:",
    de="{name} ist Bürge für die folgenden Leistungserbringer, die um Eintragung gebeten haben:",
)
_ROW: Final = Text(
    fr="- INAMI {number}, {profession}, en attente depuis le {since}",
    nl="- RIZIV {number}, {profession}, wacht sinds {since}",
    en="- NIHII {number}, {profession}, waiting since {since}",
    de="- LIKIV {number}, {profession}, wartet seit dem {since}",
)
_CLOSING: Final = Text(
    fr="Veuillez faire savoir au hub, pour chaque numéro, si vous vous portez garant ou non.",
    nl="Laat de hub voor elk nummer weten of u zich garant stelt of niet.",
    en="Please tell the hub for each number whether you vouch for this care provider or not.",
    de="Bitte teilen Sie dem Hub für jede Nummer mit, ob Sie bürgen oder nicht.",
)


def write_reminders(
    settings: ProviderSettings, waiting: Mapping[str, Sequence[Provider]], *, hub: str, now: datetime
) -> Sequence[Path]:
    """Write `KEY.eml` for each guarantor for whom somebody waits, and delete what an earlier run left for others.

    A guarantor who is no longer configured gets none. Raises OSError.
    """
    folder = settings.reminder_folder
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    written = []
    for key, guarantor in settings.guarantors.items():
        file = folder / f"{key}.eml"
        if providers := waiting.get(key):
            new = file.with_suffix(".new")
            new.write_bytes(_message(guarantor, providers, hub=hub, now=now).as_bytes(policy=SMTP))
            new.replace(file)
            written.append(file)
        else:
            file.unlink(missing_ok=True)
    return written


def _message(guarantor: GuarantorSettings, providers: Sequence[Provider], *, hub: str, now: datetime) -> EmailMessage:
    def say(text: Text, **values: str) -> str:
        return text.fill(**values).language(guarantor.language)

    rows = [
        say(
            _ROW,
            number=provider.subject.value,
            profession=provider.profession,
            since=f"{provider.since:%Y-%m-%d}",
        )
        for provider in providers
    ]
    message = EmailMessage()
    message["Date"] = format_datetime(now)
    message["Subject"] = say(_SUBJECT, hub=hub, count=str(len(providers)))
    if guarantor.address:
        message["To"] = guarantor.address
    message.set_content("\n".join([say(_OPENING, name=guarantor.name), "", *rows, "", say(_CLOSING), ""]))
    return message
