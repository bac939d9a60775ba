const STEPS = 32;
const WIDTH = 340;
const HEIGHT = 300;
const PLOT = { left: 62, right: 330, top: 20, bottom: 262 };
const TRAITS = ["kernel", "dilations", "convolutions", "step", "causal"];
const SCHEDULES = ["1, 2, 4, 8", "1, 2, 4", "1, 1, 1, 1", "1, 3, 9", "4, 4", "8, 4, 2, 1"];

const steps = (count) => `${count} ${count === 1 ? "step" : "steps"}`;

// The dilation of each convolution, first to last.
const layersOf = (dilations, convolutions) => dilations.flatMap((d) => Array(convolutions).fill(d));

// Where a convolution reads for output step t; steps outside the sequence are left out, they hold zeros.
function taps(t, { kernel, causal }, dilation) {
  const span = (kernel - 1) * dilation;
  const left = causal ? span : Math.floor(span / 2);
  return [...Array(kernel).keys()].map((i) => t - left + i * dilation).filter((s) => s >= 0 && s < STEPS);
}

// The steps that are reached in each layer, last layer first, and the lines between them.
function follow(start, state, layers) {
  const reached = [new Set([start])];
  const lines = [];
  [...layers].reverse().forEach((dilation, depth) => {
    const below = new Set();
    for (const t of reached[depth]) {
      for (const s of taps(t, state, dilation)) {
        below.add(s);
        lines.push({ depth, from: t, to: s });
      }
    }
    reached.push(below);
  });
  return { reached, lines };
}

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    const [wires, dots, words] = [1, 2, 3].map(() => play.draw(svg, "g"));
    const choices = play.controls(el);
    play.select(model, choices, { trait: "dilations", label: "Dilations", options: SCHEDULES });
    play.select(model, choices, { trait: "convolutions", label: "In a block", options: [[1, "1 convolution"], [2, "2 convolutions"]] });
    play.checkbox(model, choices, { trait: "causal", label: "Causal" });
    const sliders = play.controls(el);
    play.slider(model, sliders, { trait: "kernel", label: "Taps", min: 1, max: 4 });
    play.slider(model, sliders, { trait: "step", label: "Output step", min: 1, max: STEPS });
    const tell = play.readout(el);

    const x = (t) => PLOT.left + ((PLOT.right - PLOT.left) * t) / (STEPS - 1);

    return play.watch(model, TRAITS, () => {
      const state = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
      const layers = layersOf(state.dilations.split(",").map(Number), state.convolutions);
      const start = state.step - 1;
      const { reached, lines } = follow(start, state, layers);
      const y = (depth) => PLOT.top + ((PLOT.bottom - PLOT.top) * depth) / layers.length;
      for (const group of [wires, dots, words]) group.replaceChildren();
      for (const { depth, from, to } of lines) {
        const look = to > from ? "play-d" : "play-a";
        play.draw(wires, "line", { x1: x(from), y1: y(depth), x2: x(to), y2: y(depth + 1), class: `play-line ${look}`, opacity: 0.6 });
      }
      reached.forEach((set, depth) => {
        for (let t = 0; t < STEPS; t += 1) {
          const ahead = t > start ? "play-d" : "play-b";
          const look = set.has(t) ? `play-dot ${ahead}` : "play-grid";
          play.draw(dots, "circle", { cx: x(t), cy: y(depth), r: set.has(t) ? 3.6 : 2.2, class: look });
        }
        const dilation = layers[layers.length - 1 - depth];
        const name = depth === layers.length ? "input" : `d = ${dilation}`;
        play.draw(words, "text", { x: PLOT.left - 10, y: y(depth) + 4.5, class: "play-text", "text-anchor": "end" }, name);
      });
      play.draw(words, "text", { x: x(0) - 4, y: HEIGHT - 14, class: "play-text" }, "step 1");
      play.draw(words, "text", { x: x(STEPS - 1) + 4, y: HEIGHT - 14, class: "play-text", "text-anchor": "end" }, `${STEPS}`);

      const found = [...reached[layers.length]].sort((a, b) => a - b);
      const field = 1 + (state.kernel - 1) * layers.reduce((sum, d) => sum + d, 0);
      const [first, last] = [found[0], found[found.length - 1]];
      const holes = last - first + 1 - found.length;
      const future = found.filter((t) => t > start).length;
      const weights = state.kernel * layers.length;
      const range = first === last ? `step ${first + 1}` : `steps ${first + 1} to ${last + 1}`;
      tell(
        `Field ${steps(field)}, with ${weights} taps in ${layers.length} convolutions. Output step ${state.step} reaches ${range}` +
          `${holes ? `, but ${holes} between them ${holes === 1 ? "is" : "are"} left out` : ""}. ` +
          `${future ? `It reads ${steps(future)} of the future.` : "It reads nothing of the future."}`,
      );
      describe(
        `${layers.length} convolutions with dilations ${layers.join(", ")} and ${state.kernel} taps, ${state.causal ? "causal" : "not causal"}. ` +
          `Output step ${state.step} reaches input steps ${found.map((t) => t + 1).join(", ")}.`,
      );
    });
  },
};
