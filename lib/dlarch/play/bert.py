"""The figure of the chapter `bert`: hide a token of a sentence and see what the model would put there."""

import traitlets

from dlarch.play import Play


class Blank(Play):
    """What a trained model expects at each token of a few sentences, with the token hidden or left in place.

    Attributes:
        sentences: a list of dicts. ``topic`` names the part of the text, ``tokens`` holds the sentence token by token,
            ``hidden`` and ``shown`` one dict for each token: ``best``, the likeliest tokens with their
            probabilities, ``right``, the probability of the true token, and ``rank``, its place among all, from 1.
        sentence: which sentence is shown, from 0.
        chosen: which of its tokens is asked for, from 0; one beyond the end means the last.
        hidden: whether the chosen token is replaced by [MASK].
    """

    sentences = traitlets.List(traitlets.Dict()).tag(sync=True)
    sentence = traitlets.Int(0, min=0).tag(sync=True)
    chosen = traitlets.Int(0, min=0).tag(sync=True)
    hidden = traitlets.Bool(True).tag(sync=True)

    def __init__(self, sentences: list[dict], **traits: object) -> None:
        """Take the sentences with their answers.

        Raises:
            ValueError: if there is no sentence, or one has not one answer of each kind for each token.
        """
        if not sentences:
            raise ValueError("the figure needs at least one sentence, got none")
        for each in sentences:
            counts = [len(each[part]) for part in ("tokens", "hidden", "shown")]
            if len(set(counts)) > 1 or counts[0] == 0:
                raise ValueError(f"each token needs an answer of each kind, got tokens, hidden and shown: {counts}")
        super().__init__(sentences=sentences, **traits)

    @traitlets.validate("sentence")
    def _one_of_the_sentences(self, proposal: dict) -> int:
        if self.sentences and proposal["value"] >= len(self.sentences):
            raise traitlets.TraitError(f"sentence must be below {len(self.sentences)}, got {proposal['value']}")
        return proposal["value"]
