"""What the hub says to callers of its REST API about their requests, in four languages: sentences and phrases."""

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

REST_PHRASES: Final = (
    Text(fr="ce champ", nl="dit veld", en="this field", de="dieses Feld"),
    Text(fr="aucun champ de ce nom", nl="geen veld met die naam", en="no such field", de="kein solches Feld"),
    Text(fr="rien", nl="niets", en="nothing", de="nichts"),
    Text(fr="un champ", nl="een veld", en="one", de="ein Feld"),
    Text(fr="un texte", nl="een tekst", en="a text", de="ein Text"),
    Text(
        fr="un texte de # caractères",
        nl="een tekst van # tekens",
        en="a text of # characters",
        de="ein Text von # Zeichen",
    ),
    Text(fr="un nombre", nl="een getal", en="a number", de="eine Zahl"),
    Text(fr="un nombre entier", nl="een geheel getal", en="a whole number", de="eine ganze Zahl"),
    Text(fr="un nombre entier >= #", nl="een geheel getal >= #", en="a whole number >= #", de="eine ganze Zahl >= #"),
    Text(fr="un nombre entier <= #", nl="een geheel getal <= #", en="a whole number <= #", de="eine ganze Zahl <= #"),
    Text(fr="true ou false", nl="true of false", en="true or false", de="true oder false"),
    Text(fr="un objet", nl="een object", en="an object", de="ein Objekt"),
    Text(fr="une liste", nl="een lijst", en="a list", de="eine Liste"),
    Text(
        fr="un jour, écrit AAAA-MM-JJ",
        nl="een dag, geschreven JJJJ-MM-DD",
        en="a day, written YYYY-MM-DD",
        de="ein Tag, geschrieben JJJJ-MM-TT",
    ),
    Text(
        fr="une des valeurs de la description",
        nl="een van de waarden in de beschrijving",
        en="one of the values in the description",
        de="einer der Werte in der Beschreibung",
    ),
    Text(
        fr="ce que dit la description",
        nl="wat de beschrijving zegt",
        en="what the description says",
        de="was die Beschreibung sagt",
    ),
    Text(fr="une valeur", nl="een waarde", en="a value", de="ein Wert"),
    Text(
        fr="du JSON lisible en UTF-8",
        nl="leesbare JSON in UTF-8",
        en="readable JSON in UTF-8",
        de="lesbares JSON in UTF-8",
    ),
    Text(fr="autre chose", nl="iets anders", en="something else", de="etwas anderes"),
    Text(
        fr="le corps entier en # secondes",
        nl="de hele inhoud binnen # seconden",
        en="the whole body within # seconds",
        de="der ganze Inhalt innerhalb von # Sekunden",
    ),
    Text(fr="une partie", nl="een deel ervan", en="a part of it", de="ein Teil davon"),
    Text(
        fr='nihii, inss ou profession, ou le texte "everybody"',
        nl='nihii, inss of profession, of de tekst "everybody"',
        en='nihii, inss or profession, or the text "everybody"',
        de='nihii, inss oder profession, oder der Text "everybody"',
    ),
    Text(fr="aucun d'eux", nl="geen daarvan", en="none of them", de="nichts davon"),
    Text(
        fr="le prestataire que désigne l'identifiant",
        nl="de zorgverlener van het nummer",
        en="the care party that the id is of",
        de="der Leistungserbringer der Kennung",
    ),
    Text(
        fr="le prestataire et le type que désigne l'identifiant",
        nl="de zorgverlener en de soort van het nummer",
        en="the care party and the kind that the id is of",
        de="der Leistungserbringer und die Art der Kennung",
    ),
)
"""What is wanted and seen at a place; see `hub.web.phrases`."""
