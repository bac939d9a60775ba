const WIDTH = 340;
const STAIRS = { left: 62, top: 44, width: 270, space: 168 };
const BARS = { left: 8, top: STAIRS.top + STAIRS.space + 34, start: 112, width: 138, height: 16, step: 21 };
const HEIGHT = BARS.top + 4 * BARS.step + 4;
const TRAITS = ["growth_rate", "layers", "channels", "bottleneck"];

const grouped = (count) => Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, ",");
const many = (count, word) => `${grouped(count)} ${word}${count === 1 ? "" : "s"}`;

// Parameters of a block, by kind of layer; `between` is M / G, 0 without a 1x1 convolution.
function price({ growth_rate: growth, layers, channels }, between) {
  const cost = { squeeze: 0, grow: 0, norms: 0 };
  for (let i = 0; i < layers; i += 1) {
    const read = channels + i * growth;
    const hidden = between * growth;
    cost.norms += 2 * read + 2 * hidden;
    cost.squeeze += read * hidden;
    cost.grow += 9 * growth * (between ? hidden : read);
  }
  return { ...cost, all: cost.squeeze + cost.grow + cost.norms };
}

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    const legend = [["input", "play-a"], ["maps so far", "play-b"], ["new maps", "play-c"]];
    legend.forEach(([name, look], i) => {
      const x = 8 + [0, 74, 186][i];
      play.draw(svg, "rect", { x, y: 6, width: 12, height: 12, class: `play-dot ${look}` });
      play.draw(svg, "text", { x: x + 17, y: 17, class: "play-text" }, name);
    });
    play.draw(svg, "text", { x: 8, y: 37, class: "play-text" }, "channels that each layer reads and makes");
    const [stairs, bars] = [1, 2].map(() => play.draw(svg, "g"));
    const tell = play.readout(el);
    const panel = play.controls(el);
    play.slider(model, panel, { trait: "growth_rate", label: "Growth rate", min: 1, max: 48 });
    play.slider(model, panel, { trait: "layers", label: "Layers", min: 1, max: 32 });
    play.select(model, panel, { trait: "channels", label: "Input channels", options: [16, 24, 64, 128, 256, 512] });
    const width = (m) => (m === 0 ? "none" : `${m} × growth rate`);
    const widths = [0, 1, 2, 4, 8].map((m) => [m, width(m)]);
    play.select(model, panel, { trait: "bottleneck", label: "1 × 1 convolution", options: widths });

    function drawStairs({ growth_rate: growth, layers, channels }) {
      stairs.replaceChildren();
      const unit = STAIRS.width / (channels + layers * growth);
      const step = Math.min(28, STAIRS.space / layers);
      const height = step * 0.8;
      for (let i = 0; i < layers; i += 1) {
        const y = STAIRS.top + i * step;
        const parts = [[channels, "play-a"], [i * growth, "play-b"], [growth, "play-c"]];
        let x = STAIRS.left;
        for (const [count, look] of parts) {
          if (count) play.draw(stairs, "rect", { x, y, width: unit * count, height, class: `play-dot ${look}` });
          x += unit * count;
        }
        if (i === 0 || i === layers - 1) {
          const middle = y + height / 2 + 4 + (layers > 1 && step < 14 ? (i ? -2 : 3) : 0);
          play.draw(stairs, "text", { x: 8, y: middle, class: "play-text" }, `layer ${i + 1}`);
        }
      }
      const end = STAIRS.top + layers * step + 12;
      const out = `${grouped(channels + layers * growth)} channels leave the block`;
      play.draw(stairs, "text", { x: STAIRS.left, y: end, class: "play-text" }, out);
    }

    function drawBars(rows) {
      bars.replaceChildren();
      const most = Math.max(...rows.map(([, amount]) => amount));
      rows.forEach(([name, amount, look], i) => {
        const y = BARS.top + i * BARS.step;
        const length = Math.max(1, (BARS.width * amount) / most);
        play.draw(bars, "text", { x: BARS.left, y: y + 13, class: "play-text" }, name);
        play.draw(bars, "rect", { x: BARS.start, y, width: length, height: BARS.height, class: `play-dot ${look}` });
        play.draw(bars, "text", { x: BARS.start + length + 5, y: y + 13, class: "play-text" }, grouped(amount));
      });
    }

    return play.watch(model, TRAITS, () => {
      const now = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
      const { growth_rate: growth, layers, channels, bottleneck } = now;
      const cost = price(now, bottleneck);
      const other = price(now, bottleneck ? 0 : 4);
      const out = channels + layers * growth;
      const links = (layers * (layers + 1)) / 2;
      const without = bottleneck ? "all, no 1×1" : "all, with 1×1";
      drawStairs(now);
      drawBars([
        ["1×1 kernels", cost.squeeze, "play-d"],
        ["3×3 kernels", cost.grow, "play-d"],
        ["all", cost.all, "play-d"],
        [without, other.all, "play-e"],
      ]);
      const turned = `${many(layers, "layer")} of growth rate ${growth} turn ${grouped(channels)} channels into ${grouped(out)}`;
      const compared = bottleneck ? "without the 1 × 1 convolutions" : "with 1 × 1 convolutions to 4 times the growth rate";
      tell(`${turned}, by ${many(links, "connection")} and ${many(cost.all, "parameter")}; ${compared} it would be ${grouped(other.all)}.`);
      describe(
        `${turned}. The first layer reads ${grouped(channels)}, the last ${grouped(out - growth)}; each makes ${growth}. ` +
          `Parameters: 1 × 1 kernels ${grouped(cost.squeeze)}, 3 × 3 kernels ${grouped(cost.grow)}, norms ${grouped(cost.norms)}, ` +
          `all ${grouped(cost.all)}; ${compared} ${grouped(other.all)}.`,
      );
    });
  },
};
