const WIDTH = 360;
const ROW = 29; // height of a word's row
const TOP = 30; // where the first row starts
const QUERY = 92; // right end of the words on the left
const KEY = 186; // left end of the words on the right
const BAR = 252; // where the bars start
const FULL = 64; // length of the bar of a weight of one

export default {
  render({ model, el }) {
    const words = model.get("words");
    const [queries, keys] = [model.get("q"), model.get("k")];
    const height = TOP + ROW * words.length + 4;
    const { svg, describe } = play.picture(el, { width: WIDTH, height });
    const middle = (row) => TOP + ROW * (row + 0.5);
    let pointed = null; // the row under the pointer, shown while the pointer stays; a click keeps it
    const percent = (weight) => `${Math.round(100 * weight)} %`;

    const header = (x, anchor, text) =>
      play.draw(svg, "text", { x, y: 18, "text-anchor": anchor, class: "play-text", "font-weight": "bold" }, text);
    header(QUERY, "end", "asks");
    header(KEY, "start", "is seen");
    header(BAR, "start", "weight");
    const links = play.draw(svg, "g");
    const asked = play.draw(svg, "rect", { x: 4, width: QUERY + 4, height: ROW - 4, rx: 4, class: "play-fill play-a" });
    const rows = words.map((word, row) => {
      const y = middle(row) + 5;
      const query = play.draw(svg, "text", { x: QUERY, y, "text-anchor": "end", class: "play-text" }, word);
      const key = play.draw(svg, "text", { x: KEY, y, class: "play-text" }, word);
      const bar = play.draw(svg, "rect", { x: BAR, y: middle(row) - 8, height: 16, class: "play-dot play-a" });
      const number = play.draw(svg, "text", { x: BAR + FULL + 6, y, class: "play-text" });
      // An invisible field over the word takes the pointer, so that the gaps between letters count too.
      const field = play.draw(svg, "rect", {
        x: 0, y: TOP + ROW * row, width: QUERY + 12, height: ROW, fill: "transparent", style: "cursor: pointer",
      });
      field.addEventListener("pointerenter", () => point(row));
      field.addEventListener("pointerleave", () => point(null));
      field.addEventListener("click", () => play.set(model, "chosen", row));
      return { query, key, bar, number };
    });

    // Padding is hidden from all, and the causal mask hides what stands behind the word that asks.
    const mayLook = (chosen, key) => key < model.get("real") && (key <= chosen || !model.get("causal"));

    // The weights of one query over all keys: the softmax of its scores, zero where it may not look.
    function weights(chosen) {
      const q = queries[chosen];
      const divisor = model.get("temperature") * (model.get("scaled") ? Math.sqrt(q.length) : 1);
      const scores = keys.map((k, j) =>
        mayLook(chosen, j) ? k.reduce((sum, x, i) => sum + x * q[i], 0) / divisor : -Infinity,
      );
      if (!scores.some(Number.isFinite)) return scores.map(() => 0); // nothing to look at: zeros, as in the library
      const largest = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - largest));
      const total = powers.reduce((sum, x) => sum + x, 0);
      return powers.map((x) => x / total);
    }

    const tell = play.readout(el);
    const controls = play.controls(el);
    play.select(model, controls, {
      trait: "chosen", label: "Word that asks", options: words.map((word, i) => [i, `${i + 1}. ${word}`]),
    });
    play.slider(model, controls, {
      trait: "temperature", label: "Temperature", min: 0.2, max: 10, step: 0.1, format: (value) => value.toFixed(1),
    });
    play.checkbox(model, controls, { trait: "scaled", label: "Divide by √D" });
    play.checkbox(model, controls, { trait: "causal", label: "Causal mask" });
    play.slider(model, controls, {
      trait: "real", label: "Padding mask", min: 0, max: words.length, step: 1,
      format: (value) => `${value} of ${words.length} real`,
    });

    function paint() {
      const chosen = pointed ?? model.get("chosen");
      const shares = weights(chosen);
      play.update(asked, { y: TOP + ROW * chosen + 2 });
      links.replaceChildren();
      shares.forEach((share, row) => {
        const hidden = !mayLook(chosen, row);
        const { query, key, bar, number } = rows[row];
        play.update(query, { "font-weight": row === chosen ? "bold" : "normal" });
        play.update(key, { opacity: hidden ? 0.6 : 1, "text-decoration": hidden ? "line-through" : "none" });
        play.update(bar, { width: (FULL * share).toFixed(1) });
        number.textContent = hidden ? "hidden" : percent(share);
        if (hidden) return;
        const [y1, y2] = [middle(chosen), middle(row)];
        const bend = (QUERY + KEY) / 2;
        play.draw(links, "path", {
          d: `M${QUERY + 10},${y1} C${bend},${y1} ${bend},${y2} ${KEY - 8},${y2}`, class: "play-line play-a",
          style: `stroke-width: ${(0.5 + 9 * share).toFixed(2)}; stroke-opacity: ${(0.2 + 0.8 * share).toFixed(2)}`,
        });
      });

      const seen = words.filter((_, row) => mayLook(chosen, row)).length;
      const behind = words.length - seen;
      const hides = behind ? ` ${behind === 1 ? "One word is" : `${behind} words are`} hidden.` : "";
      if (!seen) {
        tell(`${words[chosen]} may look at nothing: all weights are 0`);
        describe(`The word ${words[chosen]}, number ${chosen + 1}, may look at nothing: all weights are 0.${hides}`);
        return;
      }
      const entropy = -shares.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0);
      const spread = `entropy ${Math.abs(entropy).toFixed(2)} of at most ${Math.log(seen).toFixed(2)} nats`;
      const order = shares.map((share, row) => [share, words[row]]).sort((a, b) => b[0] - a[0]).slice(0, 3);
      const listed = order.filter(([share]) => share >= 0.005).map(([share, word]) => `${word} ${percent(share)}`);
      tell(`${words[chosen]} looks at ${order[0][1]} most: ${percent(order[0][0])}; ${spread}`);
      describe(`The word ${words[chosen]}, number ${chosen + 1}, looks at ${listed.join(", ")}; ${spread}.${hides}`);
    }

    function point(row) {
      pointed = row;
      paint();
    }

    return play.watch(model, ["chosen", "temperature", "scaled", "causal", "real"], paint);
  },
};
