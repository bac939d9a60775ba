// A number from the ledger opens a note with its conditions and its source. Without this it is a link to that note.
(() => {
  let note = null;
  addEventListener("click", (event) => {
    const number = event.target.closest("a.fact");
    if (!number) return;
    note = document.getElementById(number.hash.slice(1));
    if (!note.togglePopover) return;
    event.preventDefault();
    note.togglePopover({ source: number });
  });
  // The browser would close it by itself, but Sphinx keeps the Escape key from it.
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") note?.hidePopover?.();
  });
})();

// Tables that are wider than the page scroll in a box of their own. Such a box must be reached by keyboard.
(() => {
  function mark() {
    for (const box of document.querySelectorAll(".pst-scrollable-table-container")) {
      const scrolls = box.scrollWidth > box.clientWidth;
      for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", "Table that scrolls sideways"]]) {
        if (scrolls) box.setAttribute(name, value);
        else box.removeAttribute(name);
      }
    }
  }
  addEventListener("load", mark);
  addEventListener("resize", mark);
})();

// The table of all claims can be cut down to a verdict, a chapter or a word.
(() => {
  function filter(table) {
    const rows = [...table.querySelectorAll("tbody tr")].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      verdict: row.querySelector(".verdict").classList[1],
      chapter: row.querySelector(".chapter").textContent,
    }));
    const form = document.createElement("form");
    form.className = "claims-filter";
    const field = (label, control) => {
      const named = document.createElement("label");
      named.append(label, control);
      form.append(named);
      control.addEventListener("input", show);
      return control;
    };
    const choice = (values) => {
      const select = document.createElement("select");
      for (const value of ["all", ...new Set(values)]) select.add(new Option(value));
      return select;
    };
    const verdict = field("Verdict ", choice(["wrong", "imprecise", "right"]));
    const chapter = field("Chapter ", choice(rows.map((entry) => entry.chapter)));
    const word = field("Word ", Object.assign(document.createElement("input"), { type: "search" }));
    const told = document.createElement("p");
    told.setAttribute("role", "status");
    form.append(told);
    form.addEventListener("submit", (event) => event.preventDefault());

    function show() {
      let shown = 0;
      for (const entry of rows) {
        const fits =
          ["all", entry.verdict].includes(verdict.value) &&
          ["all", entry.chapter].includes(chapter.value) &&
          entry.text.includes(word.value.trim().toLowerCase());
        entry.row.hidden = !fits;
        shown += fits;
      }
      told.textContent = `${shown} of ${rows.length} claims`;
    }
    show();
    (table.closest(".pst-scrollable-table-container") ?? table).before(form);
  }
  addEventListener("load", () => document.querySelectorAll("table.all-claims").forEach(filter));
})();
