"""What the hub says to callers of its REST API about their requests: one sentence per reason, in four languages."""

from typing import Final

from hub.domain.errors import Reason
from hub.domain.texts import Text

REST_TEXTS: Final[dict[Reason, Text]] = {
    Reason.REQUEST_INVALID: Text(
        fr="La demande n'est pas conforme à la description de l'API ({where}) ; attendu : {wanted} ; reçu : {seen}.",
        nl="Het verzoek volgt de beschrijving van de API niet ({where}); verwacht: {wanted}; ontvangen: {seen}.",
        en="The request does not follow the description of the API ({where}); expected: {wanted}; received: {seen}.",
        de="Die Anfrage folgt der Beschreibung der API nicht ({where}); erwartet: {wanted}; erhalten: {seen}.",
    ),
    Reason.RESOURCE_UNKNOWN: Text(
        fr="Il n'y a rien à cette adresse, ou rien pour cet appelant.",
        nl="Op dit adres is er niets, of niets voor deze aanvrager.",
        en="There is nothing at this address, or nothing for this caller.",
        de="Unter dieser Adresse gibt es nichts, oder nichts für diesen Aufrufer.",
    ),
    Reason.METHOD_NOT_ALLOWED: Text(
        fr="Cette adresse ne prend que : {wanted}.",
        nl="Dit adres aanvaardt alleen: {wanted}.",
        en="This address takes only: {wanted}.",
        de="Diese Adresse nimmt nur: {wanted}.",
    ),
    Reason.NOT_ACCEPTABLE: Text(
        fr="L'API répond en {wanted} ; l'en-tête Accept de la demande ne l'admet pas.",
        nl="De API antwoordt in {wanted}; de header Accept van het verzoek laat dat niet toe.",
        en="The API answers in {wanted}; the header Accept of the request does not admit that.",
        de="Die API antwortet in {wanted}; der Header Accept der Anfrage lässt das nicht zu.",
    ),
    Reason.MEDIA_TYPE: Text(
        fr="Le corps de la demande ({where}) doit être en {wanted}, non compressé.",
        nl="De inhoud van het verzoek ({where}) moet {wanted} zijn, niet gecomprimeerd.",
        en="The body of the request ({where}) has to be {wanted}, not compressed.",
        de="Der Inhalt der Anfrage ({where}) muss {wanted} sein, nicht komprimiert.",
    ),
    Reason.TOKEN_INVALID: Text(
        fr="L'appelant n'est pas identifié : l'en-tête Authorization doit porter un jeton Bearer que le hub reconnaît.",
        nl="De aanvrager is niet geïdentificeerd: de header Authorization moet een Bearer-token dragen dat de hub "
        "erkent.",
        en="The caller is not identified: the header Authorization has to carry a Bearer token that the hub "
        "recognises.",
        de="Der Aufrufer ist nicht identifiziert: der Header Authorization muss ein Bearer-Token tragen, das der Hub "
        "anerkennt.",
    ),
}
