/* The fields of dashboard/components/date_field.py: native inputs, whose values go into dcc.Stores. */
(function () {
  "use strict";
  const CALM = 400; // ms without a key: a year is typed digit by digit, and each is a date

  function make(place) {
    const id = place.dataset.dateField;
    const input = document.createElement("input");
    Object.assign(input, { type: place.dataset.kind, id: id, className: "form-control", value: place.dataset.value });
    if (input.type === "date") input.max = "9999-12-31";
    let timer = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => window.dash_clientside.shell.set(id, { data: input.value }), CALM);
    });
    place.append(input);
  }

  new MutationObserver(() => {
    for (const place of document.querySelectorAll("[data-date-field]:empty")) make(place);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
