// The card where a rule is tried stands in the rule's form, and yet is no part of what is entered there.
"use strict";
{
  // Enter in the search for a record searches; it does not save the rule.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.id === "trial-find") event.preventDefault();
  });

  // Who chooses a record has changed nothing that could be lost by leaving.
  document.addEventListener("input", (event) => {
    if (event.target.closest(".trial-card")) event.stopPropagation();
  }, true);

  // What was found opens beside the form, which stays as it was filled in.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".trial-result a[href]");
    if (link) link.target = "_blank";
  });
}
