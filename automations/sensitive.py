"""Which fields of records are shown as dots, and the dots."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from automations.changes import UNKNOWN
from webhooks_out.models import KeyValue
from webhooks_out.scalars import is_empty

DOTS = "••••••"
INSIDE = frozenset({"account", "acct"})  # sensitive in something else, such as bank.account

# The last part of a field's path, lower case and without signs.
_NAME = re.compile(
    "ssn|sin|social(security)?(number|no)?|taxid|iban|bban|pin|cvv|cvc|password|bankaccount|"
    "(bank|credit)?(acct|account|card)(num|number|no)|routing(num|number|no)?"
)
_SIGNS = re.compile(r"[\W_]+")
_INDEX = re.compile(r"(?<=\.)[0-9]+(?=\.|\Z)")

# Further queries for the paths of sensitive fields, given by those who import us.
MARKED: list[Callable[[], Iterable[str]]] = []


@dataclass(frozen=True)
class Sensitive:
    """The sensitive fields, by what they are called and by what was marked."""

    marked: frozenset[str] = field(default_factory=frozenset)

    def __contains__(self, path: object) -> bool:
        path = str(path)
        return _is_by_name(path) or path in self.marked or _INDEX.sub("#", path) in self.marked

    def mask(self, path: str, value: Any) -> Any:
        """The value with dots for what is sensitive in it; what is empty stays empty."""
        if path in self:
            return value if is_empty(value) or value == UNKNOWN else DOTS
        if isinstance(value, Mapping):
            return {
                key: self.mask(f"{path}.{key}" if path else str(key), item) for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.mask(f"{path}.{index}", item) for index, item in enumerate(value)]
        return value


def known() -> Sensitive:
    """The sensitive fields as they are marked now. A query for webhooks, and one for each of MARKED."""
    sent = KeyValue.objects.filter(sensitive=True, kind=KeyValue.Kind.FIELD).values_list("value", flat=True)
    return Sensitive(frozenset([*sent.distinct(), *(path for ask in MARKED for path in ask())]))


@lru_cache(maxsize=4_096)
def _is_by_name(path: str) -> bool:
    above, _, last = path.rpartition(".")
    name = _SIGNS.sub("", last).casefold()
    return bool(_NAME.fullmatch(name) or (above and name in INSIDE))
