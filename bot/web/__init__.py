"""The HTTP face: routes, problems, the page. No logic of its own."""

from bot.web.application import create_app

__all__ = ["create_app"]
