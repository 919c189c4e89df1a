"""Ids of statements about access: their names, encrypted."""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from hub.domain.subjects import Subject, SubjectKind
from hub.ports.statement_ids import StatementName, StatementType
from hub.storage.secrets import derive


class EncryptedStatementIds:
    """Ids by AES-SIV, which makes the same one every time; type and owner are authenticated with it.

    Implements `hub.ports.statement_ids.StatementIds`.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESSIV(derive(secret, "statement ids"))

    def give(self, of: StatementType, owner: str, name: StatementName) -> str:
        """See the port."""
        written = f"{name.subject.kind}\n{name.subject.value}\n{name.kind}"
        sealed = self._cipher.encrypt(written.encode(), [of.encode(), owner.encode()])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def follow(self, of: StatementType, owner: str, text: str) -> StatementName | None:
        """See the port."""
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            written = self._cipher.decrypt(sealed, [of.encode(), owner.encode()]).decode()
        except (ValueError, binascii.Error, InvalidTag):
            return None
        kind, value, of_kind = written.split("\n", 2)
        name = StatementName(Subject(SubjectKind(kind), value), of_kind)
        # Several texts may decode to the same bytes; only one of them is the id.
        return name if self.give(of, owner, name) == text else None
