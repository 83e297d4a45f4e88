// SPDX-License-Identifier: Apache-2.0
//
// Draws the plots of a report's page with Chart.js, which stands before this in the page,
// and writes into the page what it has drawn (the element `self-check`): a test compares
// that with the results. Texts from results only ever become text.
(() => {
  'use strict';

  const plots = JSON.parse(document.getElementById('plots').textContent);
  const drawn = new Map();

  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colourOfSeries = (index) => colour(`--series-${index % 8}`);

  const time = (ns) => {
    let unit = 0;
    while (Math.abs(ns) >= 999.5 && unit < 3) {
      ns /= 1000;
      unit += 1;
    }
    return `${Number(ns.toPrecision(3))} ${['ns', 'us', 'ms', 's'][unit]}`;
  };
  const number = (value) =>
    Math.abs(value) >= 1000 ? value.toExponential(0).replace('e+', 'e')
                            : String(Number(value.toPrecision(3)));

  const scale = (axis) => {
    const text = axis.unit === 'ns' ? time : number;
    // Of a logarithmic axis's many ticks, those that begin with one of these digits.
    const digits = (decades) => decades > 4 ? ['1'] : decades > 2 ? ['1', '5'] : ['1', '2', '5'];
    const options = {
      type: axis.log ? 'logarithmic' : 'linear',
      title: {display: axis.title !== '', text: axis.title, color: colour('--dim')},
      grid: {color: colour('--line')},
      ticks: {color: colour('--dim'), maxRotation: 0, autoSkip: !axis.log, maxTicksLimit: axis.log ? 60 : 7,
              callback(value) {
                if (!axis.log) return text(value);
                const decades = Math.log10(this.max / this.min);
                return digits(decades).includes(value.toExponential()[0]) ? text(value) : '';
              }},
    };
    if (axis.whole) options.ticks.precision = 0;
    else if (!axis.log) options.beginAtZero = true;
    return options;
  };
  const categories = (labels) => ({
    type: 'category', labels,
    grid: {display: false},
    ticks: {color: colour('--ink'), autoSkip: false,
            callback: (_, index) => {
              const most = innerWidth < 600 ? 22 : 44;
              const label = labels[index];
              return label.length > most ? `${label.slice(0, most - 1)}…` : label;
            }},
  });

  // x and y of the plot to what Chart.js takes.
  const datasets = (plot) => plot.series.map((series, index) => {
    const common = {label: series.name, borderColor: colourOfSeries(index),
                    backgroundColor: colourOfSeries(index), borderWidth: 2};
    switch (plot.kind) {
      case 'line':
        return {...common, data: series.points.map(([x, y]) => ({x, y})), pointRadius: 3};
      case 'steps':
        return {...common, data: series.points.map(([x, y]) => ({x, y})),
                stepped: 'before', pointRadius: 0, borderWidth: 1.5};
      case 'bars':
        return {...common, data: series.points, base: plot.x.base, borderWidth: 0};
      default:  // spans
        return {...common, grouped: false, borderWidth: 0, minBarLength: 1, barPercentage: 0.9,
                data: series.points.map(([from, to, lane]) =>
                  ({x: [from, to], y: plot.labels[lane]}))};
    }
  });

  const draw = (plot) => {
    const lies = plot.kind === 'bars' || plot.kind === 'spans';
    const text = plot.kind === 'spans' || plot.x.unit === 'ns' ? time : number;
    const config = {
      type: lies ? 'bar' : 'line',
      data: {datasets: datasets(plot)},
      options: {
        animation: false, responsive: true, maintainAspectRatio: false,
        indexAxis: lies ? 'y' : 'x',
        scales: {x: scale(plot.x), y: lies ? categories(plot.labels) : scale(plot.y)},
        plugins: {
          legend: {display: plot.series.length > 1,
                   labels: {color: colour('--ink'), boxWidth: 12}},
          tooltip: {callbacks: plot.kind === 'spans'
            ? {label: (item) => `${item.dataset.label}: ${text(item.raw.x[0])} + ` +
                                text(item.raw.x[1] - item.raw.x[0])} : {}},
        },
      },
    };
    if (plot.kind === 'bars') config.data.labels = plot.labels;
    const old = drawn.get(plot.id);
    if (old) old.destroy();
    drawn.set(plot.id, new Chart(document.getElementById(plot.id), config));
  };

  // How many pixels of a canvas have been painted.
  const ink = (canvas) => {
    const pixels =
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let painted = 0;
    for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 0) painted += 1;
    return painted;
  };

  const report = (errors) => {
    const state = {
      library: Chart.version,
      width: innerWidth,
      content_width: document.documentElement.scrollWidth,
      dark: matchMedia('(prefers-color-scheme: dark)').matches,
      ground: getComputedStyle(document.body).backgroundColor,
      errors,
      plots: [...drawn].map(([id, chart]) => ({
        id,
        width: chart.width,
        height: chart.height,
        ink: ink(chart.canvas),
        series: chart.data.datasets.map((set, index) => {
          const meta = chart.getDatasetMeta(index);
          const values = meta.data
            .map((element, at) => ({element, value: meta.vScale.axis === 'x'
              ? meta._parsed[at].x : meta._parsed[at].y}))
            .filter(({element, value}) => Number.isFinite(value) &&
              Number.isFinite(element.x) && Number.isFinite(element.y))
            .map(({value}) => value);
          return {name: set.label, points: values.length,
                  sum: values.reduce((sum, value) => sum + value, 0)};
        }),
      })),
    };
    document.getElementById('self-check').textContent = JSON.stringify(state);
  };

  const drawAll = () => {
    const errors = [];
    Chart.defaults.font.family = 'system-ui, sans-serif';
    for (const plot of plots) {
      try {
        draw(plot);
      } catch (error) {
        errors.push(`${plot.id}: ${error}`);
      }
    }
    report(errors);
  };

  drawAll();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
})();
