/* The comparison of runs in the browser: brushing, the address that restores it, what is taken out. */
(function () {
  "use strict";
  const LONGEST = 1500; // characters of a narrowing that still stand in the address
  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.shell.set(id, props);
  let now = { runs: {}, narrow: {} }; // what the page shows

  /* The ranges of one axis in the field's own values: it knows shares of itself, and places of categories. */
  function allowed(axis) {
    const missing = axis.takesMissing ? { missing: true } : {};
    const real = (share) => axis.low + Math.min(Math.max(share, 0), 1) * (axis.high - axis.low);
    if (axis.categories) {
      const last = Math.max(1, axis.categories.length - 1);
      const has = (place) => axis.spans.some(([low, high]) => low <= place && place <= high);
      const of = axis.categories.filter((_name, at) => has(axis.categories.length > 1 ? at / last : 0.5));
      return of.length || axis.takesMissing ? { ...(of.length ? { of } : {}), ...missing } : { of: ["\u0000"] };
    }
    const spans = axis.spans.map((span) => span.map((end) => (axis.log ? 10 ** real(end) : real(end))));
    return { ...(spans.length ? { in: spans.map(([low, high]) => [wide(low, -1), wide(high, 1)]) } : {}), ...missing };
  }

  /* A hair's breadth more: a run at the very end of an axis is in. */
  const wide = (end, sign) => Number((end + sign * Math.abs(end) * 1e-9).toPrecision(12));

  function draw(drawing) {
    const place = document.getElementById("run-comparison-parallel");
    if (!place || !drawing) return Date.now();
    window.runoffParallel.show(place, drawing, (axes) => {
      const next = { ...now.narrow };
      for (const axis of axes) {
        if (axis.spans.length || axis.takesMissing) next[axis.field] = allowed(axis);
        else delete next[axis.field];
      }
      set("run-comparison-origin", { data: "axes" });
      set("run-comparison-narrow", { data: next });
    });
    return new Promise((painted) => requestAnimationFrame(() => setTimeout(() => painted(Date.now()))));
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
    if (log === "log") query.set("scale", "log");
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

  const make = (part) => window.dash_clientside.comparison.make(part);
  const find = (name) => document.getElementById("run-comparison-" + name);

  /* Identical lines stay hidden or shown when the runs change. */
  function lines(data) {
    const [place, chips, same] = [find("lines"), find("lines-chips"), find("same")];
    if (!place || !data) return;
    chips.replaceChildren(make(data.chips));
    place.replaceChildren(make(data.table));
    same.textContent = data.same;
    same.hidden = !data.same;
    show(same.getAttribute("aria-pressed") === "true" || !data.is_comparing);
  }

  const show = (is) => find("lines").classList.toggle("show-same", is);

  function tree(data) {
    const place = find("tree");
    if (!place) return;
    place.closest(".run-comparison-tree").hidden = !data;
    place.replaceChildren(...(data ? [make(data)] : []));
  }

  document.addEventListener("click", (event) => {
    const same = event.target.closest("#run-comparison-same");
    if (same) {
      const is = same.getAttribute("aria-pressed") !== "true";
      same.setAttribute("aria-pressed", String(is));
      show(is);
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    run_comparison: {
      draw,
      narrow,
      name,
      remember,
      clear: (clicks) => (clicks ? [{}, "cleared"] : [none(), none()]),
      lines,
      tree,
    },
  });
})();
