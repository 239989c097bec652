/* The promotion panel in the browser: buttons follow the reason, the dialog opens and closes, and an open page
   notices what others do. Whether a move may be made is decided by the server. */
(function () {
  "use strict";
  const BEAT = 5000; // ms between two questions whether anything has changed
  const PATIENCE = 4000; // ms after which a question counts as lost

  const MOMENT = 60; // ms in which an answer may turn out to be a question once more

  let model = null;
  let pulse = null; // of what the panel shows
  let beating = 0;
  let closing = 0;
  let watched = null; // the place of the cards

  const byId = (id) => document.getElementById(id);
  const set = (id, props) => window.dash_clientside.shell.set(id, props);

  /* Why each button cannot act: the server's word first, then a reason that is missing. What a card says of the
     chosen version's gate stands beside it, and keeps nobody from the dialog, which explains it. */
  function enable(can, reason, _banners, gates, version) {
    const outside = window.dash_clientside.callback_context.outputs_list[6];
    const why = (action) => (!can ? " " : can[action] || (reason && reason.trim() ? "" : can.reason));
    const parts = ["promote", "rollback", "move"].flatMap((action) => [Boolean(why(action)), why(action)]);
    const gate = gates && gates[version];
    if (can && gate) parts[1] = [gate, parts[1]].filter(Boolean).join(" · ");
    const blocked = why("outside");
    return [...parts, outside.map(() => Boolean(blocked)), outside.length ? blocked : ""];
  }

  function open(asked) {
    const dialog = byId("promotion-dialog");
    if (!asked || !dialog) return;
    clearTimeout(closing); // it asks once more
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  /* The answer is there, whatever it is: it stands in the panel, unless it is a question once more. */
  function busy(isBusy) {
    if (isBusy === false) closing = setTimeout(close, MOMENT);
  }

  function close() {
    const dialog = byId("promotion-dialog");
    if (!dialog || !dialog.open) return;
    dialog.close();
    byId("promotion-said").focus({ preventScroll: true });
  }

  /* Whether the button that counts can act, and why not: a promotion waits for its gate. */
  function confirmable(asked, gate, overridden, isBusy) {
    if (isBusy) return [true, ""];
    if (!asked) return [true, ""];
    if (asked.kind !== "promote") return [false, ""];
    if (!gate || gate.key !== asked.key) return [true, ""];
    const isBlocked = Boolean(gate.why) && !(gate.offer && overridden === asked.key);
    return [isBlocked, isBlocked ? gate.why : ""];
  }

  /* The checkbox with which a person who may goes against the gate; Dash has none of its own. */
  function offer(gate) {
    const place = byId("promotion-override-box");
    if (!place) return;
    place.replaceChildren();
    set("promotion-overridden", { data: null });
    if (!gate || !gate.offer) return;
    const label = document.createElement("label");
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", id: "promotion-override", className: "form-check-input" });
    box.addEventListener("change", () => set("promotion-overridden", { data: box.checked ? gate.key : null }));
    label.append(box, " ", gate.offer);
    place.append(label);
  }

  /* The cards above say what came of each candidate's gate, as soon as they know. */
  function watchCards() {
    const cards = byId("comparison-verdicts");
    if (!cards || cards === watched) return;
    watched = cards;
    let said = "{}";
    new MutationObserver(() => {
      const found = {};
      for (const mark of cards.querySelectorAll('.gate-outcome:is([data-outcome="failed"], [data-outcome="inconclusive"])'))
        found[mark.closest("[data-gate]").dataset.gate] = mark.textContent;
      if (JSON.stringify(found) === said) return;
      said = JSON.stringify(found);
      set("promotion-gates", { data: found });
    }).observe(cards, { childList: true, subtree: true });
  }

  function saw(seen, name) {
    watchCards();
    model = name;
    pulse = seen ? seen.pulse : null;
    clearTimeout(beating);
    beating = setTimeout(beat, BEAT);
  }

  async function beat() {
    clearTimeout(beating);
    if (document.hidden || !byId("promotion-panel")) return; // seen again, or another page: saw() goes on
    const mine = pulse;
    try {
      const answer = await fetch("/models/" + encodeURIComponent(model) + "/pulse", {
        signal: AbortSignal.timeout(PATIENCE),
      });
      const now = answer.ok ? (await answer.json()).pulse : mine;
      if (mine !== null && mine === pulse && now !== mine) set("promotion-look", { data: Date.now() });
    } catch (_failure) {
      // whoever does not answer is asked again
    }
    clearTimeout(beating);
    beating = setTimeout(beat, BEAT);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && pulse !== null) beat();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#promotion-cancel")) byId("promotion-dialog").close();
    if (event.target.closest(".promotion-said-close")) {
      set("promotion-said", { children: [] });
      byId("promotion-said").focus({ preventScroll: true });
    }
  });
  /* While the move is under way the dialog stays: Escape would hide, not stop it. */
  document.addEventListener(
    "cancel",
    (event) => {
      if (event.target.id === "promotion-dialog" && byId("promotion-cancel").disabled) event.preventDefault();
    },
    true,
  );

  window.dash_clientside = Object.assign({}, window.dash_clientside, { promotion: { busy, confirmable, enable, offer, open, saw } });
})();
