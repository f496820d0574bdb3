"use strict";
// The page is complete without this script: it has the maps, and every test with its details. The script filters the
// tests, and opens the details of a cell in a dialog.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector) => document.querySelector(selector);
const dialog = one("dialog");
const rows = new Map(all("[data-row]").map((row) => [row.dataset.row, row]));
const marks = all("[data-test]");
const cells = marks.filter((mark) => mark.matches("a"));
const maps = all(".card .map");
const folds = all(".status-group").map((fold) => ({ fold, open: fold.open }));
const words = new Map([...rows].map(([number, row]) => [number, said(row)]));

let narrowed = false;

function said(row) {
  const parts = all("summary, .told, .why, pre", row).filter((part) => !part.matches(".log > summary"));
  return parts.map((part) => part.textContent).join("\n").toLowerCase();
}

function filter() {
  const statuses = all("[name=status]:checked").map((box) => box.value);
  const side = one("#side").value, transport = one("#transport").value, text = one("#text").value.trim().toLowerCase();
  const seen = new Set();
  for (const [number, row] of rows) {
    const { status, dialer, listener } = row.dataset;
    const fits = (!statuses.length || statuses.includes(status)) && (!side || [dialer, listener].includes(side))
      && (!transport || row.dataset.transport === transport) && words.get(number).includes(text);
    row.hidden = !fits;
    if (fits) seen.add(number);
  }
  for (const mark of marks) {
    const off = !seen.has(mark.dataset.test);
    mark.classList.toggle("off", off);
    if (mark.matches("a")) off ? mark.setAttribute("aria-disabled", "true") : mark.removeAttribute("aria-disabled");
  }
  for (const map of maps) {
    trim(map);
    map.closest(".card").hidden = !map.querySelector("a:not(.off)");
    rove(map, map.querySelector("a[tabindex='0']:not(.off)") || map.querySelector("a:not(.off)"));
  }
  for (const group of all(".group")) group.hidden = all(".card", group).every((card) => card.hidden);
  const filtered = Boolean(statuses.length || side || transport || text);
  for (const { fold, open } of folds) {
    const found = all("[data-row]", fold).filter((row) => !row.hidden).length;
    fold.hidden = !found;
    // A filter opens the groups in which it finds tests. Without a filter, a group is open or closed as at the start.
    if (filtered || narrowed) fold.open = filtered || open;
    fold.querySelector("summary b").textContent = found.toLocaleString("en");
  }
  narrowed = filtered;
  document.body.classList.toggle("narrowed", filtered);
  one("#reset").disabled = !filtered;
  one("#matching").textContent = `${seen.size.toLocaleString("en")} of ${rows.size.toLocaleString("en")} tests`;
}

// Hides the rows and columns of a map in which the filter finds no test.
function trim(map) {
  const [head, ...body] = map.rows;
  for (const row of body) row.hidden = !row.querySelector("a:not(.off)");
  for (let column = 1; column < head.cells.length; column += 1) {
    const empty = !body.some((row) => row.cells[column].querySelector("a:not(.off)"));
    for (const row of map.rows) row.cells[column].hidden = empty;
  }
}

// The Tab key stops at one cell of each map. The arrow keys move from that cell to others.
function rove(map, to) {
  for (const cell of all("a", map)) cell.tabIndex = cell === to ? 0 : -1;
}

function step(cell, right, down) {
  const square = cell.closest("td"), body = cell.closest("tbody");
  let row = square.parentElement.rowIndex - 1, column = square.cellIndex;
  for (;;) {
    row += down;
    column += right;
    const next = body.rows[row]?.cells[column];
    if (!next || next.matches("th")) return;
    const to = next.querySelector("a:not(.off)");
    if (to) return go(to);
  }
}

function go(to) {
  rove(to.closest(".map"), to);
  to.focus();
}

function open(number) {
  const row = rows.get(number);
  one("#opened").textContent = row.querySelector("summary").textContent;
  const facts = row.querySelector(".facts").cloneNode(true);
  facts.removeAttribute("id");
  for (const log of all("details", facts)) log.open = false;
  one("#shown").replaceChildren(facts);
  dialog.showModal();
  dialog.scrollTop = 0;
}

async function copy(button) {
  const code = button.parentElement.querySelector("code");
  let done = false;
  try {
    await navigator.clipboard.writeText(code.textContent);
    done = true;
  } catch { // some browsers give a local file no clipboard: then select the text and copy the selection
    getSelection().selectAllChildren(code);
    done = document.execCommand("copy");
  }
  button.textContent = done ? "Copied" : "Selected";
  button.addEventListener("blur", () => { button.textContent = "Copy"; }, { once: true });
}

const moves = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.(".card a");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (moves[event.key]) step(cell, ...moves[event.key]);
  else if (event.key === " ") cell.click();
  else if (event.key === "Home") go(cell.closest("tr").querySelector("a:not(.off)"));
  else if (event.key === "End") go(all("a:not(.off)", cell.closest("tr")).at(-1));
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const mark = event.target.closest("[data-test]"), finds = event.target.closest("[data-find]");
  const button = event.target.closest(".copy");
  if (button) copy(button);
  else if (finds) {
    const text = one("#text");
    text.value = text.value === finds.dataset.find ? "" : finds.dataset.find;
    filter();
  } else if (mark && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    if (mark.classList.contains("off")) return;
    if (mark.matches("a")) rove(mark.closest(".map"), mark);
    open(mark.dataset.test);
  } else if (event.target === dialog) dialog.close(); // a click outside of the dialog's content
});

one("#close").addEventListener("click", () => dialog.close());
one("#reset").addEventListener("click", () => {
  for (const box of all("[name=status]:checked")) box.checked = false;
  for (const field of all("#side, #transport, #text")) field.value = "";
  filter();
  one("#text").focus();
});
one(".filters").addEventListener("input", filter);
for (const hidden of all(".filters, .copy")) hidden.hidden = false;
for (const finds of all("[data-find]")) finds.disabled = false;
for (const cell of cells) {
  cell.setAttribute("role", "button");
  cell.setAttribute("aria-haspopup", "dialog");
}
filter();
