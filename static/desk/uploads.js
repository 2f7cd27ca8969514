// Watches an upload while a worker is at it, and shows the page anew when that ends.
const box = document.querySelector("[data-progress]");
const bar = box.querySelector("progress");
const step = box.querySelector(".upload-step");
const state = document.querySelector(".upload-state");
const EVERY = 1000;
const AFTER_A_FAULT = 5000;

function show(upload) {
  state.textContent = upload.said;
  if (upload.total) {
    bar.max = upload.total;
    bar.value = upload.done;
  } else {
    bar.removeAttribute("value");
  }
  const of = upload.total ? ` of ${upload.total.toLocaleString("en-GB")}` : "";
  step.textContent = upload.step ? `${upload.step}: ${upload.done.toLocaleString("en-GB")}${of}` : "";
}

async function watch(began) {
  try {
    const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const upload = await answer.json();
    if (!upload.at_work || upload.state !== (began ?? upload.state)) {
      window.location.reload();
      return;
    }
    show(upload);
    window.setTimeout(watch, EVERY, upload.state);
  } catch {
    window.setTimeout(watch, AFTER_A_FAULT, began);
  }
}

watch();
