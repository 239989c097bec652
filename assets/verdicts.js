/* How sure the comparison page is. The panels come first; verdicts, intervals and the forest plot are asked
   for when they are there, and again when the threshold has come to rest. Nothing is computed here. */
(function () {
  "use strict";
  const REST = 250; // ms without another threshold
  const PATIENCE = 120000; // ms: a million rows take seconds the first time
  const SURE = "data-sure";

  let wanted = null; // what is on the page: where to ask, the view, mode and target
  let sure = null; // the last answer
  let gates = {}; // lines by version
  let waiting = []; // cards of candidates before anything is judged
  let scale = "difference";
  let timer = 0;
  let isAsking = false;

  const set = (id, props) => window.dash_clientside.shell.set(id, props);
  const make = (part) => window.dash_clientside.comparison.make(part);
  const panels = () => document.getElementById("comparison-panels");
  const isThere = () => wanted !== null && wanted.page === panels();
  const fits = () => sure !== null && isThere() && sure.view === wanted.view;
  const isSettled = () => fits() && sure.tail === wanted.tail;

  /* Another selection is on the page: whatever was known is of another one. */
  function begin(moved) {
    sure = null;
    gates = {};
    later(moved, 0, moved.sure);
  }

  /* Another threshold. */
  function later(moved, rest = REST, path = wanted && wanted.path) {
    wanted = { page: panels(), path, view: moved.view, tail: moved.tail };
    stale();
    clearTimeout(timer);
    timer = setTimeout(ask, rest);
  }

  async function ask() {
    if (isAsking) return;
    isAsking = true;
    try {
      while (isThere() && !isSettled()) {
        const mine = wanted;
        const answer = await fetch(mine.path + mine.tail, { signal: AbortSignal.timeout(PATIENCE) });
        const text = await answer.text();
        if (mine !== wanted) continue; // another threshold or selection came meanwhile
        const isJson = (answer.headers.get("content-type") || "").includes("json");
        if (!isJson) throw new Error(text);
        const said = JSON.parse(text);
        if (!answer.ok) throw new Error(said.problems.join(" "));
        if (said.view !== mine.view) break; // a version was scored meanwhile: the page is about to say so
        sure = said;
        show();
      }
    } catch (failure) {
      if (isThere()) tell(failure.message);
    } finally {
      isAsking = false;
    }
  }

  /* The page says itself what is wrong with a store; here it is enough to stop waiting. */
  function tell(text) {
    stale(false);
    for (const node of document.querySelectorAll('.verdict-chip[data-kind="waiting"]')) node.replaceChildren("n/a");
    document.getElementById("comparison-terms").textContent = text;
  }

  function stale(is = true) {
    document.querySelector(".comparison").toggleAttribute("data-judging", is && !isSettled());
  }

  function cards(list) {
    waiting = list || [];
    deal();
  }

  /* Judged cards where there are some, waiting ones elsewhere. */
  function deal() {
    const place = document.getElementById("comparison-verdicts");
    const judged = fits() ? sure.cards : {};
    if (place) place.replaceChildren(...waiting.map((card) => make(judged[card.attributes["data-verdict"]] || card)));
    hang();
  }

  function show() {
    stale();
    deal();
    document.getElementById("comparison-terms").textContent = sure.terms;
    set("comparison-detectable", { children: sure.detectable });
    for (const node of document.querySelectorAll(`[${SURE}]`)) {
      const text = sure.cells[node.getAttribute(SURE)] || "";
      if (node.textContent !== text) node.textContent = text;
    }
    const unsure = new Set(sure.unsure);
    for (const node of document.querySelectorAll("[data-cell]"))
      node.toggleAttribute("data-unsure", unsure.has(node.dataset.cell));
    panels().style.setProperty("--forest", `${Math.max(sure.height, 340)}px`);
    forest();
    whiskers(sure);
    askGates(sure);
  }

  /* The gates may take longer: a check may measure something. */
  async function askGates(mine) {
    if (!mine.gates) return;
    let said = null;
    try {
      const answer = await fetch(mine.gates, { signal: AbortSignal.timeout(PATIENCE) });
      if (answer.ok) said = await answer.json();
    } catch (_failure) {
      // the cards stand without them, and the promotion says itself what it refuses
    }
    if (!said || mine !== sure) return;
    gates = said.gates;
    hang();
  }

  function hang() {
    for (const node of document.querySelectorAll("[data-gate]")) {
      const gate = gates[node.dataset.gate];
      node.replaceChildren(...(gate ? [make(gate)] : []));
    }
  }

  function forest() {
    if (fits()) set("comparison-deltas", { figure: sure.deltas[scale] });
  }

  /* The bars may still be on their way; they stay as they are, and get their intervals. */
  function whiskers(mine) {
    if (mine !== sure || !fits()) return;
    const plot = document.querySelector("#comparison-metrics .js-plotly-plot");
    if (!plot || !plot._fullLayout || plot.data.length !== mine.whiskers.length) {
      setTimeout(() => whiskers(mine), 50);
      return;
    }
    window.Plotly.restyle(plot, { error_y: mine.whiskers }, [...mine.whiskers.keys()]);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-scale]");
    if (!button) return;
    scale = button.dataset.scale;
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", other === button);
    forest();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { verdicts: { begin, cards, later } });
})();
