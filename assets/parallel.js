/* Runs as lines across parallel axes, on a canvas: brushing an axis selects runs, the pointer names one. */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const TOP = 34, BOTTOM = 14, SIDE = 64; // pixels around the axes
  const BELOW = 26; // pixels below an axis for runs without a value
  const GRIP = 14; // pixels on both sides of an axis that take the pointer
  const NEAR = 7; // pixels from a line that name it

  let drawing = null; // what dashboard/figures/parallel.py says
  let place = null; // the element that holds it
  let tell = null; // called with the axes when a brush has ended
  let hovered = -1;
  let brush = null; // the axis under the pointer's hand, and where it began
  let frame = 0;
  let size = [0, 0]; // width and height of the place, in pixels
  const seen = new ResizeObserver(() => later());

  const make = (tag, attributes, text) => {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };

  function show(element, data, ended) {
    tell = ended;
    drawing = data;
    hovered = -1;
    if (place !== element) {
      if (place) seen.unobserve(place);
      place = element;
      place.replaceChildren(document.createElement("canvas"), make("svg", {}), document.createElement("div"));
      place.children[2].className = "parallel-said";
      place.children[2].hidden = true;
      place.addEventListener("pointerdown", begin);
      place.addEventListener("pointermove", move);
      place.addEventListener("pointerup", end);
      place.addEventListener("pointercancel", () => { brush = null; later(); });
      place.addEventListener("pointerleave", () => { if (!brush) hover(-1); });
      seen.observe(place);
    }
    later();
  }

  function later() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(draw);
  }

  /* Pixels: of axis `at`, and of a share of it; null: the run has no value. */
  const left = (at) => SIDE + (drawing.axes.length < 2 ? 0.5 : at / (drawing.axes.length - 1)) * (size[0] - 2 * SIDE);
  const foot = () => size[1] - BOTTOM - (drawing.axes.some((axis) => axis.hasMissing) ? BELOW : 0);
  const up = (share) => (share === null ? size[1] - BOTTOM - 6 : foot() - share * (foot() - TOP));
  const share = (y) => (foot() - y) / (foot() - TOP);

  const isBrushed = (axis) => axis.spans.length > 0 || axis.takesMissing;
  const within = (axis, value) =>
    value === null ? axis.takesMissing : axis.spans.some(([low, high]) => low <= value && value <= high);

  function kept() {
    const asking = drawing.axes.filter(isBrushed);
    return drawing.names.map((_name, run) => asking.every((axis) => within(axis, axis.shares[run])));
  }

  function mix(value) {
    const [low, middle, high] = drawing.stops.map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));
    const [from, to, part] = value < 0.5 ? [low, middle, value * 2] : [middle, high, value * 2 - 1];
    return `rgb(${from.map((one, at) => Math.round(one + (to[at] - one) * part)).join(",")})`;
  }

  function draw() {
    if (!drawing || !place.isConnected || !place.clientWidth) return;
    const canvas = place.children[0];
    const scale = window.devicePixelRatio || 1;
    size = [place.clientWidth, place.clientHeight];
    canvas.width = size[0] * scale;
    canvas.height = size[1] * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const keeps = kept();
    const order = drawing.names.map((_name, run) => run);
    const rank = (run) => (keeps[run] ? 1 + (drawing.color && drawing.color[run] !== null ? drawing.color[run] : 0) : 0);
    order.sort((a, b) => rank(a) - rank(b));
    const count = keeps.filter(Boolean).length;
    const strength = Math.min(0.85, Math.max(0.18, 9 / Math.sqrt(count + 1)));
    for (const run of order) {
      pen.globalAlpha = keeps[run] ? strength : 0.05;
      pen.lineWidth = 1.1;
      pen.strokeStyle = keeps[run] ? hue(run) : drawing.faint;
      line(pen, run);
    }
    if (hovered >= 0) {
      pen.globalAlpha = 1;
      pen.lineWidth = 2.6;
      pen.strokeStyle = hue(hovered);
      line(pen, hovered);
    }
    frames();
    place.dataset.lines = count; // for whoever waits for the picture
  }

  function hue(run) {
    if (!drawing.color) return drawing.plain;
    return drawing.color[run] === null ? drawing.faint : mix(drawing.color[run]);
  }

  function line(pen, run) {
    pen.beginPath();
    drawing.axes.forEach((axis, at) => pen.lineTo(left(at), up(axis.shares[run])));
    pen.stroke();
  }

  function frames() {
    const svg = place.children[1];
    svg.replaceChildren();
    const isNarrow = drawing.axes.length > 1 && left(1) - left(0) < 150; // names would touch
    drawing.axes.forEach((axis, at) => {
      const x = left(at);
      const isLast = at === drawing.axes.length - 1 && at > 0;
      svg.append(make("line", { x1: x, x2: x, y1: TOP, y2: foot(), class: "parallel-axis" }));
      const label = make("text", { x, y: isNarrow && at % 2 ? 10 : 24, class: "parallel-label", "text-anchor": at === 0 ? "start" : isLast ? "end" : "middle" }, axis.short);
      if (at === 0) label.setAttribute("x", 4);
      if (isLast) label.setAttribute("x", place.clientWidth - 4);
      if (axis.short !== axis.label) label.append(make("title", {}, axis.label));
      svg.append(label);
      for (const [value, text] of ticks(axis)) {
        svg.append(make("text", { x: x + (isLast ? 7 : -7), y: up(value) + 4, class: "parallel-tick", "text-anchor": isLast ? "start" : "end" }, text));
      }
      for (const [low, high] of axis.spans) {
        const ends = [up(high), up(low)].map((y) => Math.min(Math.max(y, TOP - 4), foot() + 4));
        svg.append(make("rect", { x: x - 5, width: 10, y: ends[0], height: Math.max(3, ends[1] - ends[0]), class: "parallel-brush" }));
      }
      if (axis.takesMissing) svg.append(make("rect", { x: x - 5, width: 10, y: up(null) - 7, height: 14, class: "parallel-brush" }));
    });
  }

  const ticks = (axis) => (axis.hasMissing ? [...axis.ticks, [null, drawing.missing]] : axis.ticks);

  function at(event) {
    const box = place.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function nearest(x) {
    const places = drawing.axes.map((_axis, index) => Math.abs(left(index) - x));
    const index = places.indexOf(Math.min(...places));
    return places[index] <= GRIP ? index : -1;
  }

  function begin(event) {
    if (event.button !== 0 || !drawing || !drawing.axes.length) return;
    const [x, y] = at(event);
    const index = nearest(x);
    if (index < 0) return;
    brush = { axis: drawing.axes[index], y, isDragged: false };
    place.setPointerCapture(event.pointerId);
    hover(-1);
    event.preventDefault();
  }

  function move(event) {
    if (!drawing || !drawing.axes.length) return;
    const [x, y] = at(event);
    if (!brush) {
      place.style.cursor = nearest(x) >= 0 ? "ns-resize" : "default";
      return hover(found(x, y), x, y);
    }
    if (Math.abs(y - brush.y) < 3 && !brush.isDragged) return;
    brush.isDragged = true;
    select(brush.axis, brush.y, y);
    later();
  }

  /* From one height to another; what reaches below the foot takes the runs without a value, too. */
  function select(axis, from, to) {
    const [high, low] = [Math.min(from, to), Math.max(from, to)];
    axis.takesMissing = axis.hasMissing && low > foot() + 8;
    axis.spans = high < foot() ? [[Math.max(share(low), -0.01), Math.min(share(high), 1.01)]] : [];
  }

  function end() {
    if (!brush) return;
    if (!brush.isDragged) Object.assign(brush.axis, { spans: [], takesMissing: false });
    brush = null;
    later();
    tell(drawing.axes);
  }

  /* The run whose line is next to the pointer. */
  function found(x, y) {
    const last = drawing.axes.length - 1;
    const index = drawing.axes.findIndex((_axis, one) => one < last && left(one) <= x && x <= left(one + 1));
    if (index < 0) return -1;
    const part = (x - left(index)) / (left(index + 1) - left(index));
    const keeps = kept();
    let best = -1, distance = NEAR;
    for (let run = 0; run < drawing.names.length; run++) {
      if (!keeps[run]) continue;
      const a = up(drawing.axes[index].shares[run]), b = up(drawing.axes[index + 1].shares[run]);
      const off = Math.abs(a + (b - a) * part - y);
      if (off < distance) [best, distance] = [run, off];
    }
    return best;
  }

  function hover(run, x, y) {
    const said = place.children[2];
    said.hidden = run < 0;
    if (run >= 0) {
      if (run !== hovered) said.textContent = drawing.names[run];
      said.style.left = `${Math.min(x + 12, place.clientWidth - said.offsetWidth - 4)}px`;
      said.style.top = `${Math.max(0, y - 30)}px`;
    }
    if (run !== hovered) {
      hovered = run;
      later();
    }
  }

  window.runoffParallel = { show };
})();
