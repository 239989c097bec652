/* The runs page in the browser: the view and its address, ticks that outlive what is in sight, columns. */
(function () {
  "use strict";
  const GRID = "runs-table";
  const NAME = "attributes.run_name";
  const NARROW = 640; // pixels of a grid that pins nothing
  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.shell.set(id, props);
  const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  const SAME = ["experiments", "filter", "where", "order", "group"];

  /* The view, as dashboard/runs_choice.py keeps it. */
  const view = () => window.dash_clientside.shell.props("runs-choice").data || {};
  let place = null; // the element of the page whose view and way are known
  let known = {};
  let table = {}; // what the server made of it: columns, sorting, filters
  let ticks = new Set();
  let way = {}; // to the comparison of so many ticked runs
  let isLeaving = false; // for it, as soon as it is known
  let best = null; // the run that is marked
  let anchor = null; // the row that stays where it is while rows come and go
  let toTop = false;
  let early = null; // what a new table asks for before its view is known
  let names = {}; // of experiments, by their ids

  function grid() {
    const api = document.getElementById(GRID) && window.dash_ag_grid && window.dash_ag_grid.getApi(GRID);
    return api && !api.isDestroyed() ? api : null;
  }

  function change(part, by) {
    set("runs-choice", { data: { ...view(), ...part, by: by || "page" } });
  }

  /* ---- address: as RunsChoice.search writes it ---- */
  const listed = (items) => items.map((item) => item.replaceAll("%", "%25").replaceAll(",", "%2C")).join(",");

  function arrive() {
    if (place === document.getElementById("runs-content")) return;
    place = document.getElementById("runs-content");
    known = {};
  }

  /* Once both are known, so that what the address brought is not written over by the half of it. */
  function write() {
    if (place && known.view && known.way) window.dash_clientside.shell.remember(query());
  }

  function query() {
    const parts = [];
    const choice = view();
    for (const name of ["experiments", "filter", "where", "order", "columns", "pinned", "group"]) {
      const value = choice[name];
      const text = Array.isArray(value) ? listed(value) : value || "";
      if (text) parts.push(name + "=" + encodeURIComponent(text).replaceAll("%2C", ","));
    }
    const ticked = (way.href || "").split("?")[1];
    if (ticked) parts.push(ticked);
    return parts.length ? "?" + parts.join("&") : "";
  }

  /* ---- ticks ---- */
  function tell() {
    isLeaving = false;
    set("runs-chosen", { data: [...ticks] });
  }

  /* What AG Grid knows is what is loaded; what it does not know stays ticked. */
  function ticked(params) {
    if (params.api.isDestroyed()) return;
    /* Not a person: what the grid forgets while it is filled is ticked again. */
    if (/^(api|rowData|grid)/.test(params.source)) return tickAgain(params.api);
    const next = new Set(ticks);
    params.api.forEachNode((node) => {
      if (!node.data) return;
      if (node.isSelected()) next.add(node.data.id);
      else next.delete(node.data.id);
    });
    if (equal([...next], [...ticks])) return;
    ticks = next;
    tell();
  }

  function tickAgain(api) {
    const now = { true: [], false: [] };
    api.forEachNode((node) => {
      if (node.data && Boolean(node.isSelected()) !== ticks.has(node.data.id)) now[ticks.has(node.data.id)].push(node);
    });
    if (now.true.length) api.setNodesSelected({ nodes: now.true, newValue: true, source: "api" });
    if (now.false.length) api.setNodesSelected({ nodes: now.false, newValue: false, source: "api" });
  }

  /* ---- the grid ---- */
  function viewport() {
    return document.querySelector("#" + GRID + " .ag-body-viewport");
  }

  /* Rows that come or go above the reader move the reader along. */
  function hold(api) {
    const index = api.getFirstDisplayedRowIndex();
    const node = index > 0 ? api.getDisplayedRowAtIndex(index) : null;
    anchor = node && node.data ? { id: node.data.id, index } : null;
  }

  function settle(api) {
    if (!anchor) return;
    const node = api.getRowNode(anchor.id);
    if (!node || node.rowIndex === null || node.rowIndex === anchor.index) return;
    viewport().scrollTop += (node.rowIndex - anchor.index) * (node.rowHeight || 38);
    anchor = { id: anchor.id, index: node.rowIndex };
  }

  function sortOf(api) {
    return api
      .getColumnState()
      .filter((column) => column.sort)
      .sort((a, b) => a.sortIndex - b.sortIndex)
      .map((column) => [column.colId, column.sort]);
  }

  /* What of the view is new and not in the grid yet; what somebody has just done to the grid itself stays.
     True where the grid asks for rows because of it. */
  function bring(api, shown, before) {
    let asks = false;
    const isFirst = before.api !== api;
    if ((isFirst || !equal(before.sort, shown.sort)) && !equal(sortOf(api), shown.sort)) {
      const state = shown.sort.map(([colId, sort], sortIndex) => ({ colId, sort, sortIndex }));
      api.applyColumnState({ state, defaultState: { sort: null } });
      asks = true;
    }
    if ((isFirst || !equal(before.model, shown.model)) && !same(api.getFilterModel(), shown.model)) {
      api.setFilterModel(shown.model);
      asks = true;
    }
    return asks;
  }

  /* The grid's models say more than ours; what ours say is what counts. */
  function same(now, wanted) {
    const names = Object.keys(wanted);
    const alike = (a, b) => Object.keys(b).every((key) => (a[key] ?? null) === (b[key] ?? null));
    return names.length === Object.keys(now || {}).length && names.every((name) => now[name] && alike(now[name], wanted[name]));
  }

  function ask(api, isNew) {
    if (isNew) {
      anchor = null;
      if (api.getDisplayedRowCount() > 0) api.ensureIndexVisible(0, "top");
      api.purgeInfiniteCache();
    } else {
      hold(api);
      api.refreshInfiniteCache();
    }
  }

  /* Rows for a table that does not ask for them by itself. */
  function renew(api, isOther, hasOtherColumns) {
    if (early) set("runs-wanted", { data: window.dash_clientside.grid.ask(early) });
    else if (isOther) ask(api, true);
    else if (hasOtherColumns) ask(api, false);
  }

  function apply(shown) {
    if (!shown) return;
    const before = table;
    table = shown;
    const api = grid();
    if (!api) {
      if (window.dash_ag_grid) window.dash_ag_grid.getApiAsync(GRID).then(() => table === shown && apply(shown));
      return;
    }
    const isNewGrid = before.api !== api;
    const isOther = isNewGrid || !equalButColumns(before, shown);
    table = { ...shown, api };
    setTimeout(() => { // the columns come with the same answer
      if (api.isDestroyed() || table.api !== api) return;
      const isOurs = shown.by === "page";
      const asks = isOurs && bring(api, shown, before);
      const isAhead = isOurs && (!equal(sortOf(api), shown.sort) || !same(api.getFilterModel(), shown.model));
      const isNewest = SAME.every((name) => equal(view()[name], shown[name])); // nothing newer is on its way
      if (isOurs && isNewest) change({}, "grid");
      if (asks) anchor = null;
      if (early && (asks || isAhead)) early.failCallback(); // it was about another view
      if (isAhead) ask(api, true);
      else if (!asks) renew(api, isNewGrid || (isOurs && isOther), !equal(before.columns, shown.columns));
      if (toTop && api.getDisplayedRowCount() > 0) api.ensureIndexVisible(0, "top");
      toTop = false;
      early = null;
      api.redrawRows();
    });
  }

  const equalButColumns = (a, b) => equal([a.experiments, a.filter, a.where, a.sort], [b.experiments, b.filter, b.where, b.sort]);

  /* ---- columns ---- */
  function columnsOf(api) {
    const state = api.getColumnState().filter((column) => !column.colId.startsWith("ag-Grid") && column.colId !== NAME);
    return { columns: state.map((column) => column.colId), pinned: state.filter((column) => column.pinned).map((column) => column.colId) };
  }

  let moving = 0;
  function moved(params) {
    if (params.source && !params.source.startsWith("ui")) return;
    if (params.type === "columnMoved" && !params.finished) return;
    clearTimeout(moving);
    moving = setTimeout(() => {
      const api = grid();
      if (!api || !table.columns) return;
      const now = columnsOf(api);
      const box = document.getElementById(GRID);
      if (box.clientWidth < NARROW) now.pinned = view().pinned || [];
      if (!equal(now.columns, table.columns) || !equal(new Set(now.pinned).size, new Set(view().pinned || []).size)) change(now, view().by);
    }, 60);
  }

  function rearrange(does, name) {
    let columns = [...(table.columns || [])];
    let pinned = [...(view().pinned || [])];
    const at = columns.indexOf(name);
    const isShown = at >= 0;
    if (does === "usual") return change({ columns: null, pinned: [] });
    if (does === "pin") pinned = pinned.includes(name) ? pinned.filter((one) => one !== name) : [...pinned, name];
    if (does === "remove" || (does === "toggle" && isShown)) {
      columns = columns.filter((one) => one !== name);
      pinned = pinned.filter((one) => one !== name);
      const order = (view().order || []).filter((one) => one.replace(/^-/, "") !== name);
      const where = (view().where || []).filter((one) => fieldOf(one) !== name);
      return change({ columns, pinned, order, where });
    }
    if (does === "toggle") columns.push(name);
    if ((does === "up" && at > 0) || (does === "down" && isShown && at < columns.length - 1)) {
      const to = does === "up" ? at - 1 : at + 1;
      [columns[at], columns[to]] = [columns[to], columns[at]];
    }
    change({ columns, pinned });
  }

  const fieldOf = (condition) => condition.split("~")[0].replaceAll("%7E", "~").replaceAll("%25", "%");

  /* The button that was pressed keeps the focus when its list is written anew. */
  function keepFocus(box, does, name) {
    const place = document.getElementById(box);
    const watch = new MutationObserver(() => {
      const again = [...place.querySelectorAll("[data-does]")].find((one) => one.dataset.does === does && one.dataset.column === name);
      if (again && !again.disabled && !place.contains(document.activeElement)) again.focus();
    });
    watch.observe(place, { childList: true, subtree: true });
    setTimeout(() => watch.disconnect(), 1500);
  }

  /* ---- presses ---- */
  document.addEventListener("click", (event) => {
    const column = event.target.closest("#runs-columns-panel [data-does]");
    if (column) {
      const list = column.closest("#runs-columns-shown, #runs-columns-found");
      if (list) keepFocus(list.id, column.dataset.does, column.dataset.column);
      return rearrange(column.dataset.does, column.dataset.column);
    }
    const chip = event.target.closest("#runs-where [data-where]");
    if (chip) return change({ where: (view().where || []).filter((one) => one !== chip.dataset.where) });
    const tick = event.target.closest("#runs-best-said [data-tick]");
    if (tick) {
      ticks = new Set(ticks).add(tick.dataset.tick);
      return tell();
    }
    if (!event.target.closest("#runs-compare")) return;
    if (way.count === ticks.size) return window.dash_clientside.shell.follow(event, way.href);
    event.preventDefault();
    isLeaving = true;
  });

  /* The way to the comparison of the ticked runs. Who presses it right after a tick is taken along when it is there. */
  function lead(now) {
    arrive();
    known.way = true;
    way = now || {};
    write();
    if (!isLeaving || way.count !== ticks.size) return;
    isLeaving = false;
    window.dash_clientside.shell.visit(way.href);
  }

  function openGroup(where) {
    const rest = (view().where || []).filter((one) => fieldOf(one) !== fieldOf(where));
    change({ where: [...rest, where], group: "" });
    set("runs-group", { value: null });
  }

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  Object.assign(functions, {
    runoffTicked: ticked,
    runoffTickAgain: (params) => {
      if (params.api.isDestroyed()) return;
      settle(params.api);
      tickAgain(params.api);
    },
    runoffColumns: moved,
    runoffExperiment: (id) => names[id] || id || "",
    runoffIsBest: (params) => Boolean(best && params.data && params.data.id === best),
  });

  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  /* The value of a group opens its runs. */
  components.RunoffGroup = (props) =>
    props.data &&
    React.createElement(
      "button",
      { type: "button", className: "runs-group-open", title: props.value, onClick: () => openGroup(props.data.where) },
      view().group === "attributes.experiment_id" ? names[props.value] || props.value : props.value
    );

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    runs: {
      choose: (experiments, filter, group, choice) => {
        const now = { ...choice, experiments: experiments || [], filter: filter || "", group: group || "" };
        if (equal(now, choice)) return none();
        best = null;
        return { ...now, by: "page" };
      },
      ask: (request) => {
        const isKnown = table.api && table.api === grid();
        early = isKnown ? null : request;
        return isKnown ? window.dash_clientside.grid.ask(request) : none();
      },
      /* What the page changes comes first: the table says it again once it has been told. */
      sorted: (asked, choice) => {
        if (!asked || choice.by === "page") return none();
        best = null;
        return { ...choice, ...asked, by: "grid" };
      },
      lead,
      remember: () => {
        arrive();
        known.view = true;
        write();
      },
      apply,
      revise: (revision) => {
        const api = grid();
        if (!revision || !api || !table.columns || !equal(revision.experiments, table.experiments)) return;
        if (!document.getElementById("runs-table-box").hidden) ask(api, false);
      },
      name: (options) => {
        names = Object.fromEntries((options || []).map((option) => [option.value, option.label]));
        const api = grid();
        if (api) api.refreshCells({ columns: ["attributes.experiment_id"], force: true });
      },
      best: (found, choice) => {
        if (!found) return none();
        best = found.run;
        toTop = true;
        set("runs-group", { value: null });
        const api = grid();
        if (api) setTimeout(() => !api.isDestroyed() && (api.redrawRows(), api.ensureIndexVisible(0, "top")));
        return { ...choice, order: found.order, group: "", by: "page" };
      },
      ticked: (chosen) => {
        ticks = new Set(chosen || []);
        const api = grid();
        if (api) tickAgain(api);
      },
      untick: () => [],
      panel: (clicks) => [clicks % 2 === 0, clicks % 2 ? "true" : "false"],
    },
  });
})();
