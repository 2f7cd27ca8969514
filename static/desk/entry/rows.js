// Lists and measures show one empty row; filling it brings the next, so that no button is needed.
export function rows(form) {
  for (const list of form.querySelectorAll("[data-rows]")) {
    list.querySelectorAll(":scope > .spare").forEach((row) => row.remove());
    list.addEventListener("input", () => another(list));
    list.addEventListener("change", () => another(list));
    another(list);
  }
}

function another(list) {
  const last = list.lastElementChild;
  const empty = [...last.querySelectorAll("input")].every((input) => !input.value);
  if (empty) {
    return;
  }
  const row = last.cloneNode(true);
  row.querySelectorAll(".suggested").forEach((around) => around.replaceWith(around.querySelector("input")));
  row.querySelectorAll("select").forEach((select) => {
    const term = document.createElement("input");
    term.type = "hidden";
    term.name = select.name;
    select.replaceWith(term);
  });
  row.querySelectorAll(".meaning").forEach((meaning) => meaning.replaceChildren());
  row.querySelectorAll("input").forEach((input) => {
    input.value = "";
    input.removeAttribute("value");
    if (input.id) {
      input.setAttribute("aria-labelledby", `${input.id}_label`);
      input.removeAttribute("id");
    }
    for (const name of ["autofocus", "aria-activedescendant", "aria-controls", "aria-expanded", "aria-invalid", "required"]) {
      input.removeAttribute(name);
    }
  });
  if (row.hasAttribute("aria-label")) {
    row.setAttribute("aria-label", `Measure ${list.children.length + 1}`);
  }
  list.append(row);
  row.dispatchEvent(new Event("row-added", { bubbles: true }));
}
