"""The figure of the chapter `attention`: choose a word of a sentence and see where it looks."""

import traitlets

from dlarch.play import Play


class Look(Play):
    """Self-attention over the words of a sentence, computed from one query and one key for each word.

    Attributes:
        words: the sentence, word by word.
        q: a query for each word, all of one size.
        k: a key for each word, of the same size.
        chosen: position of the word whose query is asked.
        temperature: by which the scores are divided before the softmax, 0.2 to 10.
        scaled: whether the scores are divided by the square root of the size too.
        causal: whether a word may look at itself and the words before it only.
        real: number of words that are no padding, all of them at first; no word may look at the others.
    """

    words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    q = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    k = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    chosen = traitlets.Int(0, min=0).tag(sync=True)
    temperature = traitlets.Float(1.0, min=0.2, max=10.0).tag(sync=True)
    scaled = traitlets.Bool(True).tag(sync=True)
    causal = traitlets.Bool(False).tag(sync=True)
    real = traitlets.Int(min=0).tag(sync=True)

    def __init__(self, words: list[str], q: list[list[float]], k: list[list[float]], **traits: object) -> None:
        """Take the sentence with its vectors.

        Raises:
            ValueError: if words, queries and keys are not equally many, or their vectors not equally long.
        """
        if not len(words) == len(q) == len(k) > 0:
            raise ValueError(
                f"each word needs a query and a key: got {len(words)} words, {len(q)} queries, {len(k)} keys"
            )
        sizes = sorted({len(vector) for vector in (*q, *k)})
        if len(sizes) > 1:
            raise ValueError(f"queries and keys must have one size, got sizes {sizes}")
        super().__init__(words=words, q=q, k=k, **{"real": len(words), **traits})

    @traitlets.validate("chosen", "real")
    def _in_the_sentence(self, proposal: dict) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        largest = len(self.words) - (name == "chosen")
        if self.words and value > largest:
            raise traitlets.TraitError(f"{name} must be at most {largest}, got {value}")
        return value
