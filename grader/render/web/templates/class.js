"use strict";
// Sorting and filtering of the table. Without this script it is all there, in the order of ids.
(() => {
  const table = document.getElementById("marks");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  const rows = [...body.rows].map((row) => {
    const cells = [...row.cells];
    return {
      row,
      cells,
      words: `${cells[0].textContent}\n${cells[1].textContent}`.toLowerCase(),
      keys: cells.map((cell, n) => (heads[n].dataset.sort === "text" ? cell.textContent : parseFloat(cell.textContent))),
    };
  });

  const compare = (one, other, sign) => {
    if (typeof one === "string") return sign * order(one, other);
    if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) - Number.isNaN(other); // no mark: always last
    return sign * (one - other);
  };

  const sort = (column) => {
    const head = heads[column];
    // Names begin with A, marks with the best; again turns it round.
    const first = head.dataset.sort === "text" ? "ascending" : "descending";
    const second = first === "ascending" ? "descending" : "ascending";
    const direction = head.getAttribute("aria-sort") === first ? second : first;
    for (const each of heads) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    rows.sort((one, other) => compare(one.keys[column], other.keys[column], sign));
    body.append(...rows.map((one) => one.row));
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(column));
  });

  const words = document.getElementById("words");
  const where = document.getElementById("where");
  const state = document.getElementById("state");
  const found = document.getElementById("found");
  const firstMark = 2;
  const marks = heads.length - (where ? 5 : 4); // columns of sections

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const from = firstMark + (where && where.value ? Number(where.value) : 0);
    const until = where && where.value ? from + 1 : firstMark + marks;
    let count = 0;
    for (const { row, cells, words: own } of rows) {
      const named = wanted.every((word) => own.includes(word));
      const shown = named && (!state.value || cells.slice(from, until).some((cell) => cell.classList.contains(state.value)));
      if (row.hidden === shown) row.hidden = !shown;
      count += shown;
    }
    found.textContent = `${count} of ${rows.length} ${rows.length === 1 ? "student" : "students"}`;
  };

  for (const control of [words, where, state]) if (control) control.addEventListener("input", filter);
  document.getElementById("filters").hidden = false;
  filter(); // a browser that comes back may have kept what was typed
})();
