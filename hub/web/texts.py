"""What the hub says to people: one sentence per reason, in four languages, saying what was wrong and what to do.

Places in braces are filled from the details of the error; they never hold a patient's number.
"""

from collections import defaultdict

from hub.domain.errors import HubError, Reason
from hub.domain.texts import Language, Text
from hub.web.access_texts import ACCESS_TEXTS
from hub.web.phrases import phrase
from hub.web.rest_texts import REST_TEXTS

_SECURITY = Text(
    fr="La sécurité du message n'a pas pu être vérifiée.",
    nl="De beveiliging van het bericht kon niet worden geverifieerd.",
    en="The security of the message could not be verified.",
    de="Die Sicherheit der Nachricht konnte nicht geprüft werden.",
)
"""One sentence for whatever is wrong: the log says what, and callers in the dark learn nothing from the difference."""

REASON_TEXTS: dict[Reason, Text] = {
    Reason.MESSAGE_MALFORMED: Text(
        fr="Le message n'est pas du XML lisible ({where}) : {problem}.",
        nl="Het bericht is geen leesbare XML ({where}): {problem}.",
        en="The message is not readable XML ({where}): {problem}.",
        de="Die Nachricht ist kein lesbares XML ({where}): {problem}.",
    ),
    Reason.MESSAGE_TOO_LARGE: Text(
        fr="Le message dépasse une limite du hub ({where}) : au plus {limit}.",
        nl="Het bericht overschrijdt een grens van de hub ({where}): ten hoogste {limit}.",
        en="The message exceeds a limit of the hub ({where}): at most {limit}.",
        de="Die Nachricht überschreitet eine Grenze des Hubs ({where}): höchstens {limit}.",
    ),
    Reason.MESSAGE_NOT_SOAP: Text(
        fr="Une enveloppe SOAP 1.1 en text/xml est attendue ; reçu : {where}.",
        nl="Er wordt een SOAP 1.1-enveloppe als text/xml verwacht; ontvangen: {where}.",
        en="A SOAP 1.1 envelope as text/xml is expected; received: {where}.",
        de="Erwartet wird ein SOAP-1.1-Umschlag als text/xml; erhalten: {where}.",
    ),
    Reason.SOAP_VERSION: Text(
        fr="Ce service parle SOAP 1.1 (espace de noms http://schemas.xmlsoap.org/soap/envelope/), pas SOAP 1.2.",
        nl="Deze dienst spreekt SOAP 1.1 (naamruimte http://schemas.xmlsoap.org/soap/envelope/), geen SOAP 1.2.",
        en="This service speaks SOAP 1.1 (namespace http://schemas.xmlsoap.org/soap/envelope/), not SOAP 1.2.",
        de="Dieser Dienst spricht SOAP 1.1 (Namensraum http://schemas.xmlsoap.org/soap/envelope/), nicht SOAP 1.2.",
    ),
    Reason.SOAP_BODY: Text(
        fr="L'enveloppe doit contenir un seul Body avec un seul élément ; reçu : {found}.",
        nl="De enveloppe moet één Body met één element bevatten; ontvangen: {found}.",
        en="The envelope must hold one Body with one element; received: {found}.",
        de="Der Umschlag muss genau einen Body mit einem Element enthalten; erhalten: {found}.",
    ),
    Reason.SOAP_ACTION: Text(
        fr='SOAPAction désigne une autre opération que le Body ; attendu : "{wanted}" (ou aucun en-tête).',
        nl='SOAPAction noemt een andere operatie dan de Body; verwacht: "{wanted}" (of geen header).',
        en='SOAPAction names another operation than the Body; expected: "{wanted}" (or no header).',
        de='SOAPAction nennt eine andere Operation als der Body; erwartet: "{wanted}" (oder kein Header).',
    ),
    Reason.SOAP_HEADER_NOT_UNDERSTOOD: Text(
        fr="Un en-tête marqué mustUnderstand n'est pas connu du hub : {where}.",
        nl="Een header met mustUnderstand is de hub niet bekend: {where}.",
        en="A header marked mustUnderstand is not known to the hub: {where}.",
        de="Ein mit mustUnderstand gekennzeichneter Header ist dem Hub nicht bekannt: {where}.",
    ),
    Reason.OPERATION_UNKNOWN: Text(
        fr="L'élément du Body n'est pas une demande des services hub v3 ; voir le WSDL du service (?wsdl).",
        nl="Het element in de Body is geen verzoek van de hubdiensten v3; zie de WSDL van de dienst (?wsdl).",
        en="The element in the Body is no request of hub services v3; see the WSDL of the service (?wsdl).",
        de="Das Element im Body ist keine Anfrage der Hubdienste v3; siehe die WSDL des Dienstes (?wsdl).",
    ),
    Reason.OPERATION_NOT_SUPPORTED: Text(
        fr="Ce hub n'offre pas (encore) cette opération : {where}.",
        nl="Deze hub biedt deze operatie (nog) niet aan: {where}.",
        en="This hub does not offer this operation (yet): {where}.",
        de="Dieser Hub bietet diese Operation (noch) nicht an: {where}.",
    ),
    Reason.SCHEMA: Text(
        fr="Le message ne respecte pas le schéma des services hub 3.5 / KMEHR 1.43.",
        nl="Het bericht voldoet niet aan het schema van de hubdiensten 3.5 / KMEHR 1.43.",
        en="The message does not follow the schema of hub services 3.5 / KMEHR 1.43.",
        de="Die Nachricht entspricht nicht dem Schema der Hubdienste 3.5 / KMEHR 1.43.",
    ),
    Reason.CONTENT: Text(
        fr="Le contenu ne peut être accepté ({where}) ; attendu : {limit}.",
        nl="De inhoud kan niet worden aanvaard ({where}); verwacht: {limit}.",
        en="The content cannot be accepted ({where}); expected: {limit}.",
        de="Der Inhalt kann nicht angenommen werden ({where}); erwartet: {limit}.",
    ),
    Reason.NOT_AUTHENTICATED: Text(
        fr="L'appelant n'est pas identifié : request/author doit désigner une partie avec un numéro et une profession.",
        nl="De aanvrager is niet geïdentificeerd: request/author moet een partij met nummer en beroep noemen.",
        en="The caller is not identified: request/author must name a party with a number and a profession.",
        de="Der Aufrufer ist nicht identifiziert: request/author muss eine Partei mit Nummer und Beruf nennen.",
    ),
    Reason.AUTHOR_NOT_CALLER: Text(
        fr="L'auteur de la demande (request/author) n'est pas celui qui l'a signée.",
        nl="De auteur van het verzoek (request/author) is niet wie het ondertekend heeft.",
        en="The author of the request (request/author) is not who signed it.",
        de="Der Verfasser der Anfrage (request/author) ist nicht, wer sie unterzeichnet hat.",
    ),
    **dict.fromkeys(
        (
            Reason.SECURITY_INVALID,
            Reason.MESSAGE_EXPIRED,
            Reason.SECURITY_CHECK_FAILED,
            Reason.SECURITY_ALGORITHM,
            Reason.CREDENTIAL_INVALID,
            Reason.CREDENTIAL_UNSUPPORTED,
            Reason.CREDENTIAL_UNAVAILABLE,
            Reason.CALLER_NOT_PROVEN,
            Reason.CALLER_NOT_RECOGNISED,
        ),
        _SECURITY,
    ),
    Reason.NOT_CUSTODIAN: Text(
        fr="Seule l'institution qui conserve le document peut le déclarer, le remplacer ou le révoquer.",
        nl="Alleen de instelling die het document bewaart, mag het aangeven, vervangen of intrekken.",
        en="Only the institution that keeps the document may declare, replace or revoke it.",
        de="Nur die Einrichtung, die das Dokument verwahrt, darf es melden, ersetzen oder zurückziehen.",
    ),
    Reason.NOT_AUTHOR: Text(
        fr="Seul l'auteur d'un document du coffre peut le remplacer ou le révoquer.",
        nl="Alleen de auteur van een document in de kluis mag het vervangen of intrekken.",
        en="Only the author of a document in the vault may replace or revoke it.",
        de="Nur der Autor eines Dokuments im Tresor darf es ersetzen oder zurückziehen.",
    ),
    Reason.SOURCE_UNKNOWN: Text(
        fr="request/author ne désigne aucune institution connue du hub comme source ; "
        "ajoutez son hcparty (ID-HCPARTY, org…).",
        nl="request/author noemt geen instelling die de hub als bron kent; voeg haar hcparty toe (ID-HCPARTY, org…).",
        en="request/author names no institution that the hub knows as a source; add its hcparty (ID-HCPARTY, org…).",
        de="request/author nennt keine Einrichtung, die der Hub als Quelle kennt; "
        "ergänzen Sie deren hcparty (ID-HCPARTY, org…).",
    ),
    Reason.PATIENT_NUMBER: Text(
        fr="Le numéro du patient doit être un seul INSS (ou BIS) de 11 chiffres aux chiffres de contrôle corrects.",
        nl="Het patiëntnummer moet één INSZ (of BIS) van 11 cijfers met juiste controlecijfers zijn.",
        en="The patient's number must be one INSS (or BIS) of 11 digits with right check digits.",
        de="Die Patientennummer muss genau eine INSS (oder BIS) mit 11 Ziffern und richtigen Prüfziffern sein.",
    ),
    Reason.PATIENT_UNKNOWN: Text(
        fr="Le hub ne connaît pas ce patient ; enregistrez-le d'abord par PutPatient.",
        nl="De hub kent deze patiënt niet; registreer hem eerst met PutPatient.",
        en="The hub does not know this patient; register him first with PutPatient.",
        de="Der Hub kennt diesen Patienten nicht; registrieren Sie ihn zuerst mit PutPatient.",
    ),
    Reason.PARTY_UNKNOWN: Text(
        fr="Le hub ne connaît pas ce prestataire.",
        nl="De hub kent deze zorgverlener niet.",
        en="The hub does not know this care party.",
        de="Der Hub kennt diesen Leistungserbringer nicht.",
    ),
    Reason.TRANSACTION_UNKNOWN: Text(
        fr="Aucun document de ce patient ne porte cet identifiant.",
        nl="Geen document van deze patiënt draagt dit identificatienummer.",
        en="No document of this patient has this identifier.",
        de="Kein Dokument dieses Patienten trägt diese Kennung.",
    ),
    Reason.ALREADY_REVOKED: Text(
        fr="Ce document a déjà été révoqué ; une nouvelle version doit porter un recorddatetime plus récent.",
        nl="Dit document werd al ingetrokken; een nieuwe versie moet een recentere recorddatetime dragen.",
        en="This document was revoked before; a new version must carry a later recorddatetime.",
        de="Dieses Dokument wurde bereits zurückgezogen; eine neue Version braucht eine spätere recorddatetime.",
    ),
    Reason.NEWER_VERSION_EXISTS: Text(
        fr="Une version plus récente de ce document (recorddatetime) est déjà connue.",
        nl="Een recentere versie van dit document (recorddatetime) is al bekend.",
        en="A later version of this document (recorddatetime) is known already.",
        de="Eine spätere Version dieses Dokuments (recorddatetime) ist bereits bekannt.",
    ),
    Reason.OUTDATED_VERSION: Text(
        fr="La version indiquée ({stated}) n'est pas l'actuelle ({current}) : relisez l'ensemble, refaites la "
        "modification et indiquez {current}.",
        nl="De vermelde versie ({stated}) is niet de huidige ({current}): haal de set opnieuw op, herhaal de "
        "wijziging en vermeld {current}.",
        en="The stated version ({stated}) is not the current one ({current}): fetch the set again, repeat the change "
        "and state {current}.",
        de="Die angegebene Version ({stated}) ist nicht die aktuelle ({current}): Satz neu abrufen, Änderung "
        "wiederholen und {current} angeben.",
    ),
    Reason.SEVERAL_PATIENTS: Text(
        fr="Un message ne peut concerner qu'un patient ; il contient {found} dossiers (folder). "
        "Envoyez un message par patient.",
        nl="Een bericht mag maar één patiënt betreffen; het bevat {found} dossiers (folder). Stuur "
        "één bericht per patiënt.",
        en="A message may concern one patient only; it holds {found} folders. Send one message per patient.",
        de="Eine Nachricht darf nur einen Patienten betreffen; sie enthält {found} Ordner (folder). "
        "Senden Sie eine Nachricht je Patient.",
    ),
    Reason.BUSY: Text(
        fr="Trop de modifications simultanées de ce dossier ; réessayez dans un instant.",
        nl="Te veel gelijktijdige wijzigingen van dit dossier; probeer zo meteen opnieuw.",
        en="Too many changes of this record at once; try again in a moment.",
        de="Zu viele gleichzeitige Änderungen dieser Akte; versuchen Sie es gleich noch einmal.",
    ),
    Reason.SEALED_CONTENT: Text(
        fr="Ce hub n'accepte pas ce contenu chiffré (EncryptedData, Base64EncryptedData) ; envoyez le folder en clair.",
        nl="Deze hub aanvaardt deze versleutelde inhoud (EncryptedData, Base64EncryptedData) niet; stuur de folder "
        "onversleuteld.",
        en="This hub does not take this sealed content (EncryptedData, Base64EncryptedData); send the folder in clear.",
        de="Dieser Hub nimmt diesen verschlüsselten Inhalt (EncryptedData, Base64EncryptedData) nicht an; senden Sie "
        "den folder unverschlüsselt.",
    ),
    Reason.CLEAR_CONTENT: Text(
        fr="Ce hub n'accepte que des folders chiffrés pour lui (Base64EncryptedData, CMS) ; celui-ci est en clair.",
        nl="Deze hub aanvaardt alleen folders die voor hem versleuteld zijn (Base64EncryptedData, CMS); deze is "
        "onversleuteld.",
        en="This hub takes only folders that are sealed for it (Base64EncryptedData, CMS); this one is in clear.",
        de="Dieser Hub nimmt nur für ihn verschlüsselte Ordner an (Base64EncryptedData, CMS); dieser ist "
        "unverschlüsselt.",
    ),
    Reason.SEAL_MALFORMED: Text(
        fr="Le contenu chiffré n'a pas la forme voulue : {problem}.",
        nl="De versleutelde inhoud heeft niet de gewenste vorm: {problem}.",
        en="The sealed content is not of the right form: {problem}.",
        de="Der verschlüsselte Inhalt hat nicht die richtige Form: {problem}.",
    ),
    Reason.SEAL_TOO_LARGE: Text(
        fr="Ce contenu est trop grand pour être chiffré ou déchiffré ; maximum : {limit}.",
        nl="Deze inhoud is te groot om te versleutelen of te ontsleutelen; ten hoogste: {limit}.",
        en="This content is too large to be sealed or opened; at most: {limit}.",
        de="Dieser Inhalt ist zu groß, um ver- oder entschlüsselt zu werden; höchstens: {limit}.",
    ),
    Reason.SEAL_ALGORITHM: Text(
        fr="Le contenu chiffré emploie un algorithme qui n'est pas accepté : {found}.",
        nl="De versleutelde inhoud gebruikt een algoritme dat niet aanvaard wordt: {found}.",
        en="The sealed content uses an algorithm that is not accepted: {found}.",
        de="Der verschlüsselte Inhalt verwendet einen nicht zugelassenen Algorithmus: {found}.",
    ),
    Reason.SEAL_RECIPIENT: Text(
        fr="Le contenu n'est pas chiffré pour une clé de ce hub ; utilisez son certificat de chiffrement actuel.",
        nl="De inhoud is niet versleuteld voor een sleutel van deze hub; gebruik zijn huidige "
        "vercijferingscertificaat.",
        en="The content is not sealed for a key of this hub; use its current encryption certificate.",
        de="Der Inhalt ist nicht für einen Schlüssel dieses Hubs verschlüsselt; verwenden Sie sein aktuelles "
        "Verschlüsselungszertifikat.",
    ),
    Reason.SEAL_ALTERED: Text(
        fr="Le contenu chiffré ou sa signature a été altéré ; rien n'a été conservé.",
        nl="De versleutelde inhoud of zijn handtekening is gewijzigd; er werd niets bewaard.",
        en="The sealed content or its signature was altered; nothing was kept.",
        de="Der verschlüsselte Inhalt oder seine Signatur wurde verändert; nichts wurde gespeichert.",
    ),
    Reason.SEAL_SIGNER: Text(
        fr="Le signataire du contenu chiffré n'est pas accepté : {problem}.",
        nl="De ondertekenaar van de versleutelde inhoud wordt niet aanvaard: {problem}.",
        en="The signer of the sealed content is not accepted: {problem}.",
        de="Der Unterzeichner des verschlüsselten Inhalts wird nicht akzeptiert: {problem}.",
    ),
    Reason.SEAL_EXPIRED: Text(
        fr="Le contenu chiffré n'a pas été signé maintenant : au plus {limit} avant l'envoi. Vérifiez l'horloge.",
        nl="De versleutelde inhoud werd niet nu ondertekend: ten hoogste {limit} voor het versturen. Controleer de "
        "klok.",
        en="The sealed content was not signed just now: at most {limit} before it is sent. Check the clock.",
        de="Der verschlüsselte Inhalt wurde nicht eben erst signiert: höchstens {limit} vor dem Senden. Prüfen Sie die "
        "Uhr.",
    ),
    Reason.ENCRYPTION_ACTOR_UNKNOWN: Text(
        fr="Aucun certificat de chiffrement valable n'est connu pour cet ID-ENCRYPTION-ACTOR ; la réponse n'est pas "
        "donnée en clair.",
        nl="Voor deze ID-ENCRYPTION-ACTOR is geen geldig vercijferingscertificaat bekend; het antwoord wordt niet "
        "onversleuteld gegeven.",
        en="No valid encryption certificate is known for this ID-ENCRYPTION-ACTOR; the answer is not given in clear.",
        de="Für diesen ID-ENCRYPTION-ACTOR ist kein gültiges Verschlüsselungszertifikat bekannt; die Antwort wird "
        "nicht unverschlüsselt gegeben.",
    ),
    Reason.SEALING_UNAVAILABLE: Text(
        fr="Le hub ne peut momentanément ni chiffrer ni déchiffrer ; rien n'a été conservé ni donné. Réessayez.",
        nl="De hub kan even niet versleutelen of ontsleutelen; er werd niets bewaard of gegeven. Probeer opnieuw.",
        en="The hub can neither seal nor open for the moment; nothing was kept or given. Try again.",
        de="Der Hub kann vorübergehend weder ver- noch entschlüsseln; nichts wurde gespeichert oder gegeben. Versuchen "
        "Sie es noch einmal.",
    ),
    Reason.FEDERATION_NOT_CONFIGURED: Text(
        fr="Les autres hubs n'ont pas été interrogés : la fédération n'est pas configurée. La réponse est locale.",
        nl="De andere hubs werden niet bevraagd: de federatie is niet geconfigureerd. Het antwoord is lokaal.",
        en="The other hubs were not asked: federation is not configured. The answer is local.",
        de="Die anderen Hubs wurden nicht gefragt: die Föderation ist nicht konfiguriert. Die Antwort ist lokal.",
    ),
    Reason.SOURCE_UNAVAILABLE: Text(
        fr="La source du document ne répond pas : {source}. Réessayez plus tard.",
        nl="De bron van het document antwoordt niet: {source}. Probeer later opnieuw.",
        en="The source of the document does not answer: {source}. Try again later.",
        de="Die Quelle des Dokuments antwortet nicht: {source}. Versuchen Sie es später noch einmal.",
    ),
    Reason.SOURCE_TOO_LATE: Text(
        fr="La source du document a répondu trop tard : {source}. Réessayez plus tard.",
        nl="De bron van het document antwoordde te laat: {source}. Probeer later opnieuw.",
        en="The source of the document answered too late: {source}. Try again later.",
        de="Die Quelle des Dokuments antwortete zu spät: {source}. Versuchen Sie es später noch einmal.",
    ),
    Reason.SOURCE_ANSWER: Text(
        fr="La source a donné une réponse que le hub ne peut transmettre : {source} ({problem}).",
        nl="De bron gaf een antwoord dat de hub niet kan doorgeven: {source} ({problem}).",
        en="The source gave an answer that the hub cannot pass on: {source} ({problem}).",
        de="Die Quelle gab eine Antwort, die der Hub nicht weitergeben kann: {source} ({problem}).",
    ),
    Reason.SOURCE_TOO_LARGE: Text(
        fr="Le document de la source dépasse la taille que le hub transmet : {source}.",
        nl="Het document van de bron is groter dan de hub doorgeeft: {source}.",
        en="The document of the source is larger than the hub passes on: {source}.",
        de="Das Dokument der Quelle ist größer, als der Hub weitergibt: {source}.",
    ),
    Reason.SOURCE_LACKS_DOCUMENT: Text(
        fr="La source déclare ne pas (ou plus) avoir ce document : {source}.",
        nl="De bron meldt dat ze dit document niet (meer) heeft: {source}.",
        en="The source says that it does not have this document (any more): {source}.",
        de="Die Quelle meldet, dass sie dieses Dokument nicht (mehr) hat: {source}.",
    ),
    Reason.SOURCE_CANNOT_BE_ASKED: Text(
        fr="Cette source n'a pas de canal pour une demande de publication : {source}.",
        nl="Deze bron heeft geen kanaal voor een publicatieverzoek: {source}.",
        en="This source has no channel for a publication request: {source}.",
        de="Diese Quelle hat keinen Kanal für eine Veröffentlichungsanfrage: {source}.",
    ),
    Reason.INDEX_UNAVAILABLE: Text(
        fr="L'index du hub est momentanément indisponible ; rien n'a été confirmé. Réessayez.",
        nl="De index van de hub is even niet beschikbaar; er werd niets bevestigd. Probeer opnieuw.",
        en="The index of the hub is not available for the moment; nothing was acknowledged. Try again.",
        de="Der Index des Hubs ist vorübergehend nicht verfügbar; nichts wurde bestätigt. Versuchen "
        "Sie es noch einmal.",
    ),
    Reason.VAULT_UNAVAILABLE: Text(
        fr="Le coffre du hub est momentanément indisponible ; rien n'a été conservé. Réessayez.",
        nl="De kluis van de hub is even niet beschikbaar; er werd niets bewaard. Probeer opnieuw.",
        en="The vault of the hub is not available for the moment; nothing was kept. Try again.",
        de="Der Tresor des Hubs ist vorübergehend nicht verfügbar; nichts wurde gespeichert. "
        "Versuchen Sie es noch einmal.",
    ),
    Reason.TOO_LATE: Text(
        fr="La demande n'a pu être traitée dans le temps prévu ; réessayez.",
        nl="Het verzoek kon niet binnen de voorziene tijd worden verwerkt; probeer opnieuw.",
        en="The request could not be handled in time; try again.",
        de="Die Anfrage konnte nicht rechtzeitig bearbeitet werden; versuchen Sie es noch einmal.",
    ),
    Reason.INTERNAL: Text(
        fr="Erreur interne du hub. Citez le numéro de demande {request_id} au helpdesk.",
        nl="Interne fout van de hub. Vermeld het verzoeknummer {request_id} bij de helpdesk.",
        en="Internal error of the hub. Quote request id {request_id} to the help desk.",
        de="Interner Fehler des Hubs. Nennen Sie dem Helpdesk die Anfragenummer {request_id}.",
    ),
    **ACCESS_TEXTS,
    **REST_TEXTS,
}


def sentence(error: HubError, language: Language, request_id: str) -> str:
    """What to say of an error in one language."""
    details = {name: phrase(value, language) for name, value in error.details.items()}
    values = defaultdict(lambda: "-", details, where=error.where or "-", request_id=request_id)
    return REASON_TEXTS[error.reason].language(language).format_map(values)
