/* The comparison page in the browser. The threshold's way: slider or box, one question at a time to the
   server, then every number and point at once. Nothing is computed here. */
(function () {
  "use strict";
  const PATIENCE = 5000; // ms after which a question counts as lost
  const REST = 300; // ms between two changes of the address: a browser allows a hundred in half a minute
  const AT_ONCE = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };

  let page = null; // the element that holds the panels; another one after a navigation
  let shown = null; // the values that are on the page
  let places = []; // where they stand
  let view = null; // which versions they are of
  let question = ""; // path of another threshold's values, but for the threshold
  let wanted = null; // mode and value that the reader set last on this page
  let isAsking = false;
  let isDue = false; // the address does not say yet what is wanted
  let isHeld = false; // the slider by a hand, or a key
  let resting = 0; // timer until the address may change again

  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.shell.set(id, props);
  const panels = () => document.getElementById("comparison-panels");
  const valid = (value) => typeof value === "number" && value >= 0 && value <= 1;
  const fits = (mode, value) => (mode === "cost" ? typeof value === "number" && value >= 0.001 && value <= 1000 : valid(value));
  const isShown = () => shown.mode === wanted.mode && shown.value === wanted.value;
  const tail = ({ mode, value }) => (mode === "threshold" ? value : `${mode}/${value}`);
  const said = ({ mode, value }) => (mode === "threshold" ? `&threshold=${value}` : `&mode=${mode}&target=${value}`);

  /* One question at a time, and always for the last threshold: what came in between is skipped. Where it
     has no good answer the whole page is asked for, which says what is wrong. */
  async function ask() {
    if (isAsking) return;
    isAsking = true;
    try {
      while (wanted !== null && !isShown()) {
        const mine = view;
        const answer = await fetch(question + tail(wanted), { signal: AbortSignal.timeout(PATIENCE) });
        const moved = answer.ok ? await answer.json() : null;
        if (mine !== view) continue; // another selection came meanwhile
        if (!moved || moved.view !== view) throw new Error("no values for " + tail(wanted));
        step(moved);
      }
    } catch (_failure) {
      wanted = null;
      set("comparison-drawn", { data: null }); // whatever comes is drawn
      set("comparison-poll", { n_intervals: 0 });
    } finally {
      isAsking = false;
    }
  }

  /* Places whose text moves, with what stands in them: looking for some hundred of them takes as long as
     writing into those that change. */
  function find() {
    const known = (node) => ({ node, key: node.dataset.cell, text: node.textContent, change: node.dataset.change, best: node.dataset.best });
    places = [...document.querySelectorAll("[data-cell]")].map(known);
  }

  function fill(moved) {
    shown = moved;
    const best = new Set(moved.best);
    for (const place of places) {
      const text = moved.cells[place.key] || "";
      if (place.text !== text) place.node.textContent = place.text = text;
      mark(place, "change", moved.changes[place.key]);
      mark(place, "best", best.has(place.key) ? "true" : undefined);
    }
  }

  function mark(place, name, value) {
    if (place[name] === value) return;
    place[name] = value;
    if (value === undefined) delete place.node.dataset[name];
    else place.node.dataset[name] = value;
  }

  /* Elements of dashboard/components/elements.py. */
  function make(part) {
    if (typeof part === "string") return document.createTextNode(part);
    const node = document.createElement(part.tag);
    for (const [key, value] of Object.entries(part.attributes)) node.setAttribute(key, value);
    node.append(...part.children.map(make));
    return node;
  }

  /* dcc.Slider takes no label, and is there later than the rest. */
  function name() {
    const places = [...document.querySelectorAll(".threshold-slider")];
    for (const place of places) place.querySelector("[role=slider]")?.setAttribute("aria-label", place.dataset.label);
    if (places.some((place) => !place.querySelector("[role=slider]"))) requestAnimationFrame(name);
  }

  /* Only what moved is drawn again: the curves, axes and frames stay. What is out of sight waits until the
     rest is painted, and for nothing if a newer value has come. */
  function move(moved, inSight) {
    const changes = [["comparison-metrics", bars(moved)]];
    for (const [id, points] of Object.entries(moved.points)) changes.push([id, dots(points)]);
    const draw = (isNow) => changes.forEach(([id, change]) => inSight.has(id) === isNow && redraw(id, change));
    draw(true);
    requestAnimationFrame(() => setTimeout(() => moved === shown && draw(false)));
  }

  const bars = (moved) => ({
    data: moved.bars.y.map((y, index) => ({ y, hovertext: moved.bars.hovertext[index] })),
    first: 0,
    lowest: moved.bars.lowest,
  });
  const dots = (points) => ({ data: [{ x: points.map((at) => at[0]), y: points.map((at) => at[1]) }], first: -1 });

  /* Ids of the pictures in sight. */
  function look() {
    const boxes = [...document.querySelectorAll("[id^=comparison-]:has(> .js-plotly-plot)")];
    const isSeen = ({ bottom, top }) => bottom > 0 && top < window.innerHeight;
    return new Set(boxes.filter((box) => isSeen(box.getBoundingClientRect())).map((box) => box.id));
  }

  function redraw(id, { data, first, lowest }) {
    const plot = document.querySelector(`#${id} .js-plotly-plot`);
    if (!plot || !plot._fullLayout || !plot.data.length) return; // it is drawn with the values it came with
    const start = first < 0 ? plot.data.length + first : first;
    const traces = data.map((_trace, index) => start + index);
    // A newer value interrupts this one, which rejects its promise: that is as it should be.
    window.Plotly.animate(plot, { data, traces }, AT_ONCE).catch(() => {});
    const axis = plot.layout.yaxis;
    if (lowest !== undefined && lowest !== axis.range[0])
      window.Plotly.relayout(plot, { "yaxis.range": [lowest, axis.range[1]] });
  }

  function follow(slider, box) {
    const fromBox = window.dash_clientside.callback_context.triggered_id === "comparison-threshold-box";
    const value = fromBox ? box : slider;
    if (!valid(value) || page !== panels()) return [none(), none()];
    want("threshold", value);
    return fromBox ? [value, none()] : [none(), value];
  }

  function want(mode, value) {
    wanted = { mode, value };
    isDue = true;
    ask(); // first: the address is written while the question is on its way
    if (!isHeld || !resting) write();
    window.dash_clientside.rows.follow(view, wanted);
    window.dash_clientside.trend.follow(wanted);
  }

  /* Another mode begins with what the baseline does now; then its target moves like a threshold. */
  function aim(mode, slider, box, threshold) {
    if (page !== panels()) return [none(), none()];
    const from = window.dash_clientside.callback_context.triggered_id;
    const isNew = from === "comparison-mode";
    const value = isNew ? { ...shown.aims, threshold }[mode] : from === "comparison-target" ? slider : box;
    document.querySelector(".threshold").dataset.mode = mode;
    if (!fits(mode, value)) return [none(), none()];
    want(mode, value);
    const isShare = isNew && mode !== "threshold" && mode !== "cost";
    return [isShare || from === "comparison-target-box" ? Math.min(value, 1) : none(), isNew || from === "comparison-target" ? value : none()];
  }

  /* Another selection: its figures came with it and are at its threshold. */
  function show(moved) {
    if (!moved) return;
    if (page !== panels()) wanted = null;
    page = panels();
    view = moved.view;
    question = moved.question;
    for (const [id, parts] of Object.entries(moved.elements))
      document.getElementById(id).replaceChildren(...parts.map(make));
    find();
    fill(moved);
    name();
    window.dash_clientside.verdicts.begin(moved);
    window.dash_clientside.rows.follow(view, wanted || moved);
    ask();
  }

  /* Another threshold for what is on the page. */
  function step(moved) {
    const inSight = look(); // before anything is written, or the browser would have to lay out twice
    fill(moved);
    move(moved, inSight);
    window.dash_clientside.verdicts.later(moved);
  }

  /* The address says what the reader asked for, before the answer is there: whoever opens the page anew or
     copies its address has it. While slider or key are held down, it follows now and then. */
  function write() {
    if (!isDue || page !== panels()) return;
    clearTimeout(resting);
    resting = setTimeout(() => {
      resting = 0;
      write();
    }, REST);
    remember(shown.search);
  }

  /* A selection's address, which was made when another threshold may have been wanted. What was wrong with
     the address before is no longer said. */
  function remember(search) {
    if (typeof search !== "string") return;
    isDue = false;
    if (document.getElementById("comparison-problems").childElementCount) set("comparison-problems", { children: [] });
    const isOlder = wanted !== null && page === panels();
    const asked = isOlder ? search.replace(/&(threshold|mode|target)=[^&]*/g, "") + said(wanted) : search;
    window.dash_clientside.shell.remember(asked);
  }

  function hold(is) {
    isHeld = is;
    if (!is) write();
  }
  for (const moment of ["pointerup", "pointercancel", "keyup"]) window.addEventListener(moment, () => hold(false));
  window.addEventListener("pointerdown", () => hold(true));
  window.addEventListener("keydown", (event) => hold(event.repeat));

  function remove(_clicks, versions) {
    const context = window.dash_clientside.callback_context;
    if (!context.triggered.length || !context.triggered[0].value) return none();
    document.getElementById("comparison-versions").focus();
    return versions.filter((version) => version !== context.triggered_id.version);
  }

  /* dcc.Input waits for Enter or for the end; the arrows of the box count at once. The question goes out
     before Dash hears of the value, and the slider follows when the numbers stand: to tell a page's some
     hundred components of a value takes Dash longer than all the rest. */
  document.addEventListener("change", (event) => {
    const box = event.target;
    const mode = { "comparison-threshold-box": "threshold", "comparison-target-box": "cost" }[box.id];
    const value = box.valueAsNumber;
    if (!mode || !fits(mode, value) || page !== panels()) return;
    want(mode, value);
    setTimeout(() => wanted?.value === value && set(box.id, { value }), REST);
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || button.dataset.shown) return;
    await copy(button.dataset.copy);
    button.dataset.shown = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = button.dataset.shown;
      delete button.dataset.shown;
    }, 1500);
  });

  /* The clipboard of the page's own is there over https and on localhost only. */
  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = document.body.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    comparison: { aim, follow, make, remember, remove, show },
  });
})();
