const WIDTH = 360;
const LEFT = 62; // where the columns of the symbols start
const TOP = 30;
const ROW = 46; // height of a row with its gap
const BAR = 36; // height of a full bar
const NEXT = TOP + 4 * ROW + 40; // where the bars of the next symbol start
const HEIGHT = NEXT + 66;
const GATES = ["input", "forget", "output"];

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const dot = (row, vector) => row.reduce((sum, x, i) => sum + x * vector[i], 0);
const signed = (x) => x.toFixed(2).replace("-", "\u2212");
const percent = (share) => `${Math.round(100 * share)} %`;

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    const symbols = [...model.get("symbols")];
    const weights = model.get("weights");
    const size = weights.head[0].length;

    // Reads a text; of every step the gates, the content, the cells and the shares of the next symbol.
    function read(text) {
      let [h, c] = [new Array(size).fill(0), new Array(size).fill(0)];
      return text.map((symbol) => {
        const at = symbols.indexOf(symbol);
        const z = weights.bias.map((b, row) => b + weights.input[row][at] + dot(weights.hidden[row], h));
        const block = (n, squash) => z.slice(n * size, (n + 1) * size).map(squash);
        const [input, forget, content, output] = [
          block(0, sigmoid), block(1, sigmoid), block(2, Math.tanh), block(3, sigmoid),
        ];
        c = c.map((value, i) => forget[i] * value + input[i] * content[i]);
        h = c.map((value, i) => output[i] * Math.tanh(value));
        const scores = weights.head.map((row, k) => dot(row, h) + weights.head_bias[k]);
        const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
        const total = powers.reduce((sum, x) => sum + x, 0);
        return { input, forget, content, output, c, next: powers.map((x) => x / total) };
      });
    }

    function text() {
      const read = [...model.get("strings")[model.get("string")]];
      if (model.get("other")) read[1] = read[1] === "T" ? "P" : "T";
      return read;
    }

    const drawing = play.draw(svg, "g");
    const tell = play.readout(el);
    const controls = play.controls(el);
    play.select(model, controls, {
      trait: "string", label: "String", options: model.get("strings").map((string, i) => [i, string]),
    });
    play.checkbox(model, controls, { trait: "other", label: "Change its second symbol" });
    play.select(model, controls, {
      trait: "unit", label: "Cell shown", options: weights.head[0].map((_, i) => [i, `${i + 1} of ${size}`]),
    });
    const longest = Math.max(...model.get("strings").map((string) => string.length));
    play.slider(model, controls, { trait: "step", label: "Symbols read", min: 1, max: longest - 1 });

    const label = (x, y, words, look = {}) => play.draw(drawing, "text", { x, y, class: "play-text", ...look }, words);
    const middle = { "text-anchor": "middle" };

    function paint() {
      drawing.replaceChildren();
      const all = text();
      const steps = read(all.slice(0, -1)); // nothing comes after the last symbol
      const step = Math.min(model.get("step"), steps.length);
      const unit = model.get("unit");
      const wide = (WIDTH - LEFT - 4) / steps.length;
      const left = (t) => LEFT + wide * t;
      const largest = Math.max(1, ...steps.map(({ c }) => Math.abs(c[unit])));

      play.draw(drawing, "rect", {
        x: left(step - 1), y: 6, width: wide, height: TOP + 4 * ROW - 2, rx: 4, class: "play-fill play-b",
      });
      label(0, 21, "read");
      steps.forEach((_, t) =>
        label(left(t) + wide / 2, 21, all[t], { ...middle, "font-weight": t === step - 1 ? "bold" : "normal" }));
      [...GATES, "cell"].forEach((name, row) => {
        const floor = TOP + ROW * row + BAR + 4;
        const zero = name === "cell" ? floor - BAR / 2 : floor;
        label(0, floor - BAR / 2 + 5, name);
        play.draw(drawing, "line", { x1: LEFT, x2: WIDTH - 4, y1: zero, y2: zero, class: "play-grid" });
        steps.forEach((values, t) => {
          const value = name === "cell" ? values.c[unit] / largest / 2 : values[name][unit];
          const height = Math.abs(value) * BAR;
          play.draw(drawing, "rect", {
            x: left(t) + 2, width: Math.max(2, wide - 4), y: value > 0 ? zero - height : zero,
            height: Math.max(0.5, height).toFixed(2), class: `play-dot ${name === "cell" ? "play-c" : "play-a"}`,
          });
        });
      });

      const { next, c, ...now } = steps[step - 1];
      label(0, NEXT - 14, `What the network expects after ${all.slice(0, step).join("")}`);
      const slot = (WIDTH - LEFT - 4) / symbols.length;
      symbols.forEach((symbol, k) => {
        const x = LEFT + slot * (k + 0.5);
        play.draw(drawing, "rect", {
          x: x - 8, width: 16, y: NEXT + 40 - 36 * next[k], height: Math.max(0.5, 36 * next[k]).toFixed(2),
          class: "play-dot play-d",
        });
        label(x, NEXT + 58, symbol, { ...middle, "font-weight": symbol === all[step] ? "bold" : "normal" });
      });

      const values = GATES.map((name) => `${name} ${now[name][unit].toFixed(2)}`).join(", ");
      const expected = next.map((share, k) => [share, symbols[k]]).filter(([share]) => share >= 0.01);
      const listed = expected.sort((a, b) => b[0] - a[0]).map(([share, symbol]) => `${symbol} ${percent(share)}`);
      tell(`${all[step - 1]} read: ${values}, cell ${signed(c[unit])}; next ${listed.slice(0, 3).join(", ")}`);
      describe(
        `Cell ${unit + 1} of ${size} after ${all.slice(0, step).join("")}: ${values}, content ` +
          `${signed(now.content[unit])}, cell ${signed(c[unit])}. Expected next: ${listed.join(", ")}. ` +
          `The cell from the first symbol to the last read: ${steps.map((s) => signed(s.c[unit])).join(", ")}.`,
      );
    }

    return play.watch(model, ["string", "other", "unit", "step"], paint);
  },
};
