/* The card "What differs": its table, folding, identical lines, and the way from difference to difference. */
(function () {
  "use strict";
  const CARD = "differing";
  const LINES = "differing-lines";
  const SAME = "differing-same";
  const folded = new Set(); // names of sections; they stay folded when the table is drawn anew

  const lines = () => document.getElementById(LINES);
  const none = () => window.dash_clientside.no_update;

  function show(table) {
    if (!table) return none();
    lines().replaceChildren(window.dash_clientside.comparison.make(table));
    for (const section of lines().querySelectorAll("tbody")) fold(section, folded.has(section.dataset.section));
    return none();
  }

  function fold(section, is) {
    section.classList.toggle("is-folded", is);
    const button = section.querySelector(".fold");
    if (button) button.setAttribute("aria-expanded", String(!is));
    if (is) folded.add(section.dataset.section);
    else folded.delete(section.dataset.section);
  }

  /* To the next difference after the one that has the focus, or from the last to the first. */
  function step(by) {
    const found = [...lines().querySelectorAll("tr.differs")];
    if (!found.length) return;
    const at = found.indexOf(lines().querySelector("tr.is-current"));
    const next = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
    if (at >= 0) found[at].classList.remove("is-current");
    const row = found[next];
    fold(row.closest("tbody"), false);
    row.classList.add("is-current");
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const card = event.target.closest("#" + CARD);
    if (!card) return;
    const way = event.target.closest("[data-step]");
    if (way) step(Number(way.dataset.step));
    const title = event.target.closest(".fold");
    if (title) fold(title.closest("tbody"), title.getAttribute("aria-expanded") === "true");
    const same = event.target.closest("#" + SAME);
    if (same) same.setAttribute("aria-pressed", String(lines().classList.toggle("show-same")));
  });

  /* Only while the card is what the reader is at, and nowhere where letters are typed. */
  document.addEventListener("keydown", (event) => {
    const card = document.getElementById(CARD);
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { n: 1, p: -1 }[event.key];
    const at = document.activeElement;
    const isTyping = at && (at.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName));
    const isHere = card.contains(at) || card.matches(":hover");
    if (!by || isTyping || !isHere || document.querySelector("[role=dialog][aria-modal=true]")) return;
    event.preventDefault();
    step(by);
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { differing: { show } });
})();
