"""The catalogue of rules beyond the schema: what each looks at, why, and what it asks for in three languages.

`docs/validation.md` is written from it. Ids are stable: callers may rely on them.
"""

from dataclasses import dataclass

from hub.domain.findings import Finding, Severity
from hub.domain.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: its stable id, whether it refuses, what it looks at and why, and what it wants instead."""

    id: str
    severity: Severity
    what: str
    why: str
    wanted: Text

    def finding(self, where: str, seen: str, **values: str) -> Finding:
        """What this rule says about one place; `values` fill the places of its sentence."""
        return Finding(self.severity, self.id, where, seen, self.wanted.fill(**values))


NOT_XML = Rule(
    id="message.malformed",
    severity=Severity.ERROR,
    what="the file is not well-formed XML, uses a DTD, or goes past the limits of the parser",
    why="nothing else can be checked; entities and deep nesting are ways to attack a parser",
    wanted=Text(
        fr="Écrire du XML bien formé, sans DTD : {problem}",
        nl="Schrijf welgevormde XML, zonder DTD: {problem}",
        en="Write well-formed XML without a DTD: {problem}",
    ),
)
NOT_READABLE = Rule(
    id="message.unreadable",
    severity=Severity.ERROR,
    what="the file cannot be read, or is larger than a message may be",
    why="nothing else can be checked",
    wanted=Text(
        fr="Donner un fichier lisible : {problem}",
        nl="Geef een leesbaar bestand: {problem}",
        en="Give a file that can be read: {problem}",
    ),
)
UNKNOWN_ROOT = Rule(
    id="message.root",
    severity=Severity.ERROR,
    what="the root element is neither a KMEHR document, nor a message of hub services v3, nor a SOAP envelope",
    why="the hub finds out what it was given by the root element and its namespace",
    wanted=Text(
        fr="Commencer par kmehrmessage (espace de noms {kmehr}), par un message des services hub ({protocol}) "
        "ou par une enveloppe SOAP 1.1 autour de ce message",
        nl="Begin met kmehrmessage (namespace {kmehr}), met een bericht van de hubdiensten ({protocol}) "
        "of met een SOAP 1.1-envelop rond zo'n bericht",
        en="Begin with kmehrmessage (namespace {kmehr}), with a message of the hub services ({protocol}) "
        "or with a SOAP 1.1 envelope around one",
    ),
)
ENVELOPE = Rule(
    id="message.envelope",
    severity=Severity.ERROR,
    what="a SOAP envelope of another version, without exactly one element in its Body, or with a header that "
    "must be understood and is not",
    why="SOAP 1.1, document/literal",
    wanted=Text(
        fr="Une enveloppe SOAP 1.1 avec un seul Body qui contient un seul message",
        nl="Eén SOAP 1.1-envelop met één Body met precies één bericht erin",
        en="A SOAP 1.1 envelope with one Body that holds exactly one message",
    ),
)
MORE_FINDINGS = Rule(
    id="message.more-findings",
    severity=Severity.WARNING,
    what="there is more than the report lists",
    why="a report is cut where nobody reads on",
    wanted=Text(
        fr="Corriger d'abord ce qui précède : le rapport s'arrête après {limit} remarques",
        nl="Verbeter eerst wat hierboven staat: het verslag stopt na {limit} opmerkingen",
        en="Correct what stands above first: the report stops after {limit} findings",
    ),
)

PATIENT_NUMBER = Rule(
    id="kmehr.patient-number",
    severity=Severity.ERROR,
    what="a patient's INSS or ID-PATIENT is not 11 digits with right check digits (either century, BIS included)",
    why="this number is the hub's key: a wrong one files documents under another person, or under nobody",
    wanted=Text(
        fr="Écrire le numéro national (NISS ou BIS) en 11 chiffres, sans points ni tirets, avec les bons chiffres de "
        "contrôle",
        nl="Schrijf het rijksregister- of BIS-nummer (INSZ) met 11 cijfers, zonder punten of streepjes, met juiste "
        "controlecijfers",
        en="Write the national or BIS number (INSS) as 11 digits, no dots or dashes, with right check digits",
    ),
)
PATIENT_NUMBER_MISSING = Rule(
    id="kmehr.patient-number-missing",
    severity=Severity.ERROR,
    what="a patient has neither an INSS nor an ID-PATIENT with a value",
    why="without it the hub cannot tell whose document this is",
    wanted=Text(
        fr='Ajouter au patient un id S="INSS" avec son numéro national ou BIS',
        nl='Geef de patiënt een id S="INSS" met het rijksregister- of BIS-nummer',
        en='Give the patient an id S="INSS" with the national or BIS number',
    ),
)
PATIENT_NUMBERS_DIFFER = Rule(
    id="kmehr.patient-numbers-differ",
    severity=Severity.ERROR,
    what="INSS and ID-PATIENT of one patient contradict each other",
    why="in KMEHR both carry the national number; the hub does not guess which one is meant",
    wanted=Text(
        fr="Écrire le même numéro national dans INSS et dans ID-PATIENT",
        nl="Schrijf hetzelfde rijksregisternummer in INSS en in ID-PATIENT",
        en="Write the same national number in INSS and in ID-PATIENT",
    ),
)
OTHER_PATIENT = Rule(
    id="kmehr.other-patient",
    severity=Severity.ERROR,
    what="a folder is about another patient than the one that was asked for (checked where a hub relays a document)",
    why="an answer about somebody else must never reach the caller",
    wanted=Text(
        fr="Le dossier du patient demandé",
        nl="De map van de gevraagde patiënt",
        en="The folder of the patient that was asked for",
    ),
)
SEVERAL_FOLDERS = Rule(
    id="kmehr.several-folders",
    severity=Severity.WARNING,
    what="a message holds several folders",
    why="the schema allows it, but a hub files a message under one patient and refuses a put with two",
    wanted=Text(
        fr="Envoyer un message par patient",
        nl="Stuur één bericht per patiënt",
        en="Send one message for each patient",
    ),
)
NATIONAL_NUMBER = Rule(
    id="kmehr.national-number",
    severity=Severity.WARNING,
    what="the INSS of a care party, or of a person inside a document, has wrong check digits or not 11 digits",
    why="public test documents hold such numbers, and the hub does not use them as a key",
    wanted=PATIENT_NUMBER.wanted,
)
PARTY_NUMBER = Rule(
    id="kmehr.party-number",
    severity=Severity.WARNING,
    what="an ID-HCPARTY is no NIHII number (8 or 11 digits) or hub number (10 digits) with right check digits",
    why="NIHII numbers are checked modulo 97 or 89, hub numbers modulo 97",
    wanted=Text(
        fr="Écrire le numéro INAMI (8 chiffres pour une organisation, 11 pour une personne) ou le numéro de hub "
        "(10 chiffres), avec les bons chiffres de contrôle",
        nl="Schrijf het RIZIV-nummer (8 cijfers voor een organisatie, 11 voor een persoon) of het hubnummer "
        "(10 cijfers), met juiste controlecijfers",
        en="Write the NIHII number (8 digits for an organisation, 11 for a person) or the hub number (10 digits), "
        "with right check digits",
    ),
)
PARTY_NUMBER_LENGTH = Rule(
    id="kmehr.party-number-length",
    severity=Severity.WARNING,
    what="an ID-HCPARTY is right in itself but of another kind than its CD-HCPARTY says",
    why="persons have 11 digits, organisations 8, hubs 10",
    wanted=Text(
        fr="Écrire un numéro de {length} chiffres pour « {profession} »",
        nl="Schrijf een nummer van {length} cijfers voor '{profession}'",
        en="Write a number of {length} digits for '{profession}'",
    ),
)
NAME_BLANK = Rule(
    id="kmehr.name-blank",
    severity=Severity.WARNING,
    what="a name is empty or holds only spaces",
    why="the schema accepts any text; a reader sees nobody",
    wanted=Text(
        fr="Écrire le nom, ou supprimer l'élément là où il est facultatif",
        nl="Schrijf de naam, of laat het element weg waar het niet verplicht is",
        en="Write the name, or leave the element out where it is optional",
    ),
)

TRANSACTION_KIND_MISSING = Rule(
    id="kmehr.transaction-kind-missing",
    severity=Severity.ERROR,
    what="a transaction has no cd with S=CD-TRANSACTION",
    why="lists are searched and shown by this code",
    wanted=Text(
        fr='Ajouter un cd S="CD-TRANSACTION" qui dit de quel document il s\'agit, par exemple sumehr ou labresult',
        nl='Voeg een cd S="CD-TRANSACTION" toe die zegt welk document het is, bijvoorbeeld sumehr of labresult',
        en='Add a cd S="CD-TRANSACTION" that says what document this is, for example sumehr or labresult',
    ),
)
TRANSACTION_KIND_UNKNOWN = Rule(
    id="kmehr.transaction-kind-unknown",
    severity=Severity.WARNING,
    what="a CD-TRANSACTION value is not in the list of the schemas in use",
    why="the list is open, so it is accepted; mostly it is a spelling mistake",
    wanted=Text(
        fr="Écrire un code connu{hint}",
        nl="Schrijf een gekende code{hint}",
        en="Write a known code{hint}",
    ),
)
TRANSACTION_EMPTY = Rule(
    id="kmehr.transaction-empty",
    severity=Severity.ERROR,
    what="a transaction has no heading, item, text, text-with-layout or lnk, and is not the head of a set "
    "(medicationscheme, vaccinationscheme, pharmaceuticalmedicationscheme)",
    why="the schema lets it pass because one branch of the content may be empty; there is nothing to read",
    wanted=Text(
        fr="Ajouter le contenu : heading, item, text, text-with-layout ou lnk",
        nl="Voeg de inhoud toe: heading, item, text, text-with-layout of lnk",
        en="Add the content: heading, item, text, text-with-layout or lnk",
    ),
)
DATE_FUTURE = Rule(
    id="kmehr.date-future",
    severity=Severity.WARNING,
    what="the date of the message or transaction, or a recorddatetime, lies more than one day ahead",
    why="zones differ by a day at most; one of the two clocks is wrong, and lists are ordered by these dates",
    wanted=Text(
        fr="Une date qui n'est pas dans le futur (nous sommes le {today})",
        nl="Een datum die niet in de toekomst ligt (vandaag is het {today})",
        en="A date that is not in the future (today is {today})",
    ),
)
BIRTH_FUTURE = Rule(
    id="kmehr.birth-future",
    severity=Severity.WARNING,
    what="a birth date lies more than one day ahead",
    why="nobody is born yet",
    wanted=DATE_FUTURE.wanted,
)
DEATH_BEFORE_BIRTH = Rule(
    id="kmehr.death-before-birth",
    severity=Severity.WARNING,
    what="a death date lies before the birth date",
    why="one of the two is wrong",
    wanted=Text(
        fr="Une date de décès qui n'est pas antérieure à la naissance ({birth})",
        nl="Een overlijdensdatum die niet voor de geboorte ligt ({birth})",
        en="A death date that is not before the birth ({birth})",
    ),
)

LINK_EMPTY = Rule(
    id="kmehr.link-empty",
    severity=Severity.ERROR,
    what="a lnk of TYPE multimedia or thumbnail has neither content nor a URL",
    why="there is nothing to show",
    wanted=Text(
        fr="Mettre le fichier en base64 dans lnk, ou son adresse dans l'attribut URL",
        nl="Zet het bestand als base64 in lnk, of het adres ervan in het attribuut URL",
        en="Put the file into lnk as base64, or its address into the attribute URL",
    ),
)
LINK_BASE64 = Rule(
    id="kmehr.link-base64",
    severity=Severity.ERROR,
    what="the content of a lnk is not strict base64 (RFC 4648, white space allowed)",
    why="libxml2 skips stray characters; readers then decode something else than what was written",
    wanted=Text(
        fr="Encoder le fichier en base64 : A-Z a-z 0-9 + /, complété par = jusqu'à un multiple de quatre",
        nl="Codeer het bestand als base64: A-Z a-z 0-9 + /, aangevuld met = tot een veelvoud van vier",
        en="Encode the file as base64: A-Z a-z 0-9 + /, padded with = to a multiple of four",
    ),
)
LINK_TOO_LARGE = Rule(
    id="kmehr.link-too-large",
    severity=Severity.ERROR,
    what="the decoded content of a lnk is larger than the limit of the hub (by default 40 MiB)",
    why="one text node is held in memory as a whole",
    wanted=Text(
        fr="Un fichier de {limit} octets au plus ; au-delà, donner une adresse dans l'attribut URL",
        nl="Een bestand van hoogstens {limit} bytes; geef daarboven een adres in het attribuut URL",
        en="A file of at most {limit} bytes; beyond that, give an address in the attribute URL",
    ),
)
LINK_MEDIA_TYPE_MISSING = Rule(
    id="kmehr.link-media-type-missing",
    severity=Severity.WARNING,
    what="a lnk has content but no MEDIATYPE",
    why="the reader's software cannot tell what opens it",
    wanted=Text(
        fr="Ajouter l'attribut MEDIATYPE, par exemple application/pdf",
        nl="Voeg het attribuut MEDIATYPE toe, bijvoorbeeld application/pdf",
        en="Add the attribute MEDIATYPE, for example application/pdf",
    ),
)
LINK_MEDIA_TYPE = Rule(
    id="kmehr.link-media-type",
    severity=Severity.WARNING,
    what="the first bytes of a lnk show another format than its MEDIATYPE (PDF, PNG, JPEG, GIF, TIFF, RTF)",
    why="the reader's software would open it with the wrong program",
    wanted=Text(
        fr="Écrire le MEDIATYPE du fichier qui est là : ses premiers octets ne sont pas ceux de {declared}",
        nl="Schrijf het MEDIATYPE van het bestand dat er staat: de eerste bytes zijn niet die van {declared}",
        en="Write the MEDIATYPE of the file that is there: its first bytes are not those of {declared}",
    ),
)
LINK_SIZE = Rule(
    id="kmehr.link-size",
    severity=Severity.WARNING,
    what="SIZE is a number that is not the size of the decoded content in bytes",
    why="the content may have been cut on its way",
    wanted=Text(
        fr="Écrire la taille du fichier en octets, {size}, si rien ne manque",
        nl="Schrijf de grootte van het bestand in bytes, {size}, als er niets ontbreekt",
        en="Write the size of the file in bytes, {size}, if nothing is missing",
    ),
)
SEALED = Rule(
    id="kmehr.sealed",
    severity=Severity.WARNING,
    what="the folder is sealed (Base64EncryptedData or EncryptedData)",
    why="only the holder of the key can check what is inside",
    wanted=Text(
        fr="Le contenu scellé n'a pas été contrôlé : valider aussi le message avant de le sceller",
        nl="De verzegelde inhoud is niet gecontroleerd: valideer het bericht ook voor het verzegelen",
        en="The sealed content was not checked: validate the message before sealing it as well",
    ),
)

MESSAGE_RULES = (NOT_XML, NOT_READABLE, UNKNOWN_ROOT, ENVELOPE, MORE_FINDINGS)
KMEHR_RULES = (
    PATIENT_NUMBER,
    PATIENT_NUMBER_MISSING,
    PATIENT_NUMBERS_DIFFER,
    OTHER_PATIENT,
    SEVERAL_FOLDERS,
    NATIONAL_NUMBER,
    PARTY_NUMBER,
    PARTY_NUMBER_LENGTH,
    NAME_BLANK,
    TRANSACTION_KIND_MISSING,
    TRANSACTION_KIND_UNKNOWN,
    TRANSACTION_EMPTY,
    DATE_FUTURE,
    BIRTH_FUTURE,
    DEATH_BEFORE_BIRTH,
    LINK_EMPTY,
    LINK_BASE64,
    LINK_TOO_LARGE,
    LINK_MEDIA_TYPE_MISSING,
    LINK_MEDIA_TYPE,
    LINK_SIZE,
    SEALED,
)
"""Every rule beyond the schema, in the order of the documentation."""
