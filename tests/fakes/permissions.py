"""Permissions as plain as can be: the patient may everything, a care party what is about himself, an author his own."""

from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.parties import Requester
from hub.services.permissions import Action, Permit, Voice, Wish, own_subjects

_OF_PROVIDERS = frozenset(
    {
        Action.GIVE_CONSENT,
        Action.WITHDRAW_CONSENT,
        Action.READ_CONSENT,
        Action.READ_LINKS,
        Action.READ_EXCLUSIONS,
        Action.READ_MANDATES,
        Action.READ_TRAIL,
    }
)


class PlainPermissions:
    """Implements `hub.services.permissions.Permissions`."""

    async def permit(self, context: RequestContext, wish: Wish) -> Permit:
        """See the port."""
        requester = context.requester
        person, own = requester.person, own_subjects(requester)
        if person and person.profession == "patient":
            if person.id_value("INSS") != wish.patient.digits:
                raise HubError(Reason.NOT_YOURS)
            return Permit(voice=Voice.PATIENT, rules=("action/patient",))
        if wish.author and own & own_subjects(Requester(wish.author)):
            return Permit(voice=Voice.AUTHOR, rules=("action/author",))
        if wish.action in _OF_PROVIDERS or (wish.action in (Action.PUT_LINK, Action.REVOKE_LINK) and wish.about in own):
            return Permit(voice=Voice.PARTY, rules=("action/concerned",))
        raise HubError(Reason.NOT_YOURS)
