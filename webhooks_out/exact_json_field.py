"""The JSON column of everything that came from outside: decimals keep their digits."""

from typing import Any

from django.db import models

from webhooks_out.exact_json import ExactDecoder, ExactEncoder


class ExactJSONField(models.JSONField):
    """A JSONField that stores and returns decimals digit for digit."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "encoder": ExactEncoder, "decoder": ExactDecoder})
