const SIDE = 320; // of the picture, which shows -0.5 to 1.5 in both directions
const LIMIT = 8; // of the weights and the bias
const ARROW = 0.07; // length of the arrow for a weight of one, in units of the plane
const FLAT = 0.01; // weights shorter than this draw no line
const EDGE = 0.08; // handles keep this distance from the frame, so that none is lost with a line that leaves the picture

const across = (x) => ((x + 0.5) / 2) * SIDE;
const down = (y) => ((1.5 - y) / 2) * SIDE;
const inside = (value) => Math.min(1.5 - EDGE, Math.max(EDGE - 0.5, value));
const clip = (value) => Math.min(LIMIT, Math.max(-LIMIT, value));
const short = (value) => (Math.abs(value) < 0.05 ? 0 : value).toFixed(1).replace("-", "−");

export default {
  render({ model, el }) {
    const state = () => ({ w1: model.get("w1"), w2: model.get("w2"), b: model.get("b") });
    const points = () => model.get("sets")[model.get("data")];
    const score = ({ w1, w2, b }, x1, x2) => w1 * x1 + w2 * x2 + b;

    // The part of the picture where sign * score is positive, as corner points.
    function side(line, sign) {
      const corners = [[-0.5, -0.5], [1.5, -0.5], [1.5, 1.5], [-0.5, 1.5]];
      const kept = [];
      corners.forEach((p, i) => {
        const q = corners[(i + 1) % 4];
        const [sp, sq] = [sign * score(line, ...p), sign * score(line, ...q)];
        if (sp >= 0) kept.push(p);
        if (sp > 0 !== sq > 0 && sp !== sq) {
          const t = sp / (sp - sq);
          kept.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
        }
      });
      return kept.map(([x, y]) => `${across(x).toFixed(1)},${down(y).toFixed(1)}`).join(" ");
    }

    // The point of the line nearest to the middle of the picture: there the arrow starts.
    function foot(line) {
      const length = Math.hypot(line.w1, line.w2);
      if (length < FLAT) return [0.5, 0.5];
      const t = score(line, 0.5, 0.5) / length ** 2;
      return [0.5 - t * line.w1, 0.5 - t * line.w2];
    }

    function move(line) {
      for (const trait of ["w1", "w2", "b"]) model.set(trait, clip(line[trait]));
      model.save_changes();
    }

    function judge(line) {
      const wrong = [];
      let loss = 0;
      for (const [x1, x2, label] of points()) {
        const s = score(line, x1, x2);
        if (s > 0 !== (label === 1)) wrong.push([x1, x2]);
        const margin = label === 1 ? s : -s;
        loss += Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
      }
      return { wrong, loss: loss / points().length };
    }

    function train(steps) {
      const line = state();
      for (let step = 0; step < steps; step += 1) {
        const gradient = { w1: 0, w2: 0, b: 0 };
        for (const [x1, x2, label] of points()) {
          const error = (1 / (1 + Math.exp(-score(line, x1, x2))) - label) / points().length;
          gradient.w1 += error * x1;
          gradient.w2 += error * x2;
          gradient.b += error;
        }
        for (const name of ["w1", "w2", "b"]) line[name] = clip(line[name] - 0.5 * gradient[name]);
      }
      move(line);
    }

    const { svg, describe } = play.picture(el, { width: SIDE, height: SIDE });
    const ground = [-1, 1].map((sign) =>
      play.draw(svg, "polygon", { class: `play-fill ${sign < 0 ? "play-a" : "play-b"}` }),
    );
    for (const tick of [0, 1]) {
      play.draw(svg, "line", { x1: across(tick), x2: across(tick), y1: 0, y2: SIDE, class: "play-grid" });
      play.draw(svg, "line", { x1: 0, x2: SIDE, y1: down(tick), y2: down(tick), class: "play-grid" });
      play.draw(svg, "text", { x: across(tick) + 4, y: SIDE - 6, class: "play-text" }, `x1 = ${tick}`);
      play.draw(svg, "text", { x: 4, y: down(tick) - 4, class: "play-text" }, `x2 = ${tick}`);
    }
    const marks = play.draw(svg, "g");
    const boundary = play.draw(svg, "line", { class: "play-line" });
    const arrow = play.draw(svg, "line", { class: "play-line", "stroke-dasharray": "4 4" });
    const handle = play.draw(svg, "circle", { r: 9, class: "play-dot" });
    const tip = play.draw(svg, "circle", { r: 9, class: "play-dot play-d" });

    const tell = play.readout(el);
    const controls = play.controls(el);
    const sets = Object.keys(model.get("sets"));
    play.select(model, controls, { trait: "data", label: "Points", options: sets });
    for (const [trait, label] of [["w1", "Weight w1"], ["w2", "Weight w2"], ["b", "Bias b"]]) {
      play.slider(model, controls, { trait, label, min: -LIMIT, max: LIMIT, step: 0.1, format: short });
    }
    play.button(controls, { label: "Train 50 steps", press: () => train(50) });

    play.drag(svg, handle, (x, y) => {
      const line = state();
      const at = [(x / SIDE) * 2 - 0.5, 1.5 - (y / SIDE) * 2];
      move({ ...line, b: -(line.w1 * at[0] + line.w2 * at[1]) });
    });
    play.drag(svg, tip, (x, y) => {
      const from = foot(state());
      const w1 = ((x / SIDE) * 2 - 0.5 - from[0]) / ARROW;
      const w2 = (1.5 - (y / SIDE) * 2 - from[1]) / ARROW;
      move({ w1, w2, b: -(w1 * from[0] + w2 * from[1]) });
    });

    return play.watch(model, ["w1", "w2", "b", "data"], () => {
      const exact = state();
      const even = Math.hypot(exact.w1, exact.w2, exact.b) < FLAT;
      const line = even ? { w1: 0, w2: 0, b: 0 } : exact;
      const { wrong, loss } = judge(line);
      const total = points().length;
      ground.forEach((shape, i) => play.update(shape, { points: side(line, i ? 1 : -1) }));

      marks.replaceChildren();
      for (const [x1, x2, label] of points()) {
        const [x, y] = [across(x1), down(x2)];
        if (label === 1) play.draw(marks, "rect", { x: x - 6, y: y - 6, width: 12, height: 12, class: "play-dot play-b" });
        else play.draw(marks, "circle", { cx: x, cy: y, r: 7, class: "play-dot play-a" });
      }
      for (const [x1, x2] of even ? [] : wrong) {
        play.draw(marks, "circle", { cx: across(x1), cy: down(x2), r: 13, class: "play-line" });
      }

      const [cx, cy] = foot(line);
      const length = Math.hypot(line.w1, line.w2);
      const flat = length < FLAT;
      const along = flat ? [0, 0] : [(-line.w2 / length) * 3, (line.w1 / length) * 3];
      play.update(boundary, {
        x1: across(cx - along[0]), y1: down(cy - along[1]), x2: across(cx + along[0]), y2: down(cy + along[1]),
        visibility: flat ? "hidden" : "visible",
      });
      const [from, to] = [[cx, cy], [cx + ARROW * line.w1, cy + ARROW * line.w2]].map((p) => p.map(inside));
      play.update(arrow, { x1: across(from[0]), y1: down(from[1]), x2: across(to[0]), y2: down(to[1]) });
      play.update(handle, { cx: across(from[0]), cy: down(from[1]) });
      play.update(tip, { cx: across(to[0]), cy: down(to[1]) });

      if (even) {
        const nothing = `No line: every point has probability one half, loss ${loss.toFixed(3)}`;
        tell(nothing);
        describe(`${model.get("data")}: ${nothing}`);
        return;
      }
      const right = total - wrong.length;
      tell(`${right} of ${total} points right (${Math.round((100 * right) / total)} %), loss ${loss.toFixed(3)}`);
      const numbers = `w1 = ${short(line.w1)}, w2 = ${short(line.w2)}, b = ${short(line.b)}`;
      const missed = wrong.map(([x1, x2]) => `(${x1}, ${x2})`).join(", ");
      const verdict = missed ? `${right} of ${total} points lie on the side of their class; wrong: ${missed}.`
        : `All ${total} points lie on the side of their class.`;
      describe(`${model.get("data")}: a line with ${numbers}. ${verdict}`);
    });
  },
};
