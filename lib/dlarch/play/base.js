// Helpers for interactive figures; this text stands before the script of each figure.
const play = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  let count = 0;

  // A notebook listens for keys and focus around its outputs; what a control needs must not reach it.
  function shield(control) {
    for (const event of ["keydown", "mousedown", "pointerdown", "focusin"]) {
      control.addEventListener(event, (e) => e.stopPropagation());
    }
    return control;
  }

  function make(parent, tag, properties = {}) {
    const element = Object.assign(document.createElement(tag), properties);
    parent.append(element);
    return element;
  }

  function update(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  // Adds an svg element: draw(svg, "circle", { cx: 1, cy: 2, r: 3, class: "play-dot play-a" }, "text inside").
  function draw(parent, tag, attributes = {}, text = "") {
    const element = update(document.createElementNS(SVG, tag), attributes);
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  }

  // A drawing of width x height units that shrinks with the page. describe(text) says what it shows to those who do
  // not see it: call it whenever the drawing changes.
  function picture(el, { width, height, label = "" }) {
    el.classList.add("play-root");
    const svg = draw(el, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "play-picture" });
    svg.style.maxWidth = `${width}px`;
    const describe = (text) => svg.setAttribute("aria-label", text);
    describe(label);
    return { svg, describe };
  }

  function controls(el) {
    return make(el, "div", { className: "play-controls" });
  }

  function set(model, trait, value) {
    model.set(trait, value);
    model.save_changes();
  }

  function labelled(parent, kind, label) {
    const row = make(parent, "div", { className: `play-control play-${kind}` });
    const id = `play-${Date.now().toString(36)}-${(count += 1)}`;
    make(row, "label", { textContent: label, htmlFor: id });
    return { row, id };
  }

  // format turns the value into the text behind the slider, which is also read aloud.
  function slider(model, parent, { trait, label, min, max, step = 1, format = String }) {
    const { row, id } = labelled(parent, "slider", label);
    const input = shield(make(row, "input", { type: "range", id }));
    Object.assign(input, { min, max, step, value: model.get(trait) });
    const output = make(row, "output", { htmlFor: id });
    const follow = () => {
      input.value = model.get(trait);
      output.textContent = format(model.get(trait));
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => set(model, trait, input.valueAsNumber));
    model.on(`change:${trait}`, follow);
    follow();
    return input;
  }

  // options: a list of values, or of [value, text]
  function select(model, parent, { trait, label, options }) {
    const { row, id } = labelled(parent, "select", label);
    const input = shield(make(row, "select", { id }));
    const values = options.map((option) => (Array.isArray(option) ? option[0] : option));
    for (const option of options) {
      make(input, "option", { textContent: Array.isArray(option) ? option[1] : String(option) });
    }
    const follow = () => (input.selectedIndex = values.indexOf(model.get(trait)));
    input.addEventListener("change", () => set(model, trait, values[input.selectedIndex]));
    model.on(`change:${trait}`, follow);
    follow();
    return input;
  }

  function checkbox(model, parent, { trait, label }) {
    const { row, id } = labelled(parent, "checkbox", label);
    const input = shield(make(row, "input", { type: "checkbox", id }));
    row.prepend(input);
    const follow = () => (input.checked = model.get(trait));
    input.addEventListener("change", () => set(model, trait, input.checked));
    model.on(`change:${trait}`, follow);
    follow();
    return input;
  }

  function button(parent, { label, press }) {
    const element = shield(make(parent, "button", { type: "button", className: "play-button", textContent: label }));
    element.addEventListener("click", press);
    return element;
  }

  // A line of text under the drawing that is read aloud when it changes: const tell = play.readout(el); tell("...").
  function readout(el) {
    const line = make(el, "p", { className: "play-readout", role: "status" });
    return (text) => {
      if (line.textContent !== text) line.textContent = text;
    };
  }

  // Lets a mark be dragged with the mouse or a finger; move(x, y) gets the place in units of the svg. Whoever has no
  // pointer needs another way, so give each dragged trait a slider too.
  function drag(svg, mark, move) {
    shield(mark).classList.add("play-drag");
    mark.addEventListener("pointerdown", (e) => mark.setPointerCapture(e.pointerId));
    mark.addEventListener("pointermove", (e) => {
      if (!mark.hasPointerCapture(e.pointerId)) return;
      const place = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
      move(place.x, place.y);
    });
  }

  // Draws now and whenever one of the traits changes. Return its result from render, to stop when the figure goes.
  function watch(model, traits, paint) {
    for (const trait of traits) model.on(`change:${trait}`, paint);
    paint();
    return () => traits.forEach((trait) => model.off(`change:${trait}`, paint));
  }

  return { picture, draw, update, controls, slider, select, checkbox, button, readout, drag, watch, set };
})();

