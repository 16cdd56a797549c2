"use strict";
// What the page does: filters, groups, and opens what is embedded in it. Text from outside is only ever set as text
// (`textContent`, through `h`); nothing is ever parsed as HTML.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const count = (n) => n.toLocaleString("en");
  const plural = (n, one, more) => count(n) + " " + (n === 1 ? one : more);

  // An element. Attributes: `on…` is a listener, `class` and the like are set, false leaves out.
  const h = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === false || value === null || value === undefined) continue;
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  };
  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  // ---- What there is to show -----------------------------------------------------------------------------------

  const VERDICTS = [["open", "open", "critical"], ["waived", "waived", "waived"], ["unknown", "unknown", "unknown"], ["attested", "attested", "attested"]];
  const [OPEN, WAIVED, UNKNOWN, ATTESTED] = [0, 1, 2, 3];
  const text = (number) => (number === null ? null : data.texts[number]);
  const placed = (place, verdict) => {
    const [rule, severity, project, kind, name, at] = place;
    const within = at === "" || at.startsWith("/");
    const root = "org/" + data.organization + (project === null ? "" : "/project/" + data.projects[project][0]);
    return { verdict, rule, severity, project, kind: data.texts[kind], name, at: within ? root + at : at };
  };
  const items = [];
  for (const [place, message, pointer, cli, terraform, console, unseen, waiver, fingerprint, standing] of data.findings) {
    const waived = waiver !== null && !data.waivers[waiver].expired;
    const item = placed(place, waived ? WAIVED : OPEN);
    items.push(Object.assign(item, { message, pointer, cli, terraform: text(terraform), console: text(console), unseen: unseen.map(text), waiver: waiver === null ? null : data.waivers[waiver], fingerprint, standing }));
  }
  for (const [place, reasons, needs, fingerprint] of data.unknowns) {
    const message = reasons.map(text).join("; ");
    items.push(Object.assign(placed(place, UNKNOWN), { message, needs, fingerprint }));
  }
  for (const [place, statement, evidence, owner, date, expires] of data.attested) {
    items.push(Object.assign(placed(place, ATTESTED), { message: statement, stated: { evidence, owner, date, expires }, fingerprint: "" }));
  }
  const projectOf = (item) => (item.project === null ? data.organizationName : data.projects[item.project][1]);
  const searchable = (item) => {
    if (item.words === undefined) {
      const rule = data.rules[item.rule];
      const all = [rule.id, rule.name, rule.title, projectOf(item), item.kind, item.name, item.message, item.at, item.fingerprint, item.cli || ""];
      if (item.waiver) all.push(item.waiver.owner, item.waiver.reason);
      item.words = all.join("\n").toLowerCase();
    }
    return item.words;
  };
  const words = (slug) => {
    const spaced = slug.replace(/[-_]/g, " ");
    return spaced.charAt(0).toUpperCase() + spaced.slice(1);
  };

  // ---- Filters -------------------------------------------------------------------------------------------------

  const fresh = () => ({ severities: new Set(), verdicts: new Set([OPEN, WAIVED]), standings: new Set(), category: null, project: "", rule: "", control: "", text: "", group: "rule" });
  let state = fresh();
  let found = [];

  // One pass: what is shown, and how many each toggle would show.
  const select = () => {
    const tokens = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    const rules = data.rules.map((rule, index) => {
      if (state.rule !== "" && Number(state.rule) !== index) return false;
      if (state.category !== null && rule.category !== state.category) return false;
      if (state.control === "") return true;
      const [framework, control] = state.control.split("\n");
      return (rule.controls[framework] || []).some(([id]) => id === control);
    });
    const wanted = state.project.trim().toLowerCase();
    let projects = null;
    if (wanted !== "") {
      const names = data.projects.map(([, name]) => name.toLowerCase());
      const exact = names.includes(wanted);
      projects = names.map((name) => (exact ? name === wanted : name.includes(wanted)));
    }
    const severities = data.severities.map(() => 0);
    const verdicts = VERDICTS.map(() => 0);
    const standings = data.standings.map(() => 0);
    found = [];
    for (const item of items) {
      if (!rules[item.rule]) continue;
      if (projects !== null && (item.project === null || !projects[item.project])) continue;
      if (tokens.length > 0 && !tokens.every((token) => searchable(item).includes(token))) continue;
      const severe = state.severities.size === 0 || state.severities.has(item.severity);
      const judged = state.verdicts.has(item.verdict);
      const stands = state.standings.size === 0 || state.standings.has(item.standing);
      if (judged && stands) severities[item.severity] += 1;
      if (severe && stands) verdicts[item.verdict] += 1;
      if (severe && judged && item.standing !== null && item.standing !== undefined) standings[item.standing] += 1;
      if (severe && judged && stands) found.push(item);
    }
    return { severities, verdicts, standings };
  };

  // ---- Findings ------------------------------------------------------------------------------------------------

  const FIRST_OF_GROUP = 3;
  const MORE_OF_GROUP = 100;
  const FIRST_ROWS = 60;
  const MORE_ROWS = 200;
  const PRINTED = 300;

  // `code` between backticks, as rules and advice write it.
  const prose = (value) => value.split("`").map((part, at) => (at % 2 === 1 ? h("code", null, part) : part)).filter((part) => part !== "");

  const controls = (rule) => {
    const all = [];
    for (const [slug, title] of data.frameworks) {
      const ids = rule.controls[slug] || [];
      if (ids.length === 0) continue;
      all.push(h("div", { class: "framework" }, h("span", null, title), h("div", { class: "tags" }, ids.map(([id, disputed]) =>
        h("button", { class: "tag", type: "button", "aria-label": "Show all findings under " + title + " " + id, onclick: () => show({ control: slug + "\n" + id }) }, id + (disputed ? " ?" : ""))))));
    }
    return all;
  };
  const links = (rule) => rule.references.filter((url) => /^https:\/\//.test(url)).map((url) => h("li", null, h("a", { href: url, rel: "noreferrer" }, url)));

  const copied = async (button, value, source) => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  const command = (value) => {
    const pre = h("pre", null, value);
    return h("div", { class: "command" }, pre, h("button", { type: "button", "aria-label": "Copy the command", onclick: (event) => copied(event.currentTarget, value, pre) }, "Copy"));
  };

  const body = (item) => {
    const rule = data.rules[item.rule];
    const all = [];
    const line = (term, ...value) => { if (value.flat().length > 0) all.push(h("dt", null, term), h("dd", null, ...value)); };
    // On paper the line above it says the same.
    const again = (term, value) => all.push(h("dt", { class: "again" }, term), h("dd", { class: "again" }, value));
    const label = [ "Evidence", "Evidence", "Not known because", "Stated" ][item.verdict];
    again(label, prose(item.message));
    line("Resource", h("code", null, item.at + (item.pointer ? " " + item.pointer : "")));
    if (item.stated) {
      line("By", item.stated.owner + ", " + item.stated.date + ", good until " + item.stated.expires);
      if (item.stated.evidence) line("Proof", item.stated.evidence);
    }
    if (item.needs) line("To be decided by", "a statement in atlas-audit.toml: nothing that Atlas answers can tell");
    if (item.unseen && item.unseen.length > 0) line("Not seen", h("ul", null, item.unseen.map((one) => h("li", null, prose(one), ": there may be more"))));
    if (item.waiver) {
      const over = item.waiver.expired ? "It was waived until " + item.waiver.until + ", and counts again. " : "Waived until " + item.waiver.until + ". ";
      line("Waiver", over + item.waiver.reason + " (" + item.waiver.owner + ")");
    }
    if (item.cli) line("Fix", command(item.cli));
    if (item.console) line(item.cli ? "Or in the console" : "Fix in the console", prose(item.console));
    if (item.terraform) line("Terraform", prose(item.terraform));
    line("Controls", controls(rule));
    if (item.fingerprint) line("Fingerprint", h("a", { class: "mono", href: "#" + item.fingerprint }, item.fingerprint));
    return h("dl", { class: "body" }, all);
  };

  const marked = new Set();
  const row = (item, grouped) => {
    const chips = [h("span", { class: "chip " + (item.verdict === UNKNOWN ? "unknown" : item.verdict === ATTESTED ? "attested" : data.severities[item.severity]) }, item.verdict === UNKNOWN ? "unknown" : item.verdict === ATTESTED ? "attested" : data.severities[item.severity])];
    const rule = data.rules[item.rule];
    const what = [prose(item.message)];
    if (item.verdict === WAIVED) what.push(" ", h("span", { class: "chip line waived" }, "waived until " + item.waiver.until));
    else if (item.waiver) what.push(" ", h("span", { class: "chip line unknown" }, "waiver expired"));
    const project = projectOf(item);
    const UNCHANGED = data.standings.length - 1;
    if (item.standing !== null && item.standing !== undefined && item.standing !== UNCHANGED) what.push(" ", h("span", { class: "chip line info" }, data.standings[item.standing]));
    const where = grouped === "project" ? [item.name || project, h("small", null, item.kind)]
      : grouped === "resource" ? [rule.id, h("small", null, rule.name)]
      : [project, item.name ? h("small", null, item.name) : null];
    const title = grouped === "project" ? h("small", null, rule.id + " " + rule.name) : null;
    const details = h("details", null, h("summary", null,
      h("span", null, chips), h("span", { class: "where" }, where, title), h("span", { class: "what" }, what)));
    const fill = () => { if (details.childElementCount === 1) details.append(body(item)); };
    details.addEventListener("toggle", () => { if (details.open) fill(); });
    details.fill = fill;
    const own = item.fingerprint && !marked.has(item.fingerprint);
    if (own) marked.add(item.fingerprint);
    return h("li", { id: own ? item.fingerprint : false }, details);
  };

  const groupKey = { rule: (item) => item.rule, project: (item) => (item.project === null ? -1 : item.project), resource: (item) => item.at };
  const grouped = () => {
    const groups = new Map();
    const key = groupKey[state.group];
    for (const item of found) {
      const of = key(item);
      const group = groups.get(of);
      if (group) group.push(item);
      else groups.set(of, [item]);
    }
    const all = [...groups.values()];
    const weigh = (group) => {
      const by = data.severities.map(() => 0);
      for (const item of group) if (item.verdict === OPEN) by[item.severity] += 1;
      return by;
    };
    const weighed = all.map((group) => [group, weigh(group)]);
    // The worst first: by severities, then as they came.
    weighed.sort(([, a], [, b]) => { for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return b[at] - a[at]; return 0; });
    return weighed;
  };

  const heading = (group, weight) => {
    const first = group[0];
    const rule = data.rules[first.rule];
    const worst = weight.findIndex((n) => n > 0);
    const tone = worst >= 0 ? data.severities[worst] : VERDICTS[first.verdict][2];
    const told = weight.map((n, severity) => (n > 0 ? count(n) + " " + data.severities[severity] : null)).filter(Boolean);
    for (const verdict of [WAIVED, UNKNOWN, ATTESTED]) {
      const n = group.reduce((sum, item) => sum + (item.verdict === verdict), 0);
      if (n > 0) told.push(count(n) + " " + VERDICTS[verdict][1]);
    }
    const sub = h("p", { class: "sub" });
    const header = h("header", { class: tone });
    if (state.group === "rule") {
      header.append(h("h3", null, h("span", null, rule.title)));
      sub.append(h("code", null, rule.id), " " + rule.name + " · " + words(rule.category) + " · " + told.join(", "));
      const about = h("details", null, h("summary", null, "About this rule"));
      about.addEventListener("toggle", () => {
        if (about.open && about.childElementCount === 1) {
          about.append(h("div", { class: "about" }, h("p", null, prose(rule.why)),
            rule.passes ? h("p", null, h("b", null, "Passes: "), prose(rule.passes)) : null,
            rule.fails ? h("p", null, h("b", null, "Fails: "), prose(rule.fails)) : null,
            h("div", null, controls(rule)), h("ul", null, links(rule))));
        }
      });
      header.append(sub, about);
    } else {
      const name = state.group === "project" ? projectOf(first) : first.name || projectOf(first);
      header.append(h("h3", null, h("span", null, name)));
      const where = state.group === "project" ? (first.project === null ? "organization" : "project") : first.kind + (first.name ? " of " + projectOf(first) : "");
      sub.append(where + " · " + told.join(", "));
      header.append(sub);
    }
    return header;
  };

  // Rows come in portions: a page of a hundred thousand elements is slow to lay out, whoever makes it.
  const section = (group, weight, first) => {
    const list = h("ul", { class: "rows" });
    let shown = 0;
    const more = h("button", { type: "button", class: "more" });
    const add = (portion) => {
      list.append(...group.slice(shown, shown + portion).map((item) => row(item, state.group)));
      shown = Math.min(group.length, shown + portion);
      more.textContent = "Show " + count(Math.min(MORE_OF_GROUP, group.length - shown)) + " more of " + count(group.length - shown);
      more.hidden = shown >= group.length;
    };
    more.addEventListener("click", () => add(MORE_OF_GROUP));
    add(first);
    return h("section", { class: "group" }, heading(group, weight), list, more);
  };

  let list, said;
  const draw = () => {
    marked.clear();
    const groups = grouped();
    const first = groups.length === 1 ? MORE_OF_GROUP : FIRST_OF_GROUP;
    list.replaceChildren();
    let next = 0;
    const more = h("button", { type: "button", class: "more", onclick: () => portion(MORE_ROWS) });
    const portion = (rows) => {
      const sections = [];
      for (let budget = rows; next < groups.length && budget > 0; next += 1) {
        const [group, weight] = groups[next];
        sections.push(section(group, weight, first));
        budget -= Math.min(first, group.length) + 1;
      }
      list.append(...sections);
      more.textContent = "Show more: " + plural(groups.length - next, "group", "groups") + " to come";
      if (next < groups.length) list.append(more);
      else more.remove();
    };
    portion(FIRST_ROWS);
    if (found.length === 0) list.append(h("p", { class: "note" }, items.length === 0 ? "There is nothing to list: no finding, and nothing unknown." : "Nothing matches these filters."));
    const rules = new Set(found.map((item) => item.rule)).size;
    const unlisted = data.unlisted + (state.verdicts.has(UNKNOWN) ? data.unlistedUnknowns : 0) + (state.verdicts.has(ATTESTED) ? data.unlistedAttested : 0);
    const counts = VERDICTS.map((_, verdict) => found.reduce((sum, item) => sum + (item.verdict === verdict), 0));
    const fails = counts[OPEN] + counts[WAIVED];
    const parts = [plural(fails, "finding", "findings"), ...[UNKNOWN, ATTESTED].map((verdict) => (counts[verdict] > 0 ? count(counts[verdict]) + " " + VERDICTS[verdict][1] : null))].filter(Boolean);
    said.textContent = (parts.length > 1 ? count(found.length) + ": " : "") + parts.join(", ") + (found.length > 0 ? ", " + plural(rules, "rule", "rules") : "") + (unlisted > 0 ? "; " + count(unlisted) + " more are counted above and not in this page" : "");
  };

  const inputs = {};
  const refresh = () => {
    const counts = select();
    for (const [index, button] of inputs.severities.entries()) {
      button.setAttribute("aria-pressed", String(state.severities.has(index)));
      button.lastChild.textContent = count(counts.severities[index]);
    }
    for (const [index, button] of inputs.verdicts.entries()) {
      button.setAttribute("aria-pressed", String(state.verdicts.has(index)));
      button.lastChild.textContent = count(counts.verdicts[index]);
    }
    for (const [index, button] of inputs.standings.entries()) {
      button.setAttribute("aria-pressed", String(state.standings.has(index)));
      button.lastChild.textContent = count(counts.standings[index]);
    }
    for (const name of ["project", "rule", "control", "text", "group", "category"]) {
      const value = state[name] === null ? "" : state[name];
      if (inputs[name].value !== value) inputs[name].value = value;
    }
    draw();
  };
  const show = (filters) => {
    state = Object.assign(fresh(), { group: state.group }, filters);
    refresh();
    by("findings").scrollIntoView();
  };

  const flip = (set, value) => { if (!set.delete(value)) set.add(value); refresh(); };
  const toggles = (legend, names, set) => {
    const buttons = names.map(([name, tone], index) => h("button", { type: "button", class: "toggle " + tone, "aria-pressed": "false", onclick: () => flip(state[set], index) }, name + " ", h("b", null, "0")));
    return [buttons, h("fieldset", { class: "toggles" }, h("legend", null, legend), buttons)];
  };
  const field = (label, input) => h("label", null, label, input);
  const pick = (name, any, groups) => h("select", { onchange: (event) => { state[name] = event.target.value || (name === "category" ? null : ""); refresh(); } },
    h("option", { value: "" }, any),
    groups.map(([title, options]) => {
      const all = options.map(([value, label]) => h("option", { value }, label));
      return title === null ? all : h("optgroup", { label: title }, all);
    }));

  const download = () => {
    const written = found.map((item) => {
      const rule = data.rules[item.rule];
      return { rule: rule.id, name: rule.name, verdict: item.verdict <= WAIVED ? "fail" : VERDICTS[item.verdict][1], waived: item.verdict === WAIVED, severity: data.severities[item.severity], resource: item.at, project: item.project === null ? null : projectOf(item), message: item.message, baseline: item.standing === null || item.standing === undefined ? null : data.standings[item.standing], fix: item.cli || item.console || item.terraform || null, fingerprint: item.fingerprint };
    });
    const document_ = { tool: "atlas-audit " + data.tool, organization: data.organization, taken: data.taken, sha256: data.sha256, verdicts: written };
    const link = h("a", { download: "atlas-audit.json", href: URL.createObjectURL(new Blob([JSON.stringify(document_, null, 1)], { type: "application/json" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  const findings = () => {
    const used = new Set(items.map((item) => item.rule));
    const categories = [...new Set(data.rules.filter((rule) => rule.reported).map((rule) => rule.category))].sort();
    const ruleGroups = categories.map((category) => [words(category), data.rules.map((rule, index) => [index, rule]).filter(([index, rule]) => rule.category === category && used.has(index)).map(([index, rule]) => [String(index), rule.id + " " + rule.name])]).filter(([, all]) => all.length > 0);
    const numeric = new Intl.Collator("en", { numeric: true }).compare;
    const controlGroups = data.frameworks.map(([slug, title]) => {
      const ids = new Set();
      for (const index of used) for (const [id] of data.rules[index].controls[slug] || []) ids.add(id);
      return [title, [...ids].sort(numeric).map((id) => [slug + "\n" + id, id])];
    }).filter(([, all]) => all.length > 0);
    let waiting = 0;
    const typed = (name) => (event) => { state[name] = event.target.value; clearTimeout(waiting); waiting = setTimeout(refresh, items.length > 2000 ? 60 : 0); };
    inputs.text = h("input", { type: "search", placeholder: "name, address, message, fingerprint …", oninput: typed("text"), autocomplete: "off", spellcheck: "false" });
    inputs.project = h("input", { type: "text", list: "projects", placeholder: "any", oninput: typed("project"), autocomplete: "off", spellcheck: "false" });
    const names = [...new Set(data.projects.map(([, name]) => name))].sort(numeric).slice(0, 1000);
    inputs.rule = pick("rule", "any", ruleGroups);
    inputs.category = pick("category", "any", [[null, categories.map((one) => [one, words(one)])]]);
    inputs.control = pick("control", "any", controlGroups);
    inputs.group = h("select", { onchange: (event) => { state.group = event.target.value; refresh(); } }, [["rule", "rule"], ["resource", "resource"], ["project", "project"]].map(([value, label]) => h("option", { value }, label)));
    const [severities, severityField] = toggles("Severity", data.severities.map((one) => [one, one]), "severities");
    const [verdicts, verdictField] = toggles("Verdict", VERDICTS.map(([, name, tone]) => [name, tone]), "verdicts");
    const [standings, standingField] = toggles("Since the baseline", data.standings.map((one) => [one, "info"]), "standings");
    Object.assign(inputs, { severities, verdicts, standings });
    said = h("p", { role: "status" });
    list = h("div", { id: "list" });
    const total = data.findings.length;
    by("findings").replaceChildren(
      h("h2", { id: "findings-title" }, "Findings ", h("small", null, count(total))),
      h("form", { class: "filters", role: "search", "aria-label": "Filter the findings", onsubmit: (event) => event.preventDefault() },
        h("div", { class: "fields" }, field("Search", inputs.text), field("Project", inputs.project), field("Category", inputs.category), field("Rule", inputs.rule), field("Control", inputs.control)),
        h("datalist", { id: "projects" }, names.map((name) => h("option", { value: name }))), severityField, verdictField, standings.length > 0 ? standingField : null),
      h("div", { class: "said" }, said, h("label", null, "Group by", inputs.group),
        h("button", { type: "button", onclick: () => { state = Object.assign(fresh(), { group: state.group }); refresh(); } }, "Clear filters"),
        h("button", { type: "button", onclick: download }, "Download these as JSON")),
      list);
    by("findings").hidden = false;
    const worst = by("worst");
    if (worst) worst.remove();
    refresh();
  };

  // ---- Deep links ----------------------------------------------------------------------------------------------

  const follow = () => {
    const asked = location.hash.slice(1);
    if (!/^[0-9a-f]{16}$/.test(asked)) return;
    const item = items.find((one) => one.fingerprint === asked);
    if (!item) return;
    if (!by(asked)) {
      state = Object.assign(fresh(), { rule: String(item.rule), verdicts: new Set([item.verdict]), text: asked });
      refresh();
    }
    const target = by(asked);
    if (!target) return;
    const details = target.firstElementChild;
    details.fill();
    details.open = true;
    for (const old of document.querySelectorAll(".target")) old.classList.remove("target");
    details.firstElementChild.classList.add("target");
    target.scrollIntoView({ block: "center" });
    details.firstElementChild.focus({ preventScroll: true });
  };

  // ---- Overview ------------------------------------------------------------------------------------------------

  const overview = () => {
    for (const link of document.querySelectorAll("[data-severity]")) link.addEventListener("click", (event) => { event.preventDefault(); show({ severities: new Set([Number(link.dataset.severity)]), verdicts: new Set([OPEN]) }); });
    for (const link of document.querySelectorAll("[data-category]")) link.addEventListener("click", (event) => { event.preventDefault(); show({ category: link.dataset.category }); });
    for (const link of document.querySelectorAll("[data-unknown]")) link.addEventListener("click", (event) => { event.preventDefault(); show({ rule: link.dataset.unknown, verdicts: new Set([UNKNOWN]) }); });
    const waived = document.querySelector(".tile.waived");
    if (waived) waived.addEventListener("click", (event) => { event.preventDefault(); show({ verdicts: new Set([WAIVED]) }); });
    const byProject = new Map();
    for (const item of items) {
      if (item.verdict !== OPEN || item.project === null) continue;
      if (!byProject.has(item.project)) byProject.set(item.project, data.severities.map(() => 0));
      byProject.get(item.project)[item.severity] += 1;
    }
    if (byProject.size < 2) return;
    const sorted = [...byProject].sort(([, a], [, b]) => { for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return b[at] - a[at]; return 0; }).slice(0, 8);
    const most = Math.max(...sorted.map(([, counts]) => counts.reduce((sum, n) => sum + n, 0)));
    const rows = sorted.map(([project, counts]) => {
      const all = counts.reduce((sum, n) => sum + n, 0);
      const told = counts.map((n, at) => (n > 0 ? count(n) + " " + data.severities[at] : null)).filter(Boolean).join(", ");
      const bar = svg("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": told }, svg("title", {}, told), svg("rect", { class: "track", width: 100, height: 10 }));
      let x = 0;
      counts.forEach((n, at) => {
        const width = (n * 100) / most;
        if (n > 0) bar.append(svg("rect", { class: data.severities[at], x, width, height: 10 }));
        x += width;
      });
      const name = data.projects[project][1];
      return h("tr", null, h("th", { scope: "row" }, h("a", { href: "#findings", onclick: (event) => { event.preventDefault(); show({ project: name }); } }, name)), h("td", null, bar), h("td", { class: "count" }, count(all)));
    });
    const card = by("worst-projects");
    card.replaceChildren(h("h3", null, "Worst projects" + (data.unlisted > 0 ? ", by what is listed" : "")),
      h("table", { class: "bars" }, h("caption", { class: "unseen" }, "Projects with the worst findings"),
        h("thead", { class: "unseen" }, h("tr", null, h("th", { scope: "col" }, "Project"), h("th", { scope: "col" }, "Severities"), h("th", { scope: "col" }, "Findings"))),
        h("tbody", null, rows)));
    card.hidden = false;
  };

  // ---- Controls ------------------------------------------------------------------------------------------------

  // A requirement is as good as the worst that is known of it.
  const stateOf = (tally) => (tally.failed > 0 ? ["failed", "critical"] : tally.unknown > 0 ? ["unknown", "unknown"] : tally.needs > 0 ? ["needs attestation", "unknown"] : tally.met > 0 ? ["met", "pass"] : ["not applicable", "na"]);
  const controlsSection = () => {
    const known = data.frameworks.filter(([slug]) => data.rules.some((rule) => rule.reported && rule.controls[slug]));
    if (known.length === 0) return;
    const numeric = new Intl.Collator("en", { numeric: true }).compare;
    const tbody = h("tbody");
    const sum = h("p", { role: "status" });
    const fill = (slug) => {
      const requirements = new Map();
      data.rules.forEach((rule, index) => {
        if (!rule.reported) return;
        for (const [id, disputed] of rule.controls[slug] || []) {
          if (!requirements.has(id)) requirements.set(id, { met: 0, failed: 0, unknown: 0, needs: 0, rules: [] });
          const tally = requirements.get(id);
          const of = rule.counts;
          tally.met += of.pass + of.attested;
          tally.failed += of.open + of.waived;
          tally.unknown += of.unknown;
          tally.needs += of.needs;
          tally.rules.push([index, disputed]);
        }
      });
      const states = new Map();
      const rows = [...requirements].sort(([a], [b]) => numeric(a, b)).map(([id, tally]) => {
        const [name, tone] = stateOf(tally);
        states.set(name, (states.get(name) || 0) + 1);
        const cell = (n) => h("td", { class: "count" }, n === 0 ? "·" : count(n));
        const rules = tally.rules.map(([index, disputed]) => h("span", { class: "tag", title: data.rules[index].name }, data.rules[index].id.replace(/^ATL-/, "") + (disputed ? " ?" : "")));
        const link = h("a", { href: "#findings", onclick: (event) => { event.preventDefault(); show({ control: slug + "\n" + id, verdicts: new Set([OPEN, WAIVED, UNKNOWN, ATTESTED]) }); } }, id);
        return h("tr", null, h("th", { scope: "row" }, tally.failed + tally.unknown + tally.needs > 0 ? link : id), h("td", null, h("span", { class: "chip " + (tone === "na" ? "line info" : tone) }, name)), cell(tally.met), cell(tally.failed), cell(tally.unknown + tally.needs), h("td", null, h("div", { class: "tags" }, rules)));
      });
      tbody.replaceChildren(...rows);
      sum.textContent = plural(rows.length, "requirement", "requirements") + ": " + [...states].map(([name, n]) => count(n) + " " + name).join(", ");
    };
    const select_ = h("select", { onchange: (event) => fill(event.target.value) }, known.map(([slug, title]) => h("option", { value: slug }, title)));
    const asked = known.some(([slug]) => slug === data.framework) ? data.framework : known[0][0];
    select_.value = asked;
    by("controls").replaceChildren(h("h2", { id: "controls-title" }, "Controls"), h("p", { class: "note" }, data.caveat),
      h("div", { class: "said" }, sum, h("label", null, "Framework", select_)),
      h("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": "controls-title" }, h("table", { class: "list" },
        h("thead", null, h("tr", null, [["Requirement"], ["State"], ["Met", "count"], ["Failed", "count"], ["Unknown", "count"], ["Rules"]].map(([name, tone]) => h("th", { scope: "col", class: tone || false }, name)))), tbody)));
    by("controls").hidden = false;
    fill(asked);
  };

  // ---- Who can do what -----------------------------------------------------------------------------------------

  const LETTERS = [[1, "R", "r", "read"], [2, "W", "w", "write"], [4, "D", "d", "destroy"], [8, "A", "a", "administer"]];
  const can = (mask) => {
    const told = LETTERS.filter(([bit]) => mask & bit).map(([, , , word]) => word);
    if (told.length === 0) return h("span", { class: "can" }, h("span", { class: "no", "aria-hidden": "true" }, "–"), h("span", { class: "unseen" }, "nothing"));
    return h("span", { class: "can" }, h("span", { class: "unseen" }, told.join(", ")), LETTERS.map(([bit, letter, tone]) => h("span", { class: mask & bit ? tone : "no", "aria-hidden": "true" }, mask & bit ? letter : "·")));
  };
  const everything = (user) => user.databases.reduce((mask, [, bits]) => mask | bits, user.every);

  const matrix = (project, columns, most) => {
    if (project.unread) return h("p", { class: "note" }, "The database users of " + project.name + " could not be read: " + project.unread);
    if (project.users.length === 0) return h("p", { class: "note" }, project.name + " has no database user.");
    const byCluster = columns === "clusters";
    const all = byCluster ? project.places : project.databases;
    const heads = all.slice(0, most);
    const rows = project.users.map((user) => {
      const sub = [user.roles.join(", "), ...user.notes];
      const off = !user.alive || (!user.everywhere && user.at.length === 0);
      const cells = heads.map((_, index) => {
        if (byCluster) {
          const inside = user.alive && (user.everywhere || user.at.includes(index));
          return h("td", { class: "cell" }, inside ? can(everything(user)) : no());
        }
        const own = user.databases.find(([at]) => at === index);
        const mask = user.every | (own ? own[1] : 0);
        const only = own && own[2].length > 0 && (user.every & own[1]) !== own[1];
        return h("td", { class: "cell", title: only ? "only " + own[2].join(", ") : false }, can(off ? 0 : mask), only ? h("span", { class: "unseen" }, " only " + own[2].join(", ")) : null, only ? "*" : null);
      });
      const where = user.everywhere ? "everywhere" : user.at.length === 0 ? "nowhere" : user.at.map((at) => project.places[at]).join(", ");
      const no = () => h("span", { class: "can" }, h("span", { class: "no", "aria-hidden": "true" }, "–"), h("span", { class: "unseen" }, "no"));
      const cluster = off ? no() : user.cluster === true ? h("span", { class: "can" }, h("span", { class: "a" }, "A"), h("span", { class: "unseen" }, "dminister")) : user.cluster === null ? h("span", { class: "can" }, h("span", { class: "may" }, "?"), h("span", { class: "unseen" }, "not known")) : no();
      const beyond = [];
      if (user.indirect.length > 0) beyond.push(h("details", null, h("summary", null, plural(user.indirect.length, "way", "ways")), h("ul", null, user.indirect.map((one) => h("li", null, one)))));
      if (user.undecided.length > 0) beyond.push(h("details", null, h("summary", null, h("span", { class: "chip unknown" }, "not all is known")), h("ul", null, user.undecided.map((one) => h("li", null, one)))));
      return h("tr", { class: off ? "off" : false }, h("th", { scope: "row" }, user.name, sub.filter(Boolean).map((one) => h("small", null, one))), h("td", { class: where.length < 30 ? "near" : "said-of" }, where),
        h("td", { class: "cell" }, cluster), h("td", { class: beyond.length > 0 ? "said-of" : false }, beyond), byCluster ? null : h("td", { class: "cell" }, can(off ? 0 : user.every)), cells);
    });
    const label = "Database users of " + project.name + " and what they can do";
    const notes = [];
    if (heads.length < all.length) notes.push("On paper there is room for " + count(heads.length) + " of " + count(all.length) + " " + columns + ".");
    if (project.all > project.users.length) notes.push(count(project.all - project.users.length) + " more users, with less power, are not shown.");
    if (project.more_databases) notes.push(count(project.more_databases) + " more databases have no column.");
    if (project.more_places) notes.push("There may be more clusters than are shown.");
    return h("div", null, h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": label },
      h("table", { class: "list matrix" }, h("caption", { class: "unseen" }, label), h("thead", null, h("tr", null, h("th", { scope: "col" }, "Database user"), h("th", { scope: "col" }, "Let in to"), h("th", { scope: "col" }, "Cluster itself"), h("th", { scope: "col" }, "Beyond its grants"),
        byCluster ? null : h("th", { scope: "col" }, "Every database"), heads.map((name) => h("th", { scope: "col" }, name)))), h("tbody", null, rows))),
      notes.length > 0 ? h("p", { class: "note" }, notes.join(" ")) : null);
  };

  const elsewhere = (project) => {
    const { all, kept } = project.elsewhere;
    if (all === 0) return null;
    const rest = all > kept.length ? h("p", { class: "note" }, count(all - kept.length) + " more are not listed.") : null;
    return h("details", { open: all <= 10 }, h("summary", null, plural(all, "way", "ways") + " of other projects' users to act on the clusters of " + project.name), h("ul", null, kept.map((one) => h("li", null, one))), rest);
  };

  const COLUMNS_ON_PAPER = 5;
  let drawAccess = () => {};
  const access = () => {
    if (!data.access || data.access.matrices.kept.length === 0) return;
    const { kept, all } = data.access.matrices;
    const place = h("div");
    let chosen = "0", columns = "databases";
    drawAccess = (most) => {
      const shown = most ? kept.slice(0, most) : [kept[Number(chosen)]];
      place.replaceChildren(...shown.map((project) => h("div", null, most ? h("h3", null, project.name) : null, matrix(project, columns, most ? COLUMNS_ON_PAPER : undefined), elsewhere(project))));
    };
    const project = h("select", { onchange: (event) => { chosen = event.target.value; drawAccess(); } }, kept.map((one, index) => h("option", { value: String(index) }, one.name + " (" + (one.unread ? "not read" : plural(one.all, "user", "users")) + ")")));
    const by_ = h("select", { onchange: (event) => { columns = event.target.value; drawAccess(); } }, ["databases", "clusters"].map((one) => h("option", { value: one }, one)));
    const cut = all > kept.length ? " Of " + count(all) + " projects the " + count(kept.length) + " with the most users of power are here." : "";
    const key = h("p", { class: "key" }, LETTERS.map(([, letter, tone, word]) => h("span", null, h("span", { class: "can" }, h("span", { class: tone }, letter)), { read: "sees documents", write: "changes documents", destroy: "drops them, or has them expire", administer: "changes indexes, schema, settings" }[word])), h("span", null, "* only some collections"), h("span", null, "Where not all is known there may be more than is shown"));
    by("access").replaceChildren(h("h2", { id: "access-title" }, "Who can do what"), h("p", { class: "note" }, "What the roles of each database user come to, with all that they inherit; projects with the most powerful users first." + cut + " The command who-can tells by which role."),
      h("div", { class: "said" }, h("label", null, "Project", project), h("label", null, "Columns", by_)), key, place);
    by("access").hidden = false;
    drawAccess();
  };

  // ---- From where ----------------------------------------------------------------------------------------------

  const REACH = { "open to the internet": "open", public: "public", unknown: "reach-unknown", "private only": "private", closed: "closed" };
  const MAP_PORTION = 50;
  const exposure = () => {
    if (!data.access || data.access.exposed.kept.length === 0) return;
    const { kept, all } = data.access.exposed;
    const lines = (title, part) => (!part || part.all === 0 ? [] : [h("dt", null, title), h("dd", null, h("ul", null, part.lines.map(([key, said_]) => h("li", null, h("code", null, key), " " + said_)), part.all > part.lines.length ? h("li", null, "and " + count(part.all - part.lines.length) + " more") : null))]);
    const entry = (project) => {
      const tone = REACH[project.reach];
      const told = project.admits || (project.reach === "unknown" ? "the access list could not be read or understood" : "no public address");
      const bar = svg("svg", { class: "bar", viewBox: "0 0 32 10", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: "track", width: 32, height: 10 }), svg("rect", { class: tone, width: project.width, height: 10 }));
      const details = h("details", null, h("summary", null, h("span", null, h("span", { class: "chip " + tone }, project.reach)), h("span", { class: "where" }, project.name), bar, h("span", { class: "admits" }, told + (project.incomplete ? "; not all is known" : ""))));
      details.fill = () => {
        if (details.childElementCount > 1) return;
        const parts = [...lines("Access list", project.entries), ...lines("Private endpoints", project.clusters), ...lines("Peerings", project.peerings)];
        if (project.unread.length > 0) parts.push(h("dt", null, "Not read"), h("dd", null, h("ul", null, project.unread.map((one) => h("li", null, one)))));
        if (parts.length === 0) parts.push(h("dt", null, "Access list"), h("dd", null, "empty, and nothing else leads in"));
        details.append(h("dl", { class: "body" }, parts));
      };
      details.addEventListener("toggle", () => { if (details.open) details.fill(); });
      return h("li", null, details);
    };
    const list_ = h("ul", { class: "map" });
    let next = 0;
    const more = h("button", { type: "button", class: "more", onclick: () => add() });
    const add = () => {
      list_.append(...kept.slice(next, next + MAP_PORTION).map(entry));
      next = Math.min(kept.length, next + MAP_PORTION);
      more.textContent = "Show " + count(Math.min(MAP_PORTION, kept.length - next)) + " more of " + count(kept.length - next);
      more.hidden = next >= kept.length;
    };
    const total = data.access.reaches.filter(([, n]) => n > 0).map(([name, n]) => h("li", { class: REACH[name] }, h("b", null, count(n)), " " + name));
    const cut = all > kept.length ? " Of " + count(all) + " projects the " + count(kept.length) + " most exposed are here." : "";
    by("exposure").replaceChildren(h("h2", { id: "exposure-title" }, "From where"), h("p", { class: "note" }, "Which addresses each project's access list admits, as a whole, and which private ways lead in. Bars are logarithmic: a full one is every IPv4 address." + cut),
      h("ul", { class: "legend" }, total), h("p", null), list_, more);
    by("exposure").hidden = false;
    add();
  };

  // ---- Print ---------------------------------------------------------------------------------------------------

  // Paper cannot be opened: what is folded is unfolded, up to what somebody might still read.
  let reopened = [];
  addEventListener("beforeprint", () => {
    const many = found;
    found = many.slice(0, PRINTED);
    const shown = said.textContent;
    drawAll();
    said.textContent = many.length > PRINTED ? shown + ". The first " + PRINTED + " are printed; filter to print others" : shown;
    found = many;
    drawAccess(5);
    reopened = [];
    for (const details of document.querySelectorAll("details:not([open])")) {
      if (details.closest(".group > header")) continue;
      if (details.fill) details.fill();
      details.open = true;
      reopened.push(details);
    }
  });
  addEventListener("afterprint", () => {
    for (const details of reopened) details.open = false;
    drawAccess();
    refresh();
  });
  const drawAll = () => {
    marked.clear();
    list.replaceChildren(...grouped().map(([group, weight]) => section(group, weight, group.length)));
  };

  // ---- Start ---------------------------------------------------------------------------------------------------

  findings();
  overview();
  controlsSection();
  access();
  exposure();
  const parts = [["overview", "Overview"], ["findings", "Findings", data.findings.length], ["unknown", "Not judged"], ["since", "Since the baseline"], ["waivers", "Waivers", data.waivers.length], ["access", "Who can do what"], ["exposure", "From where"], ["controls", "Controls"], ["passed", "Passed"]];
  by("nav").append(...parts.filter(([id]) => by(id) && !by(id).hidden).map(([id, name, n]) => h("a", { href: "#" + id }, name, n === undefined ? null : h("b", null, " " + count(n)))));
  by("nav").hidden = false;
  addEventListener("hashchange", follow);
  follow();
  // What a search looks through is made while nobody waits for it.
  const prepare = (at) => requestIdleCallback((deadline) => {
    let next = at;
    while (next < items.length && deadline.timeRemaining() > 2) { searchable(items[next]); next += 1; }
    if (next < items.length) prepare(next);
  });
  if (window.requestIdleCallback) prepare(0);
})();
