"""Every text in every language: nothing missing, nothing left over, no placeholder lost."""

from __future__ import annotations

import pytest

from services.web.catalogues import missing_translations, source_messages, translations, update_catalogues

TEMPLATE = """\
{{ _("Halo") }} {{ _("Hemat %(amount)s", amount=saved) }}
{% trans %}
  Beli
  bareng
{% endtrans %}
{% trans count=n %}{{ count }} unit{% pluralize %}{{ count }} unit{% endtrans %}
"""
RULES = """\
[jinja2: templates/**.html]
trimmed = true
newstyle_gettext = true
silent = false
"""
COMPLETE = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "Halo"
msgstr "Hello"

#, python-format
msgid "Hemat %(amount)s"
msgstr "Save %(amount)s"

msgid "Beli bareng"
msgstr "Buy together"

#, python-format
msgid "%(count)s unit"
msgid_plural "%(count)s unit"
msgstr[0] "one unit"
msgstr[1] "%(count)s units"
"""


def test_the_catalogues_are_complete():
    assert missing_translations() == []


def test_texts_in_templates_and_in_code_are_both_read():
    found = source_messages()
    assert "Ikut urun" in found
    assert ("%(count)s hari lagi", "%(count)s hari lagi") in found


@pytest.fixture
def project(tmp_path):
    catalogues = tmp_path / "locale" / "en" / "LC_MESSAGES"
    catalogues.mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "babel.cfg").write_text(RULES)
    (catalogues / "messages.po").write_text(COMPLETE)
    return tmp_path


def test_a_complete_catalogue_has_nothing_to_report(project):
    assert missing_translations(project) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('msgstr "Hello"', 'msgstr ""', "untranslated: 'Halo'"),
        ('msgid "Halo"', '#, fuzzy\nmsgid "Halo"', "untranslated: 'Halo'"),
        ('msgid "Halo"\nmsgstr "Hello"\n', "", "untranslated: 'Halo'"),
        ('"%(count)s units"', '""', "untranslated: ('%(count)s unit', '%(count)s unit')"),
        ('msgid "Halo"', 'msgid "Lama"\nmsgstr "Old"\n\nmsgid "Halo"', "unused: 'Lama'"),
        ('"Save %(amount)s"', '"Save"', "lost placeholder %(amount)s: 'Hemat %(amount)s'"),
        ('"Save %(amount)s"', '"Save %(sum)s of %(amount)s"', ": 'Hemat %(amount)s'"),
    ],
)
def test_each_fault_is_reported(project, old, new, complaint):
    file = project / "locale" / "en" / "LC_MESSAGES" / "messages.po"
    assert file.read_text().count(old) == 1
    file.write_text(file.read_text().replace(old, new))
    assert any(complaint in problem for problem in missing_translations(project))


def test_an_update_adds_what_is_new_drops_what_is_old_and_keeps_the_rest(project):
    page = project / "templates" / "page.html"
    page.write_text(page.read_text().replace("Halo", "Selamat datang"))
    update_catalogues(project)
    assert [problem.partition(" [")[0] for problem in missing_translations(project)] == [
        "en: untranslated: 'Selamat datang'"
    ]
    written = (project / "locale" / "en" / "LC_MESSAGES" / "messages.po").read_text()
    update_catalogues(project)
    assert (project / "locale" / "en" / "LC_MESSAGES" / "messages.po").read_text() == written


@pytest.mark.parametrize(
    ("locale", "shown"), [("id", ["1 peserta", "2 peserta"]), ("en", ["1 participant", "2 participants"])]
)
def test_english_counts_and_indonesian_does_not(locale, shown):
    text = translations(locale)
    assert shown == [text.ngettext("%(count)s peserta", "%(count)s peserta", n) % {"count": n} for n in (1, 2)]
