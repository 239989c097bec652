/* The models page in the browser: the search box filters the table as one types. */
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  models: {
    search: (text, options) => {
      const query = text ? "?search=" + encodeURIComponent(text) : "";
      window.dash_clientside.shell.remember(query);
      if ((options.quickFilterText || "") === (text || "")) return window.dash_clientside.no_update;
      return Object.assign({}, options, { quickFilterText: text || "" });
    },
  },
});
