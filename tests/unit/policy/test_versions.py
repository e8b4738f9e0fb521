import re

import pytest

from kalecart.policy.versions import html_of, packaged

# A published version never changes: people agreed to these very words. A correction is a new file and a new line.
PUBLISHED = {
    "2026-11-01": "c72e198b25b82e2ad1a914a4f1cb87686804bace0bbba2e0b685409ba9460943",
    "2026-12-01": "d3f2a553eadb04b50825f81979ec3d9ba75499bd1e65b134cb06f7d0fea64b77",
}

# Facts of the clauses that no wording may lose.
FACTS = {
    "c1": "name address phone credit history credit card bank account direct payments delivery service "
    "purchasing habits improve",
    "c2": "one cookie items order no personal information delete",
    "c3": "Ryan Matteson, LLC Manager responsible At any time act for him",
    "c4": "consent lawful neither hold nor collect member of staff sender to stop against the law",
    "c5": "refuse Before why what follows delivery to you ends",
    "c6": "lifestyle household third party percentage of our customers who have bought a certain product",
    "c7": "accurate changes phone numbers addresses methods of payment up to date",
    "c8": "servers databases enciphered encrypted passwords locked cabinets shredded trained audits",
    "c9": "Every customer and every employee trained regularly website",
    "c10": "any time privacy administrator all the personal information used disclosed",
    "c11": "another person legal security proprietary cost reason",
    "c12": "write specific concerns Ryan Matteson KaleCart, LLC 460 S. Spring St. #913 Los Angeles, CA 90013 "
    "ryan@kalecart.com",
    "c13": "every complaint Within 30 days steps remedies the law gives",
    "c14": "secure website credit card debit card VISA Discover MasterCard AMEX",
    "c15": "due when you submit online",
}


def test_a_published_version_never_changes():
    assert {version.version: version.sha256.hex() for version in packaged()} == PUBLISHED


def test_a_version_takes_effect_on_the_day_it_is_named_by():
    assert [str(version.effective_on) for version in packaged()] == list(PUBLISHED)


@pytest.mark.parametrize("anchor", FACTS)
def test_each_clause_has_its_anchor_and_keeps_its_facts(anchor):
    html = packaged()[-1].html
    sections = dict(re.findall(r'<h2 id="(c\d+)">(.*?)(?=<h2 |\Z)', html, re.DOTALL))
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", sections[anchor])).casefold()

    position = [fact for fact in re.findall(r"[\w@.#-]+", FACTS[anchor].casefold()) if fact.strip(".,") not in words]

    assert position == []


def test_the_page_has_one_heading_of_the_first_order_and_one_for_each_clause():
    html = packaged()[-1].html

    assert html.count("<h1>") == 1
    assert re.findall(r'<h2 id="c(\d+)">C(\d+) ', html) == [(str(n), str(n)) for n in range(1, 16)]
    assert '<a href="mailto:ryan@kalecart.com">' in html


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)>", "[x](javascript:alert(1))", '## H {#"><script>}'],
)
def test_no_text_of_a_policy_can_bring_a_script(text):
    html = html_of(text)

    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
