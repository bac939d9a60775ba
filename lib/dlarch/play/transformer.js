const WIDTH = 360;
const LEFT = 72; // left end of the first column
const TOP = 54; // upper end of the first row
const KINDS = {
  encoder: ["the encoder to itself", "asks", "is read", "read", "read"],
  decoder: ["the decoder to what it was shown", "asks", "was shown", "shown", "shown"],
  cross: ["the decoder to what was read", "asks", "was read", "shown", "read"],
};

export default {
  render({ model, el }) {
    const longest = Math.max(model.get("read").length, model.get("shown").length);
    const cell = Math.floor((WIDTH - LEFT - 6) / longest);
    const { svg, describe } = play.picture(el, { width: WIDTH, height: TOP + cell * longest + 6 });
    const all = model.get("weights");
    const [layers, heads] = [all.cross.length, all.cross[0].length];
    const percent = (weight) => `${Math.round(100 * weight)} %`;
    const middle = { "text-anchor": "middle", class: "play-text" };
    const marks = play.draw(svg, "g");

    const tell = play.readout(el);
    const controls = play.controls(el);
    const options = Object.entries(KINDS).map(([kind, [label]]) => [kind, label]);
    play.select(model, controls, { trait: "kind", label: "Attention of", options });
    play.slider(model, controls, { trait: "layer", label: "Layer", min: 1, max: layers });
    play.slider(model, controls, { trait: "head", label: "Head", min: 1, max: heads });
    play.slider(model, controls, { trait: "row", label: "Row that asks", min: 1, max: longest });

    function paint() {
      const kind = model.get("kind");
      const [label, , seen, rows, columns] = KINDS[kind];
      const [queries, keys] = [model.get(rows), model.get(columns)];
      const [layer, head] = [Math.min(model.get("layer"), layers), Math.min(model.get("head"), heads)];
      const row = Math.min(model.get("row"), queries.length) - 1;
      const table = all[kind][layer - 1][head - 1];
      marks.replaceChildren();
      play.draw(marks, "text", { x: LEFT, y: 18, class: "play-text", "font-weight": "bold" }, `${seen} (key)`);
      play.draw(marks, "text", { x: LEFT - 42, y: TOP - 10, class: "play-text", "font-weight": "bold" }, "asks");
      keys.forEach((key, j) => play.draw(marks, "text", { x: LEFT + cell * (j + 0.5), y: TOP - 8, ...middle }, key));
      table.forEach((weights, i) => {
        const y = TOP + cell * i;
        const name = { x: LEFT - 24, y: y + cell / 2 + 5, ...middle, "font-weight": i === row ? "bold" : "normal" };
        play.draw(marks, "text", name, queries[i]);
        weights.forEach((weight, j) => {
          const x = LEFT + cell * j;
          const size = { x: x + 1, y: y + 1, width: cell - 2, height: cell - 2 };
          play.draw(marks, "rect", { ...size, class: "play-grid", fill: "none" });
          if (kind === "decoder" && j > i) {
            play.draw(marks, "text", { x: x + cell / 2, y: y + cell / 2 + 5, ...middle }, "·");
          } else {
            play.draw(marks, "rect", { ...size, class: "play-dot play-a", style: `opacity: ${weight.toFixed(3)}` });
          }
        });
        // An invisible field over the row takes the click, the gaps between the squares included.
        const field = { x: 0, y, width: LEFT + cell * keys.length, height: cell, fill: "transparent" };
        const pick = play.draw(marks, "rect", { ...field, style: "cursor: pointer" });
        pick.addEventListener("click", () => play.set(model, "row", i + 1));
      });
      const frame = { x: LEFT - 46, y: TOP + cell * row, width: cell * keys.length + 47, height: cell, rx: 4 };
      play.draw(marks, "rect", { ...frame, class: "play-line play-b", fill: "none", "pointer-events": "none" });

      const order = table[row].map((weight, j) => [weight, j]).sort((a, b) => b[0] - a[0]);
      const places = order.slice(0, 3).filter(([weight]) => weight >= 0.005);
      const listed = places.map(([weight, j]) => `${keys[j]} at place ${j + 1} (${percent(weight)})`).join(", ");
      tell(`Layer ${layer}, head ${head}: row ${row + 1} (${queries[row]}) looks at ${listed}.`);
      const most = table.map((weights) => weights.indexOf(Math.max(...weights)) + 1).join(", ");
      describe(`Weights of ${label}, layer ${layer}, head ${head}. Row ${row + 1}, ${queries[row]}, looks at ${listed}. ` +
        `From row to row most weight lies on place ${most}.`);
    }

    return play.watch(model, ["kind", "layer", "head", "row"], paint);
  },
};
