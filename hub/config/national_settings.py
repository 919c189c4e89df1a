"""`[national.…]`: the national registers of consents, therapeutic links and exclusions (docs/national.md)."""

from dataclasses import dataclass, field

from hub.config.about import about


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalSettings:
    """What counts of a national register; NAME is consents, links or exclusions. One without a table is not asked."""

    remembered: float = field(
        default=300.0,
        metadata=about("Seconds that an answer which lets somebody in counts, in each worker", least=0, inferred=True),
    )
    nothing_remembered: float = field(
        default=15.0,
        metadata=about(
            "Seconds that any other answer counts: what was just given is noticed after so long", least=0, inferred=True
        ),
    )
    last_known_minutes: float = field(
        default=0.0,
        metadata=about("Minutes that the last answer counts while the register is down; 0 refuses at once", least=0),
    )
    connector: object = field(metadata=about("How it is reached"))
