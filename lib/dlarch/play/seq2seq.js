const WIDTH = 340;
const ROW = 25;
const TOP = 44;
const BOX = [60, 20];
const TRAITS = ["source", "width", "alpha", "step", "sources"];

export default {
  render({ model, el }) {
    const symbols = [...model.get("symbols")];
    const end = symbols.length - 1;
    const length = model.get("length");
    const rows = 3 * symbols.length;
    const height = TOP + rows * ROW;
    const { svg, describe } = play.picture(el, { width: WIDTH, height });
    const tree = play.draw(svg, "g");
    const tell = play.readout(el);
    const controls = play.controls(el);
    play.select(model, controls, { trait: "source", label: "Source", options: Object.keys(model.get("sources")) });
    play.slider(model, controls, { trait: "width", label: "Width W", min: 1, max: 3 });
    play.slider(model, controls, { trait: "alpha", label: "Power α", min: 0, max: 1.5, step: 0.25, format: (a) => a.toFixed(2) });
    play.slider(model, controls, { trait: "step", label: "Steps", min: 1, max: length });

    const score = ({ logP, text }, alpha) => logP / text.length ** alpha;
    const ended = ({ text }) => text.endsWith(symbols[end]);
    const name = ({ text }) => `“${text}”`;
    const chance = ({ logP }) => Math.exp(logP).toFixed(2);

    function extend(table, beginning) {
      if (ended(beginning)) return [{ ...beginning, parent: beginning }];
      return table[beginning.text].map((p, i) =>
        ({ text: beginning.text + symbols[i], logP: beginning.logP + Math.log(p), parent: beginning }));
    }

    // One list of candidates a step, those that stay marked.
    function search(table, width, alpha) {
      let beam = [{ text: "", logP: 0 }];
      return Array.from({ length }, () => {
        const candidates = beam.flatMap((beginning) => extend(table, beginning));
        const best = [...candidates].sort((a, b) => score(b, alpha) - score(a, alpha)).slice(0, width);
        candidates.forEach((candidate) => { candidate.rank = best.indexOf(candidate); });
        beam = best;
        return candidates;
      });
    }

    const winner = (steps) => steps[steps.length - 1].find(({ rank }) => rank === 0);

    function draw(steps) {
      tree.replaceChildren();
      const gap = (WIDTH - 22) / length;
      const place = new Map();
      play.draw(tree, "circle", { cx: 8, cy: TOP + (rows * ROW) / 2, r: 5, class: "play-dot play-a" });
      steps.forEach((candidates, t) => {
        const x = 22 + t * gap + (gap - BOX[0]) / 2;
        const top = TOP + ((rows - candidates.length) * ROW) / 2;
        play.draw(tree, "text", { x: x + BOX[0] / 2, y: 16, class: "play-text", "text-anchor": "middle" }, `step ${t + 1}`);
        candidates.forEach((candidate, i) => {
          const y = top + i * ROW;
          const kept = candidate.rank >= 0;
          const from = place.get(candidate.parent) ?? [13, TOP + (rows * ROW) / 2];
          place.set(candidate, [x + BOX[0], y + BOX[1] / 2]);
          play.draw(tree, "line", { x1: from[0], y1: from[1], x2: x, y2: y + BOX[1] / 2, class: `play-line ${kept ? "play-a" : "play-e"}`, opacity: kept ? 1 : 0.45 });
          const look = candidate.rank === 0 ? "play-b" : "play-a";
          play.draw(tree, "rect", { x, y, width: BOX[0], height: BOX[1], rx: 4, class: kept ? `play-fill ${look}` : "play-grid" });
          play.draw(tree, "text", { x: x + BOX[0] / 2, y: y + 14.5, class: "play-text", "text-anchor": "middle", "font-weight": kept ? "bold" : "normal" },
            `${candidate.text.slice(-1)} ${chance(candidate)}`);
        });
      });
    }

    return play.watch(model, TRAITS, () => {
      const table = model.get("sources")[model.get("source")];
      const alpha = model.get("alpha");
      const all = search(table, model.get("width"), alpha);
      const shown = all.slice(0, Math.min(length, model.get("step")));
      draw(shown);
      const found = winner(all);
      const greedy = winner(search(table, 1, alpha));
      const every = search(table, Infinity, alpha);
      const best = winner(every);
      const hit = best.text === found.text ? "is the best" : `is not the best, which is ${name(best)} (${chance(best)})`;
      tell(`W = ${model.get("width")} writes ${name(found)} (${chance(found)}), greedy ${name(greedy)} (${chance(greedy)}). ` +
        `Of all ${every[length - 1].length} sequences it ${hit}.`);
      const words = shown.map((candidates, t) => {
        const kept = candidates.filter(({ rank }) => rank >= 0).sort((a, b) => a.rank - b.rank);
        return `Step ${t + 1} keeps ${kept.map((one) => `${name(one)} ${chance(one)}`).join(", ")} of ${candidates.length}.`;
      });
      describe(`Beam search for ${name({ text: model.get("source") })}. ${words.join(" ")}`);
    });
  },
};
