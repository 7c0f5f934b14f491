"use strict";
// Draws the run that the controls name, out of those that the page holds. Without this script their table is still there.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 480, HEIGHT = 260, LEFT = 54, RIGHT = 16, TOP = 14, BOTTOM = 40;
  const PLANE = { x: [-11, 11], y: [-3.2, 3.2] };

  const add = (parent, name, attributes, text) => {
    const element = document.createElementNS(SVG, name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  };

  // A function from [low, high] to pixels; what is outside is drawn just beyond the edge.
  const scale = (low, high, from, to) => (value) => {
    const share = Math.min(1.05, Math.max(-0.05, (value - low) / (high - low)));
    return (from + share * (to - from)).toFixed(1);
  };

  const line = (points) => points.map(([x, y], n) => `${n ? "L" : "M"}${x} ${y}`).join("");
  const dots = (points) => points.map(([x, y]) => `M${x} ${y}h0`).join("");

  // The inside of a panel: what is drawn later is cut at its edges.
  const frame = (svg, id, xLabel, yLabel) => {
    const clip = add(add(svg, "defs"), "clipPath", { id });
    const inside = { x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
    add(clip, "rect", inside);
    add(svg, "rect", { class: "grid", ...inside });
    add(svg, "text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, xLabel);
    add(svg, "text", { x: 14, y: (TOP + HEIGHT - BOTTOM) / 2, "text-anchor": "middle",
      transform: `rotate(-90 14 ${(TOP + HEIGHT - BOTTOM) / 2})` }, yLabel);
    return add(svg, "g", { "clip-path": `url(#${id})` });
  };

  const ticks = (svg, place, values, isX, label = String) => {
    for (const value of values) {
      const at = place(value);
      if (isX) add(svg, "text", { x: at, y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, label(value));
      else add(svg, "text", { x: LEFT - 6, y: Number(at) + 4, "text-anchor": "end" }, label(value));
    }
  };

  const plane = (svg, id, [flat, steep]) => {
    const inside = frame(svg, `${id}-plane`, "first weight", "second weight");
    const x = scale(...PLANE.x, LEFT, WIDTH - RIGHT), y = scale(...PLANE.y, HEIGHT - BOTTOM, TOP);
    const perX = (WIDTH - LEFT - RIGHT) / (PLANE.x[1] - PLANE.x[0]), perY = (HEIGHT - TOP - BOTTOM) / (PLANE.y[1] - PLANE.y[0]);
    for (const share of [0.03, 0.15, 0.4, 0.8, 1.4, 2.2, 3.4]) {
      const level = share * flat * 81 / 2;
      add(inside, "ellipse", { class: "grid", cx: x(0), cy: y(0),
        rx: perX * Math.sqrt(2 * level / flat), ry: perY * Math.sqrt(2 * level / steep) });
    }
    ticks(svg, x, [-10, -5, 0, 5, 10], true);
    ticks(svg, y, [-2, 0, 2], false);
    const run = add(inside, "path", { class: "run" }), steps = add(inside, "path", { class: "steps" });
    add(inside, "path", { class: "goal", d: `M${x(0) - 5} ${y(0) - 5}l10 10m0 -10l-10 10` });
    add(inside, "text", { x: x(0), y: Number(y(0)) + 24, "text-anchor": "middle" }, "minimum");
    const begin = add(inside, "text", { "text-anchor": "middle" }, "start");
    return (path) => {
      const points = path.map(([a, b]) => [x(a), y(b)]);
      run.setAttribute("d", line(points));
      steps.setAttribute("d", dots(points));
      begin.setAttribute("x", points[0][0]);
      begin.setAttribute("y", points[0][1] - 10);
    };
  };

  const curve = (svg, id, data) => {
    const inside = frame(svg, `${id}-curve`, data.unit, data.curvatures.length ? "loss" : "loss of the batches");
    const powers = data.curvatures.length ? [-8, -6, -4, -2, 0, 2] : [-1, 0, 1];
    const x = scale(0, data.span, LEFT, WIDTH - RIGHT);
    const y = scale(powers[0], powers[powers.length - 1], HEIGHT - BOTTOM, TOP);
    for (const power of powers) add(inside, "path", { class: "grid", d: `M${LEFT} ${y(power)}H${WIDTH - RIGHT}` });
    ticks(svg, x, [0, data.span / 2, data.span], true);
    ticks(svg, y, powers, false, (power) => (Math.abs(power) > 2 ? `1e${power}` : String(10 ** power)));
    const run = add(inside, "path", { class: "run" });
    return (losses) => {
      // Losses of parts of the examples stand in the middle of each.
      const place = data.curvatures.length ? (n) => n : (n) => (n + 0.5) * data.span / losses.whole;
      run.setAttribute("d", line(losses.map((loss, n) => [x(place(n)), y(Math.log10(Math.max(loss, 1e-300)))])));
    };
  };

  const start = (box) => {
    const id = box.id.slice(0, -"-play".length);
    const data = JSON.parse(document.getElementById(`${id}-data`).textContent);
    const controls = [...box.querySelectorAll("input, select")];
    const isBowl = data.curvatures.length > 0;
    const drawPath = isBowl ? plane(box.querySelector(".plane"), id, data.curvatures) : () => {};
    const drawCurve = curve(box.querySelector(".curve"), id, data);
    const lossOf = (w) => w.reduce((sum, value, n) => sum + data.curvatures[n] * value * value / 2, 0);
    const width = data.runs.length / data.controls[0].length;

    const draw = () => {
      controls.forEach((control, n) => {
        const text = data.controls[n][control.value];
        if (control.type !== "range") return;
        control.setAttribute("aria-valuetext", text);
        control.nextElementSibling.textContent = text;
      });
      const row = Number(controls[0].value) * width, column = controls[1] ? Number(controls[1].value) : 0;
      const numbers = data.runs[row + column], diverges = data.diverges[row + column];
      const path = isBowl ? Array.from({ length: numbers.length / 2 }, (_, n) => numbers.slice(2 * n, 2 * n + 2)) : [];
      const losses = isBowl ? path.map(lossOf) : [...numbers];
      losses.whole = Math.max(...data.runs.slice(row, row + width).map((run) => run.length));
      drawPath(path);
      drawCurve(losses);
      const last = losses[losses.length - 1];
      box.querySelector(".said").textContent = diverges
        ? (isBowl ? `It diverges: after ${path.length} steps it has left the bowl.` : "It diverges.")
        : `The loss after ${data.span} ${data.unit} is ${Number(last.toPrecision(2))}.`;
    };

    for (const control of controls) control.addEventListener("input", draw);
    box.hidden = false;
    draw();
  };

  document.querySelectorAll(".play").forEach(start);
})();
