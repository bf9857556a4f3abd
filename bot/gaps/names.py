"""Names of people and places in many languages, from Faker's lists (MIT, kept). Read once, when first needed."""

import pkgutil
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any
from zoneinfo import available_timezones

from bot.schema import CareleafError

FIRST = re.compile(r"^first_names?")
LAST = re.compile(r"^last_names?")
PLACE = re.compile(r"^(?:cities|city_names?|states|counties|countries|provinces|regions|districts|prefectures)")
LETTERS = re.compile(r"[^\W\d_]{2,}")


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """Return first names in lower case."""
    return frozenset(words_of("person", FIRST))


@lru_cache(maxsize=1)
def all_names() -> frozenset[str]:
    """Return the words of first names, last names and places, in lower case."""
    zones = {word for zone in available_timezones() for word in split(zone.rpartition("/")[2])}
    return first_names() | frozenset(words_of("person", LAST)) | frozenset(words_of("address", PLACE)) | zones


def words_of(kind: str, wanted: re.Pattern[str]) -> Iterator[str]:
    """Yield the words of the lists of every locale whose attribute has a wanted name."""
    try:
        package = import_module(f"faker.providers.{kind}")
    except ImportError as error:
        raise CareleafError(
            "CARELEAF_KEEP_UNANSWERED=true needs the name lists of Faker; run: pip install 'careleaf[gaps]'"
        ) from error
    for found in pkgutil.iter_modules(package.__path__):
        provider = import_module(f"faker.providers.{kind}.{found.name}").Provider
        for name in filter(wanted.match, dir(provider)):
            yield from words_in(getattr(provider, name))


def words_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - a list, a mapping, pairs, or a method
    """Yield the words of a list of names, whatever its shape."""
    if isinstance(value, str):
        yield from split(value)
    elif isinstance(value, dict | list | tuple | set | frozenset):
        for entry in value:
            yield from words_in(entry)


def split(name: str) -> list[str]:
    """Return the words of a name in lower case."""
    return LETTERS.findall(name.lower())
