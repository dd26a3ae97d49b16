"""The right name that a wrong one is most like."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(wrong: str, names: Iterable[str]) -> str:
    """The name most like this one, capital letters aside; "" when none is."""
    folded = {name.casefold(): name for name in names}
    close = get_close_matches(wrong.casefold(), folded, n=1)
    return folded[close[0]] if close else ""
