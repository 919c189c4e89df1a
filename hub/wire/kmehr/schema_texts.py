"""The catalogue of schema refusals, and the sentences they are worded in: French, Dutch and English."""

from hub.domain.findings import Severity
from hub.domain.texts import Text
from hub.wire.kmehr.rule_texts import Rule


def _rule(id_: str, what: str, *, fr: str, nl: str, en: str) -> Rule:
    why = "the schemas of KMEHR 1.43 and hub services 3.5"
    return Rule(id=f"xsd.{id_}", severity=Severity.ERROR, what=what, why=why, wanted=Text(fr=fr, nl=nl, en=en))


ROOT = _rule(
    "root",
    "the root element is not one that the schema declares",
    fr="Un élément racine du schéma, dans son espace de noms",
    nl="Een hoofdelement van het schema, in zijn namespace",
    en="A root element of the schema, in its namespace",
)
UNEXPECTED_ELEMENT = _rule(
    "unexpected-element",
    "an element stands where it may not: unknown, in the wrong order, or once too often",
    fr="Ici ne peut pas se trouver {name}",
    nl="Hier mag {name} niet staan",
    en="{name} may not stand here",
)
MISSING_ELEMENT = _rule(
    "missing-element",
    "an element ends before everything that must be in it was written",
    fr="Ajouter à la fin de {name} : {allowed}",
    nl="Voeg op het einde van {name} toe: {allowed}",
    en="Add at the end of {name}: {allowed}",
)
MISSING_ATTRIBUTE = _rule(
    "missing-attribute",
    "an attribute that must be there is missing",
    fr="Ajouter l'attribut {name}",
    nl="Voeg het attribuut {name} toe",
    en="Add the attribute {name}",
)
UNEXPECTED_ATTRIBUTE = _rule(
    "unexpected-attribute",
    "an attribute that may not stand on this element",
    fr="Supprimer l'attribut {name}",
    nl="Verwijder het attribuut {name}",
    en="Remove the attribute {name}",
)
VALUE = _rule(
    "value",
    "a value of an element or attribute is not of its type, or not in an enforced list",
    fr="Écrire {datatype}",
    nl="Schrijf {datatype}",
    en="Write {datatype}",
)
TEXT = _rule(
    "text",
    "text stands between elements where only elements may stand",
    fr="Supprimer le texte entre les éléments de {name}, ou le mettre dans l'un d'eux",
    nl="Verwijder de tekst tussen de elementen van {name}, of zet hem in een ervan",
    en="Remove the text between the elements of {name}, or put it into one of them",
)
OTHER = _rule(
    "other",
    "anything else that the schema refuses, such as a wrong xsi:type or xsi:nil",
    fr="Respecter le schéma : {detail}",
    nl="Volg het schema: {detail}",
    en="Follow the schema: {detail}",
)

SCHEMA_RULES = (
    ROOT,
    UNEXPECTED_ELEMENT,
    MISSING_ELEMENT,
    MISSING_ATTRIBUTE,
    UNEXPECTED_ATTRIBUTE,
    VALUE,
    TEXT,
    OTHER,
)


ALLOWED_HERE = Text(
    fr="possible ici : {allowed}", nl="mogelijk op deze plaats: {allowed}", en="allowed here: {allowed}"
)
ALLOWED_VALUES = Text(fr="valeurs possibles : {allowed}", nl="mogelijke waarden: {allowed}", en="values: {allowed}")
NOTHING_MORE = Text(
    fr="rien ne peut plus suivre ici : le supprimer ou le déplacer",
    nl="hier mag niets meer volgen: verwijder of verplaats het",
    en="nothing more may follow here: remove it or move it",
)
NAMESPACE = Text(
    fr="écrire cet élément dans l'espace de noms {namespace}",
    nl="schrijf dit element in de namespace {namespace}",
    en="write this element in the namespace {namespace}",
)
ORDER = Text(fr="ordre : {order}", nl="volgorde: {order}", en="order: {order}")
ONE_OF = Text(fr="l'une de ces valeurs : {allowed}", nl="een van deze waarden: {allowed}", en="one of: {allowed}")
ONLY = Text(fr="exactement {allowed}", nl="precies {allowed}", en="exactly {allowed}")

ANY_VALUE = Text(fr="une valeur", nl="een waarde", en="a value")
_WHOLE = Text(fr="un nombre entier", nl="een geheel getal", en="a whole number")
DATATYPES = {
    "date": Text(
        fr="une date qui existe, comme 2026-02-28",
        nl="een datum die bestaat, zoals 2026-02-28",
        en="a date that exists, as 2026-02-28",
    ),
    "time": Text(fr="une heure, comme 14:30:00", nl="een uur, zoals 14:30:00", en="a time, as 14:30:00"),
    "dateTime": Text(
        fr="une date et une heure, comme 2026-02-28T14:30:00",
        nl="een datum en een uur, zoals 2026-02-28T14:30:00",
        en="a date and a time, as 2026-02-28T14:30:00",
    ),
    "gYear": Text(fr="une année, comme 1998", nl="een jaar, zoals 1998", en="a year, as 1998"),
    "gYearMonth": Text(
        fr="une année et un mois, comme 1998-04",
        nl="een jaar en een maand, zoals 1998-04",
        en="a year and month, as 1998-04",
    ),
    "boolean": Text(fr="true ou false (1 ou 0)", nl="true of false (1 of 0)", en="true or false (1 or 0)"),
    "decimal": Text(
        fr="un nombre avec un point, comme 12.5",
        nl="een getal met een punt, zoals 12.5",
        en="a number with a point, as 12.5",
    ),
    "integer": _WHOLE,
    "int": _WHOLE,
    "unsignedInt": Text(
        fr="un nombre entier, 0 ou plus", nl="een geheel getal, 0 of meer", en="a whole number, 0 or more"
    ),
    "positiveInteger": Text(
        fr="un nombre entier, 1 ou plus", nl="een geheel getal, 1 of meer", en="a whole number, 1 or more"
    ),
    "language": Text(
        fr="un code de langue, comme fr, nl ou de",
        nl="een taalcode, zoals fr, nl of de",
        en="a language code, as fr, nl or de",
    ),
    "base64Binary": Text(fr="du base64", nl="base64", en="base64"),
    "anyURI": Text(fr="une adresse (URI)", nl="een adres (URI)", en="an address (URI)"),
    "ID": Text(
        fr="un identifiant unique dans le document, sans espaces",
        nl="een identificatie die maar één keer in het document staat, zonder spaties",
        en="an identifier that occurs once in the document, without spaces",
    ),
    "string": Text(fr="un texte", nl="een tekst", en="a text"),
}
