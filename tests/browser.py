"""A real Chromium and a real server for the tests of the page; what is missing is said in one line, never skipped."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from bot.settings import Settings
from bot.web import create_app
from tests.conftest import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE = (ROOT / "tests/vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
MISSING = (
    "No Chromium: install one (on Debian: apt-get install -y chromium), or name one in CARELEAF_CHROMIUM, "
    "or run: playwright install chromium"
)


def find_chromium() -> str | None:
    """Return the path of the system's Chromium, if there is one."""
    named = os.environ.get("CARELEAF_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Open Chromium. Playwright keeps an event loop in this thread, so it is closed before other tests run."""
    with sync_playwright() as playwright:
        options: dict[str, Any] = {"args": ["--no-sandbox"]}
        if path := find_chromium():
            options["executable_path"] = path
        try:
            browser = playwright.chromium.launch(**options)
        except PlaywrightError as error:
            raise RuntimeError(MISSING) from error
        yield browser
        browser.close()


@contextmanager
def serve(settings: Settings) -> Iterator[str]:
    """Serve the real application on a free port of this machine; its address."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("The server did not start; its log says why")
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


class Visitor:
    """Somebody at the page: opens it, types, and says what stands where."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)

    def open(self, path: str = "/") -> "Visitor":
        """Open a page of the site and wait until its component, if it has one, stands."""
        self.page.goto(self.site + path)
        if self.page.locator("careleaf-chat[layout]").count():
            # Not the form that stands in its place until then.
            self.chat.locator("[part~=input]").wait_for()
        return self

    def start_afresh(self, path: str = "/") -> "Visitor":
        """Stand at the start of a page as if nothing had happened, without loading it again where it stands already."""
        self.page.unroute_all()
        self.page.set_viewport_size({"width": 1000, "height": 900})
        self.page.emulate_media(color_scheme="light", forced_colors="none", media="screen")
        if self.page.url != self.site + path:
            return self.open(path)
        self.page.evaluate("document.documentElement.removeAttribute('style'); scrollTo(0, 0)")
        self.chat.evaluate(
            """host => { const inside = name => host.shadowRoot.querySelector(name);
                 inside('.gloss').hidePopover();
                 inside('section.sheet')?.querySelector('.row .quiet').click();
                 inside('.act.forget').click(); host.shadowRoot.activeElement?.blur(); }"""
        )
        return self

    @property
    def chat(self) -> Locator:
        """The conversation."""
        return self.page.locator("careleaf-chat").last

    @property
    def input(self) -> Locator:
        """The box for a question."""
        return self.chat.get_by_role("textbox").first

    def part(self, name: str) -> Locator:
        """Return what carries a part name."""
        return self.chat.locator(f"[part~={name}]")

    def ask(self, question: str) -> Locator:
        """Type a question, press Enter, and return the answer's article once it stands."""
        before = self.part("answer").count()
        self.input.focus()
        self.page.keyboard.type(question)
        self.page.keyboard.press("Enter")
        answer = self.part("answer").nth(before)
        answer.wait_for()
        return answer

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> dict[str, str]:
        """Return what has the focus: its tag, part, classes, id and beginning of text, through shadow roots."""
        return dict(
            self.page.evaluate(
                """() => {
                  let at = document.activeElement;
                  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                  return {tag: at.tagName.toLowerCase(), part: at.getAttribute('part') ?? '', id: at.id,
                          name: at.className, text: (at.textContent ?? '').trim().slice(0, 80)};
                }"""
            )
        )

    def tab_to(self, part: str, most: int = 40, back: bool = False) -> None:
        """Press Tab until something with a part name, or a class of that name, has the focus."""
        for _ in range(most):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            now = self.focused()
            if part in now["part"].split() + now["name"].split():
                return
        raise AssertionError(f"Tab does not reach {part!r} in {most} steps; it stands at {self.focused()}")

    def violations(self) -> list[str]:
        """Return what axe-core finds, every rule of it."""
        if not self.page.evaluate("typeof window.axe === 'object'"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(
            """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
                 .map(v => `${v.id}: ${v.nodes.map(n => `${n.target.flat().join(' ')} ${n.any[0]?.message ?? ''}`)
                 .slice(0, 3).join(' | ')}`)"""
        )
        return list(found)


@contextmanager
def visit(browser: Browser, site: str, width: int = 1000, height: int = 900, script: str = "") -> Iterator[Visitor]:
    """Open a window of its own in a browser; ``script`` runs in it before any page's."""
    context = browser.new_context(viewport={"width": width, "height": height})
    if script:
        context.add_init_script(script)
    yield Visitor(context.new_page(), site)
    context.close()


def picture_folder() -> Path:
    """Return where the pictures of the page are kept."""
    return ROOT / "docs/pictures"
