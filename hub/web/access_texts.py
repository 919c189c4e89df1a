"""What the hub says when somebody may not see, or may not say, something: one sentence per reason, in four languages.

The sentences tell callers what to do; they hold no name and no number of a patient.
"""

from typing import Final

from hub.domain.errors import Reason
from hub.domain.texts import Text

PART_NOTICE: Final = Text(
    fr="Document partiel. De ce document, l'auteur de la demande ne reçoit que les éléments de ces types : {items}.",
    nl="Gedeeltelijk document. De aanvrager krijgt van dit document alleen de elementen van deze soorten: {items}.",
    en="Partial document. Of this document the requester gets only the items of these kinds: {items}.",
    de="Teildokument. Der Anfragende erhält von diesem Dokument nur die Elemente dieser Arten: {items}.",
)
"""What stands in a document of which a part leaves, whatever was left out; the kinds are codes of CD-ITEM."""

ACCESS_TEXTS: Final[dict[Reason, Text]] = {
    Reason.PROFESSION_UNKNOWN: Text(
        fr="La profession de l'auteur ({profession}) n'a accès à aucun document partagé.",
        nl="Het beroep van de auteur ({profession}) heeft toegang tot geen enkel gedeeld document.",
        en="The author's profession ({profession}) has access to no shared document.",
        de="Der Beruf des Autors ({profession}) hat Zugang zu keinem geteilten Dokument.",
    ),
    Reason.AUTHENTICATION_WEAK: Text(
        fr="Cet accès demande une authentification plus forte que celle de cet appel.",
        nl="Deze toegang vraagt een sterkere authenticatie dan die van deze oproep.",
        en="This access asks for a stronger authentication than that of this call.",
        de="Dieser Zugang verlangt eine stärkere Authentifizierung als die dieses Aufrufs.",
    ),
    Reason.PROVIDER_NOT_REGISTERED: Text(
        fr="Ce prestataire n'est pas (encore) inscrit auprès du hub : l'inscription demande l'accord d'un garant.",
        nl="Deze zorgverlener is (nog) niet ingeschreven bij de hub: de inschrijving vraagt het akkoord van een "
        "garant.",
        en="This care provider is not registered with the hub (yet): a guarantor has to approve the registration.",
        de="Dieser Leistungserbringer ist beim Hub (noch) nicht eingetragen: ein Bürge muss zustimmen.",
    ),
    Reason.PROVIDER_CONSENT_MISSING: Text(
        fr="Ce prestataire n'a pas consenti à participer au hub (PutHCPartyConsent).",
        nl="Deze zorgverlener heeft niet toegestemd in deelname aan de hub (PutHCPartyConsent).",
        en="This care provider has not consented to take part in the hub (PutHCPartyConsent).",
        de="Dieser Leistungserbringer hat der Teilnahme am Hub nicht zugestimmt (PutHCPartyConsent).",
    ),
    Reason.PATIENT_DECEASED: Text(
        fr="Le patient est décédé : la relation thérapeutique et le partage ont pris fin.",
        nl="De patiënt is overleden: de therapeutische relatie en het delen zijn beëindigd.",
        en="The patient has died: the therapeutic relation and sharing have ended.",
        de="Der Patient ist verstorben: die therapeutische Beziehung und das Teilen sind beendet.",
    ),
    Reason.CONSENT_MISSING: Text(
        fr="Il n'y a pas de consentement du patient au partage de ses données (PutPatientConsent).",
        nl="Er is geen toestemming van de patiënt voor het delen van zijn gegevens (PutPatientConsent).",
        en="There is no consent of the patient to the sharing of his data (PutPatientConsent).",
        de="Es liegt keine Zustimmung des Patienten zum Teilen seiner Daten vor (PutPatientConsent).",
    ),
    Reason.EXCLUDED: Text(
        fr="Le patient a exclu ce prestataire : il ne voit aucun document partagé.",
        nl="De patiënt heeft deze zorgverlener uitgesloten: die ziet geen enkel gedeeld document.",
        en="The patient has excluded this care provider, who sees no shared document.",
        de="Der Patient hat diesen Leistungserbringer ausgeschlossen: er sieht kein geteiltes Dokument.",
    ),
    Reason.LINK_MISSING: Text(
        fr="Il n'y a pas de lien thérapeutique en cours entre ce prestataire et le patient (PutTherapeuticLink).",
        nl="Er is geen lopende therapeutische relatie tussen deze zorgverlener en de patiënt (PutTherapeuticLink).",
        en="There is no therapeutic link in force between this care provider and the patient (PutTherapeuticLink).",
        de="Es besteht keine therapeutische Beziehung dieses Leistungserbringers zum Patienten (PutTherapeuticLink).",
    ),
    Reason.MANDATE_MISSING: Text(
        fr="Cette personne n'a pas de mandat en cours pour agir au nom du patient.",
        nl="Deze persoon heeft geen lopend mandaat om namens de patiënt te handelen.",
        en="This person has no mandate in force to act for the patient.",
        de="Diese Person hat kein gültiges Mandat, für den Patienten zu handeln.",
    ),
    Reason.ACCESS_DENIED: Text(
        fr="Les règles d'accès ne permettent pas cela à cet auteur.",
        nl="De toegangsregels laten dit deze auteur niet toe.",
        en="The access rules do not allow this author to do that.",
        de="Die Zugangsregeln erlauben dies diesem Autor nicht.",
    ),
    Reason.BREAK_THE_GLASS_REASON: Text(
        fr="La raison d'un accès d'urgence compte de {least} à {most} caractères ; reçu : {length}.",
        nl="De reden van een noodtoegang telt {least} tot {most} tekens; ontvangen: {length}.",
        en="The reason for breaking the glass has {least} to {most} characters; received: {length}.",
        de="Die Begründung eines Notzugriffs hat {least} bis {most} Zeichen; erhalten: {length}.",
    ),
    Reason.NOT_YOURS: Text(
        fr="Seuls le patient et ceux que cela concerne peuvent demander ou modifier cela.",
        nl="Alleen de patiënt en wie het aangaat kunnen dit opvragen of wijzigen.",
        en="Only the patient and those whom it concerns may ask for this or change it.",
        de="Nur der Patient und wen es betrifft dürfen dies abfragen oder ändern.",
    ),
    Reason.NATIONAL_SERVICE_UNAVAILABLE: Text(
        fr="Le service national {service} ne répond pas (correctement) ; sans lui l'accès est refusé. Réessayez "
        "plus tard.",
        nl="De nationale dienst {service} antwoordt niet (goed); zonder die dienst is er geen toegang. Probeer "
        "later opnieuw.",
        en="The national service {service} does not answer (properly); without it access is refused. Try again later.",
        de="Der nationale Dienst {service} antwortet nicht (richtig); ohne ihn kein Zugang. Versuchen Sie es "
        "später erneut.",
    ),
    Reason.AUDIT_UNAVAILABLE: Text(
        fr="La trace d'audit ne peut pas être écrite ; sans trace rien ne quitte le hub. Réessayez plus tard.",
        nl="Het auditspoor kan niet worden geschreven; zonder spoor verlaat niets de hub. Probeer later opnieuw.",
        en="The audit trail cannot be written; without it nothing leaves the hub. Try again later.",
        de="Die Audit-Spur kann nicht geschrieben werden; ohne sie verlässt nichts den Hub. Versuchen Sie es "
        "später erneut.",
    ),
    Reason.PARTY_NUMBER: Text(
        fr="Un seul numéro est attendu pour le prestataire ({where}) : INAMI (8 ou 11 chiffres) ou NISS, "
        "chiffres de contrôle exacts, sans contradiction.",
        nl="Voor de zorgverlener wordt één nummer verwacht ({where}): RIZIV (8 of 11 cijfers) of INSZ, met "
        "juiste controlecijfers en zonder tegenspraak.",
        en="One number is expected for the care party ({where}): NIHII (8 or 11 digits) or INSS, with right "
        "check digits and none that contradicts it.",
        de="Für den Leistungserbringer wird eine Nummer erwartet ({where}): LIKIV (8 oder 11 Ziffern) oder "
        "INSS, mit richtigen Prüfziffern und ohne Widerspruch.",
    ),
    Reason.LINK_PERIOD: Text(
        fr="La période du lien thérapeutique n'est pas possible : {problem}.",
        nl="De periode van de therapeutische relatie is niet mogelijk: {problem}.",
        en="The period of the therapeutic link is not possible: {problem}.",
        de="Der Zeitraum der therapeutischen Beziehung ist nicht möglich: {problem}.",
    ),
    Reason.LINK_PROOF: Text(
        fr="Ce type de lien ({kind}) demande une preuve : joignez EID-CARDNO ou ISI-CARDNO au patient.",
        nl="Dit soort relatie ({kind}) vraagt een bewijs: voeg EID-CARDNO of ISI-CARDNO toe aan de patiënt.",
        en="This kind of link ({kind}) needs a proof: add EID-CARDNO or ISI-CARDNO to the patient.",
        de="Diese Art der Beziehung ({kind}) verlangt einen Nachweis: EID-CARDNO oder ISI-CARDNO beim Patienten "
        "angeben.",
    ),
    Reason.CARD_NUMBER: Text(
        fr="Le numéro de carte ({where}) n'est pas possible : ses chiffres de contrôle ne correspondent pas.",
        nl="Het kaartnummer ({where}) is niet mogelijk: de controlecijfers kloppen niet.",
        en="The card number ({where}) is not possible: its check digits do not fit.",
        de="Die Kartennummer ({where}) ist nicht möglich: ihre Prüfziffern stimmen nicht.",
    ),
    Reason.CARD_OF_ANOTHER: Text(
        fr="Cette carte n'est pas celle du patient nommé ({where}).",
        nl="Deze kaart is niet die van de genoemde patiënt ({where}).",
        en="This card is not that of the patient who is named ({where}).",
        de="Diese Karte gehört nicht dem genannten Patienten ({where}).",
    ),
    Reason.GUARANTOR: Text(
        fr="Aucun garant reconnu pour cette profession ({profession}) ; reçu : {guarantor}, attendu : {wanted}.",
        nl="Geen garant die voor dit beroep ({profession}) erkend is; ontvangen: {guarantor}, verwacht: {wanted}.",
        en="No guarantor recognised for this profession ({profession}); received: {guarantor}, wanted: {wanted}.",
        de="Kein für diesen Beruf ({profession}) anerkannter Bürge; erhalten: {guarantor}, erwartet: {wanted}.",
    ),
    Reason.REGISTRATION_STATE: Text(
        fr="Cette inscription ne le permet pas : elle est {state}, attendu : {wanted}.",
        nl="Deze inschrijving laat dat niet toe: ze is {state}, verwacht: {wanted}.",
        en="This registration does not allow that: it is {state}, wanted: {wanted}.",
        de="Diese Eintragung lässt das nicht zu: sie ist {state}, erwartet: {wanted}.",
    ),
}
