/* The comparison of runs in the browser: brushing, the address that restores it, what is taken out. */
(function () {
  "use strict";
  const LONGEST = 1500; // characters of a narrowing that still stand in the address
  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  let now = { runs: {}, narrow: {} }; // what the page shows

  /* The ranges of one axis in the field's own values: positions are logarithms or places of categories. */
  function allowed(axis, spans) {
    const has = (position) => spans.some(([low, high]) => low <= position && position <= high);
    const missing = axis.missing !== null && has(axis.missing) ? { missing: true } : {};
    if (axis.categories) {
      const of = axis.categories.filter((_name, place) => has(place));
      return of.length || missing.missing ? { ...(of.length ? { of } : {}), ...missing } : null;
    }
    const real = spans
      .filter(([, high]) => axis.missing === null || high > axis.missing)
      .map(([low, high]) => (missing.missing && low <= axis.missing && high <= axis.least ? null : [low, high]))
      .filter((span) => span !== null && span[1] >= axis.least)
      .map((span) => span.map((end) => (axis.log ? 10 ** end : end)));
    return real.length || missing.missing ? { ...(real.length ? { in: real } : {}), ...missing } : null;
  }

  /* plotly says which axis was brushed by its place, which the reader may have changed. */
  function brush(restyled, narrow) {
    const plot = document.querySelector("#run-comparison-parallel .js-plotly-plot");
    if (!restyled || !plot || !plot.data.length) return [none(), none()];
    const axes = new Map(plot.layout.meta.axes.map((axis) => [axis.field, axis]));
    const next = { ...(narrow || {}) };
    let isNew = false;
    for (const key of Object.keys(restyled[0])) {
      const place = /^dimensions\[(\d+)\]\.constraintrange$/.exec(key);
      const dimension = place && plot.data[0].dimensions[Number(place[1])];
      const axis = dimension && axes.get(dimension.name);
      if (!axis) continue;
      const range = dimension.constraintrange;
      const spans = !range || !range.length ? [] : Array.isArray(range[0]) ? range : [range];
      const found = spans.length ? allowed(axis, spans) : null;
      if (found) next[axis.field] = found;
      else delete next[axis.field];
      isNew = true;
    }
    return isNew ? [next, "axes"] : [none(), none()];
  }

  function narrow(clicks, field, from, to, before) {
    if (!clicks || !field || (typeof from !== "number" && typeof to !== "number")) return [none(), none()];
    const span = [typeof from === "number" ? from : -1e300, typeof to === "number" ? to : 1e300];
    return [{ ...(before || {}), [field]: { in: [span] } }, "typed"];
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-let-go], [data-take-out]");
    if (!button) return;
    if (button.dataset.letGo !== undefined) {
      const rest = { ...now.narrow };
      delete rest[button.dataset.letGo];
      set("run-comparison-origin", { data: "chip" });
      set("run-comparison-narrow", { data: rest });
    } else if (now.runs.runs) {
      set("run-comparison-runs", { data: { runs: now.runs.runs.filter((run) => run !== button.dataset.takeOut) } });
    }
  });

  /* Only what differs from what the page chooses by itself stands in the address. */
  function remember(runs, metric, direction, axes, x, y, color, by, history, over, log, smooth, narrowed, defaults) {
    if (!document.getElementById("run-comparison-body")) return;
    now = { runs: runs || {}, narrow: narrowed || {} };
    if (!defaults) return;
    const query = new URLSearchParams();
    if (now.runs.selection) query.set("selection", now.runs.selection);
    else query.set("runs", (now.runs.runs || []).join(","));
    const chosen = { metric, x, color, by };
    for (const [key, value] of Object.entries(chosen)) if (value && value !== defaults[key]) query.set(key, value);
    if (JSON.stringify(axes || []) !== JSON.stringify(defaults.axes)) query.set("axes", JSON.stringify(axes || []));
    if (direction) query.set("better", direction);
    if (y) query.set("y", y);
    if (history) query.set("history", history);
    if (over && over !== "step") query.set("over", over);
    if (log && log.length) query.set("scale", "log");
    if (smooth) query.set("smooth", smooth);
    const ranges = JSON.stringify(now.narrow);
    if (ranges !== "{}" && ranges.length <= LONGEST) query.set("narrow", ranges);
    window.dash_clientside.shell.remember("?" + query.toString().replaceAll("%2C", ","));
    report(query);
  }

  /* The report is of the runs that are looked at. */
  function report(query) {
    const link = document.querySelector("#run-comparison-links a[download]");
    if (!link) return;
    const wanted = new URLSearchParams();
    for (const key of ["runs", "selection", "narrow"]) if (query.get(key)) wanted.set(key, query.get(key));
    link.href = "/runs/compare.csv?" + wanted.toString().replaceAll("%2C", ",");
  }

  /* dcc.Slider takes no label, and is there later than the rest. */
  function name(hidden) {
    const place = document.querySelector(".run-comparison-smooth");
    const slider = place && place.querySelector("[role=slider]");
    if (!place || hidden) return;
    if (!slider) return void requestAnimationFrame(() => name(false));
    slider.setAttribute("aria-label", place.dataset.label);
    const box = place.querySelector("input");
    if (box) box.setAttribute("aria-label", place.dataset.label);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    run_comparison: {
      brush,
      narrow,
      name,
      remember,
      clear: (clicks) => (clicks ? [{}, "cleared"] : [none(), none()]),
      same: (clicks) => (clicks % 2 ? ["scroll show-same", "true"] : ["scroll", "false"]),
    },
  });
})();
