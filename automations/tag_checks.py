"""A text that names a {TAG} there is not is refused, in the same words wherever it is entered."""

from collections.abc import Collection

from automations.spelling import nearest
from webhooks_out import mapping

MAX_NAMED = 5  # tags
MISSPELT = 0.8  # likeness of a name in capitals to that of a tag from which it is taken for the tag
ANY_FIELD = "*"  # among the names that are known: whatever is no misspelt tag may be a field
_PATTERN = frozenset("#*")  # in the names of tags that stand for many


def problem(text: str, known: Collection[str]) -> str:
    """Which tags of the text there are not, and what was probably meant; "" when it knows them all."""
    unknown, names = mapping.unknown_tags(text, known), [name for name in known if not _PATTERN & set(name)]
    if ANY_FIELD in known:
        unknown = tuple(tag for tag in unknown if tag.isupper() and nearest(tag, names, MISSPELT))
    if not unknown:
        return ""
    named = ", ".join(f"{{{tag}}}" for tag in unknown[:MAX_NAMED])
    meant = nearest(unknown[0], names)
    question = f" Did you mean {{{meant}}}?" if meant and len(unknown) == 1 else ""
    return f"There is no tag {named}.{question} Tags in the menu lists them all, and adds one."
