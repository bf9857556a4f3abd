"""The corpus's questions with their answers as files: a site without a server, JSON lines, CSV."""

from bot.export.items import FaqItem, read_items
from bot.export.records import write_csv, write_jsonl
from bot.export.site import write_site

__all__ = ["FaqItem", "read_items", "write_csv", "write_jsonl", "write_site"]
