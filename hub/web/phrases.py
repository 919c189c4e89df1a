"""The short phrases that errors carry as details, in the other languages; the English text is the key.

Numbers are written as `#`. What is not here (a message of the XML parser, a status) is shown as it is.
"""

import re

from hub.domain.texts import Language, Text
from hub.web.rest_texts import REST_PHRASES

_NUMBER = re.compile(r"\d+")

PHRASES: dict[str, Text] = {
    text.en: text
    for text in (
        *REST_PHRASES,
        Text(
            fr="un nombre entier à partir de #",
            nl="een geheel getal vanaf #",
            en="a whole number from #",
            de="eine ganze Zahl ab #",
        ),
        Text(
            fr="un nombre entier de # à #",
            nl="een geheel getal van # tot #",
            en="a whole number from # to #",
            de="eine ganze Zahl von # bis #",
        ),
        Text(
            fr="l'identifiant de l'ensemble entier",
            nl="het nummer van de hele set",
            en="the id of the whole set",
            de="die Kennung des ganzen Satzes",
        ),
        Text(
            fr="l'identifiant d'un ensemble de transactions",
            nl="het nummer van een set transacties",
            en="the id of a set of transactions",
            de="die Kennung eines Satzes von Transaktionen",
        ),
        Text(
            fr="un jour qui n'est pas dans le futur",
            nl="een dag die niet in de toekomst ligt",
            en="a day that is not in the future",
            de="ein Tag, der nicht in der Zukunft liegt",
        ),
        Text(
            fr="aucun jour de ce genre pour un consentement que l'on donne",
            nl="geen dergelijke dag bij een toestemming die wordt gegeven",
            en="no such day for a consent that is given",
            de="kein solcher Tag bei einer Zustimmung, die gegeben wird",
        ),
        Text(
            fr="un jour qui ne précède pas celui de la signature",
            nl="een dag die niet vóór die van de ondertekening ligt",
            en="a day that is not before that of signing",
            de="ein Tag, der nicht vor dem der Unterschrift liegt",
        ),
        Text(
            fr="un jour qui ne précède pas le début",
            nl="een dag die niet vóór het begin ligt",
            en="a day that is not before the start",
            de="ein Tag, der nicht vor dem Beginn liegt",
        ),
        Text(
            fr="quelqu'un d'autre que le patient",
            nl="iemand anders dan de patiënt",
            en="somebody else than the patient",
            de="jemand anderes als der Patient",
        ),
        Text(
            fr="les identifiants d'un seul document",
            nl="de nummers van één document",
            en="the ids of one document",
            de="die Kennungen eines einzigen Dokuments",
        ),
        Text(
            fr="au plus # types de liens",
            nl="ten hoogste # soorten relaties",
            en="at most # kinds of links",
            de="höchstens # Arten von Beziehungen",
        ),
        Text(
            fr="un type de lien que le hub connaît",
            nl="een soort relatie die de hub kent",
            en="a kind of link that the hub knows",
            de="eine Art der Beziehung, die der Hub kennt",
        ),
        Text(fr="qui demande", nl="wie het vraagt", en="who asks", de="wer fragt"),
        Text(
            fr="le nom d'un bris de glace",
            nl="de naam van een noodprocedure",
            en="the name of a break",
            de="der Name eines Notfallzugriffs",
        ),
        Text(
            fr="exactement un patient",
            nl="precies één patiënt",
            en="exactly one patient",
            de="genau ein Patient",
        ),
        Text(
            fr="un seul au plus",
            nl="ten hoogste één",
            en="one at most",
            de="höchstens einer",
        ),
        Text(fr="des consentements", nl="voor toestemmingen", en="of consents", de="für Zustimmungen"),
        Text(
            fr="des liens thérapeutiques",
            nl="voor therapeutische relaties",
            en="of links",
            de="für therapeutische Beziehungen",
        ),
        Text(fr="des exclusions", nl="voor uitsluitingen", en="of exclusions", de="für Ausschlüsse"),
        Text(fr="# secondes", nl="# seconden", en="# seconds", de="# Sekunden"),
        Text(
            fr="le signataire n'est pas l'appelant",
            nl="de ondertekenaar is niet de aanroeper",
            en="the signer is not the caller",
            de="der Unterzeichner ist nicht der Aufrufer",
        ),
        Text(
            fr="les signataires intérieur et extérieur diffèrent",
            nl="de binnenste en de buitenste ondertekenaar verschillen",
            en="the inner and the outer signer are not the same",
            de="der innere und der äußere Unterzeichner sind verschieden",
        ),
        Text(
            fr="le certificat ne sert pas à signer",
            nl="het certificaat dient niet om te ondertekenen",
            en="the certificate is not for signing",
            de="das Zertifikat dient nicht zum Signieren",
        ),
        Text(
            fr="le certificat est illisible",
            nl="het certificaat is onleesbaar",
            en="the certificate cannot be read",
            de="das Zertifikat ist unlesbar",
        ),
        Text(
            fr="exactement un signataire est voulu",
            nl="precies één ondertekenaar is gewenst",
            en="exactly one signer is wanted",
            de="genau ein Unterzeichner ist erwünscht",
        ),
        Text(
            fr="moins de destinataires sont voulus",
            nl="minder bestemmelingen zijn gewenst",
            en="fewer recipients are wanted",
            de="weniger Empfänger sind erwünscht",
        ),
        Text(
            fr="exactement une heure de signature est voulue",
            nl="precies één tijdstip van ondertekening is gewenst",
            en="exactly one signing time is wanted",
            de="genau ein Signaturzeitpunkt ist erwünscht",
        ),
        Text(
            fr="un SignedData CMS est voulu",
            nl="een CMS SignedData is gewenst",
            en="a CMS SignedData is wanted",
            de="ein CMS SignedData ist erwünscht",
        ),
        Text(
            fr="un EnvelopedData CMS est voulu",
            nl="een CMS EnvelopedData is gewenst",
            en="a CMS EnvelopedData is wanted",
            de="ein CMS EnvelopedData ist erwünscht",
        ),
        Text(
            fr="le CMS est mal formé",
            nl="de CMS is niet goed gevormd",
            en="not CMS as it should be",
            de="das CMS ist fehlerhaft",
        ),
        Text(
            fr="ce n'est pas du base64",
            nl="dit is geen base64",
            en="not base64",
            de="das ist kein base64",
        ),
        Text(
            fr="il n'y a pas de folder à l'intérieur",
            nl="er zit geen folder in",
            en="there is no folder inside",
            de="es ist kein folder darin",
        ),
        Text(
            fr="seuls des folders sont voulus à l'intérieur",
            nl="alleen folders zijn erin gewenst",
            en="folders only are wanted inside",
            de="nur folder sind darin erwünscht",
        ),
        Text(fr="les années # à #", nl="de jaren # tot #", en="the years # to #", de="die Jahre # bis #"),
        Text(
            fr="# octets d'identifiants",
            nl="# bytes aan nummers",
            en="# bytes of identifiers",
            de="# Bytes an Kennungen",
        ),
        Text(
            fr="# octets dans un identifiant",
            nl="# bytes in een nummer",
            en="# bytes in an identifier",
            de="# Bytes in einer Kennung",
        ),
        Text(
            fr="# éléments imbriqués", nl="# geneste elementen", en="# nested elements", de="# verschachtelte Elemente"
        ),
        Text(
            fr="# caractères dans un attribut",
            nl="# tekens in een attribuut",
            en="# characters in an attribute",
            de="# Zeichen in einem Attribut",
        ),
        Text(
            fr="# caractères dans un nom",
            nl="# tekens in een naam",
            en="# characters in a name",
            de="# Zeichen in einem Namen",
        ),
        Text(fr="# balises", nl="# tags", en="# tags", de="# Tags"),
        Text(fr="# espaces de noms", nl="# naamruimten", en="# namespaces", de="# Namensräume"),
        Text(fr="# éléments dans Body", nl="# elementen in Body", en="# elements in Body", de="# Elemente in Body"),
        Text(
            fr="jeu de caractères inconnu", nl="onbekende tekenset", en="unknown charset", de="unbekannter Zeichensatz"
        ),
        Text(fr="codage inconnu", nl="onbekende codering", en="unknown encoding", de="unbekannte Kodierung"),
        Text(
            fr="une déclaration de type de document n'est pas admise",
            nl="een documenttypedeclaratie is niet toegelaten",
            en="a document type declaration is not allowed",
            de="eine Dokumenttypdeklaration ist nicht erlaubt",
        ),
        Text(
            fr="seuls # octets sont arrivés en # secondes",
            nl="slechts # bytes kwamen aan binnen # seconden",
            en="only # bytes arrived within # seconds",
            de="nur # Bytes kamen innerhalb von # Sekunden an",
        ),
        Text(
            fr="document d'un autre patient",
            nl="document van een andere patiënt",
            en="another patient's document",
            de="Dokument eines anderen Patienten",
        ),
        Text(fr="pas un PDF", nl="geen PDF", en="not a PDF", de="kein PDF"),
        Text(
            fr="pas du XML bien formé, ou pas complet",
            nl="geen welgevormde XML, of niet volledig",
            en="not well-formed XML, or not all of it",
            de="kein wohlgeformtes XML, oder nicht vollständig",
        ),
        Text(
            fr="un message sans en-tête",
            nl="een bericht zonder header",
            en="a message without a header",
            de="eine Nachricht ohne Header",
        ),
        Text(
            fr="une réponse compressée",
            nl="een gecomprimeerd antwoord",
            en="a compressed answer",
            de="eine komprimierte Antwort",
        ),
        Text(fr="pas une réponse SOAP", nl="geen SOAP-antwoord", en="not a SOAP answer", de="keine SOAP-Antwort"),
        Text(
            fr="un type de média autre que XML",
            nl="een ander mediatype dan XML",
            en="a media type other than XML",
            de="ein anderer Medientyp als XML",
        ),
        Text(
            fr="un type de média autre que XML et PDF",
            nl="een ander mediatype dan XML en PDF",
            en="a media type other than XML and PDF",
            de="ein anderer Medientyp als XML und PDF",
        ),
        Text(
            fr="son identifiant contient le numéro du patient, qui ne peut figurer dans une URL",
            nl="zijn nummer bevat het patiëntnummer, dat niet in een URL mag staan",
            en="its identifier holds the patient's number, which may not stand in a URL",
            de="seine Kennung enthält die Patientennummer, die in keiner URL stehen darf",
        ),
    )
}


def phrase(english: str, language: Language) -> str:
    """A phrase in another language, with its numbers; as it is when nobody has translated it."""
    numbers = iter(_NUMBER.findall(english))
    known = PHRASES.get(_NUMBER.sub("#", english))
    return re.sub("#", lambda _: next(numbers), known.language(language)) if known else english
