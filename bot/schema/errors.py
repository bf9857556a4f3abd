"""One small hierarchy of errors. Each message names the value, the place and the remedy."""


class CareleafError(Exception):
    """Base of all our errors. The message names the value, the place and the remedy."""

    status = 500
    title = "Careleaf could not do this"


class QuestionRefused(CareleafError):
    """The question cannot be read: empty, too long, or not text."""

    status = 422
    title = "The question cannot be read"


class CorpusError(CareleafError):
    """A file of the corpus breaks a rule."""

    title = "The corpus has a fault"


class ModelError(CareleafError):
    """The encoder's model is missing or is not the one it should be."""

    title = "The encoder's model cannot be used"


class IndexUnavailable(CareleafError):
    """There is no index to answer from."""

    status = 503
    title = "There is no index yet"


class AnswerWithheld(CareleafError):
    """An answer, and what would have stood in for it, hold an amount of a medicine."""

    title = "This answer was held back"


class Draining(CareleafError):
    """The process was told to end and takes no new work."""

    status = 503
    title = "This process is ending"


class NotFound(CareleafError):
    """Something asked for by its id is not in the corpus."""

    status = 404
    title = "Not in the corpus"
