const SHAPES = ["disc", "square", "triangle", "cross"];
const BLOCKS = [{ widths: [16, 16, 16], kernel: 5 }, { widths: [32, 32, SHAPES.length], kernel: 3 }];
const SIDE = 40; // pixels of the canvas
const GRID = { middle: 1.5, step: 2 }; // of the class maps' places, in pixels
const RADIUS = 5;
const GROUND = [0.2, 0.25, 0.45];
const INKS = [[0.9, 0.65, 0.15], [0.7, 0.85, 0.9]];
const SECOND = { row: 29, column: 11 };
const SHOWN = 160; // units of the drawing for the side of a panel
const GAP = 20;
const TOP = 20;
const BARS = { top: TOP + SHOWN + 30, step: 22, name: 8, mean: 78, largest: 216, width: 80 };
const TRAITS = ["first", "row", "column", "turn", "second", "shown"];

// How much of each pixel a shape covers.
function cover(name, { row, column }, angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const result = new Float64Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const [down, right] = [y + 0.5 - row, x + 0.5 - column];
      const u = right * cos + down * sin;
      const v = down * cos - right * sin;
      let edge = Math.hypot(u, v) - RADIUS;
      if (name === "square") edge = Math.max(Math.abs(u), Math.abs(v)) - RADIUS / Math.SQRT2;
      if (name === "triangle") edge = Math.max(v, (Math.abs(u) * Math.sqrt(3)) / 2 - v / 2) - RADIUS / 2;
      if (name === "cross") {
        const bar = (a, b) => Math.max(Math.abs(a) - (3 * RADIUS) / Math.sqrt(10), Math.abs(b) - RADIUS / Math.sqrt(10));
        edge = Math.min(bar(u, v), bar(v, u));
      }
      result[y * SIDE + x] = Math.min(1, Math.max(0, 0.5 - edge));
    }
  }
  return result;
}

function paint(shapes) {
  const picture = GROUND.map((level) => new Float64Array(SIDE * SIDE).fill(level));
  for (const { name, place, angle, ink } of shapes) {
    const covered = cover(name, place, angle);
    picture.forEach((channel, c) => covered.forEach((share, i) => (channel[i] += share * (ink[c] - channel[i]))));
  }
  return picture;
}

// A convolution that keeps the size, with its ReLU. The weights are those of one output after the other.
function convolve(channels, side, weights, biases, kernel) {
  const half = (kernel - 1) / 2;
  return [...biases].map((bias, k) => {
    const map = new Float64Array(side * side).fill(bias);
    channels.forEach((channel, c) => {
      for (let i = 0; i < kernel; i += 1) {
        for (let j = 0; j < kernel; j += 1) {
          const weight = weights[((k * channels.length + c) * kernel + i) * kernel + j];
          for (let y = Math.max(0, half - i); y < Math.min(side, side + half - i); y += 1) {
            const [to, from] = [y * side, (y + i - half) * side + j - half];
            for (let x = Math.max(0, half - j); x < Math.min(side, side + half - j); x += 1) map[to + x] += weight * channel[from + x];
          }
        }
      }
    });
    return map.map((value) => Math.max(0, value));
  });
}

// The largest of windows of 3 by 3 in steps of 2.
function pool(channels, side) {
  const less = Math.floor((side - 3) / 2) + 1;
  const maps = channels.map((channel) => {
    const map = new Float64Array(less * less);
    map.forEach((_, i) => {
      const corner = 2 * Math.floor(i / less) * side + 2 * (i % less);
      let most = -Infinity;
      for (let y = 0; y < 3; y += 1) for (let x = 0; x < 3; x += 1) most = Math.max(most, channel[corner + y * side + x]);
      map[i] = most;
    });
    return map;
  });
  return { maps, side: less };
}

// The network: a map for each class.
function run(picture, numbers) {
  let [maps, side, read] = [picture.map((channel) => channel.map((level) => level - 0.5)), SIDE, 0];
  const take = (count) => numbers.subarray(read, (read += count));
  BLOCKS.forEach(({ widths, kernel }, block) => {
    if (block) ({ maps, side } = pool(maps, side));
    widths.forEach((width, place) => {
      const size = place ? 1 : kernel;
      const weights = take(width * maps.length * size * size);
      maps = convolve(maps, side, weights, take(width), size);
    });
  });
  return { maps, side };
}

export default {
  render({ model, el }) {
    const bytes = model.get("numbers");
    const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const width = 2 * SHOWN + GAP;
    const { svg, describe } = play.picture(el, { width, height: BARS.top + SHAPES.length * BARS.step + 6 });
    const unit = SHOWN / SIDE;
    const right = SHOWN + GAP;
    const title = play.draw(svg, "text", { x: right, y: TOP - 6, class: "play-text" });
    play.draw(svg, "text", { x: 0, y: TOP - 6, class: "play-text" }, "the canvas");
    const [picture, heat] = [0, right].map((x) => {
      const image = play.draw(svg, "image", { x, y: TOP, width: SHOWN, height: SHOWN, preserveAspectRatio: "none" });
      image.style.imageRendering = "pixelated";
      return image;
    });
    const marks = play.draw(svg, "g");
    const handle = play.draw(svg, "circle", { r: RADIUS * unit + 4, fill: "transparent" });
    const bars = play.draw(svg, "g");

    const tell = play.readout(el);
    const controls = play.controls(el);
    const names = SHAPES.map((name, k) => [k, name]);
    play.select(model, controls, { trait: "shown", label: "Map of the class", options: names });
    play.select(model, controls, { trait: "first", label: "Shape that moves", options: names });
    const places = { min: RADIUS, max: SIDE - RADIUS };
    play.slider(model, controls, { trait: "row", label: "Its row", ...places });
    play.slider(model, controls, { trait: "column", label: "Its column", ...places });
    play.slider(model, controls, { trait: "turn", label: "Its turn", min: 0, max: 90, step: 5, format: (v) => `${v}°` });
    play.select(model, controls, { trait: "second", label: "Shape that stays", options: [[-1, "none"], ...names] });
    play.drag(svg, handle, (x, y) => {
      const within = (v) => Math.min(places.max, Math.max(places.min, Math.round(v)));
      model.set("column", within(x / unit));
      model.set("row", within((y - TOP) / unit));
      model.save_changes();
    });

    const pixels = document.createElement("canvas");
    const show = (image, side, color) => {
      pixels.width = pixels.height = side;
      const context = pixels.getContext("2d");
      const data = context.createImageData(side, side);
      for (let i = 0; i < side * side; i += 1) data.data.set([...color(i).map((level) => 255 * level), 255], 4 * i);
      context.putImageData(data, 0, 0);
      image.setAttribute("href", pixels.toDataURL());
    };

    // The picture and its maps, computed anew only when something moved.
    let [known, made] = ["", null];
    function compute(now) {
      const key = JSON.stringify([now.first, now.row, now.column, now.turn, now.second]);
      if (key === known) return made;
      const shapes = [{ name: SHAPES[now.first], place: now, angle: (now.turn * Math.PI) / 180, ink: INKS[0] }];
      if (now.second >= 0) shapes.unshift({ name: SHAPES[now.second], place: SECOND, angle: 0, ink: INKS[1] });
      const levels = paint(shapes);
      [known, made] = [key, { shapes, levels, ...run(levels, numbers) }];
      return made;
    }

    return play.watch(model, TRAITS, () => {
      const now = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
      const { shapes, levels, maps, side } = compute(now);
      const map = maps[now.shown];
      const means = maps.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
      const largest = maps.map((values) => Math.max(...values));
      const most = largest[now.shown];
      const at = map.indexOf(most);
      const peak = { row: GRID.middle + GRID.step * Math.floor(at / side), column: GRID.middle + GRID.step * (at % side) };

      show(picture, SIDE, (i) => levels.map((channel) => channel[i]));
      const [dark, light] = [[0.02, 0.15, 0.31], [1, 0.95, 0.69]];
      show(heat, side, (i) => dark.map((level, c) => level + (most > 0 ? map[i] / most : 0) * (light[c] - level)));
      // The map's places lie two pixels apart, the first 1.5 pixels from the edge.
      const from = (GRID.middle - GRID.step / 2) * unit;
      play.update(heat, { x: right + from, y: TOP + from, width: side * GRID.step * unit, height: side * GRID.step * unit });
      title.textContent = `map of the class ${SHAPES[now.shown]}`;

      marks.replaceChildren();
      play.draw(marks, "rect", { x: right, y: TOP, width: SHOWN, height: SHOWN, class: "play-grid" });
      const ring = (x, row, column, r, color, dash) =>
        play.draw(marks, "circle", {
          cx: x + column * unit, cy: TOP + row * unit, r, fill: "none", stroke: color, "stroke-width": 2, "stroke-dasharray": dash,
        });
      for (const { place } of shapes) ring(right, place.row, place.column, RADIUS * unit, "#ffffff", "4 3");
      if (most > 0) {
        for (const x of [0, right]) {
          ring(x, peak.row, peak.column, 6, "#000000", "none");
          ring(x, peak.row, peak.column, 8, "#ffffff", "none");
        }
      }
      play.update(handle, { cx: now.column * unit, cy: TOP + now.row * unit });

      bars.replaceChildren();
      [["mean", means, BARS.mean, "play-a"], ["largest", largest, BARS.largest, "play-b"]].forEach(([name, values, x, look]) => {
        play.draw(bars, "text", { x, y: BARS.top - 8, class: "play-text" }, name);
        const full = Math.max(...values, 1e-9);
        values.forEach((value, k) => {
          const y = BARS.top + k * BARS.step;
          const long = Math.max(1, (BARS.width * value) / full);
          play.draw(bars, "rect", { x, y, width: long, height: 15, class: `play-dot ${look}` });
          const weight = { "font-weight": value === full ? "bold" : "normal" };
          play.draw(bars, "text", { x: x + long + 4, y: y + 12, class: "play-text", ...weight }, value.toFixed(2));
        });
      });
      SHAPES.forEach((name, k) => play.draw(bars, "text", { x: BARS.name, y: BARS.top + k * BARS.step + 12, class: "play-text" }, name));

      const own = SHAPES[now.shown];
      const inside = ({ place }) => Math.hypot(peak.row - place.row, peak.column - place.column) <= RADIUS;
      const hit = [...shapes].reverse().find(inside);
      const where = most > 0 ? (hit ? `peaks on the ${hit.name}` : "peaks beside every shape") : "is empty";
      const best = (values) => SHAPES[values.indexOf(Math.max(...values))];
      tell(`The map of the class ${own} ${where}. By the mean the ${best(means)} wins, by the largest value the ${best(largest)}.`);
      const listed = shapes.map(({ name, place }) => `a ${name} at row ${place.row}, column ${place.column}`).reverse();
      const values = (numbers) => SHAPES.map((name, k) => `${name} ${numbers[k].toFixed(2)}`).join(", ");
      describe(
        `On the canvas: ${listed.join(" and ")}. The map of the class ${own} ${where}, at row ${peak.row}, column ${peak.column}. ` +
          `Means: ${values(means)}. Largest values: ${values(largest)}.`,
      );
    });
  },
};
