"""Any JSON value, as hypothesis draws it: for tests that nothing a sender writes can upset."""

from decimal import Decimal

from hypothesis import strategies as st

DATES = st.sampled_from(
    [
        "2026-03-10",
        "2026-03-10T12:30:00Z",
        "2026-03-10 12:30",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "0000-00-00",
        "10000-01-01",
        "12/31/9999 11:59 PM",
        "/Date(1489132800000-0800)/",
        "/Date(-62135596800000+1400)/",
        "/Date(999999999999999)/",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.decimals(-(10**30), 10**30)
    | st.sampled_from([Decimal("1E+1000"), Decimal("-0.0"), 1_700_000_000, 1_700_000_000_000, 10**900])
    | st.text(max_size=30)
    | st.sampled_from(
        ["", " ", "007", "$1,200.50", "1e5", "None", "{{7*7}}", "{0.__class__}", "yes", "a\x00b"]
    )
    | DATES
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
