const WIDTH = 340;
const INPUT = { left: 8, top: 26, side: 216 };
const OUTPUT = { left: 244, top: 26, side: 88 };
const HEIGHT = 250;
const SLIDERS = [
  ["size", "Image", 1, 12],
  ["kernel", "Kernel", 1, 7],
  ["stride", "Stride", 1, 4],
  ["padding", "Padding", 0, 3],
  ["dilation", "Dilation", 1, 3],
];
const TRAITS = [...SLIDERS.map(([trait]) => trait), "place"];

const pixels = (count) => `${count} ${count === 1 ? "pixel" : "pixels"}`;

// The arithmetic of one side; windows is 0 where none fits.
function arithmetic({ size, kernel, stride, padding, dilation }) {
  const padded = size + 2 * padding;
  const span = dilation * (kernel - 1) + 1;
  const room = padded - span;
  const windows = room < 0 ? 0 : Math.floor(room / stride) + 1;
  return { padded, span, room, windows, left: room < 0 ? 0 : room % stride };
}

// Why no window fits, and for each slider that can help alone its nearest value that does.
function refusal({ size, kernel, padding, dilation }, padded, span) {
  const short = span - padded;
  const values = {
    size: size + short,
    padding: padding + Math.ceil(short / 2),
    kernel: Math.floor((padded - 1) / dilation) + 1,
    dilation: Math.floor((padded - 1) / (kernel - 1)),
  };
  const possible = SLIDERS.filter(([trait, , min, max]) => values[trait] >= min && values[trait] <= max);
  const ways = possible.map(([trait]) => `${trait === "size" ? "image" : trait} ${values[trait]}`);
  const cover = dilation > 1 ? `${kernel} places at a distance of ${dilation} cover ${span}` : `the kernel covers ${span}`;
  const has = `the image with its padding has only ${pixels(padded)}`;
  return `${cover}, and ${has}. ${ways.length > 1 ? "Any of these" : "This"} would do: ${ways.join(", ")}.`;
}

// What else is worth saying about a setting that works.
function remarks({ size, stride, padding, dilation }, { span, windows, left }) {
  const said = [];
  if (windows === size && stride === 1 && padding > 0) said.push("The output is as large as the image: same padding.");
  if (padding === 0 && stride === 1 && dilation === 1) said.push("No padding is called valid.");
  const lost = Math.max(0, left - padding);
  if (lost) {
    const which = lost === 1 ? "last row and column" : `last ${lost} rows and columns`;
    said.push(`The ${which} of the image are read by no window.`);
  }
  if (stride > span) said.push("Between the windows lie pixels that none of them reads.");
  return said.map((sentence) => ` ${sentence}`).join("");
}

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    play.draw(svg, "text", { x: INPUT.left, y: 16, class: "play-text" }, "image and padding");
    play.draw(svg, "text", { x: OUTPUT.left, y: 16, class: "play-text" }, "output");
    const [ground, lines, marks, map, mapLines] = [1, 2, 3, 4, 5].map(() => play.draw(svg, "g"));
    play.update(mapLines, { style: "pointer-events: none" });
    play.update(map, { style: "cursor: pointer" });
    map.addEventListener("click", (e) => {
      if (e.target.dataset.place) play.set(model, "place", Number(e.target.dataset.place));
    });

    const state = () => Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
    const along = () => arithmetic(state()).windows; // windows along one side
    const current = () => Math.min(model.get("place"), Math.max(0, along() ** 2 - 1));
    const step = (by) => play.set(model, "place", (current() + by + along() ** 2) % along() ** 2);

    const sliders = play.controls(el);
    for (const [trait, label, min, max] of SLIDERS) play.slider(model, sliders, { trait, label, min, max });
    const walk = play.controls(el);
    const buttons = [
      play.button(walk, { label: "Window back", press: () => step(-1) }),
      play.button(walk, { label: "Window on", press: () => step(1) }),
      play.button(walk, { label: "One row down", press: () => step(along()) }),
    ];

    const tell = play.readout(el); // below the controls, which its length would move

    // A grid of side x side cells; look(row, column) gives their attributes.
    function grid(parent, { left, top, cell }, side, look) {
      parent.replaceChildren();
      for (let row = 0; row < side; row += 1) {
        for (let column = 0; column < side; column += 1) {
          const at = { x: left + column * cell, y: top + row * cell, width: cell, height: cell };
          play.draw(parent, "rect", { ...at, ...look(row, column) });
        }
      }
    }

    return play.watch(model, TRAITS, () => {
      const now = state();
      const { padded, span, room, windows, left } = arithmetic(now);
      const [row, column] = windows ? [Math.floor(current() / windows), current() % windows] : [0, 0];
      const [top, start] = [row * now.stride, column * now.stride];
      const cell = INPUT.side / padded;
      const inImage = (i) => i >= now.padding && i < now.padding + now.size;
      const isRead = (i, from) => windows > 0 && i >= from && i < from + span && (i - from) % now.dilation === 0;

      grid(ground, { ...INPUT, cell }, padded, (i, j) =>
        ({ class: inImage(i) && inImage(j) ? "play-fill play-a" : "play-grid" }),
      );
      grid(lines, { left: INPUT.left + now.padding * cell, top: INPUT.top + now.padding * cell, cell }, now.size, () => ({
        class: "play-grid",
      }));
      marks.replaceChildren();
      const places = [...Array(padded).keys()];
      for (const i of places.filter((place) => isRead(place, top))) {
        for (const j of places.filter((place) => isRead(place, start))) {
          const at = { x: INPUT.left + j * cell + 1.5, y: INPUT.top + i * cell + 1.5 };
          play.draw(marks, "rect", { ...at, width: cell - 3, height: cell - 3, class: "play-dot play-b" });
        }
      }
      const extent = Math.min(span, padded) * cell; // a window that does not fit covers all there is
      play.draw(marks, "rect", {
        x: INPUT.left + start * cell, y: INPUT.top + top * cell, width: extent, height: extent,
        class: "play-line play-b", "stroke-dasharray": windows ? "" : "5 5",
      });

      const output = { ...OUTPUT, cell: Math.min(cell, OUTPUT.side / Math.max(1, windows)) };
      grid(map, output, windows, (i, j) => ({
        class: i === row && j === column ? "play-dot play-b" : "play-fill play-a", "data-place": i * windows + j,
      }));
      grid(mapLines, output, windows, () => ({ class: "play-grid" }));
      if (!windows) play.draw(map, "text", { x: OUTPUT.left, y: OUTPUT.top + 14, class: "play-text" }, "none");
      for (const button of buttons) button.disabled = windows === 0;

      const image = `An image of ${now.size} by ${now.size} with padding ${now.padding}`;
      if (!windows) {
        const why = refusal(now, padded, span);
        tell(`Impossible: ${why}`);
        describe(`${image}. No output: ${why}`);
        return;
      }
      const length = now.padding ? `${now.size} + 2·${now.padding} = ${padded}` : `${padded}`;
      const steps = `${windows - 1} ${windows === 2 ? "step" : "steps"} of ${now.stride}`;
      const moves = `The window covers ${span} of ${length} pixels, so it has room for ${steps}; its first place makes ${windows}.`;
      tell(`Output ${windows} × ${windows}. ${moves}${remarks(now, { span, windows, left })}`);
      describe(
        `${image}; a window of ${now.kernel} by ${now.kernel} that covers ${span} by ${span}, stride ${now.stride}. ` +
          `Output ${windows} by ${windows}. The window of row ${row + 1}, column ${column + 1} is shown.`,
      );
    });
  },
};
