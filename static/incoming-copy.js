// Buttons with data-copy-text put that text on the clipboard, also where the page is not served over HTTPS.
"use strict";
{
  const copy = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) return window.print();
    const button = event.target.closest("[data-copy-text]");
    if (!button) return;
    await copy(button.dataset.copyText);
    button.focus();
    button.classList.add("copied");
    document.getElementById("copied-note").textContent = "Copied.";
    setTimeout(() => {
      button.classList.remove("copied");
      document.getElementById("copied-note").textContent = "";
    }, 1500);
  });
}
