"""What comes in: where from, how it is read and verified, and every request that was accepted."""

from webhooks_in.models.imports import Import, ImportKey, ImportReject
from webhooks_in.models.mapping import SourceConstant, SourceField
from webhooks_in.models.receipts import Receipt, Refusal
from webhooks_in.models.sources import (
    CUSTOM,
    DEFAULT_MAX_BODY,
    PATHS,
    Source,
    digest_of,
    new_token,
)

__all__ = [
    "CUSTOM",
    "DEFAULT_MAX_BODY",
    "PATHS",
    "Import",
    "ImportKey",
    "ImportReject",
    "Receipt",
    "Refusal",
    "Source",
    "SourceConstant",
    "SourceField",
    "digest_of",
    "new_token",
]
