"""How long a therapeutic link lasts, and what has to prove it, by its kind and the profession of the care party.

Security facts, part 4.3; network facts, part 4.1. The shipped table is `hub/config/access/links.toml`.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hub.domain.errors import HubError, Reason
from hub.domain.parties import Id
from hub.domain.recorded import Recorded, day_said
from hub.domain.therapeutic_links import Proof, TherapeuticLink


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRule:
    """Links of these kinds (CD-THERAPEUTICLINKTYPE) with parties of these professions (CD-HCPARTY).

    Without kinds it is for every kind, without professions for every one. A link lasts `months` at most, and needs one
    of the `proofs`. `sourced` says that the months follow from a published fact, rather than from a choice of ours.
    """

    kinds: frozenset[str] = frozenset()
    professions: frozenset[str] = frozenset()
    months: int
    proofs: frozenset[Proof]
    sourced: bool

    def fits(self, kind: str, profession: str) -> bool:
        """Whether it is about such links."""
        return (not self.kinds or kind in self.kinds) and (not self.professions or profession in self.professions)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPolicy:
    """The rules in order, the first that fits counts; what fits none is refused.

    `answering` are the professions of organisations that answer for their proofs. `tolerance` is how far the clock of
    a caller may be ahead.
    """

    rules: tuple[LinkRule, ...]
    answering: frozenset[str]
    tolerance: timedelta

    def link(
        self, claim: "LinkClaim", *, profession: str, proofs: Sequence[Proof], recorded: Recorded
    ) -> TherapeuticLink:
        """The link that a claim makes: it starts today at the latest, and ends when the policy lets it at the latest.

        Of the proofs that there are the first counts that will do. Raises HubError: content (a kind that no rule
        knows), link-proof, link-period (it ends before it starts, or would be over already).
        """
        rule = next((rule for rule in self.rules if rule.fits(claim.kind, profession)), None)
        if rule is None:
            raise HubError(Reason.CONTENT, where="therapeuticlink/cd", limit="a kind of link that the hub knows")
        proof = next((proof for proof in (*proofs, Proof.NONE) if proof in rule.proofs), None)
        if proof is None:
            raise HubError(Reason.LINK_PROOF, where="therapeuticlink/patient", kind=claim.kind)
        if claim.start and claim.end and claim.end < claim.start:
            raise _impossible(f"enddate {claim.end} < startdate {claim.start}")
        start = day_said(claim.start, recorded, tolerance=self.tolerance, where="therapeuticlink/startdate")
        last = months_after(start, rule.months)
        end = min(claim.end or last, last)
        if end < recorded.at.date():
            raise _impossible(f"enddate {end} < {recorded.at.date()}")
        return TherapeuticLink(
            party=claim.party,
            kind=claim.kind,
            start=start,
            end=end,
            proof=proof,
            recorded=recorded,
            comment=claim.comment,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkClaim:
    """What somebody says of a link: the ids of the care party, the kind, the days if he states them, and a remark."""

    party: tuple[Id, ...]
    kind: str
    start: date | None = None
    end: date | None = None
    comment: str = ""


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last one of a month that is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _impossible(problem: str) -> HubError:
    return HubError(Reason.LINK_PERIOD, where="therapeuticlink/enddate", problem=problem)
