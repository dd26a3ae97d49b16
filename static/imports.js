// Says that a file is too large before it is uploaded.
const upload = document.querySelector(".import-form input[type=file]");
if (upload) {
  const most = Number(document.querySelector("[data-megabytes]").dataset.megabytes);
  upload.addEventListener("change", () => {
    const large = upload.files.length > 0 && upload.files[0].size > most * 1048576;
    upload.setCustomValidity(large ? `The file is larger than ${most} MB, the largest that is imported here.` : "");
    upload.reportValidity();
  });
}
