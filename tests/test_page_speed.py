"""Small and quick: bytes on the wire, nothing loaded before it is opened, no long task, an answer painted at once."""

import gzip
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Response

from bot.web.widget import STATIC
from tests.browser import Visitor, open_browser

LOADER = 3_000
WIDGET = 20_000
HOST = '<!doctype html><link rel="icon" href="data:,"><script src="/widget.js" defer></script><careleaf-chat></careleaf-chat>'
LONG_TASKS = """
  window.tasks = [];
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(task => task.duration)))
    .observe({type: 'longtask', buffered: true});
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    context.add_init_script(LONG_TASKS)
    yield Visitor(context.new_page(), site)
    context.close()


def zipped(body: bytes) -> int:
    return len(gzip.compress(body, 9))


def test_the_loader_and_all_it_loads_keep_to_their_budgets(visitor: Visitor) -> None:
    """Everything that is fetched while all of the widget is used, but answers, passages and the list of questions."""
    loaded: dict[str, Response] = {}
    visitor.page.on("response", lambda response: loaded.setdefault(response.url.removeprefix(visitor.site), response))
    visitor.page.route("**/demo", lambda route: route.fulfill(body=HOST, content_type="text/html"))
    visitor.page.goto(visitor.site + "/demo")
    launched = visitor.chat
    launched.get_by_role("button").click()
    box = launched.get_by_role("textbox").first
    box.fill("botulinum tox")
    launched.locator("[part~=suggestions] button").first.wait_for()
    box.fill("can cp be cured")
    box.press("Enter")
    launched.locator("button.sheet").click()
    launched.locator("[part~=paper]").wait_for()
    visitor.page.wait_for_load_state("networkidle")
    sizes = {path: zipped(response.body()) for path, response in loaded.items() if response.ok}
    widget = {path: size for path, size in sizes.items() if path.startswith("/widget/")}
    questions = widget.pop("/widget/questions.json")
    modules = {path.stem for path in STATIC.glob("*.js")} - {"widget"}
    assert {f"/widget/{name}.js" for name in modules} <= set(widget), "every module was counted"
    assert sizes["/widget.js"] <= LOADER
    assert sum(widget.values()) + sizes["/widget.js"] <= WIDGET, widget
    assert questions <= 12_000, "the questions of the corpus: data, fetched at the first letters typed"


def test_nothing_is_loaded_before_the_widget_is_opened(visitor: Visitor) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url.removeprefix(visitor.site)))
    visitor.page.route("**/demo", lambda route: route.fulfill(body=HOST, content_type="text/html"))
    visitor.page.goto(visitor.site + "/demo")
    visitor.page.get_by_role("button", name="Questions about cerebral palsy?").wait_for()
    visitor.page.wait_for_load_state("networkidle")
    assert asked == ["/demo", "/widget.js"]


@pytest.mark.parametrize("path", ["/", "/demo"])
def test_no_long_task_on_opening_at_a_quarter_of_the_speed(visitor: Visitor, path: str) -> None:
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    visitor.page.goto(visitor.site + path)
    visitor.page.wait_for_load_state("networkidle")
    if path == "/demo":
        visitor.page.evaluate("window.tasks.length = 0")
        visitor.page.locator("#launched").get_by_role("button").click()
    visitor.page.locator("careleaf-chat").first.locator("[part~=input]").wait_for()
    visitor.page.wait_for_timeout(500)
    worst = visitor.page.evaluate("performance.getEntriesByType('navigation').length && window.tasks")
    assert [task for task in worst if task > 50] == []


def test_the_first_answer_is_painted_within_100_ms_of_the_response(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.evaluate(
        """() => {
          const log = document.querySelector('careleaf-chat').shadowRoot.querySelector('[role=log]');
          window.painted = new Promise(done => new MutationObserver((_, watcher) => {
            if (!log.querySelector('[part~=answer]')) return;
            watcher.disconnect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now())));
          }).observe(log, {childList: true}));
        }"""
    )
    visitor.input.focus()
    visitor.page.keyboard.type("can cp be cured")
    visitor.press("Enter")
    painted = visitor.page.evaluate("window.painted")
    came = visitor.page.evaluate(
        "performance.getEntriesByType('resource').filter(r => r.name.endsWith('/ask')).at(-1).responseEnd"
    )
    assert 0 < painted - came <= 100


def test_suggestions_come_without_a_long_task_at_a_quarter_of_the_speed(visitor: Visitor) -> None:
    visitor.open().input.focus()
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    visitor.page.keyboard.type("what hapens after botx injektions", delay=10)
    visitor.part("suggestions").wait_for()
    visitor.page.wait_for_timeout(300)
    assert json.loads(visitor.page.evaluate("JSON.stringify(window.tasks.filter(task => task > 50))")) == []
