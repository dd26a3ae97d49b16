"""Event names as senders write them, such as contact.updated, taken apart into record type and event."""

import re

VERBS = {
    "created": ("created", "create", "creation", "added", "add", "inserted", "insert"),
    "updated": ("updated", "update", "changed", "change", "edited", "edit", "modified"),
    "deleted": ("deleted", "delete", "deletion", "removed", "remove"),
}

_EVENT_OF = {word: event for event, words in VERBS.items() for word in words}
_SEGMENT = re.compile(r"[.:/]+")
_WORD = re.compile(r"[_\s-]+|(?<=[a-z])(?=[A-Z])")


def split(written: str) -> tuple[str, str]:
    """Record type and event of a name: ("Contact", "updated") of contact.updated, ContactUpdate, updated.contact.

    More words than the verb count only for updates: contact.propertyChange updates the contact, but
    lead.note_added creates no lead. A name without such a verb keeps its text as the event, and what stands
    before its point is the type: ("Payment", "payment.returned"). A bare verb has no type; "" gives ("", "").
    """
    segments = [segment for segment in _SEGMENT.split(written.strip()) if segment]
    if len(segments) > 1 and segments[0].lower().endswith("ed") and segments[0].lower() in _EVENT_OF:
        return as_type(segments[1]), _EVENT_OF[segments[0].lower()]
    before = segments[-2] if len(segments) > 1 else ""
    *words, last = _WORD.split(segments[-1]) if segments else ("",)
    event = _EVENT_OF.get(last.lower(), "")
    if before and words and event != "updated":
        event = ""
    if event:
        return as_type(before or "_".join(words)), event
    return as_type(before), written.strip()


def as_type(written: str) -> str:
    """A record type as we write it: the sender's word with a capital, CONTACT as Contact."""
    word = written.strip()
    return word.capitalize() if word.isupper() else word[:1].upper() + word[1:]
