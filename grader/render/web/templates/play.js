"use strict";
// Draws the run that the controls name, of those in the page. Without this script, the page shows a table.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 480, HEIGHT = 260, LEFT = 54, RIGHT = 16, TOP = 14, BOTTOM = 40;

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

  const labels = (svg, x, y) => {
    const middle = (TOP + HEIGHT - BOTTOM) / 2;
    add(svg, "text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, x);
    add(svg, "text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, y);
  };

  // The inside of a panel: what is drawn later is cut at its edges.
  const frame = (svg, id, xLabel, yLabel) => {
    const clip = add(add(svg, "defs"), "clipPath", { id });
    const inside = { x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
    add(clip, "rect", inside);
    add(svg, "rect", { class: "grid", ...inside });
    labels(svg, xLabel, yLabel);
    return add(svg, "g", { "clip-path": `url(#${id})` });
  };

  const ticks = (svg, place, values, isX, label = String) => {
    for (const value of values) {
      const at = place(value);
      if (isX) add(svg, "text", { x: at, y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, label(value));
      else add(svg, "text", { x: LEFT - 6, y: Number(at) + 4, "text-anchor": "end" }, label(value));
    }
  };

  const plane = (svg, id, { x: xAxis, y: yAxis, ellipses, centre }) => {
    const inside = frame(svg, `${id}-plane`, xAxis.label, yAxis.label);
    const x = scale(xAxis.low, xAxis.high, LEFT, WIDTH - RIGHT), y = scale(yAxis.low, yAxis.high, HEIGHT - BOTTOM, TOP);
    const perX = (WIDTH - LEFT - RIGHT) / (xAxis.high - xAxis.low), perY = (HEIGHT - TOP - BOTTOM) / (yAxis.high - yAxis.low);
    for (const [rx, ry] of ellipses) {
      add(inside, "ellipse", { class: "grid", cx: x(0), cy: y(0), rx: perX * rx, ry: perY * ry });
    }
    ticks(svg, x, xAxis.ticks, true);
    ticks(svg, y, yAxis.ticks, false);
    const run = add(inside, "path", { class: "run" }), steps = add(inside, "path", { class: "steps" });
    add(inside, "path", { class: "goal", d: `M${x(0) - 5} ${y(0) - 5}l10 10m0 -10l-10 10` });
    add(inside, "text", { x: x(0), y: Number(y(0)) + 24, "text-anchor": "middle" }, centre);
    const begin = add(inside, "text", { "text-anchor": "middle" }, "start");
    return (path) => {
      const points = Array.from({ length: path.length / 2 }, (_, n) => [x(path[2 * n]), y(path[2 * n + 1])]);
      run.setAttribute("d", line(points));
      steps.setAttribute("d", dots(points));
      const [[left, top] = [0, 0]] = points;
      begin.setAttribute("x", left);
      begin.setAttribute("y", top - 10);
    };
  };

  const curve = (svg, id, { x: xAxis, y: yAxis }, goal) => {
    const inside = frame(svg, `${id}-curve`, xAxis.label, yAxis.label);
    const x = scale(xAxis.low, xAxis.high, LEFT, WIDTH - RIGHT), y = scale(yAxis.low, yAxis.high, HEIGHT - BOTTOM, TOP);
    for (const power of yAxis.ticks) add(inside, "path", { class: "grid", d: `M${LEFT} ${y(power)}H${WIDTH - RIGHT}` });
    ticks(svg, x, xAxis.ticks, true);
    ticks(svg, y, yAxis.ticks, false, (power) => (Math.abs(power) > 2 ? `1e${power}` : String(10 ** power)));
    if (goal) add(inside, "path", { class: "goal", d: `M${LEFT} ${y(Math.log10(goal.value))}H${WIDTH - RIGHT}` });
    const level = add(inside, "path", { class: "goal" }), run = add(inside, "path", { class: "run" });
    return (values, [first, step], expected) => {
      level.setAttribute("d", expected > 0 ? `M${LEFT} ${y(Math.log10(expected))}H${WIDTH - RIGHT}` : "");
      run.setAttribute("d", line(values.map((value, n) => [x(first + n * step), y(Math.log10(Math.max(value, 1e-300)))])));
    };
  };

  // Every setting of two sliders as a cell, of a stronger colour where the run ends lower. A press or a drag chooses; the sliders follow.
  const field = (svg, data, names, choose) => {
    const [across, up] = data.controls, { low, high } = data.curve.y;
    const width = (WIDTH - LEFT - RIGHT) / across.length, height = (HEIGHT - TOP - BOTTOM) / up.length;
    const left = (i) => LEFT + i * width, top = (j) => HEIGHT - BOTTOM - (j + 1) * height;
    data.runs.forEach((values, n) => {
      const i = Math.floor(n / up.length), j = n % up.length, last = values[values.length - 1];
      const share = Math.min(1, Math.max(0, (high - Math.log10(Math.max(last, 1e-300))) / (high - low)));
      const shade = data.diverges[n] ? 0 : (0.05 + 0.75 * share).toFixed(2);
      add(svg, "rect", { class: "cell", x: left(i), y: top(j), width, height, "fill-opacity": shade });
      if (data.diverges[n]) add(svg, "text", { x: left(i) + width / 2, y: top(j) + height / 2 + 4, "text-anchor": "middle" }, "×");
    });
    const few = (values) => [...new Set([0, Math.floor((values.length - 1) / 2), values.length - 1])];
    for (const i of few(across)) add(svg, "text", { x: left(i + 0.5), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, across[i]);
    for (const j of few(up)) add(svg, "text", { x: LEFT - 6, y: top(j - 0.5) + 4, "text-anchor": "end" }, up[j]);
    labels(svg, names[0], names[1]);
    const chosen = add(svg, "rect", { class: "chosen", width, height });
    const within = (value, count) => Math.min(count - 1, Math.max(0, Math.floor(value)));
    const pick = (event) => {
      const place = svg.getBoundingClientRect(), scale = WIDTH / place.width;
      const x = (event.clientX - place.left) * scale - LEFT, y = HEIGHT - BOTTOM - (event.clientY - place.top) * scale;
      choose(within(x / width, across.length), within(y / height, up.length));
    };
    svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); pick(event); });
    svg.addEventListener("pointermove", (event) => { if (svg.hasPointerCapture(event.pointerId)) pick(event); });
    return (i, j) => { chosen.setAttribute("x", left(i)); chosen.setAttribute("y", top(j)); };
  };

  const start = (box) => {
    const id = box.getAttribute("aria-labelledby");
    const data = JSON.parse(document.getElementById(`${id}-data`).textContent);
    const controls = [...box.querySelectorAll("input, select")];
    const drawPath = data.plane ? plane(box.querySelector(".plane"), id, data.plane) : () => {};
    const drawCurve = curve(box.querySelector(".curve"), id, data.curve, data.goal);
    const width = data.runs.length / data.controls[0].length, map = box.querySelector(".field");
    const names = [...box.querySelectorAll(".control label")].map((label) => label.textContent);
    const choose = (...places) => { places.forEach((place, n) => { controls[n].value = place; }); draw(); };
    const mark = map ? field(map, data, names, choose) : () => {};

    const draw = () => {
      mark(...controls.map((control) => Number(control.value)));
      controls.forEach((control, n) => {
        const text = data.controls[n][control.value];
        if (control.type !== "range") return;
        control.setAttribute("aria-valuetext", text);
        control.nextElementSibling.textContent = text;
      });
      const row = Number(controls[0].value) * width, column = controls[1] ? Number(controls[1].value) : 0;
      const values = data.runs[row + column], [first, step] = data.places[row + column];
      const expected = data.expected[row + column];
      drawPath(data.paths[row + column]);
      drawCurve(values, [first, step], expected);
      const last = values[values.length - 1];
      const beside = expected === null ? "" : `; ${data.formula} gives ${Number(expected.toPrecision(2))}`;
      const outcome = data.goal ? `${last < data.goal.value ? data.goal.met : data.goal.missed} ` : "";
      box.querySelector(".said").textContent = data.diverges[row + column]
        ? `It diverges after ${Math.floor(first + step * values.length)} ${data.curve.x.label}.`
        : `${outcome}The ${data.result} is ${Number(last.toPrecision(2))}${beside}.`;
    };

    for (const control of controls) control.addEventListener("input", draw);
    box.hidden = false;
    draw();
  };

  document.querySelectorAll(".play").forEach(start);
})();
