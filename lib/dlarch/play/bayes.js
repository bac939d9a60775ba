const WIDTH = 360;
const HEIGHT = 300;
const [LOW, HIGH] = [-3.5, 3.5]; // what the picture shows across
const [BOTTOM, TOP] = [-4.2, 2.8]; // and up: without a penalty, an ensemble swings far
const WAYS = ["last-layer Laplace", "Bayes by Backprop", "MC dropout", "ensemble"];

const across = (x) => ((x - LOW) / (HIGH - LOW)) * WIDTH;
const down = (y) => ((TOP - y) / (TOP - BOTTOM)) * HEIGHT;
const number = (x) => x.toFixed(2).replace("-", "\u2212");

// The inverse of a symmetric positive matrix, by elimination.
function invert(matrix) {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < n; i += 1) {
    const pivot = rows[i][i];
    rows[i] = rows[i].map((v) => v / pivot);
    for (let k = 0; k < n; k += 1) {
      const factor = rows[k][i];
      if (k !== i) rows[k] = rows[k].map((v, j) => v - factor * rows[i][j]);
    }
  }
  return rows.map((row) => row.slice(n));
}

const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, v, j) => sum + v * vector[j], 0));
const diagonal = (values) => values.map((v, i) => values.map((_, j) => (i === j ? v : 0)));

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    const centers = model.get("centers");
    const points = model.get("points");
    const bumps = (x) => centers.map((c) => Math.exp(-0.5 * ((x - c) / model.get("width")) ** 2));

    // Mean and covariance of the weights.
    function posterior(known, noise, penalty = 0) {
      const features = known.map(([x]) => bumps(x));
      const precision = centers.map((_, i) => centers.map((_, j) => {
        const sum = features.reduce((s, f) => s + f[i] * f[j], 0) / noise ** 2;
        return i === j ? sum * (1 + penalty) + 1 / model.get("prior") ** 2 : sum;
      }));
      const covariance = invert(precision);
      const right = centers.map((_, j) => features.reduce((s, f, n) => s + f[j] * known[n][1], 0) / noise ** 2);
      return { mean: times(covariance, right), covariance, precision };
    }

    function weights(way, known) {
      const noise = model.get("noise");
      if (way === "ensemble") return posterior(known, 0.01);
      if (way === "MC dropout") {
        const odds = model.get("dropout") / (1 - model.get("dropout"));
        const { mean } = posterior(known, noise, odds);
        return { mean, covariance: diagonal(mean.map((w) => odds * w * w)) };
      }
      const exact = posterior(known, noise);
      if (way === "Bayes by Backprop") {
        return { mean: exact.mean, covariance: diagonal(exact.precision.map((row, i) => 1 / row[i])) };
      }
      return exact;
    }

    function at({ mean, covariance }, x) {
      const f = bumps(x);
      const dot = (v) => v.reduce((sum, a, i) => sum + a * f[i], 0);
      return [dot(mean), 2 * Math.sqrt(Math.max(0, dot(times(covariance, f))))];
    }

    for (const tick of [-2, 0, 2]) {
      play.draw(svg, "line", { x1: across(tick), x2: across(tick), y1: 0, y2: HEIGHT, class: "play-grid" });
      play.draw(svg, "line", { x1: 0, x2: WIDTH, y1: down(tick), y2: down(tick), class: "play-grid" });
      play.draw(svg, "text", { x: across(tick) + 4, y: HEIGHT - 6, class: "play-text" }, String(tick).replace("-", "\u2212"));
      play.draw(svg, "text", { x: 4, y: down(tick) - 4, class: "play-text" }, String(tick).replace("-", "\u2212"));
    }
    const band = play.draw(svg, "path", { class: "play-fill play-a" });
    const line = play.draw(svg, "path", { class: "play-line play-a" });
    const edges = [1, -1].map(() => play.draw(svg, "path", { class: "play-line", "stroke-dasharray": "5 4" }));
    const ruler = play.draw(svg, "line", { y1: 0, y2: HEIGHT, class: "play-line play-d", "stroke-dasharray": "2 5" });
    const marks = play.draw(svg, "g");

    const tell = play.readout(el);
    const controls = play.controls(el);
    const flip = (i) => play.set(model, "on", model.get("on").map((on, k) => (k === i ? !on : on)));
    play.select(model, controls, { trait: "way", label: "Band of", options: WAYS });
    play.slider(model, controls, { trait: "place", label: "Read at x", min: LOW, max: HIGH, step: 0.1, format: number });
    play.slider(model, controls, { trait: "point", label: "Point", min: 1, max: points.length });
    play.button(controls, { label: "Switch this point", press: () => flip(model.get("point") - 1) });
    play.button(controls, { label: "All on", press: () => play.set(model, "on", points.map(() => true)) });
    play.button(controls, { label: "All off", press: () => play.set(model, "on", points.map(() => false)) });

    return play.watch(model, ["on", "way", "point", "place"], () => {
      const on = model.get("on");
      const known = points.filter((_, i) => on[i]);
      const [way, exact] = [weights(model.get("way"), known), weights("exact", known)];
      const grid = Array.from({ length: 141 }, (_, i) => LOW + ((HIGH - LOW) * i) / 140);
      const curve = (values) => `M${values.map(([x, y]) => `${across(x).toFixed(1)} ${down(y).toFixed(1)}`).join("L")}`;
      const seen = grid.map((x) => [x, ...at(way, x)]);
      const upper = seen.map(([x, m, s]) => [x, m + s]);
      const lower = seen.map(([x, m, s]) => [x, m - s]).reverse();
      play.update(band, { d: `${curve([...upper, ...lower])}Z` });
      play.update(line, { d: curve(seen) });
      edges.forEach((edge, k) => play.update(edge, {
        d: curve(grid.map((x) => {
          const [m, s] = at(exact, x);
          return [x, k ? m - s : m + s];
        })),
      }));
      const place = model.get("place");
      play.update(ruler, { x1: across(place), x2: across(place) });
      marks.replaceChildren();
      points.forEach(([x, y], i) => {
        const chosen = i === model.get("point") - 1;
        const mark = play.draw(marks, "circle", {
          cx: across(x), cy: down(y), r: 6, class: on[i] ? "play-dot play-b" : "play-line play-b", "pointer-events": "all",
        });
        if (chosen) play.draw(marks, "circle", { cx: across(x), cy: down(y), r: 10, class: "play-line" });
        mark.addEventListener("click", () => {
          play.set(model, "point", i + 1);
          flip(i);
        });
      });
      const [m, s] = at(way, place);
      const [me, se] = at(exact, place);
      tell(`At x = ${number(place)}: ${number(m)} \u00b1 ${number(s)}; exact ${number(me)} \u00b1 ${number(se)}`);
      const list = points.flatMap(([x, y], i) => (on[i] ? [`(${number(x)}, ${number(y)})`] : []));
      describe(`${model.get("way")} with ${list.length} of ${points.length} points${list.length ? `: ${list.join(", ")}` : ""}. ` +
        `At x = ${number(place)} the function is ${number(m)}, give or take ${number(s)}; ` +
        `the exact posterior says ${number(me)}, give or take ${number(se)}.`);
    });
  },
};
