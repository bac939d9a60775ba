const SIDE = 320; // of the square that shows the plane
const LEFT = 10;
const BAR = { y: SIDE + 26, height: 16 };
const HEIGHT = BAR.y + BAR.height + 4;
const INPUTS = 2;
const CLASSES = 2;

// Weights and biases of `depth` hidden layers of equal width.
const parameters = (width, depth) =>
  (INPUTS + 1) * width + (depth - 1) * (width + 1) * width + (width + 1) * CLASSES;

// One path for the cells of a class, a run of neighbours in a row at a time.
function cover(bits, cells, wanted) {
  const side = SIDE / cells;
  const parts = [];
  for (let row = 0; row < cells; row += 1) {
    for (let column = 0; column < cells; ) {
      let end = column;
      while (end < cells && bits[row * cells + end] === wanted) end += 1;
      if (end > column) {
        const [x, y, width] = [LEFT + column * side, row * side, (end - column) * side];
        parts.push(`M${x.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(1)}v${side.toFixed(1)}h${(-width).toFixed(1)}z`);
      }
      column = Math.max(end, column + 1);
    }
  }
  return parts.join("");
}

const percent = (share) => `${(100 * share).toFixed(0)}\u00a0%`;
const layers = (depth) => (depth === 1 ? "1 hidden layer" : `${depth} hidden layers`);

export default {
  render({ model, el }) {
    const cells = model.get("cells");
    const edge = model.get("edge");
    const budget = model.get("budget");
    const widths = model.get("widths");
    const depths = model.get("depths");
    const starts = Object.values(model.get("known"))[0].length;
    const bitsOf = (hex) => [...hex].flatMap((digit) => [8, 4, 2, 1].map((b) => (parseInt(digit, 16) & b ? 1 : 0)));

    const { svg, describe } = play.picture(el, { width: SIDE + 2 * LEFT, height: HEIGHT });
    const fills = ["play-a", "play-b"].map((series) =>
      play.draw(svg, "path", { class: `play-fill ${series}`, "shape-rendering": "crispEdges", style: "fill-opacity: 0.35" }),
    );
    play.draw(svg, "rect", { x: LEFT, y: 0, width: SIDE, height: SIDE, class: "play-grid" });
    for (const [x1, x2, label] of model.get("points")) {
      const [x, y] = [LEFT + ((x1 + edge) / (2 * edge)) * SIDE, ((edge - x2) / (2 * edge)) * SIDE];
      if (label === 1) play.draw(svg, "rect", { x: x - 2, y: y - 2, width: 4, height: 4, class: "play-dot play-b" });
      else play.draw(svg, "circle", { cx: x, cy: y, r: 2.2, class: "play-dot play-a" });
    }
    const refusal = play.draw(svg, "text", { x: LEFT + SIDE / 2, y: 24, "text-anchor": "middle", class: "play-text", "font-weight": "bold" });

    // The bar of the budget: full is the whole budget.
    const caption = play.draw(svg, "text", { x: LEFT, y: BAR.y - 8, class: "play-text" });
    const spent = play.draw(svg, "rect", { x: LEFT, y: BAR.y, height: BAR.height, class: "play-dot" });
    play.draw(svg, "rect", { x: LEFT, y: BAR.y, width: SIDE, height: BAR.height, class: "play-grid" });

    const tell = play.readout(el);
    const controls = play.controls(el);
    play.slider(model, controls, { trait: "depth", label: "Hidden layers", min: depths[0], max: depths[depths.length - 1] });
    const format = (place) => `${widths[place]} units`;
    play.slider(model, controls, { trait: "place", label: "Width", min: 0, max: widths.length - 1, format });
    const order = (start) => `${start + 1} of ${starts}`;
    play.slider(model, controls, { trait: "start", label: "Random start", min: 0, max: starts - 1, format: order });
    const spend = () => {
      const within = widths.filter((width) => parameters(width, model.get("depth")) <= budget);
      play.set(model, "place", within.length - 1);
    };
    play.button(controls, { label: "Spend the whole budget", press: spend });

    return play.watch(model, ["depth", "place", "start"], () => {
      const [depth, width, start] = [model.get("depth"), widths[model.get("place")], model.get("start")];
      const count = parameters(width, depth);
      const shape = `${depth},${width}`;
      const network = `${layers(depth)} of ${width} units`;
      const grounds = model.get("ground")[shape];
      play.update(spent, { width: SIDE * Math.min(1, count / budget), class: `play-dot ${grounds ? "play-c" : "play-d"}` });
      caption.textContent = `${count.toLocaleString("en")} of ${budget} parameters`;
      if (!grounds) {
        for (const fill of fills) play.update(fill, { d: "" });
        refusal.textContent = "over the budget: not built";
        tell(`${network} hold ${count.toLocaleString("en")} parameters, ${(count - budget).toLocaleString("en")} too many.`);
        describe(`Two spirals without a border: ${network} hold ${count} parameters, more than the budget of ${budget}.`);
        return;
      }
      refusal.textContent = "";
      const bits = bitsOf(grounds[start]);
      fills.forEach((fill, label) => play.update(fill, { d: cover(bits, cells, label) }));
      const [known, unseen] = ["known", "unseen"].map((name) => model.get(name)[shape]);
      const range = `${percent(Math.min(...unseen))} to ${percent(Math.max(...unseen))}`;
      tell(
        `Right on ${percent(known[start])} of the points shown and ${percent(unseen[start])} of new ones; ` +
          `over ${starts} starts, new points: ${range}.`,
      );
      describe(
        `Two spirals and the border that ${network} drew, ${count} of ${budget} parameters, start ${order(start)}: ` +
          `${percent(known[start])} of the points shown are on the side of their spiral, ${percent(unseen[start])} of new ones.`,
      );
    });
  },
};
