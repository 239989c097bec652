/* The comparison page in the browser. The threshold's way: slider or box, one question at a time to the
   server, then every number and point at once. Nothing is computed here. */
(function () {
  "use strict";
  const SLIDER = "comparison-threshold";
  const PATIENCE = 1500; // ms after which a question counts as lost
  const CALM = 300; // ms without a new value before the address follows
  const AT_ONCE = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: false } };

  let view = null; // what the panels show; values for another view are late
  let latest = null; // the values that the cells hold
  let wanted = null; // the threshold that the reader set last
  let asked = 0; // when the question under way was sent; 0: none is
  let calm = 0; // timer of the address

  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const valid = (value) => typeof value === "number" && value >= 0 && value <= 1;

  /* One question at a time; while it is under way only the last value is remembered. */
  function ask() {
    if (asked && performance.now() - asked < PATIENCE) return;
    asked = performance.now();
    set("comparison-asked", { data: wanted });
  }

  function fill(root) {
    if (!latest) return;
    for (const node of root.querySelectorAll("[data-cell]")) {
      const key = node.dataset.cell;
      const text = latest.cells[key] || "";
      if (node.textContent !== text) node.textContent = text;
      mark(node, "change", latest.changes[key]);
      mark(node, "best", latest.best.includes(key) ? "true" : undefined);
    }
  }

  function mark(node, name, value) {
    if (node.dataset[name] === value) return;
    if (value === undefined) delete node.dataset[name];
    else node.dataset[name] = value;
  }

  /* React builds cells empty, now and whenever another version comes: they are filled as they appear. */
  new MutationObserver((changes) => {
    const isCell = (node) => node.nodeType === 1 && (node.matches("[data-cell]") || node.querySelector("[data-cell]"));
    if (!changes.some((change) => change.type === "attributes" || [...change.addedNodes].some(isCell))) return;
    fill(document);
    name();
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-cell"] });

  /* dcc.Slider takes no label. */
  function name() {
    const thumb = document.querySelector(`#${SLIDER} [role=slider]`);
    if (thumb) thumb.setAttribute("aria-label", thumb.closest("[data-label]").dataset.label);
  }

  const drawn = (id) => {
    const plot = document.querySelector(`#${id} .js-plotly-plot`);
    return plot && plot.data && plot.data.length && plot._fullLayout ? plot : null;
  };

  function move(moved) {
    const bars = drawn("comparison-metrics");
    if (bars) {
      const traces = moved.bars.y.map((_heights, index) => index);
      const range = [moved.bars.lowest, bars.layout.yaxis.range[1]];
      const axis = range[0] === bars.layout.yaxis.range[0] ? {} : { "yaxis.range": range };
      window.Plotly.update(bars, { y: moved.bars.y, hovertext: moved.bars.hovertext }, axis, traces);
    }
    for (const [id, points] of Object.entries(moved.points)) {
      const plot = drawn(id);
      if (!plot) continue;
      const data = [{ x: points.map((point) => point[0]), y: points.map((point) => point[1]) }];
      // A newer value interrupts this one, which rejects its promise: that is as it should be.
      window.Plotly.animate(plot, { data, traces: [plot.data.length - 1] }, AT_ONCE).catch(() => {});
    }
  }

  function follow(slider, box) {
    const fromBox = window.dash_clientside.callback_context.triggered_id === "comparison-threshold-box";
    const value = fromBox ? box : slider;
    if (!valid(value) || !latest) return [none(), none()];
    wanted = value;
    ask();
    return fromBox ? [value, none()] : [none(), value];
  }

  function paint(moved) {
    if (!moved) return;
    if (moved.drawn) view = moved.view; // the figures came with it and are at this threshold
    else asked = 0;
    if (moved.view === view) {
      latest = moved;
      fill(document);
      name();
      if (!moved.drawn) move(moved);
      clearTimeout(calm);
      if (!moved.drawn) calm = setTimeout(() => set("comparison-address", { data: moved.search }), CALM);
    }
    if (wanted !== null && wanted !== moved.threshold) ask();
  }

  function remove(_clicks, versions) {
    const context = window.dash_clientside.callback_context;
    if (!context.triggered.length || !context.triggered[0].value) return none();
    document.getElementById("comparison-versions").focus();
    return versions.filter((version) => version !== context.triggered_id.version);
  }

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

  window.dash_clientside = Object.assign({}, window.dash_clientside, { comparison: { follow, paint, remove } });
})();
