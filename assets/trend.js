/* The card "Metric over versions": it is read when it comes into sight, and follows a threshold at rest. */
(function () {
  "use strict";
  const CARD = "trend";
  const NEAR = "300px"; // before it is in sight, so that it is there when the reader is
  const REST = 600; // ms for which the threshold has to stay

  let observer = null;
  let resting = 0;
  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside.shell.set(id, props);

  function watch(drawn, seen) {
    if (observer) observer.disconnect();
    if (!drawn || seen) return none();
    observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        set("trend-seen", { data: true });
      },
      { rootMargin: NEAR },
    );
    const card = document.getElementById(CARD);
    if (card) observer.observe(card);
    return none();
  }

  function follow({ mode, value }) {
    if (mode !== "threshold") return;
    clearTimeout(resting);
    resting = setTimeout(() => document.getElementById(CARD) && set("trend-threshold", { data: value }), REST);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { trend: { follow, watch } });
})();
