const SIDE = 96;
const SHOWN = 156; // units of the drawing for the side of a panel
const GAP = 12;
const TOP = 20;
const PERIOD = 5;
const PANELS = [0, 1, 2].map((i) => ({ x: (i % 2) * (SHOWN + GAP), y: TOP + (i > 1 ? SHOWN + TOP + 8 : 0) }));
const KINDS = [
  ["blob", "a blob"],
  ["edge", "an edge"],
  ["stripes", `stripes, ${PERIOD} pixels apart`],
];
const KERNELS = [3, 5, 7, 9, 11, 13, 15];
const STRIDES = [1, 2, 3, 4, 6, 8];

const modulo = (a, n) => ((a % n) + n) % n;
const sum = (values) => values.reduce((a, b) => a + b, 0);

// A filter as the product of a column and a row.
function profiles(kernel, kind) {
  const places = [...Array(kernel).keys()].map((i) => i - Math.floor(kernel / 2));
  const raw = places.map((i) => 1 + Math.cos((2 * Math.PI * i) / (kernel + 1)));
  const bell = raw.map((b) => b / sum(raw));
  if (kind === "blob") return [bell, bell];
  if (kind === "edge") return [bell, bell.map((b, i) => b * Math.sin((2 * Math.PI * places[i]) / (kernel + 1)))];
  const wave = bell.map((b, i) => b * Math.cos((2 * Math.PI * places[i]) / PERIOD));
  return [bell, wave.map((w, i) => w - bell[i] * sum(wave))];
}

// The answer at every pixel; beyond an edge the picture goes on at the opposite one.
function respond(picture, kernel, kind) {
  const [column, row] = profiles(kernel, kind);
  const half = Math.floor(kernel / 2);
  const across = new Float64Array(SIDE * SIDE);
  const answer = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      row.forEach((w, i) => (across[y * SIDE + x] += w * picture[y * SIDE + modulo(x + i - half, SIDE)]));
    }
  }
  for (let y = 0; y < SIDE; y += 1) {
    column.forEach((w, i) => {
      const from = modulo(y + i - half, SIDE) * SIDE;
      for (let x = 0; x < SIDE; x += 1) answer[y * SIDE + x] += w * across[from + x];
    });
  }
  return answer;
}

// Share of the variance in waves of more than two strides. The matrix takes those out of a row or a column.
function kept(answer, stride) {
  if (stride === 1) return 1;
  const mean = sum([...answer]) / answer.length;
  const waves = Math.ceil(SIDE / stride / 2) - 1; // the finest that the grid follows, in waves across the picture
  const pass = Array.from({ length: SIDE }, (_, d) => {
    let value = 1;
    for (let k = 1; k <= waves; k += 1) value += 2 * Math.cos((2 * Math.PI * k * d) / SIDE);
    return value / SIDE;
  });
  const along = (values, step, other) => {
    const result = new Float64Array(SIDE * SIDE);
    for (let line = 0; line < SIDE; line += 1) {
      for (let to = 0; to < SIDE; to += 1) {
        let value = 0;
        for (let from = 0; from < SIDE; from += 1) value += pass[modulo(to - from, SIDE)] * values[line * other + from * step];
        result[line * other + to * step] = value;
      }
    }
    return result;
  };
  const centred = answer.map((v) => v - mean);
  const coarse = along(along(centred, 1, SIDE), SIDE, 1);
  const power = (values) => values.reduce((total, v) => total + v * v, 0);
  return power(coarse) / power(centred);
}

export default {
  render({ model, el }) {
    const names = model.get("names");
    const { svg, describe } = play.picture(el, { width: 2 * SHOWN + GAP, height: 2 * (SHOWN + TOP) + 8 });
    const titles = ["the picture", "answer at every pixel", "answer with the stride"];
    const images = PANELS.map(({ x, y }, i) => {
      play.draw(svg, "text", { x, y: y - 6, class: "play-text" }, titles[i]);
      const image = play.draw(svg, "image", { x, y, width: SHOWN, height: SHOWN, preserveAspectRatio: "none" });
      play.draw(svg, "rect", { x, y, width: SHOWN, height: SHOWN, class: "play-grid" });
      image.style.imageRendering = "pixelated";
      return image;
    });
    // The filter, at the scale of the panels, beside the third one.
    const spot = { x: SHOWN + GAP + 20, y: PANELS[2].y + 24 };
    play.draw(svg, "text", { x: spot.x, y: PANELS[2].y - 6, class: "play-text" }, "the filter");
    const stamp = play.draw(svg, "image", { x: spot.x, y: spot.y, preserveAspectRatio: "none" });
    stamp.style.imageRendering = "pixelated";
    const share = play.draw(svg, "text", { x: spot.x, y: PANELS[2].y + 104, class: "play-text" });
    const bar = { x: spot.x, y: PANELS[2].y + 112, width: 110, height: 14 };
    const fill = play.draw(svg, "rect", { ...bar, class: "play-dot play-a" });
    play.draw(svg, "rect", { ...bar, class: "play-line play-a" });

    const tell = play.readout(el);
    const controls = play.controls(el);
    const text = (n) => `${n} × ${n}`;
    play.select(model, controls, { trait: "picture", label: "Picture", options: names.map((name, i) => [i, name]) });
    play.select(model, controls, { trait: "filter", label: "The filter looks for", options: KINDS });
    play.select(model, controls, { trait: "kernel", label: "Kernel", options: KERNELS.map((n) => [n, text(n)]) });
    play.select(model, controls, { trait: "stride", label: "Stride", options: STRIDES });
    const buttons = play.controls(el);
    const preset = (kernel, stride) => {
      model.set("kernel", kernel);
      model.set("stride", stride);
      model.save_changes();
    };
    play.button(buttons, { label: "AlexNet: 11 × 11, stride 4", press: () => preset(11, 4) });
    play.button(buttons, { label: "ZFNet: 7 × 7, stride 2", press: () => preset(7, 2) });

    // Grey values of a square as the address of an image; zero is in the middle between black and white.
    const canvas = document.createElement("canvas");
    const paint = (image, values, side, low, high) => {
      canvas.width = canvas.height = side;
      const context = canvas.getContext("2d");
      const data = context.createImageData(side, side);
      values.forEach((v, i) => {
        const level = (255 * (v - low)) / (high - low);
        data.data.set([level, level, level, 255], 4 * i);
      });
      context.putImageData(data, 0, 0);
      image.setAttribute("href", canvas.toDataURL());
    };

    const traits = ["picture", "filter", "kernel", "stride"];
    return play.watch(model, traits, () => {
      const [which, kind, kernel, stride] = traits.map((trait) => model.get(trait));
      const bytes = model.get("pixels");
      const start = bytes.byteOffset + which * SIDE * SIDE;
      const picture = Float64Array.from(new Uint8Array(bytes.buffer, start, SIDE * SIDE), (v) => v / 255);
      const answer = respond(picture, kernel, kind);
      const places = SIDE / stride;
      const grid = [...Array(places ** 2).keys()].map((i) => answer[Math.floor(i / places) * stride * SIDE + (i % places) * stride]);
      const most = answer.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9);
      const [low, high] = kind === "blob" ? [0, 1] : [-most, most];

      paint(images[0], picture, SIDE, 0, 1);
      paint(images[1], answer, SIDE, low, high);
      paint(images[2], grid, places, low, high);
      const [column, row] = profiles(kernel, kind);
      const weights = column.flatMap((c) => row.map((r) => c * r));
      const top = Math.max(...weights.map(Math.abs));
      paint(stamp, weights, kernel, -top, top);
      play.update(stamp, { width: (kernel * SHOWN) / SIDE, height: (kernel * SHOWN) / SIDE });

      const part = kept(answer, stride);
      const percent = `${(100 * part).toFixed(0)}\u00a0%`;
      share.textContent = `survives: ${percent}`;
      play.update(fill, { width: Math.max(0.5, bar.width * part) });
      const size = `${places} × ${places} answers`;
      tell(
        stride === 1
          ? `${size}, one at every pixel: nothing is lost.`
          : `${size}. ${percent} of what the filter sees is coarse enough for a step of ${stride}; the rest comes back as false patterns.`,
      );
      const what = KINDS.find(([name]) => name === kind)[1];
      describe(
        `${names[which]}. A filter of ${kernel} by ${kernel} that looks for ${what}, with stride ${stride}: ` +
          `${places} by ${places} answers. ${percent} of its answer at every pixel survives the stride.`,
      );
    });
  },
};
