/* The box of the runs' filter: a combobox that offers what may stand at the cursor, and marks a mistake at
   its place. Texts are set as texts, so nothing in them can become markup. */
(function () {
  "use strict";
  const CALM = 60; // ms without a key before the server is asked
  const set = (id, props) => window.dash_clientside.shell.set(id, props);
  /* Python counts characters, JavaScript halves of some of them. */
  const characters = (text) => Array.from(text).length;
  const halves = (text, count) => Array.from(text).slice(0, count).join("").length;

  let box = null; // of the page that is open

  function make(place) {
    const id = place.dataset.filterBox;
    const input = document.createElement("input");
    Object.assign(input, {
      id, type: "text", className: "form-control filter-input", value: place.dataset.value,
      placeholder: place.dataset.placeholder, autocomplete: "off", spellcheck: false,
    });
    const list = document.createElement("ul");
    Object.assign(list, { id: id + "-offers", className: "filter-offers", hidden: true });
    const mirror = document.createElement("div");
    mirror.className = "filter-mirror form-control";
    mirror.setAttribute("aria-hidden", "true");
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
      "aria-describedby": id + "-state", autocapitalize: "off",
    })) input.setAttribute(name, value);
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", place.dataset.offers);
    box = { id, input, list, mirror, options: [], active: -1, timer: 0, applied: input.value, wrong: null };
    listen(box);
    place.append(input, mirror, list);
  }

  function listen(mine) {
    const { input, list } = mine;
    input.addEventListener("input", () => {
      mark(mine, null);
      ask(mine);
    });
    input.addEventListener("scroll", () => { mine.mirror.scrollLeft = input.scrollLeft; });
    input.addEventListener("keydown", (event) => !event.isComposing && pressed(mine, event));
    input.addEventListener("click", () => (input.value === "" || !list.hidden) && ask(mine));
    input.addEventListener("blur", () => {
      close(mine);
      use(mine);
    });
    list.addEventListener("mousedown", (event) => { // before the box loses the focus
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) accept(mine, Number(option.dataset.at));
    });
  }

  function pressed(mine, event) {
    const isOpen = !mine.list.hidden;
    const count = mine.options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) return ask(mine);
      const step = event.key === "ArrowDown" ? 1 : -1;
      point(mine, mine.active < 0 ? (step > 0 ? 0 : count - 1) : (mine.active + step + count) % count);
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      ask(mine);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close(mine);
    } else if ((event.key === "Enter" || event.key === "Tab") && isOpen && mine.active >= 0) {
      event.preventDefault();
      accept(mine, mine.active);
    } else if (event.key === "Enter") {
      event.preventDefault();
      close(mine);
      use(mine);
    }
  }

  function use(mine) {
    if (mine.input.value === mine.applied) return;
    mine.applied = mine.input.value;
    set(mine.id, { data: mine.input.value.trim() });
  }

  function ask(mine) {
    clearTimeout(mine.timer);
    mine.timer = setTimeout(() => {
      const text = mine.input.value;
      const cursor = characters(text.slice(0, mine.input.selectionStart));
      mine.asked = { text, cursor, at: Date.now() };
      set("runs-typed", { data: mine.asked });
    }, CALM);
  }

  function offered(found) {
    const mine = box;
    if (!found || !mine || document.activeElement !== mine.input || found.text !== mine.input.value) return;
    if (!mine.list.hidden && JSON.stringify(found) === JSON.stringify(mine.found)) return; // and one of them may be chosen
    if (!found.options.length || (mine.asked && mine.asked.closed)) return close(mine);
    mine.found = found;
    mine.options = found.options;
    mine.list.replaceChildren(...found.options.map((option, at) => row(mine, option, at)));
    mine.list.hidden = false;
    mine.input.setAttribute("aria-expanded", "true");
    point(mine, -1);
  }

  function row(mine, option, at) {
    const item = document.createElement("li");
    const text = document.createElement("code");
    const note = document.createElement("span");
    text.textContent = option.text;
    note.textContent = option.note;
    note.className = "note";
    Object.assign(item, { id: mine.id + "-offer-" + at });
    item.setAttribute("role", "option");
    item.dataset.at = String(at);
    item.append(text, note);
    return item;
  }

  function point(mine, at) {
    mine.active = at;
    [...mine.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    if (at < 0) return mine.input.removeAttribute("aria-activedescendant");
    mine.list.children[at].scrollIntoView({ block: "nearest" });
    mine.input.setAttribute("aria-activedescendant", mine.list.children[at].id);
  }

  function accept(mine, at) {
    const { found, input } = mine;
    const option = mine.options[at];
    const [start, end] = [halves(found.text, found.start), halves(found.text, found.end)];
    const after = option.after && input.value[end] !== option.after ? option.after : "";
    input.setRangeText(option.text + after, start, end, "end");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function close(mine) {
    clearTimeout(mine.timer);
    if (mine.asked) mine.asked.closed = true;
    mine.list.hidden = true;
    mine.options = [];
    mine.input.setAttribute("aria-expanded", "false");
    mine.input.removeAttribute("aria-activedescendant");
    mine.active = -1;
  }

  /* The same text behind glass, its wrong part underlined; a blank stands for what is missing at the end. */
  function mark(mine, wrong) {
    mine.wrong = wrong;
    mine.input.toggleAttribute("aria-invalid", Boolean(wrong));
    if (wrong) mine.input.setAttribute("aria-invalid", "true");
    if (!wrong || wrong.from === undefined) return mine.mirror.replaceChildren();
    const text = mine.input.value;
    const part = document.createElement("mark");
    part.textContent = text.slice(wrong.from, wrong.to) || "\u2003";
    mine.mirror.replaceChildren(text.slice(0, wrong.from), part, text.slice(wrong.to));
    mine.mirror.scrollLeft = mine.input.scrollLeft;
  }

  function mistake(found) {
    const mine = box;
    if (!mine || !document.contains(mine.input)) return;
    if (!found || found.text !== mine.input.value.trim()) return mark(mine, null);
    if (found.start === undefined) return mark(mine, {});
    const before = mine.input.value.length - mine.input.value.trimStart().length;
    const [from, to] = [found.start, found.end].map((at) => before + halves(found.text, at));
    mark(mine, { from, to });
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("#runs-filter-state .filter-wrong") || !box || !box.wrong) return;
    box.input.focus();
    box.input.setSelectionRange(box.wrong.from, box.wrong.to);
  });

  new MutationObserver(() => {
    for (const place of document.querySelectorAll("[data-filter-box]:empty")) make(place);
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { runsFilter: { offered, mistake } });
})();
