#!/usr/bin/env python
"""Django's command line for Fieldhook; `manage.py demo` keeps its own little world in `.demo/`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("DEMO", "on")
    execute_from_command_line(sys.argv)
