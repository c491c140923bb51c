"use strict";
(function () {
  var plots = ["map", "time"].map(function (name) {
    var figure = JSON.parse(document.getElementById(name + "-data").textContent);
    var place = document.getElementById(name + "-figure");
    Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displaylogo: false, scrollZoom: name === "map" });
    return { place: place, data: figure.data };
  });
  ["telemetry", "truth"].forEach(function (kind) {
    document.getElementById("show-" + kind).addEventListener("change", function (event) {
      plots.forEach(function (plot) {
        var traces = [];
        plot.data.forEach(function (trace, index) { if (trace.meta === kind) { traces.push(index); } });
        if (traces.length) { Plotly.restyle(plot.place, { visible: event.target.checked }, traces); }
      });
    });
  });
  var rows = Array.prototype.slice.call(document.querySelectorAll("#events tbody tr"));
  var filter = document.getElementById("event-filter");
  var boxes = Array.prototype.slice.call(document.querySelectorAll("input.severity"));
  function show() {
    var wanted = filter.value.toLowerCase();
    var shown = boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
    rows.forEach(function (row) {
      var fits = row.textContent.toLowerCase().indexOf(wanted) >= 0;
      row.hidden = !(fits && shown.indexOf(row.className) >= 0);
    });
  }
  filter.addEventListener("input", show);
  boxes.forEach(function (box) { box.addEventListener("change", show); });
})();
