"""A page as the real Chromium leaves it, by its command line."""

import os
import shutil
import subprocess

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def find_chromium() -> str:
    """Return the browser's command; fail with what to install where there is none."""
    named = os.environ.get("CARELEAF_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail("no Chromium here: install it (apt-get install chromium) or name it in CARELEAF_CHROMIUM")
    return str(found)


def page_after_scripts(address: str) -> str:
    """Return the page's HTML after its scripts have run."""
    command = [find_chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000"]
    done = subprocess.run([*command, "--dump-dom", address], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout
