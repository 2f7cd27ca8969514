// Input that is not saved: kept in this browser at once and at the server within seconds, and offered back.
const WAIT = 2500;
const PREFIX = "exodb-unsaved:";
const NOT_KEPT = ["csrfmiddlewaretoken"];

export function keeping(form) {
  forgetSaved();
  if (!form) {
    return;
  }
  const kept = { form, dirty: false, sending: false, timer: 0, sent: "" };
  const began = JSON.stringify(pairs(form));
  form.addEventListener("input", () => changed(kept));
  form.addEventListener("change", () => changed(kept));
  form.addEventListener("submit", () => {
    kept.sending = true;
    clearTimeout(kept.timer);
    if (kept.dirty) {
      keepHere(form);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (kept.dirty && !kept.sending) {
      event.preventDefault();
    }
  });
  // A page that comes back from the browser's memory is not being sent.
  window.addEventListener("pageshow", () => { kept.sending = false; });
  if (form.querySelector(".errornote, .conflict") || new URLSearchParams(location.search).has("restore")) {
    kept.dirty = true;
  }
  offerWhatIsHere(form, began);
}

function pairs(form) {
  return [...new FormData(form)].filter(([name]) => !NOT_KEPT.includes(name) && !name.startsWith("take-"));
}

function changed(kept) {
  kept.dirty = true;
  keepHere(kept.form);
  clearTimeout(kept.timer);
  kept.timer = setTimeout(() => send(kept), WAIT);
}

function keepHere(form) {
  try {
    localStorage.setItem(PREFIX + form.dataset.key, JSON.stringify({ at: Date.now(), pairs: pairs(form) }));
  } catch {
    // No room, or not allowed here: the server keeps it.
  }
}

async function send(kept, again = true) {
  const { form } = kept;
  try {
    const answer = await keepThere(form, pairs(form));
    if (answer.ok) {
      say(form, `Unsaved input kept at ${(await answer.json()).saved_at}`);
    } else if (answer.status === 403 && again) {
      renew(form, (await answer.json()).token);
      await send(kept, false);
    } else if (answer.status === 401) {
      say(form, "Your session has ended. Your input is kept in this browser: save, and sign in when you are asked.");
    } else {
      say(form, "Your input is kept in this browser only.");
    }
  } catch {
    say(form, "The server can’t be reached. Your input is kept in this browser.");
  }
}

function keepThere(form, what) {
  return fetch(form.dataset.autosave, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
    body: JSON.stringify({ form: form.dataset.key, pairs: what }),
  });
}

// Signing in in another tab gave the session another token.
function renew(form, token) {
  if (token) {
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token; });
  }
}

function say(form, what) {
  form.querySelector(".kept-state").textContent = what;
}

// What this browser has and the server does not (it crashed, or was offline) is handed in, and offered like the rest.
async function offerWhatIsHere(form, began) {
  if (document.querySelector(".left-input") || form.querySelector(".errornote, .conflict")) {
    return;
  }
  const here = read(form.dataset.key);
  if (!here || !Array.isArray(here.pairs) || JSON.stringify(here.pairs) === began) {
    return;
  }
  const answer = await keepThere(form, here.pairs).catch(() => null);
  if (!answer?.ok) {
    return;
  }
  const note = document.createElement("p");
  note.className = "note left-input";
  note.setAttribute("role", "status");
  const link = document.createElement("a");
  link.className = "button";
  link.href = `${form.dataset.key}?restore=1#form`;
  link.textContent = "Restore it";
  const away = document.createElement("button");
  away.type = "button";
  away.className = "button";
  away.textContent = "Discard it";
  away.addEventListener("click", () => {
    localStorage.removeItem(PREFIX + form.dataset.key);
    note.remove();
  });
  note.append(`This browser has unsaved input of ${new Date(here.at).toLocaleString("sv-SE").slice(0, 16)}. `, link, away);
  form.before(note);
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

// The address says which form was saved or discarded; what was kept of it here goes, and so does the word in the address.
function forgetSaved() {
  const address = new URL(location.href);
  const saved = address.searchParams.get("saved");
  if (saved === null) {
    return;
  }
  try {
    localStorage.removeItem(PREFIX + saved);
  } catch {
    // Nothing is kept where nothing may be kept.
  }
  address.searchParams.delete("saved");
  history.replaceState(null, "", address);
}
