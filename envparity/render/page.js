"use strict";
// The page is complete without this script: it lists every finding. The script filters the findings, and opens the
// folded part with the finding that a link leads to.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector) => document.querySelector(selector);
const findings = all(".finding");
const texts = new Map(findings.map((finding) => [finding, finding.textContent.toLowerCase()]));
const folds = all("main > section > details, .more").map((fold) => ({ fold, open: fold.open }));
const form = one(".filters");
let narrowed = false;

function filter() {
  const [text, code, name, kind] = ["text", "code", "name", "kind"].map((field) => one(`#${field}`).value);
  const wanted = text.trim().toLowerCase();
  let count = 0;
  for (const finding of findings) {
    const { code: its, names, kind: section } = finding.dataset;
    finding.hidden = !((!code || its === code) && (!name || names.split("\n").includes(name))
      && (!kind || section === kind) && texts.get(finding).includes(wanted));
    count += !finding.hidden;
  }
  const filtered = Boolean(wanted || code || name || kind);
  const empty = (part) => !part.querySelector(".finding:not([hidden])");
  for (const group of all(".group")) group.hidden = empty(group);
  for (const section of all("main > section:has(.group)")) section.hidden = empty(section);
  for (const heading of all("h3")) {
    let next = heading.nextElementSibling;
    while (next && next.matches(".group[hidden]")) next = next.nextElementSibling;
    heading.hidden = !(next && next.matches(".group"));
  }
  for (const { fold, open } of folds) {
    fold.hidden = filtered && empty(fold);
    // A filter opens the folded parts with findings that fit. Without a filter, each part has its first state again.
    if (filtered || narrowed) fold.open = filtered || open;
  }
  narrowed = filtered;
  one("[type=reset]").disabled = !filtered;
  one("#matching").textContent = `${count.toLocaleString("en")} of ${findings.length.toLocaleString("en")} findings`;
}

function openLinked() {
  const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!linked) return;
  for (let fold = linked.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  linked.scrollIntoView();
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
addEventListener("hashchange", openLinked);
filter();
openLinked();
