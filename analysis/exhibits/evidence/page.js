"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const FIELDS = ["finding", "paper", "family", "role", "design", "q", "sort", "parts"];
  const FINDINGS = ["supported", "contradicted", "negligible", "inconclusive", "untestable"];
  const FIRST_ROWS = 200, FEW_UNITS = 6, MOST_PANELS = 4;
  const title = document.title;
  const claims = new Map(data.claims.map((claim) => [claim.id, claim]));
  const overview = byId("overview"), article = byId("claim"), form = byId("filters");
  const tbody = byId("claims").tBodies[0];
  const unfolded = new Set();
  let visible = [], open = null, redraw = [], fillCells = null;

  /* Elements are made of text nodes only, so that no text is ever read as HTML. */
  function make(tag, attributes = {}, ...children) {
    return dress(document.createElement(tag), attributes, children);
  }
  function draw(tag, attributes = {}, ...children) {
    return dress(document.createElementNS(SVG, tag), attributes, children);
  }
  function dress(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null) element.setAttribute(name, String(value));
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  function button(text, act, attributes = {}) {
    const element = make("button", { type: "button", ...attributes }, text);
    element.addEventListener("click", act);
    return element;
  }
  function decimal(value, places) {
    if (value === null || value === undefined) return "–";
    const text = Math.abs(value).toFixed(places).replace(/\B(?=(\d{3})+(?!\d))/, ",");
    return (value < 0 && Number(text.replace(/,/g, "")) !== 0 ? "−" : "") + text;
  }
  function pValue(value) {
    return value < 0.001 ? "< 0.001" : value.toFixed(3);
  }
  function short(value) {
    const size = Math.abs(value);
    if (size >= 1e9) return decimal(value / 1e9, size < 1e10 ? 1 : 0) + " bn";
    if (size >= 1e6) return decimal(value / 1e6, size < 1e7 ? 1 : 0) + " m";
    if (size >= 1e4) return decimal(value / 1e3, 0) + " k";
    return String(Number(value.toPrecision(4))).replace("-", "−");
  }

  /* ---- cells ---- */
  const starts = [];
  let total = 0;
  for (const series of data.cells) {
    starts.push(total);
    total += series.years.length;
  }
  function cellsOf(claim) {
    const cells = [];
    const runs = claim.cells || [];
    for (let at = 0; at < runs.length; at += 2) {
      let low = 0, high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle] <= runs[at]) low = middle;
        else high = middle - 1;
      }
      for (let place = runs[at]; place < runs[at] + runs[at + 1]; place++) {
        while (place >= starts[low] + data.cells[low].years.length) low++;
        cells.push(cell(data.cells[low], place - starts[low]));
      }
    }
    const key = (c) => [c.variable === claim.outcome ? "" : c.variable, c.unit, c.source];
    return cells.sort((a, b) => compare(key(a).join("\n"), key(b).join("\n")) || a.year - b.year);
  }
  function cell(series, at) {
    const year = series.years[at];
    const source = data.sources[series.source] || ["", ""];
    return {
      unit: series.unit, year, variable: series.variable, value: series.stored[at],
      status: series.status, source: series.source, version: source[0],
      locator: series.locator.replaceAll("\u0001", String(year)), note: series.note,
      file: series.file, row: series.rows[at],
    };
  }
  function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /* ---- state in the address: #ID?finding=...&q=... ---- */
  function readHash() {
    const raw = location.hash.slice(1);
    const cut = raw.indexOf("?");
    const id = cut < 0 ? raw : raw.slice(0, cut);
    let name = id;
    try { name = decodeURIComponent(id); } catch { /* as it stands */ }
    return { name, query: cut < 0 ? null : new URLSearchParams(raw.slice(cut + 1)) };
  }
  function readState() {
    const state = new URLSearchParams();
    const pressed = chips().filter((chip) => chip.getAttribute("aria-pressed") === "true");
    if (pressed.length) state.set("finding", pressed.map((chip) => chip.dataset.finding).join(","));
    for (const name of FIELDS.slice(1)) {
      const field = form.elements[name];
      const value = name === "parts" ? (field.checked ? "1" : "") : field.value.trim();
      if (value) state.set(name, value);
    }
    return state;
  }
  function writeState(state) {
    const findings = (state.get("finding") || "").split(",");
    for (const chip of chips()) {
      chip.setAttribute("aria-pressed", String(findings.includes(chip.dataset.finding)));
    }
    for (const name of FIELDS.slice(1)) {
      const field = form.elements[name], value = state.get(name) || "";
      if (name === "parts") field.checked = value === "1";
      else field.value = value;
      if (field.tagName === "SELECT" && field.selectedIndex < 0) field.value = "";
    }
  }
  function hashOf(name) {
    const state = readState().toString();
    return "#" + encodeURIComponent(name) + (state ? "?" + state : "");
  }
  function keepState() {
    const hash = hashOf(open === null ? "" : open);
    try { history.replaceState(history.state, "", hash === "#" ? location.href.split("#")[0] : hash); }
    catch { /* a viewer that forbids it keeps the address as it is */ }
  }
  function chips() {
    return [...form.querySelectorAll("[data-finding]")];
  }

  /* ---- overview ---- */
  const rows = [...tbody.rows].map((row, place) => ({
    row, place, id: row.dataset.id, beside: row.dataset.beside, link: row.querySelector("th a"),
    fold: row.querySelector(".fold"), text: row.textContent.toLowerCase(),
  }));
  const rowOf = new Map(rows.map((each) => [each.id, each]));

  function matches(each, state, withoutFinding) {
    const facts = each.row.dataset;
    for (const name of ["paper", "family", "role", "design"]) {
      if (state.get(name) && facts[name] !== state.get(name)) return false;
    }
    const words = (state.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.every((word) => each.text.includes(word))) return false;
    const findings = (state.get("finding") || "").split(",").filter(Boolean);
    return withoutFinding || !findings.length || findings.includes(facts.finding);
  }
  function sortKey(each, by) {
    const name = by.replace("-", ""), facts = each.row.dataset;
    if (name === "id") return each.id;
    if (name === "finding") return FINDINGS.indexOf(facts.finding);
    if (facts[name] === "") return Infinity;
    return by.startsWith("-") ? -Number(facts[name]) : Number(facts[name]);
  }
  function order(by) {
    const leading = rows.filter((each) => !each.beside);
    if (by) {
      leading.sort((a, b) => compare(sortKey(a, by), sortKey(b, by)) || a.place - b.place);
    }
    return leading.flatMap((each) => [each, ...rows.filter((part) => part.beside === each.id)]);
  }
  function apply() {
    const state = readState();
    const counts = Object.fromEntries(FINDINGS.map((finding) => [finding, 0]));
    for (const each of rows) {
      if (matches(each, state, true)) counts[each.row.dataset.finding] += 1;
    }
    for (const chip of chips()) {
      chip.querySelector(".count").textContent = counts[chip.dataset.finding];
    }
    const found = new Set(rows.filter((each) => matches(each, state, false)).map((each) => each.id));
    const shown = {};
    let folded = 0;
    visible = [];
    for (const each of order(state.get("sort") || "")) {
      tbody.append(each.row);
      const above = each.beside && found.has(each.beside);
      const isFolded = above && !unfolded.has(each.beside) && state.get("parts") !== "1";
      each.row.hidden = !found.has(each.id) || isFolded;
      if (!found.has(each.id)) continue;
      shown[each.row.dataset.finding] = (shown[each.row.dataset.finding] || 0) + 1;
      if (isFolded) folded += 1;
      else visible.push(each);
    }
    for (const each of rows) {
      if (!each.fold) continue;
      each.fold.hidden = state.get("parts") === "1";
      each.fold.setAttribute("aria-expanded", String(unfolded.has(each.id)));
    }
    const told = FINDINGS.filter((finding) => shown[finding]).map((f) => `${shown[f]} ${f}`);
    say(`${found.size} of ${rows.length} verdicts${told.length ? ": " + told.join(", ") : ""}` +
      `${folded ? ` (${folded} folded under the claim they stand beside)` : ""}.`);
  }
  let telling = 0;
  function say(text) {
    clearTimeout(telling); /* a reader who types is told once */
    telling = setTimeout(() => { byId("shown").textContent = text; }, 150);
  }

  /* ---- a claim ---- */
  function route() {
    const { name, query } = readHash();
    if (query !== null) writeState(query);
    if (name && !claims.has(name) && name !== "main") {
      if (open !== null) close(false);
      apply();
      say(`There is no claim ${name}.`);
      return;
    }
    if (query === null && name === "" && location.hash === "" && open === null) writeState(readState());
    apply();
    if (claims.has(name)) show(claims.get(name));
    else if (open !== null) close(true);
  }
  function go(name) {
    const hash = hashOf(name);
    if (location.hash === hash) route();
    else location.hash = hash === "#" ? "#?" : hash;
  }
  function show(claim) {
    open = claim.id;
    redraw = [];
    fillCells = null;
    const cells = cellsOf(claim);
    const heading = make("h2", { id: "claim-title", tabindex: "-1" }, claim.id);
    article.replaceChildren(
      paths(), heading, make("p", { class: "says" }, claim.claim),
      make("p", { class: `verdict ${claim.finding}` }, markOf(claim.finding), claim.word),
      make("p", { class: "reason" }, claim.reason || ""),
      claim.current ? null : make("p", { class: "notice" },
        "The cells below are not those of the verdict: the data have changed since it was recorded."),
      near(claim),
      ...claim.parts.map((part) => layOut(part, claim, cells)).filter(Boolean),
    );
    for (const empty of [...article.childNodes]) if (empty.nodeType === 3) empty.remove();
    article.hidden = false;
    overview.hidden = true;
    document.title = `${claim.id}: ${claim.word} – ${title}`;
    for (const again of redraw) again();
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }
  function close(focus) {
    const left = open;
    open = null;
    redraw = [];
    article.hidden = true;
    article.replaceChildren();
    overview.hidden = false;
    document.title = title;
    if (focus && rowOf.has(left)) {
      const each = rowOf.get(left);
      if (each.row.hidden && each.beside) { unfolded.add(each.beside); apply(); }
      (each.row.hidden ? byId("main") : each.link).focus();
    }
  }
  function paths() {
    const names = visible.map((each) => each.id);
    const at = names.indexOf(open);
    const step = (text, place) => names[place] === undefined ? null :
      button(text, () => go(names[place]));
    return make("nav", { class: "path", "aria-label": "Claims" },
      button("← All verdicts", () => go("")),
      at > 0 ? step("Previous", at - 1) : null, at >= 0 ? step("Next", at + 1) : null);
  }
  function near(claim) {
    if (!claim.near) return null;
    const list = make("dl");
    const groups = new Map();
    for (const [how, name] of claim.near) groups.set(how, [...(groups.get(how) || []), name]);
    for (const [how, names] of groups) {
      list.append(make("dt", {}, how[0].toUpperCase() + how.slice(1)));
      const links = names.flatMap((name, place) => [place ? ", " : "",
        make("a", { href: "#" + encodeURIComponent(name) }, name),
        ` (${claims.get(name).finding})`]);
      list.append(make("dd", {}, ...links));
    }
    return list;
  }
  function markOf(finding) {
    const chip = chips().find((each) => each.dataset.finding === finding);
    return chip ? chip.querySelector("svg").cloneNode(true) : null;
  }
  function layOut(part, claim, cells) {
    const kinds = { series: figureOf, paths: pathsOf, cells: cellsTable, declaration: declared };
    const body = part.kind ? kinds[part.kind](claim, cells) : plain(part);
    if (!body || !body.length) return null;
    return make("section", {}, make("h3", {}, part.title), ...body);
  }
  function plain(part) {
    return [
      part.note ? make("p", {}, part.note) : null,
      part.table ? table(part.table) : null,
      part.list && part.list.length ? definitions(part.list, part.wide) : null,
      part.more ? details("Power by effect", table(part.more)) : null,
    ].filter(Boolean);
  }
  function definitions(rows, wide) {
    const list = make("dl", { class: wide ? "two" : null });
    for (const [term, text] of rows) list.append(make("dt", {}, term), make("dd", {}, text));
    return list;
  }
  function namesOf(cells) {
    const variables = [...new Set(cells.map((each) => each.variable))].filter((key) => key in data.variables);
    const units = [...new Set(cells.map((each) => each.unit))].filter((key) => key in data.units);
    const measured = variables.map((key) => [key, data.variables[key].join("; ")]);
    const named = units.length > FEW_UNITS ? [["Units", String(units.length)]] : units.map((key) => [key, data.units[key]]);
    const sources = [...new Set(cells.map((each) => each.source))].filter((key) => key in data.sources);
    return definitions([...measured, ...named, ...sources.map((key) => [key, data.sources[key][1]])]);
  }
  function details(summary, ...children) {
    return make("details", {}, make("summary", {}, summary), ...children);
  }
  function table({ caption, head, rows: body, name, numbers }) {
    const numeric = head.map((_, at) => numbers ? numbers.includes(at) : at > 0 && body.every((row) => /^[−–<≤∞\d.,\s%]*( to [−–\d.,∞]+)?$/.test(row[at])));
    const cellOf = (tag, text, at) => make(tag, {
      class: numeric[at] ? "number" : null, scope: tag === "th" ? "col" : null,
    }, text);
    const content = make("table", { class: name || null },
      make("caption", {}, caption),
      make("thead", {}, make("tr", {}, ...head.map((text, at) => text === "" ?
        make("td") : cellOf("th", text, at)))),
      make("tbody", {}, ...body.map((row) => tableRow(row, cellOf))));
    return make("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": caption }, content);
  }
  function tableRow(row, cellOf) {
    return make("tr", {}, ...row.map((text, at) => at === 0 ?
      make("th", { scope: "row" }, text) : cellOf("td", text, at)));
  }

  /* ---- figures ---- */
  function figureOf(claim, cells) {
    const panels = [];
    const outcome = cells.filter((each) => each.variable === claim.outcome);
    if (claim.curve) panels.push(curvePanel(claim));
    else if (outcome.length) panels.push(...seriesPanels(claim.outcome, outcome));
    const others = [...new Set(cells.map((each) => each.variable))].filter((v) => v !== claim.outcome);
    for (const variable of others) {
      const own = cells.filter((each) => each.variable === variable && each.file.includes("observations"));
      if (own.length) panels.push(...seriesPanels(variable, own));
    }
    const drawn = panels.filter((panel) => panel.lines.length).slice(0, MOST_PANELS);
    return drawn.map((panel) => panelFigure(panel, claim));
  }
  function curvePanel(claim) {
    const curve = claim.curve;
    const line = (values) => curve.years.map((year, at) => [year, values[at]]);
    return {
      variable: claim.outcome, unit: claim.units[0],
      lines: [
        { name: "observed", kind: "seen", points: line(curve.observed) },
        { name: "fitted", kind: "fitted", points: line(curve.fitted) },
        { name: "without the step", kind: "without", points: line(curve.counterfactual) },
      ],
      band: { name: "its interval of 1 − α", low: line(curve.counterfactual_low), high: line(curve.counterfactual_high) },
    };
  }
  function seriesPanels(variable, cells) {
    const units = [...new Set(cells.map((each) => each.unit))];
    const valued = cells.map((each) => ({ ...each, number: each.value === "" ? NaN : Number(each.value) }))
      .filter((each) => Number.isFinite(each.number));
    if (units.length <= FEW_UNITS) {
      return units.map((unit) => ({
        variable, unit,
        lines: byTheirSource(valued.filter((each) => each.unit === unit)),
      }));
    }
    /* a year that few units have is of other units, not of another time */
    const counts = new Map();
    for (const each of valued) counts.set(each.year, (counts.get(each.year) || 0) + 1);
    const most = Math.max(...counts.values());
    const years = [...counts.keys()].filter((year) => counts.get(year) >= most / 2).sort((a, b) => a - b);
    const at = (share) => years.map((year) => [year, quantile(
      valued.filter((each) => each.year === year).map((each) => each.number), share)]);
    return [{
      variable, unit: `${units.length} units`,
      lines: [{ name: "median of the units, in years that half of them have", kind: "seen", points: at(0.5) }],
      band: { name: "middle half", kind: "middle", low: at(0.25), high: at(0.75) },
    }];
  }
  function byTheirSource(cells) {
    const sources = [...new Set(cells.map((each) => each.source))];
    const kinds = ["seen", "fitted", "without"];
    if (sources.length > kinds.length || new Set(cells.map((c) => c.year)).size === cells.length) {
      const first = new Map();
      for (const each of cells) if (!first.has(each.year)) first.set(each.year, each.number);
      const points = [...first].sort((a, b) => a[0] - b[0]);
      return points.length ? [{ name: "observed", kind: "seen", points }] : [];
    }
    return sources.map((source, place) => ({
      name: source, kind: kinds[place],
      points: cells.filter((each) => each.source === source).map((each) => [each.year, each.number]),
    }));
  }
  function quantile(values, share) {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (sorted.length - 1) * share, low = Math.floor(at);
    return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  }
  function panelFigure(panel, claim) {
    const [label, measured] = data.variables[panel.variable] || [panel.variable, ""];
    const unit = data.units[panel.unit] || panel.unit;
    const svg = draw("svg", { role: "img", "aria-label": describe(panel, label, unit, claim) });
    const holder = make("div", {}, svg);
    redraw.push(() => drawPanel(svg, panel, claim, holder.clientWidth));
    const names = panel.lines.map((line) => line.name);
    const years = [...new Set(panel.lines.flatMap((line) => line.points.map(([year]) => year)))].sort();
    const values = panel.lines.map((line) => new Map(line.points));
    const body = years.map((year) => [String(year), ...values.map((own) =>
      own.get(year) === undefined || own.get(year) === null ? "–" : short(own.get(year)))]);
    return make("figure", {}, key(panel), holder,
      make("figcaption", {}, `${label}, ${unit}${measured ? ` (${measured})` : ""}.`),
      details("The values drawn", table({ caption: `${label}, ${unit}`, head: ["Year", ...names], rows: body })));
  }
  function key(panel) {
    const swatch = (...shapes) => draw("svg", { width: 26, height: 12, "aria-hidden": "true" }, ...shapes);
    const items = panel.lines.map((line) => [line.name, swatch(draw("path", { class: line.kind, d: "M1 6H25" }),
      line.kind === "seen" ? draw("path", { class: "dots", d: "M13 6h0" }) : null)]);
    if (panel.band) {
      items.push([panel.band.name, swatch(draw("rect", { class: panel.band.kind || "band", width: 26, height: 12 }))]);
    }
    return make("ul", { class: "key" }, ...items.map(([name, shape]) => make("li", {}, shape, name)));
  }
  function describe(panel, label, unit, claim) {
    const points = panel.lines[0].points.filter(([, value]) => value !== null);
    const [first, last] = [points[0], points[points.length - 1]];
    const onsets = (claim.onsets || []).map(([name, year]) => `${name.replaceAll("_", " ")} ${year}`);
    return `${label}, ${unit}: ${panel.lines[0].name} from ${short(first[1])} in ${first[0]} to ` +
      `${short(last[1])} in ${last[0]}` +
      (panel.lines.length > 1 ? `; also ${panel.lines.slice(1).map((line) => line.name).join(", ")}` : "") +
      (onsets.length ? `; junctures: ${onsets.join(", ")}` : "") + ". The values stand in the table below.";
  }
  function ticks(low, high, wanted) {
    const rough = (high - low) / wanted || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((by) => by * power).find((each) => each >= rough);
    const list = [];
    for (let at = Math.ceil(low / step); at * step <= high + step * 1e-9; at++) list.push(at * step);
    return list;
  }
  function drawPanel(svg, panel, claim, wide) {
    const width = Math.max(260, Math.min(wide || 640, 900)), height = Math.round(Math.max(210, width * 0.42));
    const onsets = [...(claim.onsets || [])].sort((a, b) => b[1] - a[1]);
    const top = 8 + 14 * onsets.length, left = 52, right = 10, bottom = 24;
    const every = panel.lines.flatMap((line) => line.points).filter(([, value]) => value !== null);
    const years = every.map(([year]) => year), values = every.map(([, value]) => value);
    let low = Math.min(...values), high = Math.max(...values);
    const room = panel.band && panel.band.kind ? Infinity : 0.45 * ((high - low) || Math.abs(high) || 1);
    if (panel.band) {
      const edge = [...panel.band.low, ...panel.band.high].map(([, value]) => value).filter((v) => v !== null);
      low = Math.max(Math.min(low, ...edge), low - room);
      high = Math.min(Math.max(high, ...edge), high + room);
    }
    if (low > 0 && low < 0.6 * high) low = 0;
    if (low === high) { low -= 1; high += 1; }
    const from = Math.min(...years) - 0.8, to = Math.max(...years) + 0.8;
    const x = (year) => left + (year - from) / (to - from) * (width - left - right);
    const y = (value) => top + (high - Math.min(Math.max(value, low), high)) / (high - low) * (height - top - bottom);
    const shapes = [];
    for (const tick of ticks(low, high, 5)) {
      shapes.push(draw("path", { class: "grid", d: `M${left} ${y(tick)}H${width - right}` }),
        draw("text", { x: left - 5, y: y(tick) + 4, "text-anchor": "end", class: "faint" }, short(tick)));
    }
    for (const tick of ticks(Math.ceil(from), Math.floor(to), width / 70)) {
      if (tick % 1 === 0) {
        shapes.push(draw("text", { x: x(tick), y: height - 7, "text-anchor": "middle", class: "faint" }, String(tick)));
      }
    }
    onsets.forEach(([name, onset, tested], place) => {
      if (onset <= from || onset > to + 0.5) return;
      const at = x(onset - 0.5), head = 10 + 14 * place, end = at < width / 2 ? "start" : "end";
      shapes.push(draw("path", { class: "flag" + (tested ? " tested" : ""), d: `M${at} ${head - 8}V${height - bottom}` }),
        draw("text", { x: at + (end === "end" ? -4 : 4), y: head + 2, "text-anchor": end, class: tested ? "tested" : "faint" },
          `${name.replaceAll("_", " ")} ${onset}`));
    });
    if (panel.band) {
      const both = panel.band.low.map(([year, value], at) => [year, value, panel.band.high[at][1]])
        .filter(([, value, other]) => value !== null && other !== null);
      if (both.length) {
        const there = both.map(([year, value]) => `${x(year)} ${y(value)}`);
        const back = both.reverse().map(([year, , value]) => `${x(year)} ${y(value)}`);
        shapes.push(draw("path", { class: panel.band.kind || "band", d: `M${there.join("L")}L${back.join("L")}Z` }));
      }
    }
    for (const line of panel.lines) {
      let path = "", before = null;
      for (const [year, value] of line.points) {
        if (value === null) { before = null; continue; }
        const steps = line.kind !== "seen" && onsets.some(([, onset]) => onset === year);
        path += `${before === year - 1 && !steps ? "L" : "M"}${x(year).toFixed(1)} ${y(value).toFixed(1)}`;
        before = year;
      }
      shapes.push(draw("path", { class: line.kind, d: path }));
      if (line.kind === "seen") {
        const dots = line.points.filter(([, value]) => value !== null)
          .map(([year, value]) => `M${x(year).toFixed(1)} ${y(value).toFixed(1)}h0`).join("");
        shapes.push(draw("path", { class: "dots", d: dots }));
      }
    }
    shapes.push(draw("path", { class: "axis", d: `M${left} ${top - 6}V${height - bottom}H${width - right}` }));
    dress(svg, { width, height, viewBox: `0 0 ${width} ${height}` }, []);
    svg.replaceChildren(...shapes);
  }

  /* ---- every path ---- */
  function pathsOf(claim) {
    const own = claim.paths;
    if (!own) return null;
    const svg = draw("svg", { role: "img", "aria-label": `Estimates of ${own.rows.length} paths in order, from ` +
      `${decimal(own.rows[0][0], 2)} to ${decimal(own.rows[own.rows.length - 1][0], 2)} sd; the looks of each stand ` +
      "below its estimate. The table below has every path." });
    const holder = make("div", {}, svg);
    redraw.push(() => drawPaths(svg, own, holder.clientWidth));
    const body = own.rows.map(([estimate, t, p, n, looks]) => [
      looks.map((look) => own.looks[look]).join("; ") || "main",
      decimal(estimate, 2), decimal(t, 2), pValue(p), String(n)]);
    const head = ["Path", "Estimate, sd", "t", "p", "Observations"];
    const swatch = (shape) => draw("svg", { width: 16, height: 12, "aria-hidden": "true" }, shape);
    return [
      definitions(own.list),
      make("figure", {},
        make("ul", { class: "key" },
          make("li", {}, swatch(draw("path", { class: "strong", d: "M8 6h0" })), "p of at most 0.1"),
          make("li", {}, swatch(draw("circle", { class: "weak", cx: 8, cy: 6, r: 3 })), "larger p"),
          make("li", {}, swatch(draw("circle", { class: "main", cx: 8, cy: 6, r: 5 })), "main path")),
        holder,
        make("figcaption", {}, "The claim along every path its looks make, in the order of the estimates: in " +
          "marginal sds of each path's own errors, positive as claimed. A mark below says which looks a path takes.")),
      details(`All ${own.rows.length} paths as a table`, grown(
        { caption: "Every path", head, rows: body })),
      own.refused.length ? details(`${own.refused.length} paths cannot be laid out`, table({
        caption: "Paths that cannot be laid out", head: ["Path", "Reason"], rows: own.refused })) : null,
    ].filter(Boolean);
  }
  function drawPaths(svg, own, wide) {
    const width = Math.max(260, Math.min(wide || 640, 900));
    const names = own.looks, line = 15, plot = 170, left = 44, right = 12;
    const narrow = width < 560, label = narrow ? 0 : Math.min(210, width * 0.32);
    const step = narrow ? 2 * line : line, height = plot + 22 + names.length * step;
    const estimates = own.rows.map((row) => row[0]);
    const low = Math.min(0, ...estimates), high = Math.max(0, ...estimates, low + 0.1);
    const span = width - left - label - right, n = own.rows.length;
    const x = (place) => left + label + (place + 0.5) / n * span;
    const y = (value) => 10 + (high - value) / (high - low) * (plot - 20);
    const shapes = [];
    for (const tick of ticks(low, high, 4)) {
      shapes.push(draw("path", { class: tick === 0 ? "axis" : "grid", d: `M${left + label} ${y(tick)}H${width - right}` }),
        draw("text", { x: left + label - 5, y: y(tick) + 4, "text-anchor": "end", class: "faint" }, short(Number(tick.toFixed(6)))));
    }
    let strong = "";
    own.rows.forEach(([estimate, , p, , looks], place) => {
      if (p <= 0.1) strong += `M${x(place).toFixed(1)} ${y(estimate).toFixed(1)}h0`;
      else shapes.push(draw("circle", { class: "weak", cx: x(place).toFixed(1), cy: y(estimate).toFixed(1), r: n > 150 ? 1.6 : 3 }));
      if (!looks.length) shapes.push(draw("circle", { class: "main", cx: x(place), cy: y(estimate), r: 6 }));
    });
    if (strong) shapes.push(draw("path", { class: "strong", d: strong }));
    const half = Math.max(0.5, Math.min(6, span / n / 2 - 0.5));
    names.forEach((name, look) => {
      const at = plot + 20 + look * step + (narrow ? line - 2 : 0);
      const used = own.rows.map((row, place) => row[4].includes(look) ?
        `M${(x(place) - half).toFixed(1)} ${at}h${(2 * half).toFixed(1)}` : "").join("");
      const room = Math.floor((narrow ? span + left : label + left - 10) / 6.4);
      const text = name.length > room ? name.slice(0, room - 1) + "…" : name;
      shapes.push(draw("path", { class: "grid", d: `M${left + label} ${at}H${width - right}` }),
        draw("text", narrow ? { x: left, y: at - 7 } : { x: left + label - 8, y: at + 4, "text-anchor": "end" }, text));
      if (used) shapes.push(draw("path", { class: "used", d: used }));
    });
    dress(svg, { width, height, viewBox: `0 0 ${width} ${height}` }, []);
    svg.replaceChildren(...shapes);
  }
  function grown(content) {
    /* a long table begins short */
    const holder = make("div");
    const fill = (count) => {
      const rest = content.rows.length - count;
      holder.replaceChildren(table({ ...content, rows: content.rows.slice(0, count) }),
        ...(rest > 0 ? [button(`Show the other ${rest} rows`, () => fill(Infinity))] : []));
    };
    fill(FIRST_ROWS);
    return holder;
  }

  /* ---- cells and declaration ---- */
  function cellsTable(claim, cells) {
    if (!cells.length) return [make("p", {}, "No cell was read.")];
    const head = ["Unit", "Year", "Variable", "Value", "Status", "Source", "Version", "Place in the source", "Note", "Line"];
    const body = cells.map((each) => [
      each.unit, String(each.year), each.variable,
      each.value === "" ? "no value" : each.value, each.status, each.source, each.version,
      each.locator, each.note, `${each.file}, ${each.row}`]);
    const texts = body.map((row) => row.join("\n").toLowerCase());
    const field = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    const status = make("p", { class: "meta", role: "status" });
    const holder = make("div");
    const fill = (count) => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kept = body.filter((_, at) => words.every((word) => texts[at].includes(word)));
      const rest = kept.length - count;
      status.textContent = `${kept.length} of ${body.length} cells` + (rest > 0 ? `, the first ${count} shown` : "") + ".";
      holder.replaceChildren(
        table({ caption: "Cells the verdict rests on", head, rows: kept.slice(0, count), name: "cells", numbers: [1, 3] }),
        ...(rest > 0 ? [button(`Show the other ${rest} cells`, () => fill(Infinity))] : []));
    };
    field.addEventListener("input", () => fill(FIRST_ROWS));
    fillCells = () => fill(Infinity);
    fill(FIRST_ROWS);
    return [
      make("p", {}, `${claim.n_cells} cells, SHA-256 `, make("code", {}, claim.digest), "."),
      namesOf(cells),
      make("div", { class: "row-of" }, make("label", {}, "Search cells ", field),
        button("Download as CSV", () => download(claim, cells))),
      status, holder,
    ];
  }
  function csvOf(cells) {
    const names = ["unit", "year", "variable", "value", "status", "source", "version", "locator", "note", "file", "row"];
    /* a text that a spreadsheet would compute is kept a text */
    const safe = (name, text) => name !== "value" && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
    const quote = (text) => /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const lines = cells.map((each) => names.map((name) => quote(safe(name, String(each[name])))).join(","));
    return [names.join(","), ...lines].join("\n") + "\n";
  }
  function download(claim, cells) {
    const address = URL.createObjectURL(new Blob([csvOf(cells)], { type: "text/csv;charset=utf-8" }));
    const link = make("a", { href: address, download: `${claim.id}-cells.csv` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
  function declared(claim) {
    if (!claim.declared) return null;
    return [make("pre", { tabindex: "0", role: "group", "aria-label": "Declaration as stored" }, claim.declared)];
  }

  /* ---- keys, colours, print ---- */
  function move(step) {
    const here = visible.findIndex((each) => each.row.contains(document.activeElement));
    const next = visible[here < 0 ? (step > 0 ? 0 : visible.length - 1) : here + step];
    if (next) next.link.focus();
  }
  function turn(step) {
    const at = visible.findIndex((each) => each.id === open);
    const next = at < 0 ? undefined : visible[at + step];
    if (next) go(next.id);
  }
  document.addEventListener("keydown", (event) => {
    const where = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const typing = where.matches("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape") {
      if (byId("keys").open) byId("keys").open = false;
      else if (where.type === "search") return;
      else if (open !== null) go("");
      else return;
      event.preventDefault();
      return;
    }
    if (typing) return;
    const letters = byId("letters").checked;
    const inRows = tbody.contains(where);
    const step = { j: letters && 1, k: letters && -1, ArrowDown: inRows && 1, ArrowUp: inRows && -1 }[event.key];
    if (event.key === "/" && letters && open === null) byId("q").focus();
    else if (!step) return;
    else if (open !== null) turn(step);
    else move(step);
    event.preventDefault();
  });
  const themes = ["system", "light", "dark"];
  let theme = "system";
  function paint() {
    if (theme === "system") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", theme);
    byId("theme").textContent = theme === "system" ? "Colours: as the system" : `Colours: ${theme}`;
  }
  try { theme = themes.find((each) => each === localStorage.getItem("juncture-theme")) || "system"; }
  catch { /* a viewer without storage begins as the system is */ }
  byId("theme").addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try { localStorage.setItem("juncture-theme", theme); } catch { /* kept for this visit only */ }
    paint();
  });
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("main").focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { apply(); keepState(); });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    writeState(new URLSearchParams());
    unfolded.clear();
    apply();
    keepState();
  });
  for (const chip of chips()) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      apply();
      keepState();
    });
  }
  for (const each of rows) {
    if (each.fold) {
      each.fold.addEventListener("click", () => {
        if (!unfolded.delete(each.id)) unfolded.add(each.id);
        apply();
        each.fold.focus();
      });
    }
    each.link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(each.id);
    });
  }
  let resizing = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(() => { for (const again of redraw) again(); });
  });
  window.addEventListener("beforeprint", () => { if (fillCells) fillCells(); });
  window.addEventListener("hashchange", route);
  for (const id of ["filters", "theme", "keys"]) byId(id).hidden = false;
  paint();
  route();
})();
