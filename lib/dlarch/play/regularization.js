const SIDE = 320; // of the picture, which shows -2 to 2 in both directions
const REACH = 2;
const SURE = 0.9; // probability from which the ground is drawn in strong colour

const across = (x) => ((x + REACH) / (2 * REACH)) * SIDE;
const down = (y) => ((REACH - y) / (2 * REACH)) * SIDE;

export default {
  render({ model, el }) {
    const strengths = model.get("strengths");
    const rates = model.get("rates");
    const points = model.get("points");
    const bytes = model.get("maps");
    const settings = strengths.length * rates.length;
    const side = Math.round(Math.sqrt(bytes.byteLength / settings)); // points along each side of a map
    const chosen = () => model.get("strength") * rates.length + model.get("rate");
    const wrong = points.filter(([, , given, truth]) => given !== truth).length;

    // Probability of class 1 at column i and row j of the chosen map; row 0 is the lowest.
    const chance = (map, i, j) => bytes.getUint8(map * side * side + j * side + i) / 255;
    const place = ([i, j]) => `${((i / (side - 1)) * SIDE).toFixed(1)} ${((1 - j / (side - 1)) * SIDE).toFixed(1)}`;

    // Walks round each square of the map and cuts it where the height is zero: the part above as a filled path, the
    // cuts as lines.
    function contour(map, height) {
      const area = [];
      const border = [];
      for (let j = 0; j < side - 1; j += 1) {
        for (let i = 0; i < side - 1; i += 1) {
          const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
          const heights = corners.map(([a, b]) => height(chance(map, a, b)));
          if (heights.every((h) => h < 0)) continue;
          const kept = [];
          const cuts = [];
          corners.forEach((p, k) => {
            const q = corners[(k + 1) % 4];
            const [hp, hq] = [heights[k], heights[(k + 1) % 4]];
            if (hp >= 0) kept.push(p);
            if (hp >= 0 !== hq >= 0) {
              const t = hp / (hp - hq);
              const cut = [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])];
              kept.push(cut);
              cuts.push(cut);
            }
          });
          area.push(`M${kept.map(place).join("L")}Z`);
          for (let k = 0; k + 1 < cuts.length; k += 2) border.push(`M${place(cuts[k])}L${place(cuts[k + 1])}`);
        }
      }
      return { area: area.join(""), border: border.join("") };
    }

    const { svg, describe } = play.picture(el, { width: SIDE, height: SIDE });
    const layers = [
      ["play-a", (p) => 0.5 - p], ["play-a", (p) => 1 - SURE - p], ["play-b", (p) => p - 0.5], ["play-b", (p) => p - SURE],
    ].map(([colour, height]) => {
      const shape = play.draw(svg, "path", { class: `play-fill ${colour}`, "shape-rendering": "crispEdges" });
      return { shape, height };
    });
    const border = play.draw(svg, "path", { class: "play-line" });
    const circle = play.draw(svg, "circle", {
      cx: SIDE / 2, cy: SIDE / 2, r: across(model.get("radius")) - SIDE / 2, class: "play-line", "stroke-dasharray": "3 6",
    });
    for (const [x1, x2, given, truth] of points) {
      const [x, y] = [across(x1), down(x2)];
      if (given === 1) play.draw(svg, "rect", { x: x - 4, y: y - 4, width: 8, height: 8, class: "play-dot play-b" });
      else play.draw(svg, "circle", { cx: x, cy: y, r: 4.5, class: "play-dot play-a" });
      if (given !== truth) play.draw(svg, "circle", { cx: x, cy: y, r: 8, class: "play-line" });
    }

    const tell = play.readout(el);
    const controls = play.controls(el);
    const last = (list) => list.length - 1;
    const strength = (k) => String(strengths[k]);
    const rate = (k) => rates[k].toFixed(1);
    play.slider(model, controls, { trait: "strength", label: "Penalty λ", min: 0, max: last(strengths), format: strength });
    play.slider(model, controls, { trait: "rate", label: "Dropout p", min: 0, max: last(rates), format: rate });
    play.checkbox(model, controls, { trait: "truth", label: "Show the true border" });

    return play.watch(model, ["strength", "rate", "truth"], () => {
      const map = chosen();
      for (const { shape, height } of layers) play.update(shape, { d: contour(map, height).area });
      play.update(border, { d: contour(map, (p) => p - 0.5).border });
      play.update(circle, { visibility: model.get("truth") ? "visible" : "hidden" });

      const [known, learned, unseen] = model.get("results")[map];
      const share = `${(100 * unseen).toFixed(1)} %`;
      tell(`Known: ${known} of ${points.length} as given, ${learned} of ${wrong} wrong labels learned. Unseen: ${share} right`);
      const area = Array.from({ length: side * side }, (_, k) => bytes.getUint8(map * side * side + k));
      const part = (test) => `${Math.round((100 * area.filter(test).length) / area.length)} %`;
      describe(
        `With λ = ${strength(model.get("strength"))} and p = ${rate(model.get("rate"))} the network says class 1 on ` +
          `${part((b) => b > 127)} of the square, and is at least 90 % sure of its class on ` +
          `${part((b) => b >= 255 * SURE || b <= 255 * (1 - SURE))} of it. Of ${points.length} known points it gives ` +
          `${known} the class they came with; ${learned} of those are among the ${wrong} with a wrong one.` +
          (model.get("truth") ? ` A dashed circle of radius ${model.get("radius")} is the true border.` : ""),
      );
    });
  },
};
