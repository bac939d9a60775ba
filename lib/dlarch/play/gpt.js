const WIDTH = 340;
const ROWS = 10; // tokens that are shown, the most probable ones
const ROW = 26; // height of a token's row
const TOP = 34; // where the first row starts
const NAME = 78; // right end of the names
const BAR = 88; // where the bars start
const FULL = 186; // length of the bar of a probability of one
const TRAITS = ["chosen", "temperature", "top_k", "top_p"];

const percent = (share) => (share > 0 && share < 0.0005 ? "< 0.1\u00a0%" : `${(100 * share).toFixed(1)}\u00a0%`);

function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - largest));
  const total = powers.reduce((sum, x) => sum + x, 0);
  return powers.map((x) => x / total);
}

// Tokens from the most probable to the least, each with its probability before the filters and after them.
function distribution(logits, temperature, topK, topP) {
  const order = logits.map((_, i) => i).sort((i, j) => logits[j] - logits[i]);
  const coldest = temperature === 0;
  const scaled = order.map((i) => (coldest ? (i === order[0] ? 0 : -Infinity) : logits[i] / temperature));
  const plain = softmax(order.map((i) => logits[i]));
  // After top-k, top-p looks at what is left, renormalised.
  const first = softmax(scaled.map((x, rank) => (rank < topK ? x : -Infinity)));
  let before = 0;
  const kept = first.map((share) => {
    const stays = share > 0 && (before < topP || before === 0);
    before += share;
    return stays ? share : 0;
  });
  const total = kept.reduce((sum, x) => sum + x, 0);
  return order.map((token, rank) => ({ token, plain: plain[rank], drawn: kept[rank] / total }));
}

export default {
  render({ model, el }) {
    const tokens = model.get("tokens");
    const rows = Math.min(ROWS, tokens.length);
    const { svg, describe } = play.picture(el, { width: WIDTH, height: TOP + ROW * (rows + 1) + 6 });
    const head = (x, anchor, text) =>
      play.draw(svg, "text", { x, y: 20, "text-anchor": anchor, class: "play-text", "font-weight": "bold" }, text);
    head(NAME, "end", "next");
    head(BAR, "start", "probability to be drawn");
    const lines = Array.from({ length: rows + 1 }, (_, rank) => {
      const y = TOP + ROW * rank;
      const text = (x, anchor) => play.draw(svg, "text", { x, y: y + 17, "text-anchor": anchor, class: "play-text" });
      const bar = play.draw(svg, "rect", { x: BAR, y: y + 4, height: ROW - 9, class: "play-dot play-a" });
      const model = play.draw(svg, "line", { y1: y + 1, y2: y + ROW - 3, class: "play-line play-b" });
      return { name: text(NAME, "end"), bar, mark: model, number: text(BAR, "start") };
    });

    const tell = play.readout(el);
    const controls = play.controls(el);
    play.select(model, controls, {
      trait: "chosen", label: "After", options: model.get("prompts").map((prompt, i) => [i, `“${prompt}”`]),
    });
    play.slider(model, controls, {
      trait: "temperature", label: "Temperature", min: 0, max: 2, step: 0.05, format: (value) => value.toFixed(2),
    });
    play.slider(model, controls, {
      trait: "top_k", label: "Top-k", min: 1, max: tokens.length, format: (k) => (k >= tokens.length ? "all" : String(k)),
    });
    play.slider(model, controls, {
      trait: "top_p", label: "Top-p", min: 0.01, max: 1, step: 0.01, format: (p) => (p >= 1 ? "all" : p.toFixed(2)),
    });

    return play.watch(model, TRAITS, () => {
      const [temperature, topK, topP] = TRAITS.slice(1).map((trait) => model.get(trait));
      const chosen = model.get("chosen");
      const ranked = distribution(model.get("logits")[chosen], temperature, topK, topP);
      const kept = ranked.filter(({ drawn }) => drawn > 0);
      const rest = ranked.slice(rows);
      const sum = (part, what) => part.reduce((total, entry) => total + entry[what], 0);
      const shown = ranked.slice(0, rows).map((entry) => ({ ...entry, name: tokens[entry.token], out: !entry.drawn }));
      shown.push({
        name: "others", plain: sum(rest, "plain"), drawn: sum(rest, "drawn"), out: rest.length === 0 || !sum(rest, "drawn"),
      });
      shown.forEach(({ name, plain, drawn, out }, rank) => {
        const { name: label, bar, mark, number } = lines[rank];
        label.textContent = name;
        play.update(label, { opacity: out ? 0.6 : 1, "text-decoration": out ? "line-through" : "none" });
        const width = FULL * drawn;
        play.update(bar, { width: width.toFixed(1) });
        const at = BAR + FULL * plain;
        play.update(mark, { x1: at.toFixed(1), x2: at.toFixed(1) });
        number.textContent = out ? "dropped" : percent(drawn);
        play.update(number, { x: (Math.max(BAR + width, at) + 6).toFixed(1) });
      });
      const entropy = -kept.reduce((total, { drawn }) => total + drawn * Math.log2(drawn), 0);
      tell(`${kept.length} of ${tokens.length} characters can be drawn; entropy ${Math.abs(entropy).toFixed(2)} bits`);
      const listed = shown.slice(0, 3).map(({ name, drawn }) => `${name} ${percent(drawn)}`);
      describe(
        `After “${model.get("prompts")[chosen]}”: ${listed.join(", ")}. ${kept.length} of ${tokens.length} characters ` +
        `can be drawn, entropy ${Math.abs(entropy).toFixed(2)} bits. Marks show the model's own probabilities, ` +
        `${percent(ranked[0].plain)} for ${tokens[ranked[0].token]}.`,
      );
    });
  },
};
