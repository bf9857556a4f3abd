"""What happens to a message on a phone at night: typos, lost apostrophes, other cases, words before and after."""

import random
from collections.abc import Callable

NEIGHBOURS = {
    "a": "s", "b": "v", "c": "x", "d": "f", "e": "r", "f": "g", "g": "h", "h": "j", "i": "o", "j": "k", "k": "l",
    "l": "k", "m": "n", "n": "m", "o": "p", "p": "o", "q": "w", "r": "t", "s": "d", "t": "r", "u": "i", "v": "b",
    "w": "e", "x": "c", "y": "u", "z": "x",
}  # fmt: skip
"""A key beside each key."""


def typos(text: str, share: float = 0.12) -> str:
    """Swap, drop, double or mistype a letter in about one word of eight; the same typos every time."""
    choose = random.Random(text)
    words = text.split(" ")
    return " ".join(mistype(word, choose) if len(word) > 3 and choose.random() < share else word for word in words)


def mistype(word: str, choose: random.Random) -> str:
    """Return a word with one slip of the finger, not on its first letter."""
    place = choose.randrange(1, len(word) - 1)
    slip = choose.choice(("swap", "drop", "double", "key"))
    if slip == "swap":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if slip == "drop":
        return word[:place] + word[place + 1 :]
    if slip == "double":
        return word[:place] + word[place] + word[place:]
    return word[:place] + NEIGHBOURS.get(word[place].lower(), word[place]) + word[place + 1 :]


def misspelt(text: str) -> str:
    """Return a copy for training: more typos than a test message has, and no apostrophes."""
    return no_apostrophes(typos(text, share=0.2))


def no_apostrophes(text: str) -> str:
    """Drop apostrophes."""
    return text.replace("'", "").replace("’", "")


def capitals(text: str) -> str:
    """Shout."""
    return text.upper()


def no_marks(text: str) -> str:
    """Lower case, no punctuation."""
    return "".join(c for c in text.lower() if c.isalnum() or c.isspace())


def greeted(text: str) -> str:
    """Put a polite beginning before."""
    return f"Hi, sorry to bother you, I hope this is the right place to ask. {text}"


def signed(text: str) -> str:
    """Put words after."""
    return f"{text} Thank you so much, any advice welcome, from a tired family x"


def run_together(text: str) -> str:
    """Lose the first space between two words that is not within three letters of an end."""
    place = text.find(" ", 3)
    return text if place < 0 else text[:place] + text[place + 1 :]


MUTATIONS: dict[str, Callable[[str], str]] = {
    "typos": typos,
    "no apostrophes": no_apostrophes,
    "capitals": capitals,
    "no marks": no_marks,
    "words before": greeted,
    "words after": signed,
    "run together": run_together,
}
