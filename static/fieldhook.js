// Buttons that copy: <button data-copy="id of the text">. Where copying is not allowed, the text is selected instead.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy);
  getSelection().selectAllChildren(text);
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Selected: press Ctrl+C";
  }
});

// Unfold opens its filters and menus by links without an address, which a keyboard cannot reach.
const OPENERS = "a[x-on\\:click]:not([href]), span[x-on\\:click]";
document.addEventListener("DOMContentLoaded", () => {
  for (const opener of document.querySelectorAll(OPENERS)) {
    opener.tabIndex = 0;
    opener.setAttribute("role", "button");
  }
});
document.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.matches?.(OPENERS)) {
    event.preventDefault();
    event.target.click();
  }
});
