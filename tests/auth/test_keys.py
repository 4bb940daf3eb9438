"""Which keys of a key set are used, and for what."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from auth.keys import Algorithm, read_key_set
from tests.auth.tokens_by_hand import EcSigner, EdSigner, RsaSigner, dump, encode, encode_number

RSA, EC, ED = RsaSigner(), EcSigner(), EdSigner()
USABLE = {
    "RSA": (RSA.jwk(), Algorithm.RS256),
    "RSA with everything said": (
        RSA.jwk(use="sig", key_ops=["verify"], alg="RS256", kid="k", x5c=["ignored"]),
        Algorithm.RS256,
    ),
    "P-256": (EC.jwk(), Algorithm.ES256),
    "P-256 for ES256": (EC.jwk(alg="ES256", use="sig"), Algorithm.ES256),
    "Ed25519": (ED.jwk(), Algorithm.EDDSA),
    "Ed25519 for EdDSA": (ED.jwk(alg="EdDSA", key_ops=["sign", "verify"]), Algorithm.EDDSA),
}
UNUSABLE: dict[str, object] = {
    "a symmetric key": {"kty": "oct", "k": encode(b"x" * 32), "alg": "HS256"},
    "an RSA key with a symmetric part": RSA.jwk(k=encode(b"x" * 32)),
    "a private key": RSA.jwk(d=encode_number(RSA.private.private_numbers().d)),
    "a key for encryption": RSA.jwk(use="enc"),
    "a key for no verifying": RSA.jwk(key_ops=["encrypt"]),
    "key_ops that are no list": RSA.jwk(key_ops="verify"),
    "an RSA key for HS256": RSA.jwk(alg="HS256"),
    "an RSA key for PS256": RSA.jwk(alg="PS256"),
    "an RSA key for RS512": RSA.jwk(alg="RS512"),
    "an EC key for RS256": EC.jwk(alg="RS256"),
    "an alg that is no word": RSA.jwk(alg=1),
    "an alg that is null": RSA.jwk(alg=None),
    "an RSA key of 1024 bits": RsaSigner(1024).jwk(),
    "an RSA key of 2047 bits": RSA.jwk(n=encode_number((1 << 2046) + 1)),
    "an RSA key of 16384 bits": RSA.jwk(n=encode_number((1 << 16383) + 1)),
    "an RSA exponent of one": RSA.jwk(e=encode_number(1)),
    "an even RSA exponent": RSA.jwk(e=encode_number(65536)),
    "a giant RSA exponent": RSA.jwk(e=encode_number((1 << 2047) + 1)),
    "an RSA key without n": {**RSA.jwk(), "n": ""},
    "an RSA key in plain base64": RSA.jwk(n="+/+/"),
    "P-384": EcSigner(ec.SECP384R1()).jwk(),
    "secp256k1": EcSigner(ec.SECP256K1()).jwk(),
    "secp256k1 that says it is P-256": EcSigner(ec.SECP256K1()).jwk() | {"crv": "P-256"},
    "a point off the curve": EC.jwk(y=encode(b"\1" * 32)),
    "the point of zeroes": EC.jwk(x=encode(bytes(32)), y=encode(bytes(32))),
    "a point cut short": EC.jwk(x=encode(b"\1" * 31)),
    "Ed448": {"kty": "OKP", "crv": "Ed448", "x": encode(b"\1" * 57)},
    "X25519": {"kty": "OKP", "crv": "X25519", "x": encode(b"\1" * 32)},
    "Ed25519 cut short": ED.jwk(x=encode(b"\1" * 31)),
    "a type that is unknown": {"kty": "AKP", "pub": "AA"},
    "a type that is no word": {"kty": ["RSA"]},
    "no type": {"n": "AA"},
    "a key id that is no word": RSA.jwk(kid=1),
    "a word": "key",
    "null": None,
}


@pytest.mark.parametrize("case", USABLE)
def test_a_key_is_used_for_its_one_algorithm(case: str) -> None:
    jwk, algorithm = USABLE[case]
    keys = read_key_set(dump({"keys": [jwk]}))
    assert keys is not None
    assert [key.algorithm for key in keys] == [algorithm]
    assert keys[0].key_id == jwk.get("kid")


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_key_is_left_out_and_the_others_stay(case: str) -> None:
    keys = read_key_set(dump({"keys": [UNUSABLE[case], ED.jwk(kid="good")]}))
    assert keys is not None
    assert [key.key_id for key in keys] == ["good"]


def test_each_key_tells_its_own_signatures_from_others() -> None:
    keys = read_key_set(dump({"keys": [RSA.jwk(), EC.jwk(), ED.jwk()]}))
    assert keys is not None
    signatures = [signer.sign(b"message") for signer in (RSA, EC, ED)]
    told = [[key.check(b"message", signature) for signature in signatures] for key in keys]
    assert told == [[True, False, False], [False, True, False], [False, False, True]]
    assert not any(key.check(b"other", signature) for key, signature in zip(keys, signatures, strict=True))
