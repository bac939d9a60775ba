const WIDTH = 340;
const CELL = { input: [170, 234], out: [170, 14], blocks: [[82, 148], [258, 56]], box: [76, 22] };
const PLOT = { left: 46, right: 330, top: 274, bottom: 386 };
const HEIGHT = 412;
const TRAITS = ["search", "step", "tried", "best"];

const percent = (share) => `${(100 * share).toFixed(1)}\u00a0%`;

// Eight digits: two blocks of two inputs and two operations.
function read(cell) {
  const [i, j, f, g, k, l, p, q] = [...cell].map(Number);
  const blocks = [[[i, f], [j, g]], [[k, p], [l, q]]];
  return { blocks, loose: k === 1 || l === 1 ? [2] : [1, 2] };
}

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    const graph = play.draw(svg, "g");
    const curve = play.draw(svg, "g");
    const tell = play.readout(el);
    const controls = play.controls(el);
    const names = Object.keys(model.get("tried"));
    const longest = Math.max(...names.map((name) => model.get("tried")[name].length));
    play.select(model, controls, { trait: "search", label: "Method", options: names });
    play.slider(model, controls, { trait: "step", label: "Trial", min: 1, max: longest });
    const move = (by) => play.set(model, "step", Math.min(longest, Math.max(1, model.get("step") + by)));
    play.button(controls, { label: "Back", press: () => move(-1) });
    play.button(controls, { label: "Next", press: () => move(1) });
    play.button(controls, { label: "Next better", press: () => {
      const rewards = model.get("tried")[model.get("search")].map(([, reward]) => reward);
      const now = Math.max(...rewards.slice(0, model.get("step")));
      const better = rewards.findIndex((reward, i) => i >= model.get("step") && reward > now);
      if (better >= 0) play.set(model, "step", better + 1);
    } });

    const label = (parent, [x, y], text) =>
      play.draw(parent, "text", { x, y: y + 4.5, class: "play-text", "text-anchor": "middle" }, text);
    const line = ([x1, y1], [x2, y2]) => play.draw(graph, "line", { x1, y1, x2, y2, class: "play-line", opacity: 0.6 });

    function node([x, y], text, look) {
      const [width, height] = CELL.box;
      play.draw(graph, "rect", { x: x - width / 2, y: y - height / 2, width, height, rx: 4, class: `play-fill ${look}` });
      label(graph, [x, y], text);
    }

    function drawCell({ blocks, loose }) {
      graph.replaceChildren();
      const places = [CELL.input, ...CELL.blocks];
      const wires = blocks.flatMap((block, b) =>
        block.map(([state, operation], side) => {
          const [x, y] = CELL.blocks[b];
          return { at: [x + (side ? 42 : -42), y + 40], state, operation, block: b };
        }));
      for (const { at, state, block } of wires) {
        const half = CELL.box[1] / 2;
        const [x, y] = places[state];
        line(state ? [x + 10, y] : [x, y - half], [at[0], at[1] + half]);
        const [sx, sy] = CELL.blocks[block];
        line([at[0], at[1] - half], [sx, sy + 10]);
      }
      for (const state of loose) line([places[state][0], places[state][1] - 10], [CELL.out[0], CELL.out[1] + 11]);
      node(CELL.input, "input", "play-e");
      node(CELL.out, "output", "play-e");
      for (const { at, operation } of wires) node(at, model.get("operations")[operation], "play-a");
      for (const place of CELL.blocks) {
        play.draw(graph, "circle", { cx: place[0], cy: place[1], r: 10, class: "play-fill play-b" });
        label(graph, place, "+");
      }
    }

    function drawCurve(rewards, step, best) {
      curve.replaceChildren();
      const everything = Object.values(model.get("tried")).flat().map(([, reward]) => reward);
      const low = Math.floor(10 * Math.min(...everything)) / 10;
      const x = (trial) => PLOT.left + ((PLOT.right - PLOT.left) * (trial - 1)) / Math.max(1, longest - 1);
      const y = (reward) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * (reward - low)) / (best - low);
      play.draw(curve, "line", { x1: PLOT.left, x2: PLOT.right, y1: y(best), y2: y(best), class: "play-line play-c", "stroke-dasharray": "5 4" });
      play.draw(curve, "text", { x: PLOT.right, y: y(best) - 6, class: "play-text", "text-anchor": "end" }, `best of the table: ${percent(best)}`);
      play.draw(curve, "line", { x1: PLOT.left, x2: PLOT.left, y1: PLOT.top, y2: PLOT.bottom, class: "play-grid" });
      play.draw(curve, "line", { x1: PLOT.left, x2: PLOT.right, y1: PLOT.bottom, y2: PLOT.bottom, class: "play-grid" });
      for (let tick = low; tick <= best; tick += 0.1) {
        play.draw(curve, "text", { x: PLOT.left - 6, y: y(tick) + 4, class: "play-text", "text-anchor": "end" }, `${Math.round(100 * tick)}\u00a0%`);
      }
      play.draw(curve, "text", { x: PLOT.left, y: PLOT.bottom + 18, class: "play-text" }, "trial 1");
      play.draw(curve, "text", { x: PLOT.right, y: PLOT.bottom + 18, class: "play-text", "text-anchor": "end" }, String(longest));
      let top = -Infinity;
      let path = "";
      rewards.slice(0, step).forEach((reward, i) => {
        const last = i === step - 1;
        play.draw(curve, "circle", { cx: x(i + 1), cy: y(reward), r: last ? 5 : 2, class: `play-dot ${last ? "play-b" : "play-a"}` });
        if (reward > top) path += `${path ? `H${x(i + 1)}V` : `M${x(1)} `}${y(reward)}`;
        top = Math.max(top, reward);
      });
      play.draw(curve, "path", { d: `${path}H${x(step)}`, class: "play-line play-a" });
      return top;
    }

    return play.watch(model, TRAITS, () => {
      const tried = model.get("tried")[model.get("search")];
      const step = Math.min(model.get("step"), tried.length);
      const [cell, reward] = tried[step - 1];
      const shape = read(cell);
      drawCell(shape);
      const top = drawCurve(tried.map(([, r]) => r), step, model.get("best"));
      const regret = (100 * (model.get("best") - top)).toFixed(1);
      const from = (state) => (state ? "of block 1" : "of the input");
      const words = shape.blocks.map((block, b) =>
        `Block ${b + 1} adds ${block.map(([state, f]) => `${model.get("operations")[f]} ${from(state)}`).join(" and ")}.`);
      const leaves = shape.loose.length === 2 ? "Both blocks leave" : "Block 2 leaves";
      const known = tried.slice(0, step - 1).some(([old]) => old === cell) ? " It has been tried before." : "";
      tell(`Trial ${step}: right on ${percent(reward)}.${known} Best so far ${percent(top)}, regret ${regret} points.`);
      describe(`${model.get("search")}, trial ${step}. ${words.join(" ")} ${leaves} the cell. ` +
        `Right on ${percent(reward)}, best so far ${percent(top)}, best of the table ${percent(model.get("best"))}.${known}`);
    });
  },
};
