// Keys of the review screen. Each only opens what the page holds anyway; none works while somebody types.

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

const opened = (details) => {
  details.open = true;
  details.scrollIntoView({ block: "nearest" });
  (details.querySelector("textarea") ?? details.querySelector("summary")).focus();
};

const followed = (id) => document.getElementById(id)?.click();

const keys = {
  e: () => followed("edit"),
  j: () => followed("next"),
  k: () => followed("previous"),
  m: () => document.getElementById("comment-text")?.focus(),
  "?": () => opened(document.getElementById("keys")),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (typing(event.target)) return;
  const act = document.querySelector(`details.act[data-key="${CSS.escape(event.key)}"]`);
  const doing = act ? () => opened(act) : keys[event.key];
  if (!doing) return;
  event.preventDefault();
  doing();
});

// A decision that was asked for by its own address begins in its box.
document.querySelector("details.act[open] textarea")?.focus();

// Leaving with a reason or a comment that is typed and not sent warns.
let unsent = false;
document.addEventListener("input", (event) => {
  if (event.target.matches("textarea")) unsent = event.target.value.trim() !== "";
});
document.addEventListener("submit", () => {
  unsent = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsent) event.preventDefault();
});
