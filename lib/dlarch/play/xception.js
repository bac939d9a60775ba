const WIDTH = 340;
const GRAPH = { top: 44, height: 216, columns: [26, 160, 294], dot: 4.5 };
const BARS = { top: GRAPH.top + GRAPH.height + 34, left: 78, width: 180, height: 16, step: 22 };
const HEIGHT = BARS.top + 3 * BARS.step + 6;
const TRAITS = ["channels", "towers", "kernel", "output"];
const LOOKS = ["play-a", "play-b", "play-c", "play-d", "play-e", "play-f"];

const grouped = (count) => count.toString().replace(/\B(?=(\d{3})+$)/g, ",");

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    ["in", "1×1", "towers"].forEach((name, i) => {
      const x = GRAPH.columns[i];
      const anchor = ["start", "middle", "end"][i];
      play.draw(svg, "text", { x: x + [-10, 0, 10][i], y: 16, class: "play-text", "text-anchor": anchor }, name);
    });
    const [lines, marked, dots, bars] = [1, 2, 3, 4].map(() => play.draw(svg, "g"));
    const tell = play.readout(el);
    const settings = play.controls(el);
    const powers = [0, 1, 2, 3, 4].map((i) => 2 ** i);
    play.select(model, settings, { trait: "towers", label: "Towers", options: powers });
    play.select(model, settings, { trait: "channels", label: "Channels", options: [4, 8, 16] });
    const sides = [1, 3, 5, 7].map((k) => [k, `${k} × ${k}`]);
    play.select(model, settings, { trait: "kernel", label: "Filter", options: sides });
    play.slider(model, settings, { trait: "output", label: "Output channel", min: 1, max: 16 });

    function drawGraph(channels, towers, chosen) {
      for (const layer of [lines, marked, dots]) layer.replaceChildren();
      const width = channels / towers;
      const y = (i) => GRAPH.top + (GRAPH.height * (i + 0.5)) / channels;
      const join = (layer, column, from, to, attributes) => {
        const [x1, x2] = [GRAPH.columns[column], GRAPH.columns[column + 1]];
        play.draw(layer, "line", { x1, y1: y(from), x2, y2: y(to), ...attributes });
      };
      const tower = Math.floor(chosen / width);
      const look = (i) => LOOKS[Math.floor(i / width) % LOOKS.length];
      for (let to = 0; to < channels; to += 1) {
        for (let from = 0; from < channels; from += 1) join(lines, 0, from, to, { class: "play-grid", style: "stroke-opacity:0.1" });
        const first = Math.floor(to / width) * width;
        for (let from = first; from < first + width; from += 1) {
          const style = { class: `play-line ${look(to)}`, "stroke-opacity": 0.35, style: "stroke-width:1px" };
          join(lines, 1, from, to, style);
        }
      }
      for (let from = tower * width; from < (tower + 1) * width; from += 1) {
        join(marked, 1, from, chosen, { class: `play-line ${look(chosen)}`, style: "stroke-width:3px" });
      }
      for (let i = 0; i < channels; i += 1) {
        play.draw(dots, "circle", { cx: GRAPH.columns[0], cy: y(i), r: GRAPH.dot, class: "play-dot" });
        for (const column of [1, 2]) {
          play.draw(dots, "circle", { cx: GRAPH.columns[column], cy: y(i), r: GRAPH.dot, class: `play-dot ${look(i)}` });
        }
      }
      const ring = { cx: GRAPH.columns[2], cy: y(chosen), r: GRAPH.dot + 3, class: "play-line" };
      play.draw(dots, "circle", { ...ring, style: "stroke:currentColor" });
    }

    function drawBars(rows, most) {
      bars.replaceChildren();
      play.draw(bars, "text", { x: 8, y: BARS.top - 10, class: "play-text" }, "weights; the frame is one tower");
      rows.forEach(([name, amount, whole, look], i) => {
        const y = BARS.top + i * BARS.step;
        const wide = (count) => Math.max(1, (BARS.width * count) / most);
        const size = { x: BARS.left, y, height: BARS.height };
        play.draw(bars, "text", { x: 8, y: y + 13, class: "play-text" }, name);
        play.draw(bars, "rect", { ...size, width: wide(whole), class: "play-grid" });
        play.draw(bars, "rect", { ...size, width: wide(amount), class: `play-dot ${look}` });
        play.draw(bars, "text", { x: BARS.left + wide(whole) + 6, y: y + 13, class: "play-text" }, grouped(amount));
      });
    }

    return play.watch(model, TRAITS, () => {
      const [channels, wanted, kernel, output] = TRAITS.map((trait) => model.get(trait));
      const towers = Math.min(wanted, channels);
      const chosen = Math.min(output, channels) - 1;
      const width = channels / towers;
      const mixing = channels ** 2;
      const [full, spatial] = [1, towers].map((count) => (kernel ** 2 * channels ** 2) / count);
      drawGraph(channels, towers, chosen);
      drawBars(
        [
          ["1×1", mixing, mixing, "play-e"],
          ["towers", spatial, full, "play-a"],
          ["together", mixing + spatial, mixing + full, "play-c"],
        ],
        mixing + full,
      );
      const kind =
        towers === 1 ? "One tower, a full convolution" : width === 1 ? `${towers} towers, a separable convolution` : `${towers} towers`;
      const first = Math.floor(chosen / width) * width;
      const span = width === 1 ? `channel ${first + 1}` : `channels ${first + 1} to ${first + width}`;
      const share = Math.round((100 * (mixing + spatial)) / (mixing + full));
      tell(`${kind}: output ${chosen + 1} reads ${span} of the 1×1. Weights: ${share}\u00a0% of one tower's.`);
      describe(
        `${kind}, ${channels} channels, filters of ${kernel} by ${kernel}. Each output reads ${width} of the ${channels} channels that the ` +
          `1×1 convolution makes. Weights: 1×1 ${grouped(mixing)}, towers ${grouped(spatial)}, together ${grouped(mixing + spatial)}; with one ` +
          `tower ${grouped(mixing + full)}. Marked: output ${chosen + 1}, which reads ${span}.`,
      );
    });
  },
};
