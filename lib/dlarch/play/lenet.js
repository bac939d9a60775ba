const WIDTH = 350;
const STRIP = { y: 2, height: 26, step: 44 };
const AREA = { y: 52, height: 196 };
const SOURCES = { y: 270, height: 30 };
const GAP = 6;
const BEFORE = { C1: "image", S2: "C1", C3: "S2", S4: "C3" };
const SHORT = { image: "image", distances: "dist." };
const COLUMNS = { 1: 1, 6: 3, 16: 6 };
const named = (label) => `${label === 8 ? "an" : "a"} ${label}`;

export default {
  render({ model, el }) {
    const sizes = Object.fromEntries(model.get("sizes").map(([name, ...size]) => [name, size]));
    const names = model.get("sizes").map(([name]) => name);
    const layers = [...names, "distances"];
    const units = names.map((name) => sizes[name].reduce((a, b) => a * b, 1));
    const perDigit = units.reduce((a, b) => a + b, 0);
    const labels = model.get("labels");
    const { svg, describe } = play.picture(el, { width: WIDTH, height: SOURCES.y + SOURCES.height + 4 });

    // The layers in a row; a click chooses one, as the list below does.
    const boxes = layers.map((name, i) => {
      const x = 1 + i * STRIP.step;
      const box = play.draw(svg, "rect", { x, y: STRIP.y, width: STRIP.step - 4, height: STRIP.height, class: "play-fill play-a", stroke: "currentColor" });
      play.draw(svg, "text", { x: x + STRIP.step / 2 - 2, y: STRIP.y + 18, "text-anchor": "middle", class: "play-text", "pointer-events": "none" }, SHORT[name] ?? name);
      box.style.cursor = "pointer";
      box.addEventListener("click", () => play.set(model, "layer", name));
      return box;
    });
    const heading = play.draw(svg, "text", { x: 1, y: AREA.y - 8, class: "play-text" });
    const area = play.draw(svg, "g");
    const sources = play.draw(svg, "g");

    const nearest = (digit = model.get("digit")) => {
      const distances = model.get("distances")[digit];
      return distances.indexOf(Math.min(...distances));
    };

    const tell = play.readout(el);
    const controls = play.controls(el);
    play.select(model, controls, { trait: "digit", label: "Digit", options: labels.map((label, i) => [i, named(label) + (nearest(i) === label ? "" : ", misread")]) });
    play.select(model, controls, { trait: "layer", label: "Layer", options: layers });
    const slider = play.slider(model, controls, { trait: "map", label: "Map", min: 0, max: 15 });

    const bytes = (trait) => {
      const view = model.get(trait);
      return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    };
    // The levels of one map of a layer, for the digit that is chosen.
    const levels = (name, map) => {
      const at = names.indexOf(name);
      const [, height, width] = sizes[name];
      const start = model.get("digit") * perDigit + units.slice(0, at).reduce((a, b) => a + b, 0) + map * height * width;
      return bytes("levels").subarray(start, start + height * width);
    };

    const canvas = document.createElement("canvas");
    const stamp = (parent, values, [height, width], place) => {
      canvas.width = width;
      canvas.height = height;
      const context = canvas.getContext("2d");
      const data = context.createImageData(width, height);
      values.forEach((v, i) => data.data.set([v, v, v, 255], 4 * i));
      context.putImageData(data, 0, 0);
      const image = play.draw(parent, "image", { ...place, preserveAspectRatio: "none", href: canvas.toDataURL() });
      image.style.imageRendering = "pixelated";
      return image;
    };

    const showMaps = (name, chosen) => {
      const [count, ...shape] = sizes[name];
      const columns = COLUMNS[count];
      const rows = Math.ceil(count / columns);
      const side = Math.min((WIDTH - 2 - GAP * (columns - 1)) / columns, (AREA.height - GAP * (rows - 1)) / rows);
      for (let map = 0; map < count; map += 1) {
        const place = { x: 2 + (map % columns) * (side + GAP), y: AREA.y + Math.floor(map / columns) * (side + GAP), width: side, height: side };
        const image = stamp(area, levels(name, map), shape, place);
        const chosenOne = count > 1 && map === chosen;
        play.draw(area, "rect", { ...place, class: chosenOne ? "play-line play-b" : "play-grid", "stroke-width": chosenOne ? 4 : 1, "pointer-events": "none" });
        if (count > 1) {
          image.style.cursor = "pointer";
          image.addEventListener("click", () => play.set(model, "map", map));
        }
      }
    };

    const reads = (name, map) => {
      if (name === "C1") return [0];
      return name === "C3" ? model.get("table")[map] : [map];
    };
    const showSources = (name, map) => {
      const before = BEFORE[name];
      const [count, ...shape] = sizes[before];
      const read = reads(name, map);
      const side = Math.min(SOURCES.height, (WIDTH - 62 - 3 * (count - 1)) / count);
      play.draw(sources, "text", { x: 1, y: SOURCES.y + 20, class: "play-text" }, "it reads");
      for (let i = 0; i < count; i += 1) {
        const place = { x: 60 + i * (side + 3), y: SOURCES.y + (SOURCES.height - side) / 2, width: side, height: side };
        const image = stamp(sources, levels(before, i), shape, place);
        const used = read.includes(i);
        image.setAttribute("opacity", used ? 1 : 0.15);
        play.draw(sources, "rect", { ...place, class: used ? "play-line play-b" : "play-grid" });
      }
    };

    const showCode = () => {
      const answer = nearest();
      const code = bytes("codes").subarray(84 * answer, 84 * (answer + 1));
      [[levels("F6", 0), "F6"], [code, `the code of ${answer}`]].forEach(([values, title], i) => {
        const place = { x: 40 + 150 * i, y: AREA.y + 18, width: 101.5, height: 174 };
        play.draw(area, "text", { x: place.x, y: AREA.y + 10, class: "play-text" }, title);
        stamp(area, values, [12, 7], place);
        play.draw(area, "rect", { ...place, class: "play-grid" });
      });
    };
    const showDistances = () => {
      const distances = model.get("distances")[model.get("digit")];
      const most = Math.max(...distances);
      distances.forEach((distance, i) => {
        const y = AREA.y + 19.5 * i;
        const best = i === nearest();
        play.draw(area, "text", { x: 12, y: y + 13, class: "play-text" }, String(i));
        play.draw(area, "rect", { x: 30, y: y + 1, width: Math.max(1, (250 * distance) / most), height: 15, class: `play-dot ${best ? "play-b" : "play-a"}` });
        play.draw(area, "text", { x: 36 + (250 * distance) / most, y: y + 13, class: "play-text" }, distance.toFixed(1));
      });
    };

    return play.watch(model, ["digit", "layer", "map"], () => {
      const name = model.get("layer");
      const label = labels[model.get("digit")];
      const count = sizes[name]?.[0] ?? 1;
      const map = Math.min(model.get("map"), count - 1);
      slider.max = Math.max(1, count - 1);
      slider.disabled = count === 1;
      boxes.forEach((box, i) => {
        box.setAttribute("stroke-width", layers[i] === name ? 3 : 1);
        box.style.fillOpacity = layers[i] === name ? 0.6 : 0.15;
      });
      area.replaceChildren();
      sources.replaceChildren();
      const distances = model.get("distances")[model.get("digit")];
      let line = "";
      if (name === "distances") {
        heading.textContent = "squared distance of F6 from the code of each digit";
        showDistances();
        line = `Nearest is the code of ${nearest()}, at ${Math.min(...distances).toFixed(1)}. It is ${named(label)}.`;
      } else if (name === "F6") {
        heading.textContent = "84 units, drawn as 7 × 12";
        showCode();
        line = `F6 resembles the code of ${nearest()}: squared distance ${distances[nearest()].toFixed(1)}. It is ${named(label)}.`;
      } else {
        const [, height, width] = sizes[name];
        heading.textContent = name === "C5" ? "120 units, one place each" : `${count} ${count > 1 ? "maps" : "map"} of ${width} × ${height}`;
        showMaps(name, map);
        if (BEFORE[name]) {
          showSources(name, map);
          const read = reads(name, map);
          const what = name === "C1" ? "the image" : `${read.length > 1 ? "maps" : "map"} ${read.join(", ")} of ${BEFORE[name]}`;
          line = `Map ${map} of ${name} reads ${what}.`;
        } else {
          line = name === "C5" ? "Each unit of C5 reads all of S4." : `This is ${named(label)}, on 32 × 32 pixels.`;
        }
      }
      tell(line);
      describe(`LeNet-5 and picture ${model.get("digit") + 1} of ${labels.length}, ${named(label)}. ${name}: ${heading.textContent}. ${line} Answer: ${nearest()}.`);
    });
  },
};
