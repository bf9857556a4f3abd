"""A machine without a browser is told in one line what to install."""

import pytest

from tests.browser import find_chromium, open_browser


def test_a_missing_browser_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELEAF_CHROMIUM", "/nowhere/chromium")
    assert find_chromium() == "/nowhere/chromium"
    with pytest.raises(RuntimeError, match="apt-get install -y chromium"), open_browser():
        pass
