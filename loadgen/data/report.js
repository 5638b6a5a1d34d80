/* Draws the charts of a loadgen report from the numbers in the page, and lets them be read:
 * by pointing, by the arrow keys, and by a screen reader. Uses uPlot; loads nothing. */
"use strict";

(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const reading = document.getElementById("reading");
  const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200];
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
  const AXIS_WIDTH = 68;
  const PRINTED_WIDTH = 680;
  let plots = [];

  /* ---- numbers as people read them: the same words as in the tables ---- */

  const digits = (value, most) =>
    value.toLocaleString("en", { maximumFractionDigits: Math.max(0, most) });

  /** Three significant digits, and all of those before the point. */
  const plain = (value) =>
    digits(value, value ? 2 - Math.floor(Math.log10(Math.abs(value))) : 0);

  function duration(ms) {
    if (ms === 0) return "0";
    const units = [["s", 1e3], ["ms", 1], ["µs", 1e-3]];
    const [unit, size] = units.find(([, size]) => ms >= size * 0.9995) || ["ns", 1e-6];
    return `${plain(Number((ms / size).toPrecision(3)))} ${unit}`;
  }

  function clock(s) {
    if (s < 0) return `−${clock(-s)}`;
    const pad = (n) => String(n).padStart(2, "0");
    const whole = Math.floor(s);
    const [hours, minutes, seconds] = [whole / 3600, (whole / 60) % 60, whole % 60].map(Math.floor);
    const part = Math.round((s - whole) * 10);
    const text = hours ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
    return part ? `${text}.${part}` : text;
  }

  /** 1 / (1 - q) as the share q: 100 is 99 %. */
  const share = (x) => `${Number((100 * (1 - 1 / x)).toFixed(Math.max(0, Math.log10(x)) + 1))} %`;

  function shown(chart, value) {
    if (value == null) return "–";
    switch (chart.unit) {
      case "ms": return duration(value);
      case "%": return `${plain(value)} %`;
      case "per second": return `${plain(value)}/s`;
      default: return plain(value);
    }
  }

  const place = (chart, x) => (chart.axis ? clock(x) : share(x));

  /* ---- colours: the style sheet's, so that light, dark and print need no second list ---- */

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);
  const font = (size) => `${size}px ${getComputedStyle(document.body).fontFamily}`;

  /* ---- one chart ---- */

  const limitsOf = (chart) => chart.limits.map((limit) => limit.value);

  /** The y range: from zero or below, or in decades; limits that dwarf the values stay outside. */
  function yRange(chart) {
    return (_, low, high) => {
      const limits = limitsOf(chart);
      if (chart.log) {
        const all = [low, high, ...limits].filter((value) => value > 0);
        return all.length ? [Math.min(...all) / 1.3, Math.max(...all) * 1.5] : [0.1, 1];
      }
      const near = limits.filter((value) => value <= 4 * high);
      const highest = [high > 0 ? high : 1, ...near].map((value) => value * 1.1);
      return [Math.min(0, low * 1.1), Math.max(chart.top || 0, ...highest)];
    };
  }

  /** 1, 2 and 5 of each decade; with many decades, the ones alone. */
  function logSplits(_, __, low, high) {
    const factors = high / low > 500 ? [1] : high / low > 50 ? [1, 3] : [1, 2, 5];
    const splits = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
      splits.push(...factors.map((factor) => Number(`${factor}e${e}`)));
    }
    return splits.filter((value) => value >= low && value <= high);
  }

  /** 0 %, 50 %, 90 %, 99 % and so on; the first two are too close on a phone. */
  const nineSplits = (u, _, low, high) =>
    [1, 2, 10, 100, 1e3, 1e4, 1e5, 1e6].filter(
      (x) => x >= low && x <= high && (x > 1 || u.width >= 560));

  function drawLimits(chart) {
    return (u) => {
      const { left, top, width } = u.bbox;
      const ratio = devicePixelRatio;
      u.ctx.save();
      u.ctx.fillStyle = style("limit");
      u.ctx.font = font(12 * ratio);
      u.ctx.textAlign = "right";
      for (const limit of chart.limits) {
        const above = limit.value > u.scales.y.max;
        const y = above ? top : Math.round(u.valToPos(limit.value, "y", true));
        const text = above ? `↑ ${limit.name}` : limit.name;
        u.ctx.strokeStyle = style("limit");
        u.ctx.lineWidth = 1.5 * ratio;
        u.ctx.setLineDash([8 * ratio, 4 * ratio]);
        u.ctx.beginPath();
        u.ctx.moveTo(left, y);
        u.ctx.lineTo(left + width, y);
        if (!above) u.ctx.stroke();
        u.ctx.setLineDash([]);
        u.ctx.lineWidth = 4 * ratio; // of the halo that keeps the text off the lines
        u.ctx.strokeStyle = style("paper");
        u.ctx.strokeText(text, left + width, y + 15 * ratio);
        u.ctx.fillText(text, left + width, y + 15 * ratio);
      }
      u.ctx.restore();
    };
  }

  /** Lines down the chart where something happened; their names stand at its upper edge. */
  function drawMoments(chart) {
    return (u) => {
      const { left, top, width, height } = u.bbox;
      const ratio = devicePixelRatio;
      u.ctx.save();
      u.ctx.font = font(12 * ratio);
      u.ctx.fillStyle = style("muted");
      u.ctx.textAlign = "left";
      let free = left; // from here on the upper edge has room for a name
      for (const moment of chart.moments) {
        const x = Math.round(u.valToPos(moment.x, "x", true));
        if (x < left || x > left + width) continue;
        u.ctx.strokeStyle = style("muted");
        u.ctx.lineWidth = ratio;
        u.ctx.setLineDash([2 * ratio, 3 * ratio]);
        u.ctx.beginPath();
        u.ctx.moveTo(x, top);
        u.ctx.lineTo(x, top + height);
        u.ctx.stroke();
        const length = u.ctx.measureText(moment.name).width + 10 * ratio;
        const start = x + length > left + width ? x - length : x + 5 * ratio;
        if (start < free) continue;
        free = start + length;
        u.ctx.setLineDash([]);
        u.ctx.lineWidth = 4 * ratio;
        u.ctx.strokeStyle = style("paper");
        u.ctx.strokeText(moment.name, start, top + 12 * ratio);
        u.ctx.fillText(moment.name, start, top + 12 * ratio);
      }
      u.ctx.restore();
    };
  }

  /** The legend beside a chart tells the values under the cursor. */
  function fillLegend(chart, figure) {
    const values = figure.querySelectorAll(".legend b");
    const where = figure.querySelector(".legend .where");
    return (u) => {
      const i = u.cursor.idx;
      chart.series.forEach((series, n) => {
        values[n].textContent = i == null ? "" : shown(chart, series.values[i]);
      });
      where.textContent = i == null ? "" : `at ${place(chart, chart.x[i])}`;
    };
  }

  /** The cursor stands on a point, where the values that it tells were measured. */
  const snap = (chart) => (u, left, top) =>
    [left < 0 ? left : u.valToPos(chart.x[u.posToIdx(left)], "x"), top];

  function options(chart, figure, width) {
    const axis = {
      stroke: style("muted"), font: font(12), gap: 6, ticks: { show: false },
      grid: { stroke: style("grid"), width: 1 },
    };
    return {
      width,
      height: heightFor(width),
      padding: [10, 20, 0, 0],
      legend: { show: false },
      cursor: {
        y: false, points: { size: 7 }, move: snap(chart),
        sync: chart.axis ? { key: chart.axis } : undefined,
      },
      scales: {
        x: { time: false, distr: chart.axis ? 1 : 3, range: (_, low, high) => [low, high] },
        y: { distr: chart.log ? 3 : 1, range: yRange(chart) },
      },
      axes: [
        {
          ...axis, size: 30, space: 60, values: (_, xs) => xs.map((x) => place(chart, x)),
          ...(chart.axis ? { incrs: SECONDS } : { splits: nineSplits, filter: (_, xs) => xs }),
        },
        {
          ...axis, size: AXIS_WIDTH, space: 34, values: (_, ys) => ys.map((y) => shown(chart, y)),
          ...(chart.log ? { splits: logSplits, filter: (_, ys) => ys } : {}),
        },
      ],
      series: [{}, ...chart.series.map((series) => ({
        label: series.name, stroke: style(series.ink), width: series.width, dash: series.dash,
        points: { show: chart.x.length < 3 },
        paths: chart.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
      }))],
      bands: chart.bands.map((band) => ({
        series: [band.upper + 1, band.lower + 1], fill: style(band.ink),
      })),
      hooks: { draw: [drawMoments(chart), drawLimits(chart)], setCursor: [fillLegend(chart, figure)] },
    };
  }

  const heightFor = (width) => (width < 560 ? 200 : 220);

  function draw(chart, width) {
    const figure = document.getElementById(chart.id);
    const plot = figure.querySelector(".plot");
    const data = [chart.x, ...chart.series.map((series) => series.values)];
    const u = new uPlot(options(chart, figure, width || plot.clientWidth), data, plot);
    return { chart, plot, u };
  }

  function drawAll(width) {
    plots.forEach(({ u }) => u.destroy());
    plots = charts.map((chart) => draw(chart, width));
  }

  /* ---- reading by the keyboard ---- */

  /** Moves the cursor of this chart and of all that are linked with it. */
  const point = (u, left) => u.setCursor({ left, top: u.over.clientHeight / 2 }, true, true);

  function read({ chart, u }, i) {
    point(u, u.valToPos(chart.x[i], "x"));
    const values = chart.series.map((one) => `${one.name} ${shown(chart, one.values[i])}`);
    reading.textContent = `${place(chart, chart.x[i])}: ${values.join(", ")}`;
  }

  function onKey(index, event) {
    const { chart, u } = plots[index];
    const last = chart.x.length - 1;
    const at = u.cursor.idx;
    if (event.key === "Escape") {
      point(u, -10);
    } else if (event.key === "Home" || event.key === "End") {
      read(plots[index], event.key === "Home" ? 0 : last);
    } else if (event.key in STEPS) {
      const step = STEPS[event.key];
      const start = at == null ? (step > 0 ? -1 : last + 1) : at;
      read(plots[index], Math.min(last, Math.max(0, start + step)));
    } else {
      return;
    }
    event.preventDefault();
  }

  /* ---- life of the page ---- */

  drawAll();
  plots.forEach(({ plot }, index) => {
    plot.addEventListener("keydown", (event) => onKey(index, event));
    new ResizeObserver(() => {
      const width = plot.clientWidth;
      const { u } = plots[index];
      if (width && width !== u.width && !("print" in document.documentElement.dataset)) {
        u.setSize({ width, height: heightFor(width) });
      }
    }).observe(plot);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.print = "";
    drawAll(PRINTED_WIDTH);
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset.print;
    drawAll();
  });
})();
