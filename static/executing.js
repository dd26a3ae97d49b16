// A button that sends says so, and cannot be pressed twice.
for (const form of document.querySelectorAll("form[data-once]")) {
  const button = form.querySelector("[data-busy]");
  const words = button.textContent;
  form.addEventListener("submit", () => {
    button.textContent = button.dataset.busy;
    button.disabled = true;
  });
  // The browser may show the page again as it was left.
  window.addEventListener("pageshow", () => {
    button.textContent = words;
    button.disabled = false;
  });
}
