"""Answers that nobody should send, for hypothesis."""

from hypothesis import strategies as st

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text("aäZ019-: ", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abcxyz", max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def objects_with(*keys: str) -> st.SearchStrategy[dict[str, object]]:
    """Return objects with some of these keys and anything behind them."""
    return st.dictionaries(st.sampled_from(keys), JSON_VALUES)
