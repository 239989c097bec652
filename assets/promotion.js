/* The promotion panel in the browser: buttons follow the reason, the dialog opens and closes, and an open page
   notices what others do. Whether a move may be made is decided by the server. */
(function () {
  "use strict";
  const BEAT = 5000; // ms between two questions whether anything has changed
  const PATIENCE = 4000; // ms after which a question counts as lost

  let model = null;
  let pulse = null; // of what the panel shows
  let beating = 0;

  const byId = (id) => document.getElementById(id);
  const set = (id, props) => window.dash_clientside.set_props(id, props);

  /* Why each button cannot act: the server's word first, then a reason that is missing. */
  function enable(can, reason) {
    const outside = window.dash_clientside.callback_context.outputs_list[6];
    const why = (action) => (!can ? " " : can[action] || (reason && reason.trim() ? "" : can.reason));
    const parts = ["promote", "rollback", "move"].flatMap((action) => [Boolean(why(action)), why(action)]);
    const blocked = why("outside");
    return [...parts, outside.map(() => Boolean(blocked)), outside.length ? blocked : ""];
  }

  function open(asked) {
    const dialog = byId("promotion-dialog");
    if (asked && dialog && !dialog.open) dialog.showModal();
  }

  /* The answer is there, whatever it is: it stands in the panel. */
  function busy(isBusy) {
    const dialog = byId("promotion-dialog");
    if (isBusy !== false || !dialog || !dialog.open) return;
    dialog.close();
    byId("promotion-said").focus({ preventScroll: true });
  }

  function saw(seen, name) {
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
      if (event.target.id === "promotion-dialog" && byId("promotion-confirm").disabled) event.preventDefault();
    },
    true,
  );

  window.dash_clientside = Object.assign({}, window.dash_clientside, { promotion: { busy, enable, open, saw } });
})();
