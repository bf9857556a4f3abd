"""Letters of other scripts that look like Latin ones, read as Latin in a word that has Latin letters too.

The Unicode table of confusables has thousands of entries; these are the small letters that are drawn alike in the
scripts of common keyboards. What NFKC unifies (full width, mathematical letters) is not repeated here.
"""

import re

CYRILLIC = ("авеѕіјкмнорԛгѕтуԝхһԁьүѵ", "abesijkmhopqrstywxhdbyv")
GREEK = ("αβεικνορτυχωγηϲ", "abeiknoptuxwync")
ARMENIAN = ("օսհոզցյա", "ouhnqgjw")
LATIN = ("ıɑɡɩɪɴʀʏʟ", "iagiinryl")
PLAIN = str.maketrans(
    "".join(from_ for from_, _ in (CYRILLIC, GREEK, ARMENIAN, LATIN)),
    "".join(to for _, to in (CYRILLIC, GREEK, ARMENIAN, LATIN)),
)


WORD = re.compile(r"[^\W\d_]+")


def read_as_latin(text: str) -> str:
    """Return a casefolded text in which a word that mixes Latin letters and look-alikes is Latin throughout.

    Nobody writes such a word by chance. A word of one script stays as it is, so that Russian or Greek is not touched.
    """
    if text.translate(PLAIN) == text:
        return text
    return WORD.sub(lambda word: word[0].translate(PLAIN) if mixes(word[0]) else word[0], text)


def mixes(word: str) -> bool:
    """Say whether a word has ASCII letters and others."""
    return not word.isascii() and any(character.isascii() for character in word)
