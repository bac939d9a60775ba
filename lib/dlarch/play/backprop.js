const WIDE = 360; // of the picture
const BOX = { width: 112, height: 42 };
const ROW = 78; // from one row of nodes to the next

const short = (value) => (Math.abs(value) < 0.005 ? 0 : value).toFixed(2).replace("-", "−");
const across = (node) => 60 + 120 * node.column;
const down = (node) => 24 + ROW * node.row;

// What an operation computes from its parents' values, and its derivative with respect to each of them.
const RULES = {
  "+": { value: (a, b) => a + b, slopes: () => [1, 1] },
  "×": { value: (a, b) => a * b, slopes: (a, b) => [b, a] },
  relu: { value: (a) => Math.max(0, a), slopes: (a) => [a > 0 ? 1 : 0] },
  "^2": { value: (a) => a * a, slopes: (a) => [2 * a] },
};

export default {
  render({ model, el }) {
    const nodes = () => model.get("graphs")[model.get("graph")];
    const operations = () => nodes().filter((node) => node.parents.length > 0).length;
    const last = () => 2 * operations() + 1;
    const now = () => Math.min(model.get("step"), last());
    const label = (i) => (i === nodes().length - 1 ? "L" : i < 3 ? nodes()[i].name : `u${i - 2}`);

    function formula(i) {
      const { name, parents } = nodes()[i];
      const [a, b] = parents.map(label);
      if (name === "relu") return `relu(${a})`;
      return name === "^2" ? `${a}²` : `${a} ${name} ${b}`;
    }

    // All that is known after so many steps: value and gradient of each node, slope and share of each edge.
    function run(steps) {
      const all = nodes();
      const inputs = all.length - operations();
      const value = all.map((node, i) => (i < inputs ? model.get(node.name) : undefined));
      const grad = all.map(() => undefined);
      const edges = [];
      let active = -1;
      for (let k = 0; k < Math.min(steps, operations()); k += 1) {
        active = inputs + k;
        value[active] = RULES[all[active].name].value(...all[active].parents.map((p) => value[p]));
      }
      if (steps > operations()) {
        active = all.length - 1;
        grad[active] = 1;
      }
      for (let k = 0; k < steps - operations() - 1; k += 1) {
        active = all.length - 1 - k;
        const slopes = RULES[all[active].name].slopes(...all[active].parents.map((p) => value[p]));
        all[active].parents.forEach((parent, side) => {
          const share = grad[active] * slopes[side];
          edges.push({ from: active, parent, slope: slopes[side], share, before: grad[parent] });
          grad[parent] = (grad[parent] ?? 0) + share;
        });
      }
      return { value, grad, edges, active };
    }

    function story(steps, { value, edges, active }) {
      if (steps === 0) return "The inputs are set. Nothing is computed yet.";
      if (steps <= operations()) return `Forward: ${label(active)} = ${formula(active)} = ${short(value[active])}.`;
      if (steps === operations() + 1) return "Backward starts: the derivative of L with respect to L is 1.";
      const told = edges.filter((edge) => edge.from === active).map(({ parent, share, before }) => {
        if (before === undefined) return `${label(parent)} gets ${short(share)}`;
        return `${label(parent)} gets ${short(share)} more, ${short(before + share)} in all`;
      });
      return `Backward through ${label(active)} = ${formula(active)}: ${told.join("; ")}.`;
    }

    const { svg, describe } = play.picture(el, { width: WIDE, height: WIDE });
    const drawing = play.draw(svg, "g");
    const tell = play.readout(el);
    const steps = play.controls(el);
    play.button(steps, { label: "Back", press: () => play.set(model, "step", Math.max(0, now() - 1)) });
    play.button(steps, { label: "Next", press: () => play.set(model, "step", Math.min(last(), now() + 1)) });
    const slider = play.slider(model, steps, { trait: "step", label: "Step", min: 0, max: last() });
    const controls = play.controls(el);
    play.select(model, controls, { trait: "graph", label: "Graph", options: Object.keys(model.get("graphs")) });
    for (const trait of ["x", "w", "b"]) {
      play.slider(model, controls, { trait, label: `Input ${trait}`, min: -2, max: 2, step: 0.1, format: short });
    }

    function edge(from, parent, known) {
      const [x1, y1] = [across(nodes()[parent]), down(nodes()[parent]) + BOX.height / 2];
      const [x2, y2] = [across(nodes()[from]), down(nodes()[from]) - BOX.height / 2];
      play.draw(drawing, "line", { x1, y1, x2, y2, class: known ? "play-line play-b" : "play-grid" });
      if (!known) return;
      // The label lies on the edge, near its lower end, where edges to one parent have not met yet.
      const [x, y] = [x2 + (17 / (y2 - y1)) * (x1 - x2), y2 - 12];
      const halo = "paint-order: stroke; stroke-width: 8px; stroke-linejoin: round; stroke: var(--pst-color-background, var(--jp-layout-color1, Canvas))";
      play.draw(drawing, "text", { x, y, "text-anchor": "middle", class: "play-text", style: halo }, `· ${short(known.slope)}`);
    }

    function box(i, { value, grad, active }) {
      const [x, y] = [across(nodes()[i]), down(nodes()[i])];
      const place = { x: x - BOX.width / 2, y: y - BOX.height / 2, ...BOX, rx: 6 };
      if (value[i] !== undefined) play.draw(drawing, "rect", { ...place, class: "play-fill play-a" });
      play.draw(drawing, "rect", { ...place, class: i === active ? "play-line play-d" : "play-grid" });
      const text = (words, dy) =>
        play.draw(drawing, "text", { x, y: y + dy, "text-anchor": "middle", class: "play-text" }, words);
      const operation = i < 3 ? "" : `${nodes()[i].name.replace("^2", "²")} → `;
      const head = value[i] === undefined ? `${label(i)} = ${formula(i)}` : `${operation}${label(i)} = ${short(value[i])}`;
      text(head, grad[i] === undefined ? 4 : -4);
      if (grad[i] !== undefined) text(`grad ${short(grad[i])}`, 13);
    }

    return play.watch(model, ["graph", "step", "x", "w", "b"], () => {
      const state = run(now());
      slider.max = last();
      slider.value = now();
      const height = Math.max(...nodes().map(down)) + 24;
      play.update(svg, { viewBox: `0 0 ${WIDE} ${height}` });
      drawing.replaceChildren();
      nodes().forEach((node, i) => node.parents.forEach((parent, side) => {
        edge(i, parent, state.edges.filter((known) => known.from === i)[side]);
      }));
      nodes().forEach((_, i) => box(i, state));
      const numbers = nodes().map((_, i) => {
        if (state.value[i] === undefined) return `${label(i)} = ${formula(i)} is not computed yet`;
        const rule = i < 3 ? "" : ` = ${formula(i)}`;
        const grad = state.grad[i] === undefined ? "" : `, gradient ${short(state.grad[i])}`;
        return `${label(i)}${rule} = ${short(state.value[i])}${grad}`;
      });
      const slopes = state.edges.map((e) => `from ${label(e.from)} to ${label(e.parent)} ${short(e.slope)}`);
      tell(`Step ${now()} of ${last()}. ${story(now(), state)}`);
      describe(
        `A graph of ${nodes().length} nodes. ${numbers.join("; ")}.` +
          (slopes.length ? ` Local derivatives: ${slopes.join("; ")}.` : ""),
      );
    });
  },
};
