"""Every emergency that must be recognised, in messages that no rule was tuned on."""

import pytest

from bot.schema import Corpus
from bot.triage import Triage

EMERGENCIES: dict[str, tuple[str, ...]] = {
    "a long seizure": (
        "seizure",
        "Leo's seizure began at lunch and eight minutes later he is still going",
        "my granddaughter has been convulsing for a quarter of an hour",
        "shes had a siezure since 10 past 3 and it wont stop!!",
        "we gave the buccal and the seizure is still going on",
    ),
    "a repeated seizure": (
        "seizure",
        "he's had three seizures since breakfast",
        "one fit after another this afternoon, what now",
        "Second seizure in an hour, she hardly woke in between",
        "he keeps having seizures today, five already",
    ),
    "a first seizure": (
        "seizure",
        "Our boy just had a seizure and he has never had one before",
        "i think my baby just had her first fit",
        "first ever convulsion this morning, she has CP",
        "he had a seizure for the first time an hour ago",
    ),
    "a seizure with trouble breathing": (
        "seizure|breathing",
        "she is having a fit and going blue round the mouth",
        "he's seizing and I don't think he's breathing",
        "after the seizure her breathing sounds wrong and her lips are blue",
        "my son is convulsing and gasping",
    ),
    "not breathing": (
        "breathing",
        "HELP my baby has stopped breathing",
        "he isnt breathing",
        "I can't see her chest move, she's not breathing",
        "my brother's girl stopped breathing just now",
    ),
    "blue": (
        "breathing",
        "his lips have gone blue",
        "She's turning blue",
        "the baby looks blue around the mouth and is limp",
        "my daughters face is going blue what do i do",
    ),
    "struggling for breath": (
        "breathing",
        "he is struggling to breathe",
        "Her ribs suck in with every breath and she can't get air",
        "my son cant catch his breath",
        "she is gasping for air",
        "grunting with each breath and breathing really fast",
    ),
    "choking now": (
        "choking",
        "a grape is stuck in his throat and he can't cough",
        "shes choking on toast",
        "My toddler is choking please help",
        "something got stuck in her throat and she cannot breathe",
        "he swallowed a coin and now he's choking",
    ),
    "cannot be woken": (
        "unconscious",
        "I can't wake my son up",
        "she wont wake up no matter what we try",
        "He is unconscious on the bathroom floor",
        "my nephew passed out and isn't responding",
        "cant rouse her from her nap",
    ),
    "newly floppy": (
        "unconscious",
        "my baby has suddenly gone floppy",
        "she has gone all limp and won't look at me",
        "He went floppy an hour ago and is hard to wake",
        "Suddenly limp like a rag doll",
    ),
    "newly confused": (
        "unconscious",
        "she is suddenly confused and doesn't know who I am",
        "my son has become really confused this evening",
        "he woke up confused and is talking nonsense",
        "She is very confused since lunchtime and keeps staring",
    ),
    "pump alarm": (
        "pump",
        "her baclofen pump is beeping",
        "The alarm on his ITB pump went off",
        "the pump alarm keeps sounding, it's his intrathecal baclofen one",
        "Baclofen pump alarming since tonight",
        "it is her pump, the baclofen one, it started bleeping at supper",
    ),
    "pump with fever, itch, stiffness or drowsiness": (
        "pump",
        "He has a baclofen pump and a fever of 39",
        "she's itching all over and has an intrathecal baclofen pump",
        "my son's pump was refilled and now he is suddenly really stiff",
        "since the baclofen pump refill yesterday she is very drowsy",
    ),
    "baclofen run out or missed": (
        "withdrawal",
        "we ran out of baclofen and he is burning with fever",
        "She missed two days of baclofen and is confused",
        "forgot his baclofen all weekend and hes stiff and feverish",
        "baclofen ran out on holiday, my daughter is shaking and very stiff",
    ),
    "after botulinum toxin": (
        "botulinum",
        "Since the botox on Monday she has trouble swallowing",
        "he had Botox last week and his voice has gone and he can't speak properly",
        "breathing is harder since the botulinum injections",
        "weak all over after her Dysport injections",
        "her weakness is spreading after botox",
    ),
    "dystonic storm": (
        "dystonia",
        "He has been twisting non-stop for hours and has a temperature",
        "her dystonia won't stop and she is exhausted",
        "continuous spasms with a fever",
        "constant twisting spasms since last night, she is worn out and sweating",
    ),
    "shunt": (
        "shunt",
        "he has a shunt and keeps throwing up",
        "My daughter's VP shunt: bad headache and vomiting since noon",
        "she has a shunt and is unusually sleepy today",
        "shunt kid, headache getting worse, being sick",
    ),
    "head injury": (
        "head_injury",
        "he fell down the stairs and hit his head",
        "She banged her head hard on the bath and is vomiting",
        "my son fell out of his wheelchair onto his head",
        "head injury at school, he was knocked out for a bit",
    ),
    "swollen, twisted or unmovable limb": (
        "broken_bone",
        "her thigh is swollen and she screams when I touch it",
        "His arm looks bent the wrong way after a fall",
        "my daughter won't move her leg since the transfer",
        "we heard a crack when we dressed him and now his leg is swelling",
    ),
    "fever in a baby under three months": (
        "baby_fever",
        "our 5 week old has a temperature of 38.4",
        "two month old with fever",
        "my newborn is hot, 38.7",
        "She is 3 weeks old and has a fever",
    ),
    "dehydration": (
        "dehydration",
        "he hasn't had a wet nappy for 12 hours",
        "She can't keep any fluids down and hasn't peed today",
        "no wee since yesterday and his mouth is dry",
        "vomiting all day, sunken eyes, no tears",
    ),
    "swallowed medicine or poison": (
        "poisoning",
        "my toddler drank bleach",
        "She swallowed a button battery",
        "He got into grandma's tablets and ate some",
        "he has taken too much of his diazepam",
        "I gave her a double dose of her medicine by mistake",
    ),
    "a carer or young person who wants to die": (
        "crisis",
        "I want to die",
        "my teenage son says he'd rather be dead",
        "i keep thinking about ending my life",
        "I don't want to live any more, caring broke me",
        "suicidal tonight",
    ),
    "wants to hurt someone": (
        "crisis",
        "I'm afraid I will hurt my child",
        "i feel like hitting her and i cant control it",
        "I nearly shook the baby tonight",
        "I am scared I'm going to hurt him",
    ),
    "a child being hurt": (
        "safeguarding",
        "someone at his school is hitting him",
        "my ex hits our daughter",
        "I think the carer is abusing my son",
        "She has bruises she can't explain and is scared of her uncle",
    ),
    "sudden loss of skills": (
        "lost_skills",
        "he could walk last week and now he can't",
        "she has suddenly stopped talking",
        "My son lost the use of his hand overnight",
        "she is losing skills she had: no longer sits or crawls",
    ),
    "the other person": (
        "seizure|breathing|choking|unconscious",
        "my neighbour's boy is having a seizure in the garden",
        "a pupil in my class isn't breathing properly, lips blue",
        "my sister's baby is choking",
        "a lad on the bus has collapsed and won't wake",
    ),
}
CASES = [(name, messages[0], message) for name, messages in EMERGENCIES.items() for message in messages[1:]]


@pytest.mark.parametrize(("name", "response", "message"), CASES)
def test_an_emergency_is_recognised(triage: Triage, name: str, response: str, message: str) -> None:
    result = triage.match(message)
    assert result is not None, f"missed: {name}"
    assert result.kind == "emergency"
    assert result.response in response.split("|")


def test_every_emergency_of_the_list_has_at_least_four_messages_of_our_own(corpus: Corpus) -> None:
    examples = {message for rule in corpus.triage.rules for message in rule.examples.match}
    for name, (_, *messages) in EMERGENCIES.items():
        assert len(set(messages) - examples) >= 4, name


BEFORE = "We live near Leeds and have three children. The twins go to nursery. Our physio comes on Mondays. "
AFTER = " The school has been kind to us. We love the new chair. His sister helps a lot with his reading."


@pytest.mark.parametrize("name", EMERGENCIES)
def test_an_emergency_is_recognised_in_the_middle_of_a_long_message(triage: Triage, name: str) -> None:
    response, message, *_ = EMERGENCIES[name]
    result = triage.match(f"{BEFORE * 8}\n\n{message}.{AFTER * 8}")
    assert result is not None
    assert result.response in response.split("|")


@pytest.mark.parametrize("name", EMERGENCIES)
def test_an_emergency_is_recognised_among_emoji_and_marks(triage: Triage, name: str) -> None:
    response, message, *_ = EMERGENCIES[name]
    result = triage.match(f"😭😭 {message.upper()}!!! 🙏 pls")
    assert result is not None
    assert result.response in response.split("|")


DESPITE = {
    "a question": ("seizure", "What do I do, my son is having a seizure"),
    "a question about the number": ("breathing", "what is the number, she's not breathing"),
    "a question about what is normal": ("breathing", "is it normal that he is turning blue"),
    "whether to call": ("head_injury", "should I call 911, she hit her head and keeps vomiting"),
    "a settled past before but": ("unconscious", "He was fine when he was a baby, but tonight he won't wake up"),
    "it has long been so": ("seizure", "he has had seizures since birth but this one won't stop"),
    "a habit": ("choking|breathing", "She always chokes a bit but this time she cannot breathe"),
    "said of children in general": (
        "choking",
        "children with CP choke, I know, but he is choking on a sweet right now",
    ),
    "a general question first": (
        "shunt|unconscious",
        "Can a shunt block? He has one and he is vomiting and very sleepy",
    ),
    "a negation of another": (
        "seizure",
        "My wife says it is not a seizure but he is shaking and his eyes have rolled back",
    ),
    "misspelling": ("unconscious", "he wont wake upp"),
    "no apostrophe, no g": ("seizure", "shes havin a fit"),
    "text speak": ("breathing", "my babys lips r blue"),
    "slang": ("crisis", "i want to unalive myself"),
}


@pytest.mark.parametrize(("response", "message"), DESPITE.values(), ids=DESPITE.keys())
def test_an_emergency_is_recognised_despite_what_stands_around_it(triage: Triage, response: str, message: str) -> None:
    result = triage.match(message)
    assert result is not None
    assert result.response in response.split("|")
