const WIDTH = 340;
const HEIGHT = 262;
const CHAIN = { left: 14, step: 36, width: 26, height: 26 }; // nine blocks in a row
const BAR = { left: 14, width: 250, height: 22 };
const NETS = [
  { trait: "residual", title: "Residual network", chain: 34, bar: 196, series: "play-a" },
  { trait: "plain", title: "Plain network", chain: 112, bar: 230, series: "play-b" },
];

export default {
  render({ model, el }) {
    const names = model.get("names");
    const removable = model.get("removable");
    const traits = removable.map((_, i) => `out${i + 1}`);
    const isOut = (name) => removable.includes(name) && model.get(traits[removable.indexOf(name)]);
    const entry = () => traits.reduce((sum, trait, i) => sum + (model.get(trait) ? 2 ** i : 0), 0);
    const percent = (accuracy) => `${(100 * accuracy).toFixed(1)}\u00a0%`;
    const called = (name) => { // "stage1.0" is block 1 of stage 1
      const [stage, place] = name.replace("stage", "").split(".").map(Number);
      return { stage, text: `block ${place + 1} of stage ${stage}` };
    };
    const middle = (i) => CHAIN.left + CHAIN.step * i + CHAIN.width / 2;

    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });

    // The chain of a network: a line through all blocks, and for the residual one an arc over each block.
    for (const net of NETS) {
      const y = net.chain + CHAIN.height / 2 + 12;
      play.draw(svg, "text", { x: BAR.left, y: net.chain - 14, class: "play-text" }, net.title);
      play.draw(svg, "line", { x1: 2, x2: WIDTH - 2, y1: y, y2: y, class: "play-grid" });
      net.boxes = names.map((name, i) => {
        if (net.trait === "residual") {
          const [from, to] = [middle(i) - 16, middle(i) + 16];
          const d = `M ${from} ${y} C ${from + 4} ${y - 32}, ${to - 4} ${y - 32}, ${to} ${y}`;
          play.draw(svg, "path", { d, fill: "none", class: `play-line ${net.series}`, "stroke-width": 1.5 });
        }
        const x = CHAIN.left + CHAIN.step * i;
        const box = play.draw(svg, "rect", { x, y: y - CHAIN.height / 2, width: CHAIN.width, height: CHAIN.height, rx: 4 });
        if (removable.includes(name)) {
          const trait = traits[removable.indexOf(name)];
          play.update(box, { style: "cursor: pointer", "pointer-events": "all" });
          box.addEventListener("click", () => play.set(model, trait, !model.get(trait)));
        }
        return box;
      });
    }
    const stages = [...new Set(names.map((name) => name.split(".")[0]))];
    for (const stage of stages) {
      const places = names.flatMap((name, i) => (name.split(".")[0] === stage ? [middle(i)] : []));
      const x = (places[0] + places[places.length - 1]) / 2;
      const label = stage.replace("stage", "stage ");
      play.draw(svg, "text", { x, y: 166, "text-anchor": "middle", class: "play-text" }, label);
    }

    // The bars, with a line where guessing would end.
    for (const net of NETS) {
      play.draw(svg, "rect", { x: BAR.left, y: net.bar, width: BAR.width, height: BAR.height, fill: "none", class: "play-grid" });
      net.fill = play.draw(svg, "rect", { x: BAR.left, y: net.bar, height: BAR.height, class: `play-dot ${net.series}` });
      net.number = play.draw(svg, "text", { x: BAR.left + BAR.width + 8, y: net.bar + 16, class: "play-text" });
    }
    const chance = BAR.left + BAR.width * model.get("chance");
    play.draw(svg, "line", { x1: chance, x2: chance, y1: 190, y2: 258, class: "play-line", "stroke-dasharray": "3 3" });
    play.draw(svg, "text", { x: chance + 4, y: 187, class: "play-text" }, "guessing");

    const tell = play.readout(el);
    const rows = {}; // of checkboxes, one for each stage
    removable.forEach((name, i) => {
      const { stage, text } = called(name);
      rows[stage] ??= play.controls(el);
      play.checkbox(model, rows[stage], { trait: traits[i], label: `Take out ${text}` });
    });
    const buttons = play.controls(el);
    const setAll = (value) => {
      traits.forEach((trait) => model.set(trait, value));
      model.save_changes();
    };
    // One by one: the next to go is the block without which the residual network does best.
    const leastMissed = () => {
      const after = (i) => model.get("residual")[entry() + 2 ** i];
      const left = traits.flatMap((trait, i) => (model.get(trait) ? [] : [i]));
      if (left.length > 0) play.set(model, traits[left.reduce((best, i) => (after(i) > after(best) ? i : best))], true);
    };
    play.button(buttons, { label: "Take out the least missed", press: leastMissed });
    play.button(buttons, { label: "Take out all seven", press: () => setAll(true) });
    play.button(buttons, { label: "Put all back", press: () => setAll(false) });

    return play.watch(model, traits, () => {
      const k = entry();
      const gone = removable.filter(isOut);
      for (const net of NETS) {
        const accuracy = model.get(net.trait)[k];
        names.forEach((name, i) => {
          const out = isOut(name);
          const look = out ? "play-line" : `play-dot ${net.series}`;
          play.update(net.boxes[i], { class: look, fill: out ? "none" : "", "stroke-dasharray": out ? "3 3" : "" });
          if (!out) net.boxes[i].removeAttribute("fill");
        });
        play.update(net.fill, { width: Math.max(1, BAR.width * accuracy) });
        net.number.textContent = percent(accuracy);
      }
      const [residual, plain] = NETS.map((net) => percent(model.get(net.trait)[k]));
      const what = gone.length === 0 ? "All nine blocks in place" : `${gone.length} of 9 blocks out`;
      tell(`${what}: the residual network is right on ${residual} of the test images, the plain one on ${plain}.`);
      const list = gone.length === 0 ? "Nothing is taken out" : `Taken out: ${gone.map((name) => called(name).text).join(", ")}`;
      describe(`Two networks of nine blocks. ${list}. Accuracy: residual ${residual}, plain ${plain}.`);
    });
  },
};
