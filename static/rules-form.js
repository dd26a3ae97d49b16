// The value of a condition: hidden for operators that take none, explained for the others while it is written.
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

  document.addEventListener("change", (event) => event.target.matches(OPERATORS) && explain(event.target));
  document.addEventListener("formset:added", explainAll);
  window.addEventListener("load", explainAll);
}
