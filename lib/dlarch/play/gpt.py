"""The figure of the chapter `gpt`: what is drawn from, under temperature, top-k and top-p."""

import traitlets

from dlarch.play import Play


class Next(Play):
    """Probabilities of the next token after a prompt, filtered as the reader sets it.

    Attributes:
        prompts: beginnings of a text.
        logits: for each prompt the logits of its next token.
        tokens: name of each token, to be shown.
        chosen: which prompt is shown.
        temperature: by which the logits are divided, 0 to 2; 0 gives all to the largest.
        top_k: how many tokens are kept; as many as there are keeps all.
        top_p: probability that the kept tokens must reach; 1 keeps all.
    """

    prompts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    logits = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(0, min=0).tag(sync=True)
    temperature = traitlets.Float(1.0, min=0.0, max=2.0).tag(sync=True)
    top_k = traitlets.Int(1, min=1).tag(sync=True)
    top_p = traitlets.Float(1.0, min=0.01, max=1.0).tag(sync=True)

    def __init__(self, prompts: list[str], logits: list[list[float]], tokens: list[str], **traits: object) -> None:
        """Take prompts with the logits after each; all tokens are kept unless ``top_k`` says otherwise.

        Raises:
            ValueError: if there is not one row of logits for each prompt, and in it one for each token.
        """
        sizes = sorted({len(row) for row in logits})
        if len(prompts) != len(logits) or not prompts or sizes != [len(tokens)]:
            raise ValueError(
                f"each prompt needs a logit for each token: got {len(prompts)} prompts, {len(logits)} rows of sizes "
                f"{sizes}, {len(tokens)} tokens"
            )
        super().__init__(prompts=prompts, logits=logits, tokens=tokens, **{"top_k": len(tokens), **traits})

    @traitlets.validate("chosen")
    def _one_of_the_prompts(self, proposal: dict) -> int:
        if self.prompts and proposal["value"] >= len(self.prompts):
            raise traitlets.TraitError(f"chosen must be below {len(self.prompts)}, got {proposal['value']}")
        return proposal["value"]
