// Brings interactive figures to life in a page without a kernel: reads the state that the build embedded, gives each
// figure a model with the interface of anywidget, and replaces its fallback picture.
(async () => {
  const embedded = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
  if (!embedded) return;
  const saved = JSON.parse(embedded.textContent).state;
  const modules = new Map();
  const styles = new Set();

  function load(source) {
    if (!modules.has(source)) {
      const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      modules.set(source, import(address).finally(() => URL.revokeObjectURL(address)));
    }
    return modules.get(source);
  }

  function style(text) {
    if (!text || styles.has(text)) return;
    styles.add(text);
    document.head.append(Object.assign(document.createElement("style"), { textContent: text }));
  }

  function bytes({ data }) {
    return new DataView(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)).buffer);
  }

  function createModel({ state: initial, buffers = [] }) {
    const state = structuredClone(initial);
    const listeners = new Map();
    let changed = false;
    for (const buffer of buffers) {
      const holder = buffer.path.slice(0, -1).reduce((value, key) => value[key], state);
      holder[buffer.path.at(-1)] = bytes(buffer);
    }
    const tell = (event) => [...(listeners.get(event) ?? [])].forEach((listener) => listener());
    return {
      get: (name) => state[name],
      set(name, value) {
        if (state[name] === value) return;
        state[name] = value;
        changed = true;
        tell(`change:${name}`);
      },
      save_changes() {
        if (changed) tell("change");
        changed = false;
      },
      on(event, listener) {
        if (!listeners.has(event)) listeners.set(event, new Set());
        listeners.get(event).add(listener);
      },
      off(event, listener) {
        if (listener) listeners.get(event)?.delete(listener);
        else listeners.delete(event);
      },
    };
  }

  for (const figure of document.querySelectorAll(".play[data-play]")) {
    const record = saved[figure.dataset.play];
    if (!record) throw new Error(`the page holds no state for the figure ${figure.dataset.play}`);
    const el = Object.assign(document.createElement("div"), { className: "play-live" });
    const model = createModel(record);
    style(model.get("_css"));
    const { default: definition } = await load(model.get("_esm"));
    figure.prepend(el);
    await definition.render({ model, el });
    figure.classList.add("play-ready");
  }
})();
