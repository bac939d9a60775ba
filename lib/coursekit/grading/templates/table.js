// Tables of class "sortable": a click on a heading sorts by it, and a field above finds rows.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column) => row.cells[column].textContent.trim();

  const sort = (column) => {
    const up = heads[column].getAttribute("aria-sort") !== "ascending";
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
    const keyed = [...body.rows].map((row) => ({ row, text: value(row, column), number: parseFloat(value(row, column)) }));
    const numbers = keyed.every((one) => one.text === "" || !Number.isNaN(one.number));
    const compare = numbers
      ? (a, b) => (Number.isNaN(a.number) ? -1 : a.number) - (Number.isNaN(b.number) ? -1 : b.number)
      : (a, b) => a.text.localeCompare(b.text, undefined, { numeric: true });
    keyed.sort((a, b) => (up ? compare(a, b) : compare(b, a)));
    body.replaceChildren(...keyed.map((one) => one.row));
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
  });

  const label = document.createElement("label");
  const field = Object.assign(document.createElement("input"), { type: "search" });
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  field.addEventListener("input", () => {
    const word = field.value.trim().toLowerCase();
    let shown = 0;
    for (const row of body.rows) {
      row.hidden = !row.textContent.toLowerCase().includes(word);
      shown += !row.hidden;
    }
    told.textContent = `${shown} of ${body.rows.length} rows`;
  });
  label.append("Find ", field);
  const line = document.createElement("p");
  line.className = "find";
  line.append(label, " ", told);
  (table.closest(".scroll") ?? table).before(line);
}
