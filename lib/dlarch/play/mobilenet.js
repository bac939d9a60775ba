const WIDTH = 340;
const BARS = { left: 78, width: 186, height: 16, step: 21, head: 22, gap: 8 };
const BLOCK = BARS.head + 2 * BARS.step + BARS.gap;
const HEIGHT = 3 * BLOCK + 26;
const LEGEND = [["full", "play-b", 8], ["depthwise", "play-a", 78], ["pointwise", "play-c", 182]];
const TRAITS = ["kernel", "inputs", "outputs", "side"];

// A number to three digits with its unit: 1.85 G, 462 M, 7.08 k.
function short(count) {
  const [size, unit] = count >= 1e9 ? [1e9, "G"] : count >= 1e6 ? [1e6, "M"] : count >= 1e4 ? [1e3, "k"] : [1, ""];
  const value = count / size;
  const digits = size === 1 ? 0 : value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return unit ? `${value.toFixed(digits)}\u00a0${unit}` : String(Math.round(value));
}

// Each list: of the full convolution, of the depthwise part, of the pointwise part.
function bill({ kernel, inputs, outputs, side }) {
  const places = side * side;
  const filter = kernel * kernel;
  const parameters = [filter * inputs * outputs, filter * inputs, inputs * outputs];
  const macs = parameters.map((weights) => weights * places);
  const maps = [inputs + outputs, 2 * inputs, inputs + outputs];
  const bytes = maps.map((channels, i) => 4 * (channels * places + parameters[i]));
  return { macs, parameters, bytes };
}

const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}\u00a0%`;

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    const bars = play.draw(svg, "g");
    for (const [name, look, x] of LEGEND) {
      play.draw(svg, "rect", { x, y: HEIGHT - 18, width: 12, height: 12, class: `play-dot ${look}` });
      play.draw(svg, "text", { x: x + 17, y: HEIGHT - 7, class: "play-text" }, name);
    }
    const tell = play.readout(el);
    const controls = play.controls(el);
    const size = (n) => `${n} × ${n}`;
    play.select(model, controls, { trait: "kernel", label: "Filter", options: [1, 3, 5, 7, 9].map((n) => [n, size(n)]) });
    const widths = [1, 3, 8, 16, 32, 64, 128, 256, 512, 1024];
    play.select(model, controls, { trait: "inputs", label: "Channels in", options: widths });
    play.select(model, controls, { trait: "outputs", label: "Channels out", options: widths });
    const sides = [1, 7, 14, 28, 56, 112];
    play.select(model, controls, { trait: "side", label: "Map", options: sides.map((n) => [n, size(n)]) });

    function drawPair(row, title, [full, depthwise, pointwise]) {
      const top = row * BLOCK;
      play.draw(bars, "text", { x: 8, y: top + 15, class: "play-text" }, title);
      const most = Math.max(full, depthwise + pointwise);
      const wide = (amount) => Math.max(1, (BARS.width * amount) / most);
      const pair = [["full", [[full, "play-b"]]], ["two steps", [[depthwise, "play-a"], [pointwise, "play-c"]]]];
      pair.forEach(([name, parts], i) => {
        const y = top + BARS.head + i * BARS.step;
        let x = BARS.left;
        play.draw(bars, "text", { x: 8, y: y + 13, class: "play-text" }, name);
        for (const [amount, look] of parts) {
          play.draw(bars, "rect", { x, y, width: wide(amount), height: BARS.height, class: `play-dot ${look}` });
          x += wide(amount);
        }
        const sum = parts.reduce((total, [amount]) => total + amount, 0);
        play.draw(bars, "text", { x: x + 5, y: y + 13, class: "play-text" }, short(sum));
      });
    }

    return play.watch(model, TRAITS, () => {
      const now = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
      const { macs, parameters, bytes } = bill(now);
      bars.replaceChildren();
      drawPair(0, "multiply-accumulates", macs);
      drawPair(1, "parameters", parameters);
      drawPair(2, "bytes moved", bytes);

      const ratio = (macs[1] + macs[2]) / macs[0];
      const moved = (bytes[1] + bytes[2]) / bytes[0];
      const each = macs.map((count, i) => (count / bytes[i]).toFixed(1));
      const sum = `1/${now.outputs} + 1/${now.kernel ** 2}`;
      tell(
        `In two steps: ${sum} = ${percent(ratio)} of the work and of the parameters, ${percent(moved)} of the bytes. ` +
          `Multiply-accumulates for each byte: full ${each[0]}, depthwise ${each[1]}, pointwise ${each[2]}.`,
      );
      const list = (name, counts) => `${name}: full ${counts[0]}, depthwise ${counts[1]}, pointwise ${counts[2]}.`;
      describe(
        `A filter of ${size(now.kernel)}, ${now.inputs} channels in, ${now.outputs} out, maps of ${size(now.side)}. ` +
          `${list("Multiply-accumulates", macs)} ${list("Parameters", parameters)} ${list("Bytes moved", bytes)}`,
      );
    });
  },
};
