"""Passages → Answer, through ``templates/``. Code decides the content; the templates hold every word."""

from bot.compose.composer import Asked, Composer, Content
from bot.compose.render import Renderer

__all__ = ["Asked", "Composer", "Content", "Renderer"]
