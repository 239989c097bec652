/* The runs page in the browser: which runs are ticked, and the address that restores them. */
(function () {
  "use strict";
  const none = () => window.dash_clientside.no_update;

  function equal(a, b) {
    return a.length === b.length && a.every((item, index) => item === b[index]);
  }

  /* The cross on a run's chip unticks it, in the table too where it is there. */
  let ticked = [];
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#runs-compare [data-run]");
    if (!button) return;
    const rest = ticked.filter((run) => run !== button.dataset.run);
    window.dash_clientside.set_props("runs-chosen", { data: rest });
    if (document.getElementById("runs-table"))
      window.dash_clientside.set_props("runs-table", { selectedRows: { ids: rest } });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    runs: {
      /* Ticked runs that the filter hides stay ticked; the order is the order of ticking. */
      chosen: (selected, rows, before) => {
        if (!selected || !rows) return none();
        const now = (Array.isArray(selected) ? selected.map((row) => row.id) : selected.ids) || [];
        const shown = new Set(rows.map((row) => row.id));
        const kept = (before || []).filter((run) => !shown.has(run) || now.includes(run));
        const next = kept.concat(now.filter((run) => !kept.includes(run)));
        return equal(next, before || []) ? none() : next;
      },
      /* Rows that came later are ticked like those that were there. */
      tick: (rows, chosen) => ({ ids: chosen || [] }),
      remember: (experiment, filter, chosen) => {
        ticked = chosen || [];
        const query = new URLSearchParams();
        if (experiment) query.set("experiment", experiment);
        if (filter) query.set("filter", filter);
        if (ticked.length) query.set("runs", ticked.join(","));
        const text = query.toString().replaceAll("%2C", ",");
        window.dash_clientside.shell.remember(text ? "?" + text : "");
      },
      same: (clicks) => (clicks % 2 ? ["scroll show-same", "true"] : ["scroll", "false"]),
    },
  });
})();
