"""Secrets at rest: an encrypted text field, and the value that never prints itself."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

MASK = "••••••"


class SecretUnreadable(Exception):
    """The stored secret was encrypted with a key that FIELD_KEYS no longer holds."""


class Secret:
    """A stored secret. It shows itself as dots; `reveal()` is the only way to its text."""

    __slots__ = ("_sealed",)

    def __init__(self, sealed: str) -> None:
        self._sealed = sealed

    @classmethod
    def of(cls, text: str) -> "Secret":
        """The secret of this text, encrypted with the newest key; an empty text stays empty."""
        return cls(_fernet().encrypt(text.encode()).decode() if text else "")

    def reveal(self) -> str:
        """The text; SecretUnreadable when no key in FIELD_KEYS fits."""
        if not self._sealed:
            return ""
        try:
            return _opened(self._sealed)
        except InvalidToken as error:
            raise SecretUnreadable(
                "This secret was encrypted with a key that FIELD_KEYS no longer holds: restore the key, "
                "or enter the secret anew."
            ) from error

    def renewed(self) -> "Secret":
        """The same text under the newest key; itself when it already is. SecretUnreadable when no key fits."""
        try:
            Fernet(settings.FIELD_KEYS[0]).decrypt(self._sealed)
        except InvalidToken:
            return Secret.of(self.reveal())
        return self

    @property
    def sealed(self) -> str:
        """The ciphertext as stored."""
        return self._sealed

    def __bool__(self) -> bool:
        return bool(self._sealed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._sealed == self._sealed

    def __hash__(self) -> int:
        return hash(self._sealed)

    def __str__(self) -> str:
        return MASK if self._sealed else ""

    def __repr__(self) -> str:
        return f"<Secret {self}>"


if TYPE_CHECKING:
    _Text = models.TextField["Secret | str", Secret]
else:
    _Text = models.TextField


class _Sealing(DeferredAttribute):
    """The attribute of a secret field: whatever is assigned, a Secret is what comes back."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class SecretField(_Text):
    """A text column that holds only ciphertext and hands out `Secret`s; assign plain text to set it."""

    descriptor_class = _Sealing

    def from_db_value(self, value: str | None, *_: Any) -> Secret:
        """What was stored, still sealed."""
        return Secret(value or "")

    def to_python(self, value: Any) -> Secret:
        """A Secret from a Secret or from plain text."""
        return value if isinstance(value, Secret) else Secret.of(str(value or ""))

    def get_prep_value(self, value: Any) -> str:
        """The ciphertext; plain text is sealed on the way."""
        return self.to_python(value).sealed

    def value_to_string(self, obj: models.Model) -> str:
        """The ciphertext, so that `dumpdata` shows no secret."""
        return self.get_prep_value(self.value_from_object(obj))


@lru_cache(maxsize=1)
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


@lru_cache(maxsize=256)
def _opened(sealed: str) -> str:
    return _fernet().decrypt(sealed).decode()
