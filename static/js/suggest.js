// Suggestions below each search box: the combobox of the ARIA Authoring Practices, with a list that only offers.
// Without it the box is a plain field of a plain form.

const WAIT = 120;
const SHORTEST = 2;
const LONGEST = 100;
const TITLES = {
  cargos: "Cargos",
  diseases: "Diseases",
  therapies: "Therapies",
  sources: "Vesicle sources",
  targets: "Targets",
  studies: "Studies",
};

const made = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

// The search of the form, with the rest of what was typed, narrowed to what was chosen.
const address = (form, rest, { field, value }) => {
  if (field === "study") return `/studies/${value}/`;
  const asked = new URLSearchParams(new FormData(form));
  asked.delete("q");
  if (rest) asked.set("q", rest);
  if (!asked.getAll(field).includes(value)) asked.append(field, value);
  return `${form.getAttribute("action")}?${asked}`;
};

const offered = (id, suggestion) => {
  const name = made("span", {}, suggestion.name);
  if (suggestion.through) name.append(made("small", {}, ` ${suggestion.through}`));
  const claims = `${suggestion.claims.toLocaleString("en")} claim${suggestion.claims === 1 ? "" : "s"}`;
  return made("div", { role: "option", id, "aria-selected": "false" }, name, made("span", { class: "count" }, claims));
};

const suggesting = (box, number) => {
  const form = box.form;
  const id = `suggestions-${number}`;
  const list = made("div", { role: "listbox", id, class: "suggestions", "aria-label": "Suggestions", hidden: "" });
  let options = [];
  let rest = "";
  let at = -1;
  let waiting = 0;
  let asking = null;

  box.parentElement.classList.add("suggesting");
  box.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": id,
  }))
    box.setAttribute(name, value);

  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const select = (next) => {
    options[at]?.element.setAttribute("aria-selected", "false");
    at = next;
    const element = options[at]?.element;
    if (!element) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    element.setAttribute("aria-selected", "true");
    element.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", element.id);
  };

  const follow = (suggestion) => {
    close();
    window.location.assign(address(form, rest, suggestion));
  };

  const show = (found) => {
    rest = found.rest;
    options = [];
    at = -1;
    list.replaceChildren();
    for (const [group, title] of Object.entries(TITLES)) {
      const here = found.suggestions.filter((suggestion) => suggestion.group === group);
      if (!here.length) continue;
      const head = `${id}-${group}`;
      const section = made("div", { role: "group", "aria-labelledby": head }, made("span", { id: head }, title));
      for (const suggestion of here) {
        const element = offered(`${id}-${options.length}`, suggestion);
        element.addEventListener("pointerdown", (event) => event.preventDefault());
        element.addEventListener("click", () => follow(suggestion));
        options.push({ element, suggestion });
        section.append(element);
      }
      list.append(section);
    }
    list.hidden = options.length === 0;
    box.setAttribute("aria-expanded", String(options.length > 0));
    box.removeAttribute("aria-activedescendant");
  };

  const ask = async () => {
    asking?.abort();
    const typed = box.value.trim();
    if (typed.length < SHORTEST || typed.length > LONGEST) {
      close();
      return;
    }
    asking = new AbortController();
    try {
      const answer = await fetch(`/api/v1/suggest/?${new URLSearchParams({ q: typed })}`, { signal: asking.signal });
      if (answer.ok && document.activeElement === box) show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  const keys = {
    ArrowDown: () => (list.hidden ? ask() : select(at + 1 < options.length ? at + 1 : -1)),
    ArrowUp: () => (list.hidden ? ask() : select(at < 0 ? options.length - 1 : at - 1)),
    Enter: () => follow(options[at].suggestion),
    Escape: close,
  };

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const mine = event.key === "Enter" ? at >= 0 : event.key === "Escape" ? !list.hidden : event.key in keys;
    if (!mine) return;
    event.preventDefault();
    keys[event.key]();
  });
  box.addEventListener("blur", close);
};

document.querySelectorAll('form[role="search"] input[type="search"]').forEach(suggesting);
