/* Buttons of dashboard/components/press.py: what was pressed goes into a dcc.Store. */
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-press]");
    if (!button) return;
    const data = { ...JSON.parse(button.dataset.pressed), at: Date.now() };
    window.dash_clientside.shell.set(button.dataset.press, { data });
  });
})();
