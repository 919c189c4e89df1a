"""What a field of a settings class says of itself, for the parser and for the manual."""


def about(
    doc: str,
    *,
    least: float | None = None,
    most: float | None = None,
    inferred: bool = False,
    secret: bool = False,
) -> dict[str, object]:
    """What a setting means and the numbers it may be.

    `inferred` marks a default that is our reading of the field, `secret` the name of a file that is for its owner only.
    """
    return {"doc": doc, "least": least, "most": most, "inferred": inferred, "secret": secret}
