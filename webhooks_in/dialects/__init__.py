"""One pure parser for each kind of sender; this registry is what an administrator chooses from."""

from webhooks_in.dialects import generic, insightly, insites, key_values, standard_webhooks
from webhooks_in.dialects.reading import Dialect, FieldRow, Item, Reading

__all__ = ["DIALECTS", "Dialect", "FieldRow", "Item", "Reading"]

DIALECTS: dict[str, Dialect] = {
    "insites": insites.DIALECT,
    "insightly": insightly.DIALECT,
    "key_values": key_values.DIALECT,
    "json": generic.DIALECT,
    "standard_webhooks": standard_webhooks.DIALECT,
}
