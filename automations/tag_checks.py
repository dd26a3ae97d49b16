"""A text that names a {TAG} there is not is refused, in the same words wherever it is entered."""

from collections.abc import Collection

from automations.spelling import nearest
from webhooks_out import mapping

MAX_NAMED = 5  # tags
ANY_FIELD = "*"  # among the names that are known: whatever is not in capitals may be a field
_PATTERN = frozenset("#*")  # in the names of tags that stand for many


def problem(text: str, known: Collection[str]) -> str:
    """Which tags of the text there are not, and what was probably meant; "" when it knows them all."""
    unknown = mapping.unknown_tags(text, known)
    if ANY_FIELD in known:
        unknown = tuple(tag for tag in unknown if tag.isupper())
    if not unknown:
        return ""
    named = ", ".join(f"{{{tag}}}" for tag in unknown[:MAX_NAMED])
    meant = nearest(unknown[0], (name for name in known if not _PATTERN & set(name)))
    question = f" Did you mean {{{meant}}}?" if meant and len(unknown) == 1 else ""
    return f"There is no tag {named}.{question} Tags in the menu lists them all, and adds one."
