"""The gravest red flags in the eight other languages of the interface, answered in the language they were told in."""

import pytest

from bot.schema import Corpus
from bot.triage import Triage

GRAVEST = ("seizure", "breathing", "unconscious", "choking", "crisis")
FOREIGN = {
    "es": ("Mi hija está teniendo una convulsión", "mi bebé no respira", "mi hijo no despierta, está inconsciente",
           "se atragantó con una uva", "quiero morirme"),
    "zh": ("我的孩子正在抽搐", "宝宝没有呼吸了", "他昏迷了，叫不醒", "孩子被葡萄噎住了", "我不想活了"),
    "hi": ("मेरे बेटे को दौरा पड़ रहा है", "मेरी बेटी सांस नहीं ले रही", "वह बेहोश हो गई है", "उसके गले में खाना फंस गया है",
           "मैं मरना चाहती हूं"),
    "ar": ("ابني يتشنج الآن", "طفلتي لا تتنفس", "ابنتي فاقدة الوعي", "طعام عالق في حلقه", "أريد أن أموت"),
    "pt": ("Meu filho está tendo uma convulsão", "a minha bebé não respira", "ela não acorda",
           "meu filho está engasgado com pão", "quero morrer"),
    "fr": ("Mon fils fait une crise d'épilepsie", "ma fille ne respire plus", "il ne se réveille pas",
           "elle s'étouffe avec un raisin", "je veux mourir"),
    "ru": ("У сына судороги, помогите", "дочь не дышит", "сын без сознания", "он подавился виноградом",
           "я хочу умереть"),
    "vi": ("Con trai tôi đang co giật", "bé không thở nữa", "cháu bị bất tỉnh", "con tôi bị hóc nho", "tôi muốn chết"),
}  # fmt: skip
FOREIGN_CASES = [(lang, *case) for lang, messages in FOREIGN.items() for case in zip(GRAVEST, messages, strict=True)]


@pytest.mark.parametrize(("lang", "response", "message"), FOREIGN_CASES)
def test_the_gravest_flags_are_recognised_in_eight_languages_and_answered_in_them(
    triage: Triage, lang: str, response: str, message: str
) -> None:
    for written in (message, message.upper(), f"hello, {message}!"):
        result = triage.match(written)
        assert result is not None
        assert (result.kind, result.response, result.lang) == ("emergency", response, lang)
        assert result.passages


@pytest.mark.parametrize("message", ["quiero suicidarme", "Hola, QUIERO SUICIDARME hoy.", "quiero\nsuicidarme"])
def test_a_word_that_english_rules_would_mend_is_answered_in_its_own_language(triage: Triage, message: str) -> None:
    result = triage.match(message)
    assert result is not None
    assert (result.kind, result.response, result.rule, result.lang) == (
        "emergency",
        "crisis",
        "foreign-es-crisis",
        "es",
    )


def test_every_phrase_in_another_language_is_an_emergency(triage: Triage, corpus: Corpus) -> None:
    for entry in corpus.triage.foreign:
        for phrase in entry.phrases:
            result = triage.match(phrase)
            assert result is not None, phrase
            assert result.kind == "emergency", phrase


def test_each_of_the_eight_languages_has_phrases_for_the_gravest_flags(corpus: Corpus) -> None:
    assert {(entry.lang, entry.response) for entry in corpus.triage.foreign} == {
        (lang, response) for lang in FOREIGN for response in GRAVEST
    }
