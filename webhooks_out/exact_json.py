"""JSON that keeps what was sent: decimals keep their digits, limits are errors, nothing non-finite passes."""

import re
from decimal import Decimal
from typing import Any

import simplejson
from simplejson.raw_json import RawJSON

MAX_DEPTH = 64
MAX_KEYS = 10_000
MAX_DIGITS = 1_000
MAX_PLAIN_EXPONENT = 40  # a decimal of more places before or behind the point is written with an exponent
MAX_NOTES = 20  # per document

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\x00|\\ud[89a-f]")  # how Python writes them
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
_DEPTH = {"{": 1, "[": 1, "}": -1, "]": -1}


class ExactEncoder(simplejson.JSONEncoder):
    """Encodes Decimals digit for digit; the `encoder` of every JSONField."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "use_decimal": False, "allow_nan": False})

    def default(self, o: Any) -> Any:
        """A Decimal as the number `digits` writes; TypeError for what JSON does not know."""
        return RawJSON(digits(o)) if isinstance(o, Decimal) else super().default(o)


class ExactDecoder(simplejson.JSONDecoder):
    """Decodes decimals as Decimal; the `decoder` of every JSONField."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})


_ENCODER = ExactEncoder(ensure_ascii=False, separators=(",", ":"))


def loads(raw: bytes | str) -> Any:
    """The value of one JSON document (RFC 8259, UTF-8, the last of two equal keys wins).

    ValueError says what is wrong, or which limit on depth, keys or digits is passed.
    """
    text = _decode(raw) if isinstance(raw, bytes) else raw
    _refuse_deep(text)
    keys = 0

    def count(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal keys
        keys += len(pairs)
        if keys > MAX_KEYS:
            raise ValueError(f"more than {MAX_KEYS} keys")
        return dict(pairs)

    return simplejson.loads(
        text,
        object_pairs_hook=count,
        parse_int=_integer,
        parse_float=_decimal,
        parse_constant=_refuse_constant,
    )


def dumps(value: Any) -> str:
    """Compact JSON text; Decimals come out digit for digit, NaN and Infinity are a ValueError."""
    return str(_ENCODER.encode(value))


def digits(number: Decimal) -> str:
    """The digits of a decimal as they were sent: 0.10 and 0.0000001, with an exponent only where huge."""
    if not number.is_finite():
        raise ValueError(f"{number} is not JSON")
    written = str(number)
    if "E" not in written:
        return written
    exponent = int(number.as_tuple().exponent)
    return format(number, "f") if abs(exponent) <= MAX_PLAIN_EXPONENT else written


def clean(value: Any) -> tuple[Any, list[str]]:
    """The value with what no database stores (NUL, lone surrogates) as U+FFFD, and notes on where it was."""
    if _ESCAPED.search(repr(value)) is None:
        return value, []
    notes: list[str] = []
    cleaned = _clean(value, "", notes)
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"and {len(notes) - MAX_NOTES} more"]
    return cleaned, notes


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: byte {error.start} cannot be read") from None


def _refuse_deep(text: str) -> None:
    """Counts brackets outside strings; cheap when the document is small enough to be shallow."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        depth += _DEPTH.get(token.group(), 0)
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")


def _integer(written: str) -> int:
    if len(written) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return int(written)


def _decimal(written: str) -> Decimal:
    if len(written) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    number = Decimal(written)
    if abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _clean(value: Any, path: str, notes: list[str]) -> Any:
    if isinstance(value, str):
        if _UNSTORABLE.search(value) is None:
            return value
        notes.append(f"{path or 'the value'}: characters no database can store were replaced")
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        keys = {key: _clean(key, path, notes) for key in value}
        return {keys[key]: _clean(item, _under(path, keys[key]), notes) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item, _under(path, index), notes) for index, item in enumerate(value)]
    return value


def _under(path: str, name: str | int) -> str:
    return f"{path}.{name}" if path else str(name)
