"""Every key of the store is built here.

All keys of one patient share one hash tag, so that one script may change them together on a cluster.
"""

PARTIES = "{parties}"
"""Hash: pseudonym of an identifier -> sealed care party."""

PROVIDERS_TAG = "providers"
"""The hash tag of what is kept of care providers."""

PROVIDERS = f"{{{PROVIDERS_TAG}}}"
"""Hash: pseudonym of a subject -> sealed care provider."""

PENDING_PROVIDERS = f"{{{PROVIDERS_TAG}}}:pending"
"""Hash: pseudonym of a subject -> sealed word that its registration waits, and since when."""

AUDIT_HEAD = "{audit}:head"
"""String: how far the archive of audit events had come when it was last written."""

AUDIT_ARCHIVER = "audit:archiver"
"""String: who moves audit events into the archive; it ends by itself. In no backup."""

KNOWN_KEYS = "{pseudonyms}"
"""Hash: id of a pseudonym key -> digest by that key, or a mark."""


def references(pseudonym: str) -> str:
    """String: the packed references of a patient."""
    return f"r:{{{pseudonym}}}"


def patient(pseudonym: str) -> str:
    """String: the sealed registration of a patient."""
    return f"p:{{{pseudonym}}}"


def audit_lane(tag: str) -> str:
    """Stream: audit events that wait for the archive, in the slot of a hash tag. It stays when it is empty."""
    return f"{{{tag}}}:audit"


def access(pseudonym: str) -> str:
    """Hash: what was said about access to a patient's documents, sealed (`access_record`)."""
    return f"a:{{{pseudonym}}}"


def frozen(pseudonym: str) -> str:
    """What stood at `references` before the patient was moved to a pseudonym of another key."""
    return f"f:{{{pseudonym}}}"


def signed_message(digest: bytes) -> str:
    """Empty: a signed message that was taken, until it would be refused for its age. In no backup."""
    return f"signed:{digest.hex()}"


def pseudonym_in(key: str) -> str:
    """The pseudonym in a key of a patient."""
    return key[3:-1]


def patients(kind: str = "?", key_id: str = "*") -> str:
    """The pattern of the keys of all patients; `kind` is the letter they begin with, `key_id` whose pseudonyms."""
    return f"{kind}:{{{key_id}.*}}"


OTHERS = "{*"
"""The pattern of the keys that are no patient's."""


def saved_together(key: str) -> tuple[str, ...]:
    """The keys that a backup reads at one moment with one that is no patient's, in the order in which they count.

    None for how far an import has come: that may be further than what the backup has of it.
    """
    if key.startswith("{import}:"):
        return ()
    if key.startswith("{dictionary:"):
        name = key.removeprefix("{dictionary:").partition("}")[0]
        return dictionary_values(name), dictionary_numbers(name)
    if key in (PROVIDERS, PENDING_PROVIDERS):
        return PROVIDERS, PENDING_PROVIDERS
    return (key,)


DICTIONARIES = "{dictionary:*}:values"
"""The pattern of the values of all dictionaries."""


def dictionary_in(values_key: str) -> str:
    """The name of a dictionary in the key of its values."""
    return values_key.removeprefix("{dictionary:").removesuffix("}:values")


def dictionary_values(name: str) -> str:
    """Hash: number -> sealed value of an interned dictionary."""
    return f"{{dictionary:{name}}}:values"


def dictionary_numbers(name: str) -> str:
    """Hash: keyed digest of a value -> its number."""
    return f"{{dictionary:{name}}}:numbers"
