"""Another site on this machine: a page with the strictest policy and the unkindest style, that embeds the widget.

Under the address ``127.0.0.1`` Careleaf allows it to ask, under the address ``localhost`` it does not: to a browser
these are two sites.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

UNKIND = """
html { font-size: 40px !important; direction: rtl !important; }
* { all: unset !important; direction: rtl !important; pointer-events: none !important; cursor: none !important; }
*, ::before, ::after { display: inline !important; font: italic 90px/0.5 fantasy !important; color: lime !important;
  background: lime !important; letter-spacing: 1em !important; text-transform: uppercase !important;
  visibility: hidden !important; opacity: 0.05 !important; position: static !important; width: 3px !important;
  height: 3px !important; min-height: 0 !important; overflow: hidden !important; float: right !important; }
careleaf-chat { display: none !important; transform: scale(0.01) !important; z-index: -1 !important; }
html, body { display: block !important; visibility: visible !important; opacity: 1 !important; width: auto !important;
  height: auto !important; overflow: visible !important; float: none !important; }
"""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Another site</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/unkind.css">
<script src="{careleaf}/widget.js" defer></script></head>
<body><h1>Another site</h1>
<careleaf-chat id="launched"></careleaf-chat>
<careleaf-chat id="inlined" layout="inline"></careleaf-chat>
</body></html>
"""


def policy(careleaf: str) -> str:
    """Return a policy that allows Careleaf's script and answers, the site's own style, and nothing else at all."""
    return (
        f"default-src 'none'; script-src {careleaf}; connect-src {careleaf}; style-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )


class Host(BaseHTTPRequestHandler):
    """Serves the page and its style."""

    def do_GET(self) -> None:
        """Answer: ``?careleaf=`` says where Careleaf is."""
        asked = urlsplit(self.path)
        careleaf = parse_qs(asked.query).get("careleaf", [""])[0]
        style = asked.path == "/unkind.css"
        self.send_response(200 if style or asked.path == "/" else 404)
        self.send_header("content-type", "text/css" if style else "text/html")
        if not style:
            self.send_header("content-security-policy", policy(careleaf))
        self.end_headers()
        if style or asked.path == "/":
            self.wfile.write((UNKIND if style else PAGE.format(careleaf=careleaf)).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def another_site() -> Iterator[int]:
    """Serve the page on a free port; the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
