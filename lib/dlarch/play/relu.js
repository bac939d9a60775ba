const WIDTH = 340;
const HEIGHT = 300;
const LEFT = 34; // where v = 0 stands
const SPAN = 294; // pixels from v = 0 to v = 1
const FLOOR = 262; // the axis on which the handles slide, below the curves
const NAMES = ["k1", "k2", "k3", "k4"];
const EDGE = 0.005; // a hinge this close to 0 doubles the one at the edge; this close to 1 it reaches no place

const across = (v) => LEFT + SPAN * v;
const down = (y) => 126 - 95 * y;
const inside = (v) => Math.min(1, Math.max(0, v));
const hinge = (v, k) => Math.max(v - k, 0);
const sign = (value, digits) => value.toFixed(digits).replace("-", "−");

// The weights with the smallest squared error for these knots, the height they give at every place, and how far it is
// from the curve. Columns that add nothing new (two hinges in one place) get no weight.
function best(knots, heights) {
  const last = heights.length - 1;
  const columns = [heights.map(() => 1), ...[0, ...knots].map((k) => heights.map((_, i) => hinge(i / last, k)))];
  const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const basis = [];
  const fitted = heights.map(() => 0);
  for (const column of columns) {
    // Twice, since one pass leaves rounding behind when columns are nearly alike.
    let rest = column;
    for (let pass = 0; pass < 2; pass += 1) {
      for (const unit of basis) {
        const share = dot(rest, unit);
        rest = rest.map((x, i) => x - share * unit[i]);
      }
    }
    const length = Math.sqrt(dot(rest, rest));
    if (length < 1e-9) continue;
    const unit = rest.map((x) => x / length);
    basis.push(unit);
    const share = dot(heights, unit);
    unit.forEach((x, i) => (fitted[i] += share * x));
  }
  const misses = heights.map((height, i) => Math.abs(height - fitted[i]));
  return {
    fitted,
    largest: Math.max(...misses),
    mean: Math.sqrt(misses.reduce((sum, miss) => sum + miss * miss, 0) / misses.length),
  };
}

export default {
  render({ model, el }) {
    const knots = () => NAMES.map((name) => model.get(name));
    const heights = () => model.get("targets")[model.get("target")];

    function move(places) {
      NAMES.forEach((name, i) => model.set(name, inside(places[i])));
      model.save_changes();
    }

    // Downhill on the squared error, with slopes measured by small steps; a step that does not help is halved.
    function train(steps) {
      let at = knots();
      const error = (places) => best(places, heights()).mean ** 2;
      for (let step = 0; step < steps; step += 1) {
        const here = error(at);
        const slope = at.map((k, i) => {
          const [up, low] = [inside(k + 1e-3), inside(k - 1e-3)];
          const moved = (place) => error(at.map((other, j) => (j === i ? place : other)));
          return (moved(up) - moved(low)) / (up - low);
        });
        const steepness = Math.hypot(...slope);
        if (steepness < 1e-12) break;
        let length = 0.05;
        let next = at;
        do {
          next = at.map((k, i) => inside(k - (length * slope[i]) / steepness));
          length /= 2;
        } while (error(next) >= here && length > 1e-5);
        if (error(next) >= here) break;
        at = next;
      }
      move(at);
    }

    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    for (const y of [-1, 0, 1]) {
      play.draw(svg, "line", { x1: LEFT, x2: LEFT + SPAN, y1: down(y), y2: down(y), class: "play-grid" });
      play.draw(svg, "text", { x: LEFT - 6, y: down(y) + 4, "text-anchor": "end", class: "play-text" }, sign(y, 0));
    }
    play.draw(svg, "line", { x1: LEFT, x2: LEFT + SPAN, y1: FLOOR, y2: FLOOR, class: "play-line" });
    for (const [v, anchor] of [[0, "start"], [0.5, "middle"], [1, "end"]]) {
      play.draw(svg, "text", { x: across(v), y: FLOOR + 28, "text-anchor": anchor, class: "play-text" }, `v = ${v}`);
    }
    const posts = NAMES.map(() => play.draw(svg, "line", { y1: 10, y2: FLOOR, class: "play-grid", "stroke-dasharray": "4 4" }));
    const curve = play.draw(svg, "polyline", { class: "play-line", fill: "none", "stroke-dasharray": "2 4" });
    const network = play.draw(svg, "polyline", { class: "play-line play-a", fill: "none" });
    const bends = NAMES.map(() => play.draw(svg, "circle", { r: 4, class: "play-dot play-a" }));
    const handles = NAMES.map(() => play.draw(svg, "circle", { r: 9, cy: FLOOR, class: "play-dot play-b" }));

    const tell = play.readout(el);
    const controls = play.controls(el);
    play.select(model, controls, { trait: "target", label: "Curve", options: Object.keys(model.get("targets")) });
    NAMES.forEach((trait, i) => {
      const format = (value) => value.toFixed(2);
      play.slider(model, controls, { trait, label: `Hinge ${i + 1}`, min: 0, max: 1, step: 0.01, format });
    });
    play.button(controls, { label: "Spread evenly", press: () => move([0.2, 0.4, 0.6, 0.8]) });
    play.button(controls, { label: "Train 20 steps", press: () => train(20) });
    handles.forEach((handle, i) => {
      play.drag(svg, handle, (x) => play.set(model, NAMES[i], inside(Math.round((100 * (x - LEFT)) / SPAN) / 100)));
    });

    return play.watch(model, [...NAMES, "target"], () => {
      const { fitted, largest, mean } = best(knots(), heights());
      const last = fitted.length - 1;
      const points = (values) =>
        values.map((y, i) => `${across(i / last).toFixed(1)},${down(y).toFixed(1)}`).join(" ");
      play.update(curve, { points: points(heights()) });
      play.update(network, { points: points(fitted) });
      knots().forEach((k, i) => {
        play.update(posts[i], { x1: across(k), x2: across(k) });
        play.update(handles[i], { cx: across(k) });
        const [low, part] = [Math.min(last - 1, Math.floor(k * last)), k * last];
        const height = fitted[low] + (part - low) * (fitted[low + 1] - fitted[low]);
        play.update(bends[i], { cx: across(k), cy: down(height) });
      });
      const idle = knots().filter((k) => k < EDGE || k > 1 - EDGE).length;
      const asleep = idle ? `; ${idle} of 4 hinges at the edge bend nothing` : "";
      const told = `Largest error ${largest.toFixed(3)}, root of the mean square ${mean.toFixed(3)}${asleep}`;
      tell(told);
      const places = knots().map((k) => k.toFixed(2)).join(", ");
      describe(`${model.get("target")} and a broken line with hinges at ${places}. ${told}.`);
    });
  },
};
