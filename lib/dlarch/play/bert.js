const WIDTH = 350;
const LINE = 30; // height of a line of tokens
const LINES = 4; // lines kept free for a sentence
const BAR = { left: 112, full: 150, row: 28, top: LINES * LINE + 34 };
const TRAITS = ["sentence", "chosen", "hidden"];

const percent = (share) => (share < 0.001 ? "below 0.1\u00a0%" : `${(100 * share).toFixed(1)}\u00a0%`);
const visible = (token) => token.replace(/\n/g, "↵").replace(/ /g, "·"); // what a space looks like in print
const spoken = (token) => {
  const bare = token.trim() || "white space";
  return token.startsWith(" ") && token.trim() ? `${bare} after a space` : bare;
};

export default {
  render({ model, el }) {
    const sentences = model.get("sentences");
    const rows = Math.max(...sentences.flatMap((s) => [...s.hidden, ...s.shown].map((a) => a.best.length)));
    const height = BAR.top + BAR.row * (rows + 1) + 6;
    const { svg, describe } = play.picture(el, { width: WIDTH, height });
    const words = play.draw(svg, "g");
    const bars = play.draw(svg, "g");
    const tell = play.readout(el);
    const controls = play.controls(el);
    play.select(model, controls, {
      trait: "sentence", label: "Sentence", options: sentences.map((s, i) => [i, `${i + 1}. ${s.topic}`]),
    });
    const longest = Math.max(...sentences.map((s) => s.tokens.length));
    const count = () => sentences[model.get("sentence")].tokens.length;
    const at = () => Math.min(model.get("chosen"), count() - 1);
    play.slider(model, controls, {
      trait: "chosen", label: "Token", min: 0, max: longest - 1, format: () => `${at() + 1} of ${count()}`,
    });
    const move = (by) => play.set(model, "chosen", Math.min(count() - 1, Math.max(0, at() + by)));
    play.button(controls, { label: "Back", press: () => move(-1) });
    play.button(controls, { label: "Next", press: () => move(1) });
    play.checkbox(model, controls, { trait: "hidden", label: "Hide it behind [MASK]" });

    function drawSentence(tokens, chosen, hidden) {
      words.replaceChildren();
      let [x, line] = [8, 0];
      tokens.forEach((token, i) => {
        const asked = i === chosen;
        const text = asked && hidden ? "[MASK]" : visible(token);
        const width = 8.2 * text.length + 8;
        if (x + width > WIDTH - 6) [x, line] = [8, line + 1];
        const y = 6 + LINE * line;
        const box = play.draw(words, "rect", {
          x, y, width, height: LINE - 6, rx: 4, class: `play-fill ${asked ? "play-b" : "play-a"}`,
          style: `cursor: pointer; fill-opacity: ${asked ? 0.45 : 0.15}`,
        });
        play.draw(words, "text", {
          x: x + width / 2, y: y + 17, "text-anchor": "middle", class: "play-text", "font-weight": asked ? "bold" : "normal",
          style: "font-family: monospace; pointer-events: none",
        }, text);
        box.addEventListener("click", () => play.set(model, "chosen", i));
        x += width + 3;
      });
    }

    function drawBar(row, name, share, look, bold) {
      const y = BAR.top + BAR.row * row;
      play.draw(bars, "text", {
        x: BAR.left - 8, y: y + 14, "text-anchor": "end", class: "play-text", "font-weight": bold ? "bold" : "normal",
        style: "font-family: monospace",
      }, name);
      play.draw(bars, "rect", { x: BAR.left, y: y + 1, width: BAR.full * share, height: 17, class: `play-dot ${look}` });
      play.draw(bars, "text", { x: BAR.left + BAR.full * share + 6, y: y + 14, class: "play-text" }, percent(share));
    }

    return play.watch(model, TRAITS, () => {
      const { tokens, topic, ...answers } = sentences[model.get("sentence")];
      const [chosen, hidden] = [at(), model.get("hidden")];
      const { best, right, rank } = answers[hidden ? "hidden" : "shown"][chosen];
      const truth = tokens[chosen];
      drawSentence(tokens, chosen, hidden);
      bars.replaceChildren();
      play.draw(bars, "text", { x: 8, y: BAR.top - 10, class: "play-text", "font-weight": "bold" }, "likeliest here");
      best.forEach(([token, share], row) => drawBar(row, visible(token), share, token === truth ? "play-b" : "play-a", token === truth));
      const outside = !best.some(([token]) => token === truth);
      if (outside) drawBar(best.length, visible(truth), right, "play-b", true);
      const way = hidden ? "hidden" : "left in place";
      tell(`The token was “${visible(truth)}”. The model gives it ${percent(right)}, rank ${rank}.`);
      const list = best.map(([token, share]) => `${spoken(token)} ${percent(share)}`).join(", ");
      describe(`Sentence from ${topic}, token ${chosen + 1} of ${tokens.length}, ${spoken(truth)}, ${way}. Likeliest: ${list}. ` +
        `The true token has ${percent(right)}, rank ${rank}.`);
    });
  },
};
