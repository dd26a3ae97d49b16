"""What a sender said about one record, in our words: the value that travels from a dialect to the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class NotUnderstood(Exception):
    """One item cannot be read; str() is a sentence an administrator understands: what, where, what to do."""


class Unknown(dict[str, bool]):
    """A value the sender did not tell; equal to its own JSON form, so that it survives being stored."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown({"$unknown": True})


@dataclass(frozen=True)
class DocumentsAsked:
    """The documents of another record that this one is to have, too."""

    account: str  # of the hub the other record is in
    record_id: str  # the other record's
    ids: tuple[str, ...]  # digits


@dataclass(frozen=True)
class RecordUpdate:
    """One record as one sender described it once; nothing here was compared with our mirror yet."""

    record_type: str  # "Contact", "Company", "Task", any
    record_id: str  # text of 1 to 255 characters, as the sender writes it
    event: str  # "created", "updated", "deleted", a named one such as "payment.returned"; "" = not said
    fields: Mapping[str, Any]  # what was said of the record, flat or nested
    complete: bool  # True: fields are the whole record; False: only some of it
    changes: Mapping[str, tuple[Any, Any]] | None  # {field: (old or UNKNOWN, new)}; None = not said
    occurred_at: datetime | None = None  # aware
    actor: str = ""
    event_id: str = ""
    notes: tuple[str, ...] = ()  # sentences about what was replaced, guessed or left out
    joined: frozenset[str] = frozenset()  # fields that hold objects of which only some of the parts are told
    documents: DocumentsAsked | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)  # given to a record that this creates
