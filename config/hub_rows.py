"""The key-value rows that post a contact to another Fieldhook, as its data sources understand them."""

from collections.abc import Iterator, Mapping

from webhooks_in.dialects import special_keys as keys

CREDITORS = 5  # offered; more are added by hand
PLAIN = {"externalid": "id", **keys.PERSON, "campaign": "campaign"}
SPECIAL = {keys.PLAN: "{EP_DATA}", keys.COPY: "{ACCTID}-{ID}-{UPLOAD_DOC_IDS}"}


def rows(tags: Mapping[str, str]) -> dict[str, str]:
    """Each key with the text of {TAGS} it is filled from; a field that no tag stands for is left out."""
    return dict(_rows({path: name for name, path in tags.items()}, tags)) | SPECIAL


def _rows(names: Mapping[str, str], tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, path in PLAIN.items():
        yield from _row(names, key, path)
    for word, path in keys.PERSON.items():
        yield from _row(names, f"{keys.COAPPLICANT}{word}", f"coapplicant.{path}")
    for number in range(1, CREDITORS + 1):
        for word, path in keys.CREDITOR.items():
            if name := names.get(f"creditors.#.{path}"):
                yield f"cred{number}_{word}", f"{{{name.replace('#', str(number))}}}"
    # Of several words for one thing, the first is sent.
    for path, key in {path: key for key, path in reversed(keys.BANK.items())}.items():
        yield from _row(names, key, f"bank.{path}")
    for name, path in tags.items():
        if path.startswith(keys.BUDGET):
            yield name, f"{{{name}}}"


def _row(names: Mapping[str, str], key: str, path: str) -> Iterator[tuple[str, str]]:
    if name := names.get(path):
        yield key, f"{{{name}}}"
