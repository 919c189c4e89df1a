"""The settings of the access decision: which files hold its policy, and what is switched beside them."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from hub.config.about import about
from hub.config.access_policy import load_policy
from hub.config.link_policy import load_link_policy
from hub.domain.access_policy import AccessPolicy
from hub.domain.link_policy import LinkPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """Who may see what (docs/access.md)."""

    matrix: Path | None = field(
        default=None, metadata=about("Another access matrix than the hub's own (`hub/config/access/matrix.toml`)")
    )
    rules: Path | None = field(
        default=None, metadata=about("Other rules of access than the hub's own (`hub/config/access/rules.toml`)")
    )
    links: Path | None = field(
        default=None,
        metadata=about("Another table of therapeutic links than the hub's own (`hub/config/access/links.toml`)"),
    )
    break_the_glass: bool | None = field(
        default=None,
        metadata=about(
            "Whether the glass may be broken, instead of what the rules say; the hub's own say no", inferred=True
        ),
    )

    notification_folder: Path | None = field(
        default=None,
        metadata=about(
            "Outbox of the notices that the glass was broken, for whoever sends them; the folder `notices` in the data "
            "folder when absent"
        ),
    )
    privacy_officer: str = field(
        default="", metadata=about("Mail address of the hub's privacy officer, who is told when the glass is broken")
    )

    def policy(self) -> AccessPolicy:
        """What the files say. Raises OSError, and ValueError that says everything that is wrong with them."""
        policy = load_policy(rules=self.rules, matrix=self.matrix)
        if self.break_the_glass is None:
            return policy
        return replace(policy, break_the_glass=replace(policy.break_the_glass, enabled=self.break_the_glass))

    def link_policy(self) -> LinkPolicy:
        """How long links last, and what proves them. Raises OSError, and ValueError that says what is wrong."""
        return load_link_policy(self.links)
