// The level follows what is ticked; the rule itself is the server's, which is asked.
export function level(form) {
  if (!form.dataset.level) {
    return;
  }
  let asked = null;
  form.addEventListener("change", async (event) => {
    if (!["models_used", "validation"].includes(event.target.name)) {
      return;
    }
    asked?.abort();
    asked = new AbortController();
    const data = new FormData(form);
    const query = new URLSearchParams({ kind: form.dataset.studyKind, validation: data.get("validation") });
    data.getAll("models_used").forEach((model) => query.append("models_used", model));
    try {
      const answer = await fetch(`${form.dataset.level}?${query}`, { signal: asked.signal });
      if (answer.ok) {
        const found = await answer.json();
        form.querySelector(".level-letter").textContent = found.level ? `Level ${found.level}` : "";
        form.querySelector(".level-reason").textContent = found.reason;
      }
    } catch (problem) {
      if (problem.name !== "AbortError") {
        form.querySelector(".level-reason").textContent = "The level is computed when it is saved.";
      }
    }
  });
}
