"""The secret of an invitation."""

import re

from meetings.door.secrets import hash_of, link_with, new_secret, read_secret


def test_a_secret_opens_its_own_invitation_and_no_other() -> None:
    one, other = new_secret("inv_1"), new_secret("inv_1")
    shown = read_secret(one)
    assert shown is not None
    assert shown.invitation_id == "inv_1"
    assert shown.opens(hash_of(one))
    assert not shown.opens(hash_of(other))
    assert not shown.opens("")
    assert len(hash_of(one)) == 64


def test_it_cannot_be_guessed() -> None:
    assert re.fullmatch(r"inv_1\.[A-Za-z0-9_-]{43}", new_secret("inv_1"))
    assert len({new_secret("inv_1") for _ in range(100)}) == 100


def test_what_cannot_be_one_is_none() -> None:
    good = new_secret("inv_1")
    for wrong in ("", "x", good[:-1], good + "x", good.replace(".", ""), f" {good}", f"{good}\n", "." + good):
        assert read_secret(wrong) is None


def test_it_stands_where_browsers_send_it_to_no_server() -> None:
    assert link_with("s", "https://class.example", "meet_1") == "https://class.example/m/meet_1#guest=s"
