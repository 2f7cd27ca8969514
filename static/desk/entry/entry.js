// Entry around a paper. Every page works without this; with it, hands stay on the keyboard and nothing typed is lost.
import { comboboxes } from "./combobox.js";
import { keeping } from "./keeping.js";
import { level } from "./level.js";
import { rows } from "./rows.js";

document.documentElement.classList.add("scripted");
const form = document.querySelector("form[data-key]");

keeping(form);
if (form) {
  rows(form);
  comboboxes(form);
  level(form);
  shortcuts(form);
  // After the browser itself has gone to the place that the address names, which takes the focus away.
  window.addEventListener("load", () => setTimeout(openTarget));
  noteOnlyWhereNeeded(form);
}

// Ctrl+Enter saves, Ctrl+Shift+Enter saves and goes on with a similar claim.
function shortcuts(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) {
      return;
    }
    event.preventDefault();
    const button = (event.shiftKey && form.querySelector("[name=_similar], [name=_claim]")) || form.querySelector("[name=_save]");
    form.requestSubmit(button);
  });
}

// A link to a field goes on into it, also where it is folded away.
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const errors = document.getElementById("form-errors") || document.querySelector(".conflict input:checked");
  if (errors) {
    errors.focus();
  } else if (target === form) {
    // Browsers do not heed `autofocus` where the address names a place.
    form.querySelector("[autofocus]")?.focus();
  } else if (target && form.contains(target)) {
    target.closest("details")?.setAttribute("open", "");
    target.focus();
  }
}

// The note to the vocabulary work list is asked for when a name is left as written.
function noteOnlyWhereNeeded(form) {
  const note = form.querySelector(".field-note");
  if (!note) {
    return;
  }
  const look = () => {
    const left = [...form.querySelectorAll("[name$='-term']")].some((term) => term.value === "as-written");
    note.hidden = !left && !note.querySelector("input").value;
  };
  form.addEventListener("change", look);
  look();
}
