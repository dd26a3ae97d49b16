"""Runs a module as a process that is asked over its standard input: one JSON line in, one JSON line out.

    python -m tests.benchmarks.launch tests.benchmarks.hub_desk

Django is set up before the module is imported when DJANGO_SETTINGS_MODULE is set.
"""

import importlib
import json
import os
import sys
from types import ModuleType

import django


def serve(module: ModuleType) -> None:
    """Calls the function each line names with the arguments it holds, until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        answer = getattr(module, asked["do"])(**asked["with"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        django.setup()
    serve(importlib.import_module(sys.argv[1]))
