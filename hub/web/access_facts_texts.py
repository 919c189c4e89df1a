"""The words for the facts of a decision about access, by the names that they have in the JSON answer."""

from typing import Final

from hub.domain.texts import Text

FACTS: Final = {
    "requester": Text(fr="Demandeur", nl="Aanvrager", en="Requester"),
    "patient": Text(fr="Patient", nl="Patiënt", en="Patient"),
    "consents": Text(fr="Consentements du patient", nl="Toestemmingen van de patiënt", en="Consents of the patient"),
    "links": Text(fr="Liens thérapeutiques", nl="Therapeutische relaties", en="Therapeutic links"),
    "exclusions": Text(fr="Exclusions", nl="Uitsluitingen", en="Exclusions"),
    "rights": Text(fr="Droits sur des documents", nl="Rechten op documenten", en="Rights on documents"),
    "mandates": Text(fr="Mandats", nl="Mandaten", en="Mandates"),
    "broken_glass": Text(fr="Bris de glace", nl="Noodprocedures", en="Broken glass"),
    "national": Text(fr="Registres nationaux", nl="Nationale registers", en="National registers"),
}

NAMES: Final = {
    "profession": Text(fr="profession", nl="beroep", en="profession"),
    "role": Text(fr="rôle", nl="rol", en="role"),
    "authentication": Text(fr="authentification", nl="authenticatie", en="authentication"),
    "registered": Text(fr="inscrit", nl="ingeschreven", en="registered"),
    "consented": Text(fr="a consenti", nl="heeft toegestemd", en="has consented"),
    "deceased": Text(fr="décédé", nl="overleden", en="deceased"),
    "kinds": Text(fr="types", nl="soorten", en="kinds"),
    "signed_on": Text(fr="signé le", nl="ondertekend op", en="signed on"),
    "revoked_on": Text(fr="révoqué le", nl="herroepen op", en="revoked on"),
    "kind": Text(fr="type", nl="soort", en="kind"),
    "by": Text(fr="par", nl="door", en="by"),
    "start": Text(fr="du", nl="van", en="from"),
    "end": Text(fr="au", nl="tot", en="to"),
    "in_force": Text(fr="en vigueur", nl="van kracht", en="in force"),
    "lifted_on": Text(fr="levée le", nl="opgeheven op", en="lifted on"),
    "right": Text(fr="droit", nl="recht", en="right"),
    "accepted": Text(fr="accepté", nl="aanvaard", en="accepted"),
    "until": Text(fr="jusqu'au", nl="tot", en="until"),
    "consent": Text(fr="consentement", nl="toestemming", en="consent"),
    "links": Text(fr="liens", nl="relaties", en="links"),
    "exclusions": Text(fr="exclusions", nl="uitsluitingen", en="exclusions"),
    "notes": Text(fr="remarques", nl="opmerkingen", en="remarks"),
}

NOTHING: Final = Text(fr="rien", nl="niets", en="nothing")
YES: Final = Text(fr="oui", nl="ja", en="yes")
NO: Final = Text(fr="non", nl="nee", en="no")
GRANTED: Final = Text(
    fr="Résultat : accès accordé.", nl="Resultaat: toegang verleend.", en="Outcome: access is granted."
)
BREAKS: Final = Text(
    fr="La raison donnée briserait la glace : le patient et le délégué à la protection des données seraient avertis.",
    nl="De opgegeven reden zou de noodprocedure starten: de patiënt en de functionaris worden verwittigd.",
    en="The reason given would break the glass: the patient and the privacy officer would be told.",
)
REFUSED: Final = Text(
    fr="Résultat : accès refusé ({reason}). {sentence}",
    nl="Resultaat: toegang geweigerd ({reason}). {sentence}",
    en="Outcome: access is refused ({reason}). {sentence}",
)
ITEMS: Final = Text(fr="types d'éléments", nl="soorten elementen", en="kinds of items")
