"""The id of an answer, by which a link, a thumb and a log name it without holding the question."""

import hashlib
import json


def answer_id(question: str, lang: str, corpus_version: str) -> str:
    """Return the id of an answer: the same question against the same corpus version gives the same."""
    key = json.dumps([question, lang, corpus_version], ensure_ascii=False)
    return hashlib.sha256(key.encode()).hexdigest()[:20]
