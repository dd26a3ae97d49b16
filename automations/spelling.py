"""The right name that a wrong one is most like."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(wrong: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """The name most like this one, capital letters aside; "" when none is. `likeness`: at least, 1.0 is the same."""
    folded = {name.casefold(): name for name in names}
    close = get_close_matches(wrong.casefold(), folded, n=1, cutoff=likeness)
    return folded[close[0]] if close else ""
