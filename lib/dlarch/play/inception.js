const WIDTH = 350;
const LEFT = 52;
const FULL = 210; // of the longest bar
const ROW = 36;
const STRIP = { y: 4 * ROW + 42, height: 20 };
const TRAITS = ["side", "channels", "one", "reduce3", "three", "reduce5", "five", "pool"];
const NAMES = ["1×1", "3×3", "5×5", "pool"];

// Multiply-accumulates of each branch: [of the 1×1 that reduces or projects, of the filter].
function costs(v, naive) {
  const pixels = v.side * v.side;
  const input = v.channels;
  if (naive) return [[0, input * v.one], [0, 9 * input * v.three], [0, 25 * input * v.five], [0, 0]].map((b) => b.map((n) => n * pixels));
  const branches = [
    [0, input * v.one],
    [input * v.reduce3, 9 * v.reduce3 * v.three],
    [input * v.reduce5, 25 * v.reduce5 * v.five],
    [input * v.pool, 0],
  ];
  return branches.map((branch) => branch.map((n) => n * pixels));
}

const sum = (list) => list.reduce((a, b) => a + b, 0);
const total = (branches) => sum(branches.map(sum));
const millions = (n) => `${(n / 1e6).toFixed(1)}\u00a0M`;

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: STRIP.y + STRIP.height + 26 });
    const rows = NAMES.map((name, i) => {
      const y = 24 + i * ROW;
      const series = `play-${"abcd"[i]}`;
      play.draw(svg, "text", { x: LEFT - 8, y: y + 15, "text-anchor": "end", class: "play-text" }, name);
      return {
        light: play.draw(svg, "rect", { x: LEFT, y, height: 20, class: `play-fill ${series}`, stroke: "currentColor", style: "fill-opacity: 0.4" }),
        solid: play.draw(svg, "rect", { y, height: 20, class: `play-dot ${series}` }),
        cost: play.draw(svg, "text", { y: y + 15, class: "play-text" }),
        part: play.draw(svg, "rect", { y: STRIP.y, height: STRIP.height, class: `play-dot ${series}`, stroke: "currentColor" }),
        count: play.draw(svg, "text", { y: STRIP.y + STRIP.height + 16, "text-anchor": "middle", class: "play-text" }),
      };
    });
    play.draw(svg, "text", { x: LEFT, y: 14, class: "play-text" }, "multiply-accumulates (light: 1×1 beside the filter)");
    const heading = play.draw(svg, "text", { x: LEFT, y: STRIP.y - 8, class: "play-text" });

    const tell = play.readout(el);
    const controls = play.controls(el);
    const names = Object.keys(model.get("examples"));
    const options = [...names.map((name) => [name, name.length > 2 ? name : `GoogLeNet ${name}`]), ["own", "your own"]];
    play.select(model, controls, { trait: "module", label: "Module", options });
    play.checkbox(model, controls, { trait: "naive", label: "naive: no reductions" });
    const slide = (trait, label, max, step) => play.slider(model, controls, { trait, label, min: step, max, step });
    slide("channels", "Input channels", 1024, 16);
    slide("one", "1×1", 384, 8);
    const reductions = [slide("reduce3", "before 3×3", 256, 8)];
    slide("three", "3×3", 384, 8);
    reductions.push(slide("reduce5", "before 5×5", 128, 8));
    slide("five", "5×5", 256, 8);
    reductions.push(slide("pool", "after pool", 256, 8));

    let loading = false;
    const load = () => {
      const example = model.get("examples")[model.get("module")];
      if (!example) return;
      loading = true;
      TRAITS.forEach((trait, i) => model.set(trait, example[i]));
      model.save_changes();
      loading = false;
      paint();
    };

    const paint = () => {
      if (loading) return;
      const v = Object.fromEntries(TRAITS.map((trait) => [trait, model.get(trait)]));
      const naive = model.get("naive");
      const example = model.get("examples")[model.get("module")];
      if (example && TRAITS.some((trait, i) => v[trait] !== example[i])) play.set(model, "module", "own");
      for (const slider of reductions) slider.disabled = naive;

      const branches = costs(v, naive);
      const longest = Math.max(...branches.map(sum));
      const depths = [v.one, v.three, v.five, naive ? v.channels : v.pool];
      const out = sum(depths);
      let x = LEFT;
      rows.forEach((row, i) => {
        const [light, solid] = branches[i].map((n) => (FULL * n) / longest);
        play.update(row.light, { width: light });
        play.update(row.solid, { x: LEFT + light, width: solid });
        play.update(row.cost, { x: LEFT + light + solid + 6 });
        row.cost.textContent = sum(branches[i]) ? millions(sum(branches[i])) : "nothing";
        const width = ((WIDTH - LEFT - 4) * depths[i]) / out;
        play.update(row.part, { x, width });
        play.update(row.count, { x: x + width / 2 });
        row.count.textContent = width > 26 ? depths[i] : "";
        x += width;
      });
      heading.textContent = `output: ${out} channels of ${v.side}×${v.side}`;

      const [here, without] = [total(branches), total(costs(v, true))];
      const against = naive ? "" : ` Without reductions: ${millions(without)} and ${v.one + v.three + v.five + v.channels} channels.`;
      tell(`${here.toLocaleString("en")} multiply-accumulates; ${v.channels} channels in, ${out} out.${against}`);
      const list = NAMES.map((name, i) => `${name} ${millions(sum(branches[i]))}, ${depths[i]} channels`).join("; ");
      describe(`A ${naive ? "naive" : "reduced"} Inception module on a map of ${v.side} by ${v.side}. Cost and output of its branches: ${list}.`);
    };

    model.on("change:module", load);
    const stop = play.watch(model, [...TRAITS, "naive"], paint);
    return () => {
      model.off("change:module", load);
      stop();
    };
  },
};
