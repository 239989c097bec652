/* Row by row: slices and changed decisions follow the selection at once, and the threshold when it has come
   to rest. The rows themselves stay on the server, which sorts them and sends those in sight. */
(function () {
  "use strict";
  const REST = 400; // ms without another threshold
  const GRID = "rows-grid";
  let timer = 0;
  let told = {}; // what the server was asked for last, and for which page

  /* The page that it is, too: the table comes later, and is another element then. */
  const card = () => document.getElementById("rows-changed");
  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.shell.set(id, props);

  /* The page shows a view, or is about to show another value of it. */
  function follow(view, { mode, value }) {
    const isThreshold = mode === "threshold";
    const asked = { view, mode, threshold: isThreshold ? value : null, target: isThreshold ? null : value };
    const key = JSON.stringify(asked);
    const mine = card();
    clearTimeout(timer);
    const tell = () => {
      if (mine !== card() || (told.page === mine && told.key === key)) return;
      told = { page: mine, view, key };
      set("rows-asked", { data: asked });
    };
    timer = setTimeout(tell, told.page === mine && told.view === view ? REST : 0);
  }

  /* Other rows: the table forgets those that it has and asks for what is in sight. */
  function refresh(pair, which, metric) {
    if (!pair) return [none(), none()];
    window.dash_ag_grid.getApiAsync(GRID).then((api) => {
      if (api.isDestroyed()) return;
      if (api.getDisplayedRowCount() > 0) api.ensureIndexVisible(0);
      api.purgeInfiniteCache();
    });
    return [`${pair.files}/rows/${which}.csv`, `${pair.files}/slices/${metric}.csv`];
  }

  /* A cell of a confusion matrix: of the candidate, or of the baseline beside whatever candidate is chosen. */
  function open(opened, pair) {
    if (!opened || !pair) return [none(), none()];
    card().scrollIntoView({ block: "start" });
    card().focus({ preventScroll: true });
    const isBase = opened.version === pair.base && pair.candidate !== pair.base;
    return isBase ? [none(), "baseline_" + opened.cell] : [opened.version, opened.cell];
  }

  document.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-rows]");
    if (!cell) return;
    const [version, name] = cell.dataset.rows.split(" ");
    set("rows-opened", { data: { version: Number(version), cell: name, at: Date.now() } });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { rows: { follow, open, refresh } });
})();
