// A text input that offers what fits, after the combobox pattern of ARIA: arrows choose, Enter takes, Escape closes.
const WAIT = 120;
let number = 0;

export function comboboxes(form) {
  for (const input of form.querySelectorAll("input[data-suggest]")) {
    combobox(form, input);
  }
  form.addEventListener("row-added", (event) => {
    for (const input of event.target.querySelectorAll("input[data-suggest]")) {
      combobox(form, input);
    }
  });
}

function combobox(form, input) {
  number += 1;
  const list = document.createElement("ul");
  list.id = `suggestions-${number}`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  const around = document.createElement("div");
  around.className = "suggested";
  const focused = document.activeElement === input;
  input.replaceWith(around);
  around.append(input, list);
  if (focused) {
    input.focus();
  }
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(name, value);
  }
  const box = { form, input, list, found: [], at: -1, timer: 0, asked: null };
  input.addEventListener("input", () => typed(box));
  input.addEventListener("focus", () => input.dataset.suggest === "source" && !input.value && ask(box));
  input.addEventListener("keydown", (event) => pressed(box, event));
  input.addEventListener("blur", () => close(box));
  // Before the input loses the focus, else the list would close under the pointer.
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const line = event.target.closest("li");
    if (line) {
      take(box, [...list.children].indexOf(line));
    }
  });
}

function typed(box) {
  forgetChoice(box);
  clearTimeout(box.timer);
  box.timer = setTimeout(() => ask(box), WAIT);
}

async function ask(box) {
  const { form, input } = box;
  const text = input.value.trim();
  if (!text && input.dataset.suggest !== "source") {
    close(box);
    return;
  }
  box.asked?.abort();
  box.asked = new AbortController();
  const query = new URLSearchParams({ what: input.dataset.suggest, q: text, study: form.dataset.study });
  try {
    const answer = await fetch(`${form.dataset.suggestAt}?${query}`, { signal: box.asked.signal });
    if (answer.ok && document.activeElement === input) {
      show(box, (await answer.json()).results);
    }
  } catch (problem) {
    if (problem.name !== "AbortError") {
      close(box); // No suggestions: what is typed is looked up when it is saved.
    }
  }
}

function show(box, found) {
  box.found = found;
  box.list.replaceChildren(...found.map((each, at) => line(box, each, at)));
  mark(box, -1);
  const open = found.length > 0;
  box.list.hidden = !open;
  box.input.setAttribute("aria-expanded", String(open));
}

function line(box, each, at) {
  const item = document.createElement("li");
  item.id = `${box.list.id}-${at}`;
  item.setAttribute("role", "option");
  item.append(each.title);
  if (each.detail) {
    const detail = document.createElement("span");
    detail.className = "detail";
    detail.textContent = each.detail;
    item.append(detail);
  }
  return item;
}

function mark(box, at) {
  box.at = at;
  [...box.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
  if (at < 0) {
    box.input.removeAttribute("aria-activedescendant");
  } else {
    box.input.setAttribute("aria-activedescendant", box.list.children[at].id);
    box.list.children[at].scrollIntoView({ block: "nearest" });
  }
}

function pressed(box, event) {
  const open = !box.list.hidden;
  const last = box.found.length - 1;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!open) {
      ask(box);
    } else if (event.key === "ArrowDown") {
      mark(box, box.at >= last ? 0 : box.at + 1);
    } else {
      mark(box, box.at <= 0 ? last : box.at - 1);
    }
  } else if (event.key === "Enter" && open && box.at >= 0 && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    take(box, box.at);
  } else if (event.key === "Escape" && open) {
    event.preventDefault();
    close(box);
  }
}

function take(box, at) {
  const { input } = box;
  const chosen = box.found[at];
  input.value = chosen.text;
  const row = input.closest(".name-row, .cargo");
  if (input.dataset.suggest === "cargo") {
    if (chosen.choice) {
      row.querySelector("select").value = chosen.choice;
    }
  } else if (row) {
    row.querySelector("[name$='-term']").value = chosen.choice;
    row.querySelector(".meaning").textContent = chosen.choice === "as-written" ? "as written" : chosen.choice ? chosen.title : "";
  }
  close(box);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// Another text is another name: what was chosen for the one before does not hold.
function forgetChoice(box) {
  const row = box.input.closest(".name-row");
  const term = row?.querySelector("[name$='-term']");
  if (term) {
    term.value = "";
    row.querySelector(".meaning").textContent = "";
  }
}

function close(box) {
  clearTimeout(box.timer);
  box.asked?.abort();
  box.list.hidden = true;
  box.input.setAttribute("aria-expanded", "false");
  mark(box, -1);
}
