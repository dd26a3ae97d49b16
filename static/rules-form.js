// The value of a condition: hidden for operators that take none, explained for the others while it is written.
// The inputs of an action: those of its kind are shown, and those its time needs.
"use strict";
{
  const OPERATORS = 'select[name^="conditions-"][name$="-operator"]';

  const explain = (select) => {
    const value = document.getElementById(select.id.replace(/-operator$/, "-value"));
    if (!value) return;
    const words = JSON.parse(document.getElementById("rule-operators").textContent)[select.value] || "";
    value.hidden = !words;
    if (!words) value.value = "";
    let hint = value.parentElement.querySelector(".rule-hint");
    if (!hint) {
      hint = document.createElement("p");
      hint.className = "rule-hint";
      hint.id = `${value.id}-hint`;
      value.parentElement.append(hint);
      value.setAttribute("aria-describedby", hint.id);
    }
    hint.textContent = words;
  };

  const explainAll = () => document.querySelectorAll(OPERATORS).forEach(explain);

  const KINDS = 'select[name^="actions-"][name$="-kind"]';

  const choose = (select) => {
    const row = select.closest(".form-group");
    if (!row) return;
    let needsWebhook = false;
    for (const group of row.querySelectorAll("[data-kind]")) {
      group.hidden = group.dataset.kind !== select.value;
      needsWebhook ||= !group.hidden && "webhook" in group.dataset;
    }
    const webhook = row.querySelector('select[name$="-webhook"]');
    if (!webhook) return;
    webhook.closest(".field-line").hidden = !needsWebhook;
    if (!needsWebhook) webhook.value = "";
  };

  const FROM = '.rule-timing select[name$="-from"]';

  const count = (select) => {
    select.closest(".rule-timing").dataset.from = select.value;
  };

  const showAll = () => {
    explainAll();
    document.querySelectorAll(FROM).forEach(count);
    document.querySelectorAll(KINDS).forEach(choose);
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches(OPERATORS)) explain(event.target);
    if (event.target.matches(KINDS)) choose(event.target);
    if (event.target.matches(FROM)) count(event.target);
  });
  document.addEventListener("formset:added", showAll);
  window.addEventListener("load", showAll);
}
