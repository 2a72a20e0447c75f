// Draws what the status page is read for: rates and times as charts, from /stats every two seconds. The tables are there
// without it; it keeps their figures up to date. Text from the gateway goes into text nodes alone.
"use strict";

(() => {
    const PERIOD_MS = 2000;
    const FIRST_PERIOD_MS = 700; // so that the charts begin soon
    const ANSWER_LIMIT_MS = 5000;
    const POINTS_MAX = 150;
    const WIDTH_LEAST = 200, HEIGHT = 170, LEFT = 52, RIGHT = 8, TOP = 8, BOTTOM = 20; // pixels
    const DAY = 86400;

    const byId = (id) => document.getElementById(id);
    const at = (object, path) => path.split(".").reduce((value, key) => (value === undefined || value === null ? value : value[key]), object);

    function make(name, attributes = {}, ...children) {
        const isDrawing = ["svg", "path", "line", "text", "rect", "g"].includes(name);
        const element = isDrawing ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) {
            element.setAttribute(key, value);
        }
        element.append(...children);
        return element;
    }

    // Figures as people read them.

    const whole = new Intl.NumberFormat("en-US", {maximumFractionDigits: 0});

    function countText(value) {
        if (!Number.isFinite(value)) {
            return "–";
        }
        if (value >= 1e6) {
            return (value / 1e6).toFixed(1) + "M";
        }
        return value > 0 && value < 10 && !Number.isInteger(value) ? value.toFixed(1) : whole.format(value);
    }

    function timeText(seconds) {
        if (!Number.isFinite(seconds)) {
            return "–";
        }
        const milliseconds = seconds * 1000;
        if (milliseconds >= 999.5) {
            return seconds.toFixed(seconds < 9.95 ? 1 : 0) + " s";
        }
        return milliseconds.toFixed(milliseconds < 0.0995 ? 3 : milliseconds < 0.995 ? 2 : milliseconds < 9.95 ? 1 : 0) + " ms";
    }

    function sizeText(bytes) {
        const units = ["B", "kB", "MB", "GB", "TB"];
        let unit = 0;
        for (; bytes >= 999.5 && unit < units.length - 1; unit++) {
            bytes /= 1000;
        }
        return bytes.toFixed(unit > 0 && bytes < 9.95 ? 1 : 0) + " " + units[unit];
    }

    function ageText(seconds) {
        const total = Math.max(0, Math.floor(seconds));
        const two = (value) => String(value).padStart(2, "0");
        if (total >= DAY) {
            return `${Math.floor(total / DAY)}d ${two(Math.floor(total % DAY / 3600))}h`;
        }
        if (total >= 3600) {
            return `${Math.floor(total / 3600)}h ${two(Math.floor(total % 3600 / 60))}m`;
        }
        return total >= 60 ? `${Math.floor(total / 60)}m ${two(total % 60)}s` : `${total}s`;
    }

    const texts = {count: countText, time: timeText, size: sizeText, age: ageText};

    // What happened between two looks.

    const rate = (former, latest, seconds) => Math.max(0, (latest ?? 0) - (former ?? 0)) / seconds;

    function quantile(former, latest, name, share) {
        const bounds = latest.timing_bounds_seconds;
        const before = at(former, `timings.${name}.counts`), now = at(latest, `timings.${name}.counts`);
        if (!bounds || !before || !now) {
            return NaN;
        }
        const counts = now.map((count, i) => Math.max(0, count - (before[i] ?? 0)));
        const wanted = Math.ceil(counts.reduce((sum, count) => sum + count, 0) * share);
        let seen = 0;
        for (let i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen > 0 && seen >= wanted) {
                return bounds[Math.min(i, bounds.length - 1)];
            }
        }
        return NaN;
    }

    const refused = (stats) => Object.entries(stats.verdicts ?? {}).reduce((sum, [word, count]) => word === "success" ? sum : sum + count, 0);
    const timed = (name) => (a, b, seconds) => rate(at(a, `timings.${name}.count`), at(b, `timings.${name}.count`), seconds);
    const counted = (name) => (a, b, seconds) => rate(at(a, `counters.${name}`), at(b, `counters.${name}`), seconds);

    // A row each chart; a row each of its lines.
    const charts = [
        {title: "Handshakes a second", text: countText, lines: [
            {name: "full", value: timed("handshake_full")}, {name: "resumed", value: timed("handshake_resumed")}]},
        {title: "Requests a second", text: countText, lines: [
            {name: "requests", value: counted("requests")}, {name: "answered 5xx", value: counted("answers_5xx")}]},
        {title: "Time of a request", text: timeText, lines: [
            {name: "half took less than", value: (a, b) => quantile(a, b, "request", 0.5)},
            {name: "99 of 100 took less than", value: (a, b) => quantile(a, b, "request", 0.99)}]},
        {title: "Clients refused a second", text: countText, lines: [
            {name: "refused", value: (a, b, seconds) => rate(refused(a), refused(b), seconds)},
            {name: "handshakes failed", value: counted("handshakes_failed")}]},
    ];
    const kinds = ["first", "second"];
    const times = []; // of the points, in seconds of the gateway

    function makeChart(chart) {
        chart.points = chart.lines.map(() => []);
        chart.values = chart.lines.map(() => make("b", {}, "–"));
        const legend = make("p", {class: "legend"}, ...chart.lines.map((line, i) => make("span", {},
            make("svg", {viewBox: "0 0 28 8", "aria-hidden": "true"}, make("line", {x1: 0, x2: 28, y1: 4, y2: 4, class: kinds[i]})),
            line.name + " ", chart.values[i])));
        chart.picture = make("svg", {role: "img", "aria-label": chart.title});
        chart.mark = -1;
        chart.picture.addEventListener("pointermove", (event) => {
            const box = chart.picture.getBoundingClientRect();
            const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
            const index = Math.round(share * (POINTS_MAX - 1)) - (POINTS_MAX - times.length);
            chart.mark = index >= 0 && index < times.length ? index : -1;
            draw(chart);
        });
        chart.picture.addEventListener("pointerleave", () => {
            chart.mark = -1;
            draw(chart);
        });
        return make("section", {class: "card chart"}, make("h2", {}, chart.title), legend, chart.picture);
    }

    // The next that is easily halved: ... 8, 10, 15, 20, 30 ...
    function roundUp(value) {
        const power = 10 ** Math.floor(Math.log10(value));
        return power * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value * 0.9999);
    }

    // Where there is no value the line has a gap.
    function pathOf(points, {xOf, yOf}) {
        let path = "";
        points.forEach((value, i) => {
            if (Number.isFinite(value)) {
                path += `${Number.isFinite(points[i - 1]) ? "L" : "M"}${xOf(i).toFixed(1)} ${yOf(value).toFixed(1)}`;
            }
        });
        return path;
    }

    function drawLine(points, kind, scales) {
        const parts = [make("path", {class: kind, d: pathOf(points, scales)})];
        if (kind === "first" && points.every(Number.isFinite) && points.length > 1) {
            const floor = HEIGHT - BOTTOM;
            const area = `${pathOf(points, scales)}L${scales.xOf(points.length - 1).toFixed(1)} ${floor}L${scales.xOf(0).toFixed(1)} ${floor}Z`;
            parts.unshift(make("path", {class: `area ${kind}`, d: area}));
        }
        return parts;
    }

    function draw(chart) {
        const all = chart.points.flat().filter(Number.isFinite);
        const least = chart.text === timeText ? 0.001 : 1;
        const most = roundUp(Math.max(least, ...all));
        const width = Math.max(WIDTH_LEAST, Math.round(chart.picture.getBoundingClientRect().width));
        const right = width - RIGHT;
        chart.picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
        const xOf = (index) => LEFT + (index + POINTS_MAX - times.length) / (POINTS_MAX - 1) * (right - LEFT);
        const yOf = (value) => HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);
        const parts = [];
        for (const value of [0, most / 2, most]) {
            parts.push(make("line", {class: "grid", x1: LEFT, x2: right, y1: yOf(value), y2: yOf(value)}),
                make("text", {x: LEFT - 6, y: yOf(value) + 4, "text-anchor": "end"}, value === 0 ? "0" : chart.text(value)));
        }
        const spanned = (POINTS_MAX - 1) * PERIOD_MS / 1000;
        parts.push(make("text", {x: LEFT, y: HEIGHT - 5}, ageText(spanned) + " ago"),
            make("text", {x: right, y: HEIGHT - 5, "text-anchor": "end"}, chart.mark < 0 ? "now"
                : ageText(times[times.length - 1] - times[chart.mark]) + " ago"));
        chart.points.forEach((points, i) => parts.push(...drawLine(points, kinds[i], {xOf, yOf})));
        if (chart.mark >= 0) {
            parts.push(make("line", {class: "mark", x1: xOf(chart.mark), x2: xOf(chart.mark), y1: TOP, y2: HEIGHT - BOTTOM}));
        }
        chart.picture.replaceChildren(...parts);
        const shown = chart.mark < 0 ? times.length - 1 : chart.mark;
        chart.values.forEach((value, i) => { value.textContent = chart.text(chart.points[i][shown]); });
    }

    function addPoint(former, latest) {
        const seconds = latest.time_seconds - former.time_seconds;
        const isSameRun = Math.abs(latest.program.start_seconds - former.program.start_seconds) <= 1;
        if (!(seconds > 0) || !isSameRun) {
            return;
        }
        times.push(latest.time_seconds);
        for (const chart of charts) {
            chart.lines.forEach((line, i) => chart.points[i].push(line.value(former, latest, seconds)));
        }
        while (times.length > POINTS_MAX) {
            times.shift();
            charts.forEach((chart) => chart.points.forEach((points) => points.shift()));
        }
    }

    // Tables.

    const cell = (text, kind = "") => make("td", kind ? {class: kind} : {}, String(text));

    function bar(share) {
        return make("td", {class: "bar"}, make("svg", {viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true"},
            make("rect", {width: 100, height: 6, rx: 1}), make("rect", {class: "part", width: Math.max(1, share * 100), height: 6, rx: 1})));
    }

    function fillRefusals(stats) {
        const rows = Object.entries(stats.verdicts ?? {}).filter(([word, count]) => word !== "success" && count > 0);
        rows.sort((a, b) => b[1] - a[1]);
        byId("refusals").replaceChildren(...(rows.length === 0 ? [make("tr", {}, cell("nobody so far", "faint"))]
            : rows.map(([word, count]) => make("tr", {}, make("th", {scope: "row"}, word), bar(count / rows[0][1]),
                cell(countText(count), "number")))));
    }

    const isGood = (state) => state === "up" || state === "healthy" || state === true || state === 1;
    const isBad = (state) => state === "down" || state === "unhealthy" || state === false || state === 0;

    function fillBackends(stats) {
        const rows = [];
        for (const backend of stats.backends ?? []) {
            for (const server of backend.servers ?? []) {
                const state = server.state ?? server.up ?? "";
                const word = state === "" ? "–" : typeof state === "string" ? state : isGood(state) ? "up" : "down";
                const kind = state === "" ? "faint" : isGood(state) ? "good" : isBad(state) ? "bad" : "warning";
                rows.push(make("tr", {}, make("th", {scope: "row"}, String(backend.name)), cell(server.address),
                    cell(word, `number ${kind}`)));
            }
        }
        byId("backends").replaceChildren(...rows);
    }

    function fillCertificates(stats) {
        const known = (stats.certificates ?? []).filter((each) => each.not_after_seconds !== null);
        known.sort((a, b) => a.not_after_seconds - b.not_after_seconds);
        byId("certificates").replaceChildren(...known.map((each) => {
            const days = Math.floor((each.not_after_seconds - stats.time_seconds) / DAY);
            const kind = days < 7 ? "bad" : days < 30 ? "warning" : "good";
            return make("tr", {}, make("th", {scope: "row"}, String(each.role)), cell(each.path),
                cell(days < 0 ? "expired" : `${countText(days)} ${days === 1 ? "day" : "days"}`, `number ${kind}`));
        }));
    }

    function fillFigures(stats) {
        for (const element of document.querySelectorAll("[data-figure]")) {
            const value = at(stats, element.dataset.figure);
            if (typeof value === "number") {
                element.textContent = (texts[element.dataset.text] ?? countText)(value);
            }
        }
        const state = byId("state");
        state.textContent = stats.state;
        state.className = stats.state === "ready" ? "state ready" : "state";
        document.title = `Sallyport: ${stats.state}`;
        const reload = byId("reload");
        const age = ageText(stats.time_seconds - stats.config.last_reload_timestamp_seconds);
        reload.textContent = stats.config.last_reload_successful ? `read ${age} ago`
            : `the reload ${age} ago failed; the one before it is in use`;
        reload.className = stats.config.last_reload_successful ? "" : "bad";
        const further = stats.config.last_reload_further_errors;
        byId("reload-failure").hidden = stats.config.last_reload_successful;
        byId("reload-error").textContent = (stats.config.last_reload_error ?? "") + (further ? ` (and ${further} more)` : "");
    }

    // Looking, again and again.

    let latest = null;
    let answered = performance.now();

    async function look() {
        const answer = await fetch("stats", {cache: "no-store", signal: AbortSignal.timeout(ANSWER_LIMIT_MS)});
        if (!answer.ok) {
            throw new Error(`status ${answer.status}`);
        }
        const stats = await answer.json();
        if (latest !== null) {
            addPoint(latest, stats);
        }
        latest = stats;
        answered = performance.now();
        fillFigures(stats);
        fillRefusals(stats);
        fillBackends(stats);
        fillCertificates(stats);
        charts.forEach(draw);
    }

    async function run(period) {
        const notice = byId("notice");
        try {
            await look();
            notice.hidden = true;
        } catch (error) {
            notice.textContent = `No answer from the gateway for ${ageText((performance.now() - answered) / 1000)}; asking again. (${error.message})`;
            notice.hidden = false;
        }
        setTimeout(() => run(PERIOD_MS), period);
    }

    window.addEventListener("resize", () => charts.forEach(draw));
    byId("charts").replaceChildren(...charts.map(makeChart));
    byId("charts").hidden = false;
    run(FIRST_PERIOD_MS);
})();
