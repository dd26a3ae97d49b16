"""What the figures were measured on."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

LIBRARIES = ("Django", "djangorestframework", "django-q2", "gunicorn", "psycopg", "requests", "urllib3")


def describe(connection: psycopg.Connection[Any]) -> str:
    """One sentence about the machine and one about the programs."""
    server = connection.info.parameter_status("server_version")
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {len(os.sched_getaffinity(0))} cores of {_processor()}, {_memory()}, "
        f"{platform.system()} {platform.release().split('-')[0]}, load {os.getloadavg()[0]:.1f}; "
        f"Python {platform.python_version()}, PostgreSQL {server} (fsync on), {libraries}."
    )


def _processor() -> str:
    found = re.search(r"(?m)^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
