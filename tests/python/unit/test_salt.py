"""A salt that could be guessed is refused, and what is stored of one is slow to try."""

import hashlib
import secrets
import time

import pytest

from plumbline.salt import salt_check, salt_problem


@pytest.mark.parametrize(
    "salt",
    [
        "",
        "abc",
        "fifteen-chars-x",
        "a" * 40,
        "abcabcabcabcabcabcabcabc",
        "0110100110010110100101100110100110010110",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "0123456789012345678901234567",
        "internationalization",
        "Internationalisation2026!",
        "password123password123",
        "correcthorsebatterystaple",
    ],
)
def test_what_can_be_guessed_is_refused_in_words_without_the_salt(salt: str) -> None:
    problem = salt_problem(salt)
    assert problem
    assert not salt or salt not in problem


def test_what_the_message_says_to_make_is_accepted() -> None:
    assert {salt_problem(secrets.token_urlsafe(32)) for _ in range(500)} == {""}
    assert {salt_problem(secrets.token_hex(32)) for _ in range(500)} == {""}


def test_what_is_stored_is_scrypt_with_a_nonce_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_SALT", "of-this-test-0815-Xyz")
    record = salt_check("")
    kind, n, r, p, nonce, digest = record.split("$")
    assert kind == "scrypt"
    assert (int(n), int(r), int(p)) >= (2**15, 8, 1)
    assert len(bytes.fromhex(nonce)) == 16
    expected = hashlib.scrypt(
        b"of-this-test-0815-Xyz", salt=bytes.fromhex(nonce), n=int(n), r=int(r), p=int(p), maxmem=2**26, dklen=32
    )
    assert digest == expected.hex()
    assert salt_check(record) == record
    assert salt_check("") != record
    monkeypatch.setenv("PLUMBLINE_SALT", "of-this-test-0815-Xyy")
    assert salt_check(record) != record


def test_a_run_knows_its_salt_again_in_a_fifth_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once: the second time it is known."""
    monkeypatch.setenv("PLUMBLINE_SALT", "of-this-test-0815-abc")
    record = salt_check("")
    begun = time.process_time()
    for _ in range(100):
        salt_check(record)
    assert time.process_time() - begun < 0.2
