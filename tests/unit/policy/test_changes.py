from hypothesis import given
from hypothesis import strategies as st

from kalecart.policy.changes import changes
from kalecart.policy.versions import packaged

BEFORE = """# Policy

In force from Monday.

## One {#c1}

We keep **your name**\\
and [your address](/account).

A second paragraph.

## Two {#c2}

The same in both.
"""
AFTER = """# Policy

In force from Tuesday.

## One {#c1}

We keep your name, and your phone.

A second paragraph.

## Two {#c2}

The same in both.

## Three {#c3}

New here.
"""


def texts(section, *ops):
    return [run.text for paragraph in section.paragraphs for run in paragraph if run.op in ops]


def test_the_difference_is_by_clause_and_by_word():
    opening, one, two, three = changes(BEFORE, AFTER)

    assert texts(opening, "removed", "added") == ["Monday.", "Tuesday."]
    assert " ".join(texts(one, "same", "removed")) == "We keep your name and your address. A second paragraph."
    assert " ".join(texts(one, "same", "added")) == "We keep your name, and your phone. A second paragraph."
    assert len(one.paragraphs) == 2
    assert not two.changed
    assert (three.op, texts(three, "added")) == ("added", ["New here."])


def test_a_clause_that_was_left_out_is_shown_as_taken_out():
    last = changes(AFTER, BEFORE)[-1]

    assert (last.id, last.op, texts(last, "removed")) == ("c3", "removed", ["New here."])


def test_a_version_does_not_differ_from_itself():
    assert not any(section.changed for section in changes(packaged()[0].text, packaged()[0].text))


WORDS = st.lists(st.sampled_from(["we", "keep", "what", "\n\n", "## A {#a}\n", "**it**"]), max_size=20).map(" ".join)


@given(WORDS, WORDS)
def test_no_word_of_either_version_is_lost_in_the_difference(before, after):
    sections = [section for section in changes(before, after) if section.changed]

    for text, ops in ((before, {"same", "removed"}), (after, {"same", "added"})):
        whole = {s.id: " ".join(texts(s, "same", "added", "removed")) for s in changes("", text)}
        for section in sections:
            assert " ".join(texts(section, *ops)) == whole.get(section.id, "")
