"""The sentences in which a decision about access is explained, for each rule and each thing that it can find.

They are made of what a rule found and of its values, so they name nobody.
"""

from typing import Final

from hub.domain.access_facts import Result, Rule
from hub.domain.access_matrix import Level
from hub.domain.texts import Text

RESULTS: Final = {
    Result.PASSED: Text(fr="oui", nl="ja", en="yes", de="ja"),
    Result.FAILED: Text(fr="non", nl="nee", en="no", de="nein"),
    Result.NOT_APPLICABLE: Text(fr="sans objet", nl="niet van toepassing", en="does not apply", de="entfällt"),
}

RULES: Final = {
    Rule.PROFESSION: Text(fr="Profession", nl="Beroep", en="Profession"),
    Rule.AUTHENTICATION: Text(fr="Authentification", nl="Authenticatie", en="Authentication"),
    Rule.PROVIDER_REGISTRATION: Text(
        fr="Inscription du prestataire", nl="Inschrijving van de zorgverlener", en="Registration of the care provider"
    ),
    Rule.PROVIDER_CONSENT: Text(
        fr="Consentement du prestataire", nl="Toestemming van de zorgverlener", en="Consent of the care provider"
    ),
    Rule.PATIENT_ALIVE: Text(fr="Patient en vie", nl="Patiënt in leven", en="Patient alive"),
    Rule.CONSENT: Text(fr="Consentement du patient", nl="Toestemming van de patiënt", en="Consent of the patient"),
    Rule.EXCLUSION: Text(fr="Exclusion", nl="Uitsluiting", en="Exclusion"),
    Rule.LINK: Text(fr="Lien thérapeutique", nl="Therapeutische relatie", en="Therapeutic link"),
    Rule.BREAK_THE_GLASS: Text(fr="Bris de glace", nl="Noodprocedure", en="Break the glass"),
    Rule.MANDATE: Text(fr="Patient ou mandataire", nl="Patiënt of mandataris", en="Patient or mandatary"),
    Rule.ACTION: Text(fr="Action", nl="Handeling", en="Action"),
}

OTHERWISE: Final = ""
"""Stands for whatever else a rule may find, such as the name of a role or the kind of a link."""

FINDINGS: Final[dict[tuple[Rule, Result, str], Text]] = {
    (Rule.PROFESSION, Result.PASSED, OTHERWISE): Text(
        fr="la profession {profession} a le rôle {found}.",
        nl="het beroep {profession} heeft de rol {found}.",
        en="the profession {profession} has the role {found}.",
    ),
    (Rule.PROFESSION, Result.FAILED, "unknown"): Text(
        fr="la profession {profession} n'a pas de rôle dans la matrice.",
        nl="het beroep {profession} heeft geen rol in de matrix.",
        en="the profession {profession} has no role in the matrix.",
    ),
    (Rule.PROFESSION, Result.FAILED, "several"): Text(
        fr="la demande nomme plusieurs personnes ; une seule peut demander.",
        nl="de vraag noemt meerdere personen; slechts één kan iets vragen.",
        en="the request names several persons; one may ask.",
    ),
    (Rule.AUTHENTICATION, Result.PASSED, OTHERWISE): Text(
        fr="l'appelant a prouvé qui il est : {found}.",
        nl="de oproeper heeft bewezen wie hij is: {found}.",
        en="the caller has proved who he is: {found}.",
    ),
    (Rule.AUTHENTICATION, Result.PASSED, "plain"): Text(
        fr="personne n'a vérifié l'appelant ; ce service le croit sur parole.",
        nl="niemand heeft de oproeper gecontroleerd; deze dienst gelooft hem op zijn woord.",
        en="nobody has checked the caller; this listener takes his word for it.",
    ),
    (Rule.AUTHENTICATION, Result.FAILED, "weak"): Text(
        fr="cette preuve ne suffit pas : {authentication}.",
        nl="dit bewijs volstaat niet: {authentication}.",
        en="this proof is not enough: {authentication}.",
    ),
    (Rule.AUTHENTICATION, Result.FAILED, "nobody-vouches"): Text(
        fr="l'organisation qui signe ne peut pas répondre de la personne qu'elle nomme.",
        nl="de organisatie die ondertekent kan niet instaan voor de persoon die ze noemt.",
        en="the organisation that signs may not vouch for the person it names.",
    ),
    (Rule.PROVIDER_REGISTRATION, Result.PASSED, "person"): Text(
        fr="le prestataire est inscrit auprès du hub.",
        nl="de zorgverlener is ingeschreven bij de hub.",
        en="the care provider is registered with the hub.",
    ),
    (Rule.PROVIDER_REGISTRATION, Result.PASSED, "organisation"): Text(
        fr="l'organisation qui répond de lui est inscrite auprès du hub.",
        nl="de organisatie die voor hem instaat is ingeschreven bij de hub.",
        en="the organisation that answers for him is registered with the hub.",
    ),
    (Rule.PROVIDER_REGISTRATION, Result.FAILED, "missing"): Text(
        fr="celui qui doit être inscrit ({by}) ne l'est pas.",
        nl="wie ingeschreven moet zijn ({by}) is het niet.",
        en="who has to be registered ({by}) is not.",
    ),
    (Rule.PROVIDER_CONSENT, Result.PASSED, "person"): Text(
        fr="le prestataire a consenti à participer.",
        nl="de zorgverlener heeft toegestemd om deel te nemen.",
        en="the care provider has consented to take part.",
    ),
    (Rule.PROVIDER_CONSENT, Result.PASSED, "organisation"): Text(
        fr="l'organisation qui répond de lui a consenti à participer.",
        nl="de organisatie die voor hem instaat heeft toegestemd om deel te nemen.",
        en="the organisation that answers for him has consented to take part.",
    ),
    (Rule.PROVIDER_CONSENT, Result.FAILED, "missing"): Text(
        fr="celui qui doit consentir ({by}) ne l'a pas fait.",
        nl="wie moet toestemmen ({by}) heeft dat niet gedaan.",
        en="who has to consent ({by}) has not.",
    ),
    (Rule.PATIENT_ALIVE, Result.PASSED, "alive"): Text(
        fr="aucun décès n'est connu.", nl="er is geen overlijden gekend.", en="no death is known."
    ),
    (Rule.PATIENT_ALIVE, Result.FAILED, "deceased"): Text(
        fr="le patient est décédé.", nl="de patiënt is overleden.", en="the patient has died."
    ),
    (Rule.CONSENT, Result.PASSED, "retrospective"): Text(
        fr="il couvre le passé et l'avenir.",
        nl="ze dekt verleden en toekomst.",
        en="it covers the past and the future.",
    ),
    (Rule.CONSENT, Result.PASSED, "prospective"): Text(
        fr="il couvre l'avenir ; jour de départ : {covered_from}.",
        nl="ze dekt de toekomst; eerste dag: {covered_from}.",
        en="it covers the future; first day: {covered_from}.",
    ),
    (Rule.CONSENT, Result.PASSED, "local"): Text(
        fr="il vaut pour ce hub seulement.", nl="ze geldt enkel voor deze hub.", en="it is for this hub only."
    ),
    (Rule.CONSENT, Result.FAILED, "missing"): Text(fr="il n'y en a pas.", nl="er is er geen.", en="there is none."),
    (Rule.CONSENT, Result.FAILED, "withdrawn"): Text(
        fr="il a été retiré.", nl="ze is ingetrokken.", en="it has been withdrawn."
    ),
    (Rule.EXCLUSION, Result.PASSED, "none"): Text(
        fr="l'appelant n'est pas exclu.", nl="de oproeper is niet uitgesloten.", en="the caller is not excluded."
    ),
    (Rule.EXCLUSION, Result.PASSED, "overridden"): Text(
        fr="l'appelant est exclu, mais le bris de glace l'emporte ici.",
        nl="de oproeper is uitgesloten, maar de noodprocedure gaat hier voor.",
        en="the caller is excluded, but breaking the glass overrides that here.",
    ),
    (Rule.EXCLUSION, Result.FAILED, "excluded"): Text(
        fr="le patient a exclu l'appelant.",
        nl="de patiënt heeft de oproeper uitgesloten.",
        en="the patient has excluded the caller.",
    ),
    (Rule.LINK, Result.PASSED, OTHERWISE): Text(
        fr="{found}, jusqu'au {until} ({by}).",
        nl="{found}, tot en met {until} ({by}).",
        en="{found}, until {until} ({by}).",
    ),
    (Rule.LINK, Result.PASSED, "broken-glass"): Text(
        fr="il n'y en a pas ; le bris de glace en tient lieu.",
        nl="er is er geen; de noodprocedure vervangt ze.",
        en="there is none; breaking the glass stands in for it.",
    ),
    (Rule.LINK, Result.FAILED, "missing"): Text(
        fr="il n'y en a pas en cours.", nl="er is er geen lopende.", en="there is none in force."
    ),
    (Rule.BREAK_THE_GLASS, Result.PASSED, "now"): Text(
        fr="la raison est acceptée, pour {hours} heures.",
        nl="de reden is aanvaard, voor {hours} uur.",
        en="the reason is accepted, for {hours} hours.",
    ),
    (Rule.BREAK_THE_GLASS, Result.PASSED, "before"): Text(
        fr="un bris de glace antérieur vaut encore.",
        nl="een eerdere noodprocedure geldt nog.",
        en="a glass broken before still counts.",
    ),
    (Rule.BREAK_THE_GLASS, Result.FAILED, "disabled"): Text(
        fr="ce hub ne le permet pas.", nl="deze hub laat dit niet toe.", en="this hub does not allow it."
    ),
    (Rule.BREAK_THE_GLASS, Result.FAILED, "role"): Text(
        fr="le rôle {role} ne peut pas le faire.", nl="de rol {role} mag dit niet.", en="the role {role} may not do it."
    ),
    (Rule.BREAK_THE_GLASS, Result.FAILED, "reason"): Text(
        fr="la raison compte {length} caractères ; il en faut {least} à {most}.",
        nl="de reden telt {length} tekens; het moeten er {least} tot {most} zijn.",
        en="the reason has {length} characters; {least} to {most} are wanted.",
    ),
    (Rule.MANDATE, Result.PASSED, "self"): Text(
        fr="l'appelant est le patient.", nl="de oproeper is de patiënt.", en="the caller is the patient."
    ),
    (Rule.MANDATE, Result.PASSED, OTHERWISE): Text(
        fr="l'appelant agit par un mandat : {found}.",
        nl="de oproeper handelt met een mandaat: {found}.",
        en="the caller acts by a mandate: {found}.",
    ),
    (Rule.MANDATE, Result.FAILED, "missing"): Text(
        fr="l'appelant n'est pas le patient et n'a pas de mandat qui suffit.",
        nl="de oproeper is de patiënt niet en heeft geen mandaat dat volstaat.",
        en="the caller is not the patient and has no mandate that will do.",
    ),
    (Rule.MANDATE, Result.FAILED, "too-young"): Text(
        fr="le patient a moins de {age} ans.",
        nl="de patiënt is jonger dan {age} jaar.",
        en="the patient is younger than {age}.",
    ),
    (Rule.ACTION, Result.PASSED, OTHERWISE): Text(
        fr="{action} est permis, en qualité de : {found}.",
        nl="{action} is toegestaan, in de hoedanigheid van: {found}.",
        en="{action} is permitted, as: {found}.",
    ),
    (Rule.ACTION, Result.FAILED, "nobody"): Text(
        fr="{action} n'est pas permis à l'appelant.",
        nl="{action} is de oproeper niet toegestaan.",
        en="{action} is not permitted to the caller.",
    ),
}

DOCUMENT_RULES: Final = {
    "matrix": Text(
        fr="la matrice d'accès le dit ({rule}).",
        nl="de toegangsmatrix zegt het ({rule}).",
        en="the access matrix says so ({rule}).",
    ),
    "right/disallow": Text(
        fr="un droit sur ce document le ferme.",
        nl="een recht op dit document sluit het.",
        en="a right on this document closes it.",
    ),
    "author/own": Text(
        fr="l'appelant en est l'auteur.", nl="de oproeper is de auteur.", en="the caller is its author."
    ),
    "coverage/before-consent": Text(
        fr="il date d'avant ce que le consentement couvre.",
        nl="het dateert van vóór wat de toestemming dekt.",
        en="it is from before what the consent covers.",
    ),
    "confidentiality/restricted": Text(
        fr="il est à diffusion restreinte : il faut un lien propre ou un droit.",
        nl="het is beperkt: een eigen relatie of een recht is nodig.",
        en="it is restricted: a link of one's own or a right is needed.",
    ),
    "confidentiality/secret": Text(
        fr="il est secret, pour son auteur.", nl="het is geheim, voor de auteur.", en="it is secret, for its author."
    ),
    "patient-access/closed": Text(
        fr="celui qui l'a publié l'a fermé au patient.",
        nl="wie het publiceerde heeft het voor de patiënt gesloten.",
        en="its publisher has closed it to the patient.",
    ),
    "patient-access/not-yet": Text(
        fr="il ne s'ouvre au patient que plus tard.",
        nl="het gaat pas later voor de patiënt open.",
        en="it opens to the patient later.",
    ),
    "peer/trusted": Text(
        fr="le hub qui demande en répond.",
        nl="de hub die vraagt staat ervoor in.",
        en="the hub that asks answers for it.",
    ),
    "transaction/revoked": Text(fr="il a été révoqué.", nl="het is herroepen.", en="it was revoked."),
    "transaction/unknown": Text(
        fr="le patient n'a pas de document de ce numéro.",
        nl="de patiënt heeft geen document met dit nummer.",
        en="the patient has no document with this id.",
    ),
}

LEVELS: Final = {
    Level.FULL: Text(fr="Document visible", nl="Document zichtbaar", en="Document visible"),
    Level.PART: Text(
        fr="Document visible en partie", nl="Document gedeeltelijk zichtbaar", en="Document visible in part"
    ),
    Level.NONE: Text(fr="Document caché", nl="Document verborgen", en="Document hidden"),
}

WORDS: Final = {
    "person": Text(fr="personne", nl="persoon", en="person"),
    "organisation": Text(fr="organisation", nl="organisatie", en="organisation"),
    "parent": Text(fr="parent", nl="ouder", en="parent"),
    "trusted-person": Text(fr="personne de confiance", nl="vertrouwenspersoon", en="trusted person"),
    "legal-representative": Text(fr="représentant légal", nl="wettelijke vertegenwoordiger", en="legal representative"),
    "health-data": Text(
        fr="gestion des données de santé", nl="beheer van gezondheidsgegevens", en="management of health data"
    ),
    "patient": Text(fr="patient", nl="patiënt", en="patient"),
    "mandatary": Text(fr="mandataire", nl="mandataris", en="mandatary"),
    "concerned": Text(fr="personne concernée", nl="betrokkene", en="person concerned"),
    "author": Text(fr="auteur du document", nl="auteur van het document", en="author of the document"),
    "provider": Text(fr="prestataire", nl="zorgverlener", en="care provider"),
    "linked": Text(fr="prestataire qui a un lien", nl="zorgverlener met een relatie", en="care provider with a link"),
}
"""What rules find and say in a word; what is not here (a role, an action, the kind of a link) is shown as it is."""
