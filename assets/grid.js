/* What the grids ask for by name: formatters, comparators, cells. */
(function () {
  "use strict";
  const japanese = document.documentElement.lang === "ja";
  const locale = japanese ? "ja-JP" : "en-GB";
  const moment = new Intl.DateTimeFormat(
    locale,
    japanese
      ? { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }
      : { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }
  );
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const plain = new Intl.NumberFormat(locale, { maximumSignificantDigits: 5 });
  const tiny = new Intl.NumberFormat(locale, { notation: "scientific", maximumSignificantDigits: 4 });
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });

  function unit(value, name) {
    return new Intl.NumberFormat(locale, {
      style: "unit", unit: name, unitDisplay: japanese ? "short" : "narrow", maximumFractionDigits: 1,
    }).format(value);
  }

  /* As theme.duration writes it. */
  function duration(seconds) {
    if (seconds === null || seconds === undefined) return "";
    if (seconds < 9.95) return unit(Math.round(seconds * 10) / 10, "second");
    const whole = Math.round(seconds);
    for (const [size, big, small, part] of [
      [86400, "day", "hour", 3600], [3600, "hour", "minute", 60], [60, "minute", "second", 1],
    ])
      if (whole >= size) {
        const rest = Math.floor((whole % size) / part);
        return unit(Math.floor(whole / size), big) + (rest ? " " + unit(rest, small) : "");
      }
    return unit(whole, "second");
  }

  /* A metric that was logged as NaN or infinity comes as that word: JSON has neither. */
  function metric(value) {
    if (value === null || value === undefined) return "";
    const number = Number(value);
    if (Number.isNaN(number)) return "n/a";
    if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
    const size = Math.abs(number);
    const text = (size !== 0 && (size < 1e-4 || size >= 1e9) ? tiny : plain).format(size);
    return number < 0 ? "−" + text : text;
  }

  /* Values without a number stand last, whichever way the column is sorted. */
  function numbers(a, b, nodeA, nodeB, descending) {
    const x = a === null || a === undefined ? NaN : Number(a);
    const y = b === null || b === undefined ? NaN : Number(b);
    if (Number.isNaN(x) || Number.isNaN(y)) {
      if (Number.isNaN(x) && Number.isNaN(y)) return 0;
      return Number.isNaN(x) === !descending ? 1 : -1;
    }
    return x < y ? -1 : x > y ? 1 : 0;
  }

  function texts(a, b, nodeA, nodeB, descending) {
    if (!a || !b) return a || b ? (!a === !descending ? 1 : -1) : 0;
    return collator.compare(a, b);
  }

  function production(a, b, nodeA, nodeB) {
    return nodeA.data.production_number - nodeB.data.production_number;
  }

  function ledger(a, b, nodeA, nodeB) {
    const odd = (node) => Number(node.data.differs || node.data.undecided || false);
    return odd(nodeA) - odd(nodeB) || nodeA.data.ledger_number - nodeB.data.ledger_number;
  }

  /* Columns say from which width of the grid on they are worth their room, or their pin. dash-ag-grid sets the
     columns several times while it starts, so this waits its turn, and listens to changes of the columns too. */
  function fit(params) {
    setTimeout(() => {
      if (params.api.isDestroyed()) return;
      const width = document.querySelector(`[grid-id="${params.api.getGridId()}"]`)?.clientWidth;
      if (!width) return;
      for (const column of params.api.getAllGridColumns()) {
        const context = column.getColDef().context || {};
        const visible = !context.from || width >= context.from;
        if (column.isVisible() !== visible) params.api.setColumnsVisible([column], visible);
        const pinned = Boolean(context.pinFrom) && width >= context.pinFrom;
        if (context.pinFrom && column.isPinned() !== pinned) params.api.setColumnsPinned([column], pinned ? "left" : null);
      }
    });
  }

  /* Enter in a cell that holds a link follows it. */
  function open(params) {
    if (params.event.key !== "Enter" || !params.colDef) return;
    if (params.colDef.cellRenderer !== "RunoffLink" && !(params.colDef.cellRenderer === "RunoffStanding" && params.data.differs)) return;
    if (params.event.target.closest("a")) return; // the link itself has the focus and the browser follows it
    if (params.data && params.data.href) window.dash_clientside.shell.visit(params.data.href);
  }

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  Object.assign(functions, {
    runoffMoment: (value) => (value === null || value === undefined ? "" : moment.format(value)),
    runoffDuration: duration,
    runoffCount: (value) => (value === null || value === undefined ? "…" : whole.format(value)),
    runoffMetric: metric,
    runoffNumbers: numbers,
    runoffText: texts,
    runoffProduction: production,
    runoffLedger: ledger,
    runoffFit: fit,
    runoffOpen: open,
  });

  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  /* The name as text in a link: React escapes it, nothing in it is markup. */
  components.RunoffLink = (props) =>
    props.data && React.createElement( // a row that is still on its way has none
      "a",
      {
        href: props.data.href,
        title: props.value,
        onClick: (event) => window.dash_clientside.shell.follow(event, props.data.href),
      },
      props.value
    );
  /* Production by the ledger; where MLflow differs, the way to where it is settled. */
  components.RunoffStanding = (props) =>
    props.data.differs ? components.RunoffLink(props) : React.createElement("span", null, props.value);

  /* Rows by way of dashboard/callbacks/paged_grid.py: a table's question, and the answer to the one that waits. */
  let ticket = 0;
  function ask(request) {
    if (!request) return window.dash_clientside.no_update;
    const { startRow, endRow, sortModel, filterModel } = request;
    request.ticket = ++ticket;
    return { startRow, endRow, sortModel, filterModel, ticket };
  }
  function fill(rows, request) {
    if (rows && request && rows.ticket === request.ticket) request.successCallback(rows.rowData, rows.rowCount);
  }
  window.dash_clientside = Object.assign({}, window.dash_clientside, { grid: { ask, fill } });
})();
