/* The memo is of what the page shows, and the page's address says what that is. */
(function () {
  "use strict";

  function follow(event) {
    const link = event.target.closest && event.target.closest("a.memo-link");
    if (link) link.search = location.search;
  }

  for (const name of ["pointerdown", "focusin", "click"]) document.addEventListener(name, follow, true);
})();
