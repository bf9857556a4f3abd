"""Finds an amount of a medicine in a text. No passage may hold one, and none may reach an answer.

It rather sees one too many than one too few. Two things it leaves alone: grams, because birth weights are given in
them, and numbers that are written out in other languages than English.
"""

import html
import re
import unicodedata

NUMBER_WORDS = (
    "half|quarter|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
)
SHORT = "mg mgs mcg mcgs ug ml mls cc iu ui mmol mmols meq".split()
COUNTED = (
    "unit units unidad unidade unidades unités tab tabs tablet tablets capsule capsules pill pills drops puff puffs "
    "sachet sachets spoon spoons spoonful spoonfuls teaspoon teaspoons teaspoonful teaspoonfuls dessertspoon "
    "dessertspoons tablespoon tablespoons suppository suppositories ampoule ampoules vial vials"
).split()
STEMS = "milligram miligram microgram mikrogram millilit mililit".split()
PHRASES = (
    "million cells|đơn vị|μg|мг|мкг|мл|миллиграмм|микрограмм|миллилитр|единиц|毫克|微克|毫升|单位|單位|"
    "मिलीग्राम|मिग्रा|एमजी|मिलीलीटर|यूनिट|مجم|ملغ|ملجم|مليغرام|مل|وحدة|وحدات"
).split("|")
"""Units, by how they are looked for: whole words, beginnings of words, and as they stand."""

WEIGHED = "|".join([*SHORT, *(f"{stem}\\w*" for stem in STEMS), *PHRASES])
GAP = r"[\s*_\\\-–—~]{0,6}(?:of )?(?:an? )?"
SENTENCE_ENDS = r"(?!(?<=\.)\s)"
"""A number before a full stop ends its sentence: "call 000. A spoon in the mouth" names no amount."""

AMOUNT = re.compile(
    rf"(?:\d[\d.,/⁄·–-]*{SENTENCE_ENDS}|\b(?:{NUMBER_WORDS})\b){GAP}(?:{WEIGHED}|{'|'.join(COUNTED)})(?![a-z])"
    rf"|(?<!\w)(?:{WEIGHED})\s*[:=]\s*\d"
)
CITED = re.compile(r'<sup class="cite">.*?</sup>', re.DOTALL)
"""The numbers of a sentence's sources, in HTML: the 2 of "a spoon.²" belongs to no spoon of the next sentence."""

ELEMENT = re.compile(r"<[^<>]*>")
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")

LETTERS_ALONE = bytes(byte if chr(byte).isalpha() and byte < 128 else 32 for byte in range(256))
WHOLE = frozenset(word.encode() for word in (*SHORT, *COUNTED))
ANYWHERE = (*STEMS, *PHRASES)


def find_amount(text: str) -> str | None:
    """Return the first amount of a medicine in a text, as it is found, or None.

    Reads HTML and Markdown as a reader sees them: elements and invisible characters aside, width and case unified.
    """
    read = as_read(text)
    if not names_a_unit(read):
        return None
    found = AMOUNT.search(read)
    return found[0] if found else None


def as_read(text: str) -> str:
    """Return a text as it is read aloud: no elements, no entities, nothing invisible, one width, lower case."""
    plain = html.unescape(ELEMENT.sub("", CITED.sub(" ", text)))
    if not plain.isascii():
        plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", plain))
    return plain.casefold()


def names_a_unit(read: str) -> bool:
    """Say whether any unit may be named at all: quick, because most answers name none."""
    words = read.encode(errors="replace").translate(LETTERS_ALONE).split()
    return not WHOLE.isdisjoint(words) or any(part in read for part in ANYWHERE)
