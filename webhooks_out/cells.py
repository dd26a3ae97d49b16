"""Cells of the tables people download: never a formula, whatever the data says."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # OWASP, “CSV injection”


def defused(value: object) -> str:
    """The value as text; with an apostrophe in front where a spreadsheet would take it for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
