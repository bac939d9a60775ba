const WIDTH = 340;
const ROWS = { top: 24, space: 168, height: 14 }; // of the first row and of the last
const BARS = { left: 8, top: ROWS.top + ROWS.space + ROWS.height + 18, width: 150, height: 16, step: 21 };
const HEIGHT = BARS.top + 2 * (22 + 2 * BARS.step) + 2;
const TRAITS = ["kernel", "layers", "pool", "channels", "side"];

const grouped = (count) => Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, ",");
const share = (part, whole) => `${Math.round((100 * part) / whole)}\u00a0%`;

// The layers from the image upwards; a pooling has no weights.
function build({ kernel, layers, pool }) {
  const after = Math.min(pool, layers);
  const list = [];
  for (let i = 1; i <= layers; i += 1) {
    list.push({ name: `${kernel}×${kernel}`, kernel, stride: 1, pools: false });
    if (i === after) list.push({ name: "pool", kernel: 2, stride: 2, pools: true });
  }
  return list;
}

// What one output depends on: for each level, image first, how many places and where they lie in pixels.
function trace(list) {
  const counts = [1];
  for (const layer of [...list].reverse()) counts.unshift((counts[0] - 1) * layer.stride + layer.kernel);
  let [first, step] = [0, 1];
  const levels = [{ name: "image", count: counts[0], first, step }];
  list.forEach((layer, i) => {
    first += (step * (layer.kernel - 1)) / 2;
    step *= layer.stride;
    levels.push({ ...layer, count: counts[i + 1], first, step });
  });
  return levels;
}

// Parameters with biases, and multiply-accumulates without them.
function price(list, { channels, side }) {
  let [parameters, macs, along] = [0, 0, side];
  for (const layer of list) {
    if (layer.pools) {
      along = Math.floor(along / 2);
    } else {
      const weights = layer.kernel ** 2 * channels ** 2;
      parameters += weights + channels;
      macs += weights * along ** 2;
    }
  }
  return { parameters, macs, along };
}

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    play.draw(svg, "text", { x: 8, y: 14, class: "play-text" }, "one output, and what it depends on");
    const [lines, cells, bars] = [1, 2, 3].map(() => play.draw(svg, "g"));
    const tell = play.readout(el);
    const sliders = play.controls(el);
    const size = (k) => `${k} × ${k}`;
    play.select(model, sliders, { trait: "kernel", label: "Filter", options: [1, 3, 5, 7].map((k) => [k, size(k)]) });
    play.slider(model, sliders, { trait: "layers", label: "Layers", min: 1, max: 5 });
    const behind = (i) => (i === 0 ? "none" : `behind layer ${i}`);
    const places = [0, 1, 2, 3, 4, 5].map((i) => [i, behind(i)]);
    play.select(model, sliders, { trait: "pool", label: "Pooling 2 × 2", options: places });
    const widths = [1, 8, 16, 64, 128, 256, 512];
    play.select(model, sliders, { trait: "channels", label: "Channels", options: widths });

    function drawStack(levels, field) {
      lines.replaceChildren();
      cells.replaceChildren();
      const pixel = Math.min(26, (WIDTH - 64) / field);
      const left = 56 + (WIDTH - 64 - pixel * field) / 2;
      const row = (i) => ROWS.top + (ROWS.space * (levels.length - 1 - i)) / (levels.length - 1);
      const middle = (level, place) => left + pixel * (level.first + level.step * place + 0.5);
      levels.forEach((level, i) => {
        const wide = pixel * Math.min(level.step, 2) * 0.8;
        const look = level.pools ? "play-dot play-c" : i === levels.length - 1 ? "play-dot play-b" : "play-dot play-a";
        play.draw(cells, "text", { x: 8, y: row(i) + 12, class: "play-text" }, level.name);
        for (let place = 0; place < level.count; place += 1) {
          const x = middle(level, place) - wide / 2;
          play.draw(cells, "rect", { x, y: row(i), width: wide, height: ROWS.height, class: i ? look : "play-fill play-a" });
        }
        if (i === 0) return;
        const below = levels[i - 1];
        for (const place of [0, level.count - 1]) { // the two outermost windows are enough to see the cone
          for (const end of [0, level.kernel - 1]) {
            const to = middle(below, place * level.stride + end);
            const ends = { x1: middle(level, place), y1: row(i) + ROWS.height, x2: to, y2: row(i - 1) };
            play.draw(lines, "line", { ...ends, class: "play-grid" });
          }
        }
      });
    }

    function drawBars(title, number, stack, single, field) {
      const top = BARS.top + number * (22 + 2 * BARS.step);
      play.draw(bars, "text", { x: BARS.left, y: top + 12, class: "play-text" }, title);
      const most = Math.max(stack, single);
      [["stack", stack, "play-a"], [`one ${field}×${field}`, single, "play-b"]].forEach(([name, amount, look], i) => {
        const y = top + 18 + i * BARS.step;
        const width = Math.max(1, (BARS.width * amount) / most);
        play.draw(bars, "text", { x: BARS.left, y: y + 13, class: "play-text" }, name);
        play.draw(bars, "rect", { x: 78, y, width, height: BARS.height, class: `play-dot ${look}` });
        play.draw(bars, "text", { x: 78 + width + 5, y: y + 13, class: "play-text" }, grouped(amount));
      });
    }

    return play.watch(model, TRAITS, () => {
      const now = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
      const list = build(now);
      const levels = trace(list);
      const field = levels[0].count;
      const stack = price(list, now);
      const weights = field ** 2 * now.channels ** 2;
      const single = { parameters: weights + now.channels, macs: weights * stack.along ** 2 };

      drawStack(levels, field);
      bars.replaceChildren();
      drawBars("parameters", 0, stack.parameters, single.parameters, field);
      drawBars(`multiply-accumulates, maps of ${now.side} by ${now.side}`, 1, stack.macs, single.macs, field);

      const counted = `${now.layers} ${now.layers === 1 ? "layer" : "layers"} of ${size(now.kernel)}`;
      const after = Math.min(now.pool, now.layers);
      const pooled = after ? `, pooling behind layer ${after}` : "";
      const stride = after ? " with stride 2" : "";
      const costs =
        `The stack has ${share(stack.parameters, single.parameters)} of the parameters of one filter of ` +
        `${size(field)}${stride}, and ${share(stack.macs, single.macs)} of its work.`;
      tell(`${counted}${pooled}: one output sees ${size(field)} pixels. ${costs}`);
      describe(
        `${counted}${pooled}, ${now.channels} channels. From the image up, one output depends on ` +
          `${levels.map((level) => level.count).join(", ")} places a side. Parameters: stack ${grouped(stack.parameters)}, one filter ` +
          `${grouped(single.parameters)}. Multiply-accumulates: stack ${grouped(stack.macs)}, one filter ${grouped(single.macs)}.`,
      );
    });
  },
};
