"""Hides what by its name carries a credential, for people's eyes."""

import re
from collections.abc import Mapping

from webhooks_out.secrets import MASK

_CREDENTIAL = re.compile(r"authorization|cookie|token|secret|signature|passw|api[-_]?key", re.IGNORECASE)


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The same headers, those that by their name carry a credential as dots."""
    return {name: MASK if _CREDENTIAL.search(name) else value for name, value in headers.items()}
