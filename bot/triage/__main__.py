"""``python -m bot.triage check`` and ``… try "message"``: for whoever edits the rules."""

import sys

from bot.corpus.load import read_triage
from bot.settings import load_settings
from bot.triage.match import Triage, disagreements


def main(verb: str, *messages: str) -> int:
    """Check the examples of every rule, or say what the rules make of each message."""
    rules = read_triage(load_settings().corpus_dir)
    if verb == "check":
        faults = disagreements(rules)
        for rule, message, fault in faults:
            print(f"{rule.id}: {message!r} {fault}")
        examples = sum(len(rule.examples.match) + len(rule.examples.no_match) for rule in rules.rules)
        print(f"{len(rules.rules)} rules, {examples} examples, {len(faults)} disagree")
        return bool(faults)
    triage = Triage(rules)
    for message in messages or sys.stdin.read().splitlines():
        result = triage.match(message)
        print(f"{result.kind + ' ' + result.response + ' (' + result.rule + ')' if result else '-':50} {message}")
    return 0


sys.exit(main(*sys.argv[1:] or ["check"]))
