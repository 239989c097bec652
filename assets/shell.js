/* The shell in the browser: scheme, language, title, address, alerts. */
(function () {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const KEY = "runoff-theme";

  function stored() {
    try { return localStorage.getItem(KEY); } catch (e) { return null; }
  }

  /* Whoever picks what the system says follows the system again. */
  function store(scheme) {
    try {
      if (scheme === (system.matches ? "dark" : "light")) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, scheme);
    } catch (e) { /* storage is off: the choice lasts for this page */ }
  }

  function paint(scheme) {
    root.setAttribute("data-bs-theme", scheme);
    root.setAttribute("data-ag-theme-mode", scheme);
  }

  system.addEventListener("change", () => {
    if (stored()) return;
    const scheme = system.matches ? "dark" : "light";
    paint(scheme);
    window.dash_clientside.set_props("shell-scheme", { data: scheme });
  });

  /* A new alert is brought into view; it stands in the flow of the page, so it covers nothing. */
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#shell-alerts .alert-close")) return;
    window.dash_clientside.set_props("shell-alerts", { children: [] });
    document.getElementById("shell-main").focus();
  });
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes)
        if (node.classList && node.classList.contains("alert-box")) node.scrollIntoView({ block: "nearest" });
  }).observe(document.body, { childList: true, subtree: true });

  /* When Runoff itself does not answer: say so, ask until it does, and open the same address anew. */
  const GONE = [502, 503, 504];
  const ask = window.fetch;
  let leaving = false;
  let waiting = false;
  window.addEventListener("pagehide", () => { leaving = true; });

  function wait() {
    if (waiting || leaving) return;
    waiting = true;
    document.getElementById("shell-offline").hidden = false;
    const timer = setInterval(async () => {
      const answer = await ask("/healthz").catch(() => null);
      if (!answer || !answer.ok) return;
      clearInterval(timer);
      window.location.reload();
    }, 2000);
  }

  window.fetch = async (...request) => {
    const own = String(request[0]).includes("_dash-update-component");
    try {
      const answer = await ask(...request);
      if (own && GONE.includes(answer.status)) wait();
      return answer;
    } catch (error) {
      if (own && error.name !== "AbortError") wait();
      throw error;
    }
  };

  /* Another page of ours, without loading everything anew. */
  function visit(href) {
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate")); // what dcc.Link tells dcc.Location
    window.scrollTo(0, 0);
  }

  /* A press on a link to it; the browser's own way where a key asks for a new tab or window. */
  function follow(event, href) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    visit(href);
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-visit]");
    if (link) follow(event, link.getAttribute("href"));
  });

  /* What Dash keeps of an element; nothing once its page has been left, where Dash itself would fail. */
  function props(id) {
    try {
      return window.dash_component_api.getLayout(id).props;
    } catch {
      return {};
    }
  }

  function set(id, values) {
    if (props(id).id === id) window.dash_clientside.set_props(id, values);
  }

  let pages = 0;
  let here = window.location.pathname; // of the page that is shown: the address may be ahead of it
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    shell: {
      scheme: (clicks) => {
        const now = root.getAttribute("data-bs-theme");
        if (!clicks) return now;
        const next = now === "dark" ? "light" : "dark";
        store(next);
        paint(next);
        return next;
      },
      language: (clicks) => {
        if (!clicks) return;
        const wanted = document.getElementById("shell-language").dataset.language;
        document.cookie = "runoff-language=" + wanted + "; path=/; max-age=31536000; SameSite=Lax";
        window.location.reload();
      },
      /* After a navigation the reader, and a screen reader, start at the top of the new page. */
      title: (page) => {
        if (!page) return;
        document.title = page.title;
        here = page.path;
        if (pages++ > 0) document.getElementById("shell-main").focus({ preventScroll: true });
      },
      follow,
      props,
      set,
      visit,
      remember: (search) => {
        if (typeof search !== "string" || search === window.location.search || here !== window.location.pathname) return;
        window.history.replaceState(window.history.state, "", window.location.pathname + search);
      },
    },
  });
})();
