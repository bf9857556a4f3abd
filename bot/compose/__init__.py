"""Passages → Answer, through ``templates/``. Code decides the content; the templates hold every word."""

from bot.compose.composer import Composer
from bot.compose.content import Asked, Content
from bot.compose.link import Shown, write_link
from bot.compose.render import Renderer

__all__ = ["Asked", "Composer", "Content", "Renderer", "Shown", "write_link"]
