'''Interactive figures: anywidgets that run in a static page, with no kernel, and in JupyterLab.

A chapter adds two files. ``play/tilt.py`` names the state:

    import traitlets
    from dlarch.play import Play

    class Tilt(Play):
        """A line whose slope the reader sets."""

        slope = traitlets.Float(1.0).tag(sync=True)

and ``play/tilt.js``, beside it and of the same name, draws it. The helper ``play`` (``base.js``, which stands before
every such file) makes controls that have labels, work by keyboard and keep JupyterLab from taking their keys:

    export default {
      render({ model, el }) {
        const { svg, describe } = play.picture(el, { width: 320, height: 200 });
        const line = play.draw(svg, "line", { x1: 10, x2: 310, class: "play-line play-a" });
        const controls = play.controls(el);
        play.slider(model, controls, { trait: "slope", label: "Slope", min: -2, max: 2, step: 0.1 });
        return play.watch(model, ["slope"], () => {
          const rise = 150 * model.get("slope");
          play.update(line, { y1: 100 + rise / 2, y2: 100 - rise / 2 });
          describe(`A line of slope ${model.get("slope").toFixed(1)}.`);
        });
      },
    };

The page shows it as the last line of a cell, with the picture that stands there in print and where no script runs:

    Tilt(slope=0.5).show(fallback=plots.show(fig, alt="A line of slope 0.5."))

The state must be plain JSON (numbers, texts, lists) or bytes. Colours come from the classes ``play-a`` to ``play-f``
(series), ``play-line``, ``play-fill``, ``play-dot``, ``play-grid`` and ``play-text`` in ``base.css``, which follow
light and dark.
'''

import sys
from pathlib import Path
from typing import Any

import anywidget

_HERE = Path(__file__).parent


class Play(anywidget.AnyWidget):
    """An interactive figure whose script lies beside its module: ``linear.py`` and ``linear.js``."""

    _fallback: str = "<p>This figure needs JavaScript.</p>"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Join the helpers with the script of the subclass."""
        super().__init_subclass__(**kwargs)
        if "_esm" in vars(cls):  # the class that traitlets derives when an object adds traits to itself
            return
        script = Path(sys.modules[cls.__module__].__file__).with_suffix(".js")
        if not script.is_file():
            raise FileNotFoundError(f"{cls.__name__} needs its script {script.name} beside {script.stem}.py")
        cls._esm = (_HERE / "base.js").read_text(encoding="utf-8") + script.read_text(encoding="utf-8")
        cls._css = (_HERE / "base.css").read_text(encoding="utf-8")

    def show(self, *, fallback: Any) -> "Play":
        """Set the picture that stands in for the figure in print and where no script runs.

        Args:
            fallback: what ``dlarch.plots.show`` returns, or a text of html.

        Returns:
            The figure itself, to be the last line of a cell.

        Raises:
            ValueError: if the fallback has no description: neither ``alt`` nor ``aria-label``.
        """
        html = fallback if isinstance(fallback, str) else fallback._repr_mimebundle_()["text/html"]
        if not any(mark in html for mark in ('alt="', 'aria-label="', "<p>")):
            name = type(self).__name__
            raise ValueError(f"the fallback of {name} needs an alt text or an aria-label, got {html[:80]!r}")
        self._fallback = html
        return self

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        """The live view, and html: the fallback with the mark by which the page's loader finds it."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/html"] = (
            f'<div class="play" data-play="{self.model_id}"><div class="play-fallback">{self._fallback}</div></div>'
        )
        return data, metadata
