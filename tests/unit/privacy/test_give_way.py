"""Whoever packs people's data rests while orders come in (C10)."""

from kalecart.privacy.give_way import REST_MAX_S, rest_s


def test_packing_takes_a_tenth_of_the_time_while_people_shop_and_all_of_it_otherwise() -> None:
    assert rest_s(0.2, shopping=True) == 9 * 0.2
    assert rest_s(60, shopping=True) == REST_MAX_S
    assert rest_s(60, shopping=False) == 0
