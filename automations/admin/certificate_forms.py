"""The form of a certificate template, with its images, which are looked at before they are kept."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from automations import certificate_checks, certificate_images, issuing
from automations.models import CertificateTemplate

MOST = certificate_images.MAX_IMAGE // 1024 // 1024
ABOUT_IMAGES = {
    "background": "Covers the whole page, below everything else.",
    "logo": "Stands at the top, in the middle.",
    "signature": "Stands at the foot, on the left.",
}


class CertificateTemplateForm(forms.ModelForm):
    """A template that can be drawn. An image is replaced by a new one, or removed; otherwise it stays."""

    class Meta:
        model = CertificateTemplate
        fields = (
            "title",
            "page",
            "orientation",
            "background_colour",
            "text_colour",
            "heading",
            "body",
            "footer",
            "missing",
            "default",
            "number_format",
            "digits",
            "qr_code",
            "public_fields",
        )
        widgets = {
            "background_colour": UnfoldAdminColorInputWidget,
            "text_colour": UnfoldAdminColorInputWidget,
            "heading": UnfoldAdminTextareaWidget({"rows": 2}),
            "body": UnfoldAdminTextareaWidget({"rows": 7}),
            "footer": UnfoldAdminTextareaWidget({"rows": 3}),
            "public_fields": UnfoldAdminTextareaWidget({"rows": 4}),
        }

    new_background = forms.FileField(required=False, widget=UnfoldAdminFileFieldWidget)
    new_logo = forms.FileField(required=False, widget=UnfoldAdminFileFieldWidget)
    new_signature = forms.FileField(required=False, widget=UnfoldAdminFileFieldWidget)
    no_background = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
    no_logo = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
    no_signature = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in ABOUT_IMAGES.items():
            if f"new_{name}" in self.fields:
                there = " There is one; a new one replaces it." if getattr(self.instance, name) else ""
                field, remove = self.fields[f"new_{name}"], self.fields[f"no_{name}"]
                field.label, remove.label = f"{name.capitalize()} image", f"Remove the {name} image"
                field.help_text = f"{words} PNG or JPEG, up to {MOST} MB.{there}"
                remove.help_text = "For certificates that are issued from now on."

    def clean(self) -> dict[str, Any]:
        """Reads the images, and refuses with the reason what cannot be drawn."""
        cleaned = super().clean() or self.cleaned_data
        for name in issuing.IMAGES:
            if cleaned.get(f"no_{name}"):
                setattr(self.instance, name, b"")
            if isinstance(file := cleaned.get(f"new_{name}"), UploadedFile):
                self._take(name, file)
        return cleaned

    def _post_clean(self) -> None:
        """Once the texts stand in the template, looks at it as a whole."""
        super()._post_clean()  # type: ignore[misc] # - Django's own hook
        for column, sentence in certificate_checks.problems(self.instance, certificate_checks.known_tags()):
            if column not in self.errors:
                self.add_error(column, ValidationError(sentence))

    def _take(self, name: str, file: UploadedFile) -> None:
        content = file.read(certificate_images.MAX_IMAGE + 1)
        try:
            certificate_images.check(content)
        except certificate_images.Refused as refused:
            self.add_error(f"new_{name}", str(refused))
        else:
            setattr(self.instance, name, content)
