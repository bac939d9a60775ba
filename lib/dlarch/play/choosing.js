const WIDTH = 360;
const HEIGHT = 300;
const PLOT = { left: 40, right: 348, top: 14, bottom: 256 };
const TRAITS = ["cost", "budget", "family", "sort", "networks", "costs"];

const short = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2));
const percent = (error) => `${error.toFixed(1)}\u00a0%`;

// Networks that no other one equals at less cost or beats at the same cost, cheapest first.
function front(networks, cost) {
  const best = [];
  for (const one of networks.toSorted((a, b) => a[cost] - b[cost] || a.error - b.error)) {
    if (!best.length || one.error < best.at(-1).error) best.push(one);
  }
  return best;
}

export default {
  render({ model, el }) {
    const { svg, describe } = play.picture(el, { width: WIDTH, height: HEIGHT });
    const tell = play.readout(el);
    const controls = play.controls(el);
    const costs = Object.entries(model.get("costs"));
    const families = [...new Set(model.get("networks").map((one) => one.family))];
    const columns = [["name", "network"], ["year", "year"], ["layers", "layers"], ["error", "top-1 error, %"], ...costs];
    const range = () => {
      const values = model.get("networks").map((one) => one[model.get("cost")]);
      return [Math.min(...values), Math.max(...values)];
    };
    const limit = () => {
      const [low, high] = range();
      return low * (high / low) ** (model.get("budget") / 100) * (1 + 1e-9);
    };
    play.select(model, controls, { trait: "cost", label: "Cost", options: costs });
    play.slider(model, controls, { trait: "budget", label: "Budget", min: 0, max: 100, step: 5, format: () => short(limit()) });
    play.select(model, controls, { trait: "family", label: "Family", options: ["all", ...families] });
    play.select(model, controls, { trait: "sort", label: "Sort by", options: columns });

    const box = document.createElement("div");
    box.style.overflowX = "auto";
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Table of networks");
    const table = document.createElement("table");
    table.className = "table";
    box.append(table);
    el.append(box);

    function fill(networks) {
      const cell = (row, kind, text) => {
        const made = document.createElement(kind);
        made.textContent = text;
        row.append(made);
        return made;
      };
      table.replaceChildren();
      const head = table.createTHead().insertRow();
      for (const [key, text] of columns) {
        const made = cell(head, "th", text);
        made.scope = "col";
        if (key === model.get("sort")) made.setAttribute("aria-sort", "ascending");
      }
      const body = table.createTBody();
      const by = model.get("sort");
      const value = (one) => one[by] ?? Infinity;
      const sorted = networks.toSorted((a, b) => (by === "name" ? a.name.localeCompare(b.name) : value(a) - value(b)));
      for (const one of sorted) {
        const row = body.insertRow();
        if (one[model.get("cost")] > limit()) row.style.opacity = 0.7;
        cell(row, "th", one.name).scope = "row";
        for (const [key] of columns.slice(1)) {
          const number = one[key];
          const text = number === null ? "–" : key === "error" ? number.toFixed(1) : key in model.get("costs") ? short(number) : number;
          cell(row, "td", text);
        }
      }
    }

    return play.watch(model, TRAITS, () => {
      const cost = model.get("cost");
      const name = model.get("costs")[cost];
      const family = model.get("family");
      const networks = model.get("networks").filter((one) => family === "all" || one.family === family);
      const known = networks.filter((one) => one.error !== null);
      const [low, high] = range();
      const errors = model.get("networks").filter((one) => one.error !== null).map((one) => one.error);
      const [least, most] = [Math.floor(Math.min(...errors)) - 1, Math.ceil(Math.max(...errors)) + 1];
      const x = (value) => PLOT.left + 10 + ((PLOT.right - PLOT.left - 20) * Math.log(value / low)) / Math.log(high / low);
      const y = (error) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * (error - least)) / (most - least);
      svg.replaceChildren();
      play.draw(svg, "line", { x1: PLOT.left, x2: PLOT.left, y1: PLOT.top, y2: PLOT.bottom, class: "play-grid" });
      play.draw(svg, "line", { x1: PLOT.left, x2: PLOT.right, y1: PLOT.bottom, y2: PLOT.bottom, class: "play-grid" });
      for (let error = Math.ceil(least / 5) * 5; error <= most; error += 5) {
        play.draw(svg, "text", { x: PLOT.left - 6, y: y(error) + 4, class: "play-text", "text-anchor": "end" }, String(error));
      }
      play.draw(svg, "text", { x: PLOT.left + 6, y: PLOT.top + 4, class: "play-text" }, "top-1 error, %");
      for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power += 1) {
        const at = x(10 ** power);
        play.draw(svg, "line", { x1: at, x2: at, y1: PLOT.bottom, y2: PLOT.bottom + 5, class: "play-grid" });
        play.draw(svg, "text", { x: at, y: PLOT.bottom + 18, class: "play-text", "text-anchor": "middle" }, String(10 ** power));
      }
      play.draw(svg, "text", { x: PLOT.right, y: PLOT.bottom + 36, class: "play-text", "text-anchor": "end" }, name);
      const edge = x(Math.min(limit(), high));
      play.draw(svg, "rect", { x: PLOT.left, y: PLOT.top + 10, width: edge - PLOT.left + 6, height: PLOT.bottom - PLOT.top - 10, class: "play-fill play-a" });

      const unbeaten = front(known, cost);
      const path = unbeaten.map((one, i) => `${i ? `H${x(one[cost])}V` : `M${x(one[cost])} `}${y(one.error)}`).join("");
      if (path) play.draw(svg, "path", { d: path, class: "play-line play-b" });
      const within = known.filter((one) => one[cost] <= limit()).toSorted((a, b) => a.error - b.error);
      for (const one of known) {
        const inside = one[cost] <= limit();
        const look = one === within[0] ? "play-b" : inside ? "play-a" : "play-e";
        play.draw(svg, "circle", { cx: x(one[cost]), cy: y(one.error), r: one === within[0] ? 6 : 4, class: `play-dot ${look}` });
      }
      if (within.length) {
        const [best] = within;
        const end = x(best[cost]) > (PLOT.left + PLOT.right) / 2;
        play.draw(svg, "text", { x: x(best[cost]) + (end ? -10 : 10), y: y(best.error) + 16, class: "play-text", "text-anchor": end ? "end" : "start" }, best.name);
      }
      fill(networks);
      const budget = `Within ${short(limit())} (${name})`;
      const found = within.length ? `${within[0].name} has the lowest error, ${percent(within[0].error)}` : "there is no network with a published error";
      tell(`${budget}, ${found}.`);
      describe(`${known.length} network${known.length === 1 ? "" : "s"} by ${name} and top-1 error. ${budget}, ${found}. Nobody beats ${unbeaten.map((one) => one.name).join(", ") || "any"} at their cost.`);
    });
  },
};
