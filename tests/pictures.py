"""``make pictures``: the page in ten states and two schemes, as somebody with a phone sees it."""

from collections.abc import Callable

from playwright.sync_api import Browser

from bot.settings import load_settings
from tests.browser import Visitor, open_browser, picture_folder, serve
from tests.test_page_accessibility import STATES

PHONE = {"width": 390, "height": 780}
SCHEMES = ("light", "dark")


def in_another_page(visitor: Visitor) -> None:
    """Open the widget in the demo host page."""
    host = visitor.page.locator("#launched")
    host.get_by_role("button").click()
    host.get_by_role("textbox").fill("how long does botox last")
    host.get_by_role("textbox").press("Enter")
    host.locator("[part~=answer]").wait_for()


SHOWN: dict[str, tuple[str, Callable[[Visitor], object]]] = {
    **{name: ("/", STATES[name]) for name in ("empty", "answer", "emergency", "redirect", "clarify", "no answer")},
    "source": ("/", STATES["source open"]),
    "word": ("/", STATES["word explained"]),
    "appointment": ("/", STATES["appointment page"]),
    "widget": ("/demo", in_another_page),
}


def take(browser: Browser, site: str, name: str, scheme: str) -> None:
    """Write one picture."""
    path, act = SHOWN[name]
    size = {"width": 900, "height": 780} if name == "widget" else PHONE
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    visitor = Visitor(context.new_page(), site).open(path)
    act(visitor)
    visitor.page.wait_for_timeout(1200)
    visitor.page.screenshot(path=picture_folder() / f"{name.replace(' ', '-')}-{scheme}.png")
    context.close()


def main() -> None:
    """Take every picture."""
    picture_folder().mkdir(exist_ok=True)
    # Twenty visitors in a minute from one address are more than a family sends.
    settings = load_settings().model_copy(update={"rate_limit": "off"})
    with serve(settings) as site, open_browser() as browser:
        for name in SHOWN:
            for scheme in SCHEMES:
                take(browser, site, name, scheme)


if __name__ == "__main__":
    main()
