"""Every key of the store is built here.

All keys of one patient share one hash tag, so that one script may change them together on a cluster.
"""

PARTIES = "{parties}"
"""Hash: pseudonym of an identifier -> sealed care party."""


def references(pseudonym: str) -> str:
    """String: the packed references of a patient."""
    return f"r:{{{pseudonym}}}"


def patient(pseudonym: str) -> str:
    """String: the sealed registration of a patient."""
    return f"p:{{{pseudonym}}}"


def dictionary_values(name: str) -> str:
    """Hash: number -> sealed value of an interned dictionary."""
    return f"{{dictionary:{name}}}:values"


def dictionary_numbers(name: str) -> str:
    """Hash: keyed digest of a value -> its number."""
    return f"{{dictionary:{name}}}:numbers"
