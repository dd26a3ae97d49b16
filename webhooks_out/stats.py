"""Where in time an id lies: ids are time-ordered, so a span of time is a range of the primary key."""

from datetime import datetime
from uuid import UUID


def first_id(moment: datetime) -> UUID:
    """The smallest id a row made at that moment can have (RFC 9562, version 7: milliseconds first).

    `id__gte=first_id(midnight)` is a range of the primary key, quick however many rows lie before it.
    """
    return UUID(int=int(moment.timestamp() * 1000) << 80)
