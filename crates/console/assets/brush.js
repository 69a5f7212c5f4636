// Dragging over a chart leads to the requests of that time; the table below it has the same as links.
(() => {
  "use strict";
  const { all } = window.gb;
  for (const chart of all("svg.gb-chart[data-from]")) {
    const [from, step, steps] = ["from", "step", "steps"].map((name) => Number(chart.dataset[name]));
    const whose = chart.dataset.whose ? `${chart.dataset.whose}&` : "";
    const brush = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    brush.setAttribute("class", "gb-brush");
    brush.setAttribute("height", "100");
    let begun = null;
    const place = (event) => {
      const box = chart.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      return Math.min(Math.max(Math.floor(share * steps), 0), steps - 1);
    };
    const draw = (event) => {
      const [left, right] = [begun, place(event)].sort((one, other) => one - other);
      brush.setAttribute("x", left * 10);
      brush.setAttribute("width", (right - left + 1) * 10);
      return [left, right];
    };
    chart.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      begun = place(event);
      chart.setPointerCapture(event.pointerId);
      draw(event);
      chart.append(brush);
    });
    chart.addEventListener("pointermove", (event) => begun !== null && draw(event));
    const stop = () => {
      begun = null;
      brush.remove();
    };
    chart.addEventListener("pointerup", (event) => {
      if (begun === null) return;
      const [left, right] = draw(event);
      stop();
      location.assign(`/admin/logs?${whose}from=${from + left * step}&to=${from + (right + 1) * step}`);
    });
    chart.addEventListener("pointercancel", stop);
    document.addEventListener("keydown", (event) => event.key === "Escape" && stop());
  }
})();
