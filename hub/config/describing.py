"""How a setting is described: the text of the manual page, and the numbers it may be."""


def about(
    doc: str, *, least: float | None = None, most: float | None = None, inferred: bool = False
) -> dict[str, object]:
    """What a setting means and the numbers it may be; `inferred` marks a default that is our reading of the field."""
    return {"doc": doc, "least": least, "most": most, "inferred": inferred}
