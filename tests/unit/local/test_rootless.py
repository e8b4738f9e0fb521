import pwd

from local.rootless import namespace


def test_the_namespace_shows_an_account_that_this_machine_has_and_never_root():
    mapped = int(next(word for word in namespace() if word.startswith("--map-user=")).partition("=")[2])

    assert pwd.getpwuid(mapped).pw_name != "root"
