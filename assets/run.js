/* The page of one run in the browser: long tables with search, and artifacts whose folders open on demand. */
(function () {
  "use strict";
  const MOST = 200; // lines of a table that are drawn at once; the search finds the others
  const LONG = 240; // characters of a value that are shown before it is opened
  const by = (id) => document.getElementById(id);
  const count = (number) => number.toLocaleString(document.documentElement.lang || undefined);

  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {}))
      if (value !== null && value !== undefined) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /* Tables: what is typed into the box above one finds lines by name or value. */
  let told = null;
  let spans = {};

  function long(text) {
    if (text.length <= LONG) return text;
    return make("details", {}, make("summary", {}, text.slice(0, LONG / 2) + "…"), make("pre", {}, text));
  }

  function row(kind, line) {
    const [name, value, exact] = line;
    const cells = [make("td", { title: exact === undefined ? null : exact }, long(value))];
    if (kind === "metrics" && told.ranged)
      for (const end of spans[name] || ["", ""]) cells.push(make("td", {}, end));
    return make("tr", {}, make("th", { scope: "row" }, name), ...cells);
  }

  function draw(kind) {
    const place = by("run-" + kind);
    const box = by("run-" + kind + "-search");
    if (!place || !told) return;
    const words = told.words;
    const lines = told[kind];
    box.parentElement.hidden = lines.length < 12;
    const wanted = box.parentElement.hidden ? "" : box.value.trim().toLocaleLowerCase();
    const found = wanted
      ? lines.filter((line) => (line[0] + "\n" + line[1]).toLocaleLowerCase().includes(wanted))
      : lines;
    if (!found.length) {
      place.replaceChildren(make("p", { class: "note" }, lines.length ? words.nothing : words[kind]));
      return;
    }
    const titles = kind === "metrics" && told.ranged ? [words.latest, words.least, words.most] : [words.value];
    const head = make("tr", {}, ...[words.name, ...titles].map((title) => make("th", { scope: "col" }, title)));
    const body = make("tbody", {}, ...found.slice(0, MOST).map((line) => row(kind, line)));
    const parts = [make("table", { class: "lines run-" + kind }, make("thead", {}, head), body)];
    if (found.length > MOST)
      parts.push(make("p", { class: "note" }, words.more.replace("{count}", count(found.length - MOST))));
    place.replaceChildren(...parts);
  }

  document.addEventListener("input", (event) => {
    const kind = /^run-(metrics|params|tags)-search$/.exec(event.target.id || "");
    if (kind) draw(kind[1]);
  });

  /* Artifacts */
  const query = (path, model) => {
    const asked = new URLSearchParams();
    if (path) asked.set("path", path);
    if (model) asked.set("model", model);
    return "?" + asked.toString();
  };
  const address = (what, path, model) =>
    "/runs/" + encodeURIComponent(by("run-files").dataset.run) + "/" + what + query(path, model);

  async function ask(url) {
    let answer;
    try {
      answer = await fetch(url);
    } catch {
      throw new Error(by("run-files") ? by("run-files").dataset.failed : "");
    }
    if (!answer.ok) throw new Error((await answer.text()).trim());
    return answer;
  }

  const note = (text) => make("p", { class: "note" }, text);
  const trouble = (text) => make("p", { class: "field-error", role: "alert" }, text);

  async function open(list, path, model, wanted) {
    const files = by("run-files");
    list.replaceChildren(make("li", {}, note(files.dataset.loading)));
    let found;
    try {
      found = await (await ask(address("artifacts", path, model))).json();
    } catch (error) {
      list.replaceChildren(make("li", {}, trouble(error.message)));
      return;
    }
    const items = found.entries.map((entry) => (entry.folder ? folder(entry, model, wanted) : file(entry, model)));
    if (!items.length)
      items.push(make("li", {}, note(found.missing || (path ? files.dataset.empty : files.dataset.none))));
    if (found.cut) items.push(make("li", {}, note(files.dataset.cut)));
    list.replaceChildren(...items);
    mark();
  }

  function folder(entry, model, wanted) {
    const list = make("ul", {});
    const button = make(
      "button",
      { type: "button", class: "run-folder", "aria-expanded": "false" },
      make("span", { class: "icon icon-chevron-right", "aria-hidden": "true" }),
      make("span", {}, entry.name),
    );
    const turn = (wished) => {
      const opens = button.getAttribute("aria-expanded") !== "true";
      button.setAttribute("aria-expanded", String(opens));
      list.hidden = !opens;
      if (opens && !list.childElementCount) open(list, entry.path, model, wished);
    };
    list.hidden = true;
    button.addEventListener("click", () => turn(null));
    if (wanted !== null && (entry.path === "" || wanted.startsWith(entry.path + "/"))) turn(wanted);
    return make("li", {}, button, list);
  }

  function file(entry, model) {
    const button = make(
      "button",
      { type: "button", class: "run-file", "data-path": entry.path, "data-model": model },
      make("span", {}, entry.name),
      make("span", { class: "note" }, entry.size),
    );
    button.addEventListener("click", () => {
      const asked = new URLSearchParams({ artifact: entry.path });
      if (model) asked.set("model", model);
      window.dash_clientside.shell.remember("?" + asked.toString());
      show(entry.path, model);
    });
    return make("li", {}, button);
  }

  let shown = "";

  function mark() {
    for (const button of document.querySelectorAll("#run-files .run-file"))
      if (button.dataset.path + "\n" + button.dataset.model === shown) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
  }

  async function show(path, model) {
    const place = by("run-preview");
    const files = by("run-files");
    const mine = (shown = path + "\n" + model);
    mark();
    place.replaceChildren(note(files.dataset.loading));
    let parts;
    try {
      const found = await (await ask(address("artifact", path, model))).json();
      parts = found.form === "image" ? await picture(path, model) : [head(path, found.note)];
      if (found.form === "text") parts.push(make("pre", {}, found.text));
    } catch (error) {
      parts = [head(path, ""), trouble(error.message)];
    }
    if (mine === shown && by("run-preview") === place) place.replaceChildren(...parts);
  }

  /* Fetched first, so that a refusal can say why; drawn by <img>, which runs nothing. */
  async function picture(path, model) {
    const bytes = await (await ask(address("picture", path, model))).blob();
    const drawn = make("img", { alt: path, src: URL.createObjectURL(bytes) });
    drawn.addEventListener("load", () => URL.revokeObjectURL(drawn.src), { once: true });
    return [head(path, ""), drawn];
  }

  const head = (path, said) =>
    make("p", { class: "run-path" }, make("code", {}, path), " ", make("span", { class: "note" }, said));

  function places(found) {
    const files = by("run-files");
    const key = JSON.stringify(found);
    if (!files || files.dataset.places === key) return;
    files.dataset.places = key;
    const asked = new URLSearchParams(window.location.search);
    const path = asked.get("artifact");
    const model = asked.get("model") || "";
    const list = make("ul", {});
    files.replaceChildren(list);
    shown = "";
    if (found.models.length) {
      const own = { name: files.dataset.own, path: "" };
      list.append(folder(own, "", model ? null : path || ""));
      for (const [id, name] of found.models)
        list.append(folder({ name: name + " (" + id + ")", path: "" }, id, model === id ? path || "" : null));
    } else open(list, "", "", path);
    if (path) show(path, model);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    run: {
      lines: (lines, ranges) => {
        if (!lines) return;
        spans = ranges || {};
        told = Object.assign({ ranged: Object.keys(spans).length > 0 }, lines);
        ["metrics", "params", "tags"].forEach(draw);
      },
      places: (found) => {
        if (found && found.run) places(found);
      },
    },
  });
})();
