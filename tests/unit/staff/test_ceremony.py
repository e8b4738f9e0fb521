"""What a browser sends back about a passkey is believed only where all of it holds."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.ids import StaffId, new_id
from kalecart.staff.ceremony import ANSWER_BYTES_MAX, Answer, KeyRefused, KnownKey, Site, to_make, to_use
from tests.authenticator import Authenticator, text

SITE = Site(rp_id="shop.example", origin="https://shop.example")
WHO = StaffId(new_id())
CHALLENGE = "a-challenge-of-this-test"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def asked_to_make() -> str:
    return to_make(SITE, CHALLENGE, staff_id=WHO, name="Maya Ortiz", known=[b"an older one"])


def a_device(**but: object) -> Authenticator:
    return Authenticator(**({"origin": SITE.origin} | but))  # ty: ignore[invalid-argument-type]


def known(device: Authenticator, *, staff_id: StaffId = WHO) -> KnownKey:
    made = Answer.read(device.makes(asked_to_make())).made(SITE)
    return KnownKey(id=new_id(), staff_id=staff_id, public_key=made.public_key, sign_count=made.sign_count)


def test_a_passkey_that_was_made_here_signs_here() -> None:
    device = a_device()
    key = known(device)

    answer = Answer.read(device.signs(to_use(SITE, CHALLENGE)))

    assert (answer.challenge, answer.credential_id) == (CHALLENGE, device.credential_id)
    assert answer.signed(SITE, key) == 1
    assert "Answer(***)" in repr(answer)


def test_a_page_asks_for_one_that_knows_whose_it_is_and_asks_its_owner() -> None:
    make, use = json.loads(asked_to_make()), json.loads(to_use(SITE, CHALLENGE))

    chosen = make["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"], make["attestation"]) == ("required", "required", "none")
    assert make["excludeCredentials"][0]["id"] == text(b"an older one")
    assert (use["userVerification"], use["allowCredentials"]) == ("required", [])


@pytest.mark.parametrize(
    "but",
    [{"origin": "https://shop.example.evil"}, {"rp_id": "evil.example"}, {"verifies": False}],
    ids=["another origin", "another site's key", "nobody verified"],
)
def test_an_answer_for_another_site_or_of_nobody_in_particular_is_refused(but: dict[str, object]) -> None:
    key = known(honest := a_device())
    for name, value in but.items():
        setattr(honest, name, value)

    with pytest.raises(KeyRefused):
        Answer.read(a_device(**but).makes(asked_to_make())).made(SITE)
    with pytest.raises(KeyRefused):
        Answer.read(honest.signs(to_use(SITE, CHALLENGE))).signed(SITE, key)


def test_a_copy_whose_count_did_not_grow_is_refused() -> None:
    device = a_device(count=7)
    key = known(device)
    device.count = 6

    with pytest.raises(KeyRefused):
        Answer.read(device.signs(to_use(SITE, CHALLENGE))).signed(SITE, key)


def test_another_key_or_another_owner_is_refused() -> None:
    device, other = a_device(), a_device()
    key = known(device)
    other.makes(asked_to_make())
    other.credential_id = device.credential_id

    with pytest.raises(KeyRefused):
        Answer.read(other.signs(to_use(SITE, CHALLENGE))).signed(SITE, key)
    answer = Answer.read(device.signs(to_use(SITE, CHALLENGE)))
    with pytest.raises(KeyRefused):
        answer.signed(SITE, replace(key, staff_id=StaffId(new_id())))
    assert answer.signed(SITE, key) == 1


def test_an_answer_to_one_question_is_none_to_the_other() -> None:
    device = a_device()
    made = device.makes(asked_to_make())
    key = known(device)

    with pytest.raises(KeyRefused):
        Answer.read(made).signed(SITE, key)
    with pytest.raises(KeyRefused):
        Answer.read(device.signs(to_use(SITE, CHALLENGE))).made(SITE)


@given(JSON)
def test_whatever_is_sent_is_refused_and_breaks_nothing(sent: object) -> None:
    with pytest.raises(KeyRefused):
        Answer.read(json.dumps(sent)).made(SITE)


@given(st.data())
def test_an_answer_with_any_part_replaced_is_refused(data: st.DataObject) -> None:
    device = a_device()
    key = known(device)
    answer = json.loads(device.signs(to_use(SITE, CHALLENGE)))
    part = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    answer["response"][part] = data.draw(JSON | st.binary(max_size=80).map(text))

    with pytest.raises(KeyRefused):
        Answer.read(json.dumps(answer)).signed(SITE, key)


def test_more_than_a_browser_sends_is_not_read() -> None:
    for sent in ("", "null", "[" * 5_000, "x" * (ANSWER_BYTES_MAX + 1), '{"rawId": "%s"}' % ("A" * 9_000)):
        with pytest.raises(KeyRefused):
            Answer.read(sent)


@pytest.mark.parametrize(
    ("url", "rp_id", "origin"),
    [
        ("https://shop.example", "shop.example", "https://shop.example"),
        ("https://shop.example:8443/x", "shop.example", "https://shop.example:8443"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
        ("http://[::1]:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_passkeys_are_for_the_name_the_shop_is_reached_by(url: str, rp_id: str, origin: str) -> None:
    assert Site.of(url) == Site(rp_id=rp_id, origin=origin)


def test_a_shop_without_a_name_has_none() -> None:
    assert Site.of("http://192.0.2.7:8000") is None
    assert Site.of("http://[2001:db8::7]") is None
