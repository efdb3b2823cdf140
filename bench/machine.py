"""What a figure was measured on."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def machine() -> str:
    """Date, processor, versions, and how busy the machine is with other work."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors ({_processor()}), "
        f"{platform.system()}, Python {platform.python_version()}, NumPy {version('numpy')}, "
        f"pandas {version('pandas')}, growthbook {version('growthbook')}; load {load}"
    )


def _processor() -> str:
    told = _CPUINFO.read_text() if _CPUINFO.exists() else ""
    found = re.search(r"model name\s*:\s*(.+)", told)
    return found[1] if found else platform.machine()
