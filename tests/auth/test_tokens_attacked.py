"""One row for each way to forge, bend or break a token (RFC 8725, and what happened to others)."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from auth.claims import ClaimRules
from auth.keys import Algorithm, SharedSecret, VerifyingKey, read_key_set
from auth.tokens import TokenVerifier
from contract.errors import ErrorCode, Unauthorized
from tests.auth.tokens_by_hand import (
    ABSENT,
    AUDIENCE,
    ISSUER,
    NOW,
    SECRET,
    EcSigner,
    EdSigner,
    HmacSigner,
    MovableClock,
    RsaSigner,
    Signer,
    claims,
    dump,
    encode,
    make,
)

RSA, EC, ED = RsaSigner(), EcSigner(), EdSigner()
OTHER_RSA, OTHER_EC, OTHER_ED = RsaSigner(), EcSigner(), EdSigner()
JWKS = {"keys": [RSA.jwk(kid="r"), EC.jwk(kid="e"), ED.jwk(kid="d")]}
PEM = RSA.private.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
DER = RSA.private.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)


class FixedKeys:
    """A key set that is simply there."""

    def __init__(self, document: object) -> None:
        self.keys = read_key_set(dump(document)) or ()

    async def keys_for(self, algorithm: Algorithm, key_id: str | None) -> Sequence[VerifyingKey]:
        return [k for k in self.keys if k.algorithm is algorithm and key_id in {None, k.key_id}]


def verifier() -> TokenVerifier:
    """Takes both a secret and public keys, so that every confusion between them is possible."""
    rules = ClaimRules(ISSUER, AUDIENCE)
    return TokenVerifier(rules, MovableClock(), secret=SharedSecret(SECRET), key_set=FixedKeys(JWKS))


def unsigned(alg: object) -> str:
    return f"{encode(dump({'alg': alg, 'typ': 'JWT'}))}.{encode(dump(claims()))}."


def with_signature(token: str, signature: bytes) -> str:
    return f"{token.rpartition('.')[0]}.{encode(signature)}"


def with_header(**header: object) -> str:
    return make(claims(), header)


def with_claims(**changes: object) -> str:
    return make(claims(**changes))


def with_raw_claim(claim: str, literal: str) -> str:
    """A claim as JSON text, for what `json.dumps` would not write."""
    body = dump(claims(**{claim: ABSENT})).decode()
    return make(f'{body[:-1]},"{claim}":{literal}}}'.encode())


def es256_as_der() -> str:
    token = make(signer=EC)
    return with_signature(
        token, EC.private.sign(token.rpartition(".")[0].encode(), ec.ECDSA(hashes.SHA256()))
    )


def nested() -> str:
    return make(make().encode(), {"cty": "JWT"})


def flipped(part: int) -> str:
    """A good token with one character of one part changed."""
    parts = make().split(".")
    middle = len(parts[part]) // 2
    parts[part] = (
        parts[part][:middle] + chr(ord("A") + (parts[part][middle] == "A")) + parts[part][middle + 1 :]
    )
    return ".".join(parts)


def stray_bits() -> str:
    """The same signature in another spelling: the last character's unused bits are set."""
    token = make()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


ATTACKS: Mapping[str, Callable[[], str]] = {
    # signature and algorithm
    "alg none": lambda: unsigned("none"),
    "alg None": lambda: unsigned("None"),
    "alg nOnE": lambda: unsigned("nOnE"),
    "alg NONE": lambda: unsigned("NONE"),
    "alg none with a space": lambda: unsigned("none "),
    "alg none with a signature": lambda: with_header(alg="none"),
    "alg None with a signature": lambda: with_header(alg="None"),
    "alg nOnE with a signature": lambda: with_header(alg="nOnE"),
    "alg empty": lambda: with_header(alg=""),
    "alg null": lambda: with_header(alg=None),
    "alg a list": lambda: with_header(alg=["HS256"]),
    "alg missing": lambda: make(claims(), b'{"typ":"JWT"}'),
    "alg in lower case": lambda: with_header(alg="hs256"),
    "alg HS384, well signed with the secret": lambda: make(signer=HmacSigner(alg="HS384", digest="sha384")),
    "alg HS512, well signed with the secret": lambda: make(signer=HmacSigner(alg="HS512", digest="sha512")),
    "alg PS256": lambda: make(header={"alg": "PS256"}, signer=RSA),
    "alg RS512": lambda: make(header={"alg": "RS512"}, signer=RSA),
    "alg ES256K": lambda: make(header={"alg": "ES256K"}, signer=EcSigner(ec.SECP256K1())),
    "alg ES384": lambda: make(header={"alg": "ES384"}, signer=EcSigner(ec.SECP384R1())),
    "an empty signature": lambda: with_signature(make(), b""),
    "a signature cut short": lambda: with_signature(
        make(), HmacSigner().sign(make().rpartition(".")[0].encode())[:-1]
    ),
    "a signature with more behind it": lambda: with_signature(
        make(), HmacSigner().sign(make().rpartition(".")[0].encode()) + b"x"
    ),
    "a signature of zeroes": lambda: with_signature(make(), bytes(32)),
    "a signature of zeroes for ES256": lambda: with_signature(make(signer=EC), bytes(64)),
    "a signature of zeroes for EdDSA": lambda: with_signature(make(signer=ED), bytes(64)),
    "a signature of zeroes for RS256": lambda: with_signature(make(signer=RSA), bytes(256)),
    "an ES256 signature in DER": es256_as_der,
    "a signature in a second spelling": stray_bits,
    "another secret": lambda: make(signer=HmacSigner(b"x" * 32)),
    "an empty secret": lambda: make(signer=HmacSigner(b"")),
    "another RSA key": lambda: make(signer=OTHER_RSA),
    "another EC key": lambda: make(signer=OTHER_EC),
    "another Ed25519 key": lambda: make(signer=OTHER_ED),
    "another RSA key under the name of ours": lambda: make(header={"kid": "r"}, signer=OTHER_RSA),
    "a changed header": lambda: flipped(0),
    "changed claims": lambda: flipped(1),
    "a changed signature": lambda: flipped(2),
    # one key for two algorithms
    "HS256 with the public RSA key's PEM as the secret": lambda: make(signer=HmacSigner(PEM)),
    "HS256 with the PEM without its last line break": lambda: make(signer=HmacSigner(PEM.strip())),
    "HS256 with the public RSA key's DER as the secret": lambda: make(signer=HmacSigner(DER)),
    "HS256 with the JWK as the secret": lambda: make(signer=HmacSigner(dump(RSA.jwk(kid="r")))),
    "HS256 with the JWK's modulus as the secret": lambda: make(
        signer=HmacSigner(str(RSA.jwk()["n"]).encode())
    ),
    "HS256 with the public key and its name": lambda: make(header={"kid": "r"}, signer=HmacSigner(PEM)),
    "RS256 in the header, signed with the secret": lambda: with_header(alg="RS256", kid="r"),
    "ES256 in the header, signed with RSA": lambda: make(header={"alg": "ES256", "kid": "r"}, signer=RSA),
    "RS256 in the header, signed with EC": lambda: make(header={"alg": "RS256", "kid": "e"}, signer=EC),
    "EdDSA in the header under the EC key's name": lambda: make(header={"kid": "e"}, signer=ED),
    # kid
    "kid a path": lambda: with_header(kid="../../../../dev/null"),
    "kid a path to an empty file, signed with nothing": lambda: make(
        header={"kid": "/dev/null"}, signer=HmacSigner(b"")
    ),
    "kid SQL": lambda: with_header(kid="x' UNION SELECT 'secret' --"),
    "kid a URL": lambda: with_header(kid="http://127.0.0.1:9/jwks.json"),
    "kid a command": lambda: with_header(kid="|id"),
    "kid a number": lambda: with_header(kid=1),
    "kid null": lambda: with_header(kid=None),
    "kid an object": lambda: with_header(kid={"a": 1}),
    "kid empty": lambda: with_header(kid=""),
    "kid with NUL": lambda: with_header(kid="a\0b"),
    "kid with a line break": lambda: with_header(kid="a\nb"),
    "kid of 300 characters": lambda: with_header(kid="k" * 300),
    "kid that is in no key set": lambda: make(header={"kid": "unknown"}, signer=RSA),
    # keys and instructions in the header
    "jku": lambda: make(header={"jku": "http://127.0.0.1:9/jwks.json"}, signer=RSA),
    "jwk of the attacker": lambda: make(header={"jwk": OTHER_RSA.jwk()}, signer=OTHER_RSA),
    "jwk of our own": lambda: make(header={"jwk": RSA.jwk()}, signer=RSA),
    "x5u": lambda: make(header={"x5u": "http://127.0.0.1:9/cert.pem"}, signer=RSA),
    "x5c": lambda: make(header={"x5c": [encode(DER)]}, signer=RSA),
    "jku on an HS256 token": lambda: with_header(jku="http://127.0.0.1:9/jwks.json"),
    "crit with an extension": lambda: with_header(crit=["exp"], exp=NOW),
    "crit with an unknown extension": lambda: with_header(crit=["magic"], magic=True),
    "crit empty": lambda: with_header(crit=[]),
    "crit null": lambda: with_header(crit=None),
    "b64 false without crit": lambda: with_header(b64=False),
    "b64 false": lambda: with_header(b64=False, crit=["b64"]),
    "zip": lambda: with_header(zip="DEF"),
    "enc": lambda: with_header(enc="A256GCM"),
    "typ of an access token": lambda: with_header(typ="at+jwt"),
    "typ of a security event": lambda: with_header(typ="secevent+jwt"),
    "typ of a logout token": lambda: with_header(typ="logout+jwt"),
    "typ JWE": lambda: with_header(typ="JWE"),
    "typ JOSE": lambda: with_header(typ="JOSE"),
    "typ empty": lambda: with_header(typ=""),
    "typ null": lambda: with_header(typ=None),
    "typ a number": lambda: with_header(typ=1),
    "a token within a token": nested,
    # shape
    "nothing": lambda: "",
    "a word": lambda: "token",
    "two dots": lambda: "..",
    "two parts": lambda: make().rpartition(".")[0],
    "four parts": lambda: make() + ".x",
    "five parts, as an encrypted token has": lambda: make() + ".eA.eA",
    "a space before": lambda: " " + make(),
    "a space after": lambda: make() + " ",
    "a line break after": lambda: make() + "\n",
    "a line break within": lambda: make().replace(".", ".\n", 1),
    "padding": lambda: make() + "=",
    "the alphabet of plain base64": lambda: with_signature(make(), b"")[:-1] + ".+/+/",
    "letters of another script": lambda: "é" + make()[1:],
    "NUL within": lambda: make().replace(".", "\0.", 1),
    "half a surrogate pair": lambda: make() + "\ud800",
    "a token in brackets": lambda: f"[{make()}]",
    "the scheme's name before it": lambda: "Bearer " + make(),
    "the JSON serialization": lambda: dump({"payload": "e30", "signature": "eA"}).decode(),
    "a token of more than 8 KiB": lambda: with_claims(padding="x" * 8192),
    "a megabyte": lambda: "a" * 1_000_000 + ".b.c",
    "a million dots": lambda: "." * 1_000_000,
    # JSON
    "a header that is no JSON": lambda: make(claims(), b"{"),
    "a header that is a list": lambda: make(claims(), b'["HS256"]'),
    "a header in UTF-16": lambda: make(claims(), '{"alg":"HS256"}'.encode("utf-16")),
    "a header with a byte order mark": lambda: make(claims(), b'\xef\xbb\xbf{"alg":"HS256"}'),
    "alg twice in the header": lambda: make(claims(), b'{"alg":"none","alg":"HS256"}'),
    "kid twice in the header": lambda: make(claims(), b'{"alg":"HS256","kid":"a","kid":"b"}'),
    "a header nested without end": lambda: make(claims(), b'{"alg":"HS256","x":' + b"[" * 3000),
    "claims that are no JSON": lambda: make(b"not json"),
    "claims that are a list": lambda: make(b"[]"),
    "claims that are a string": lambda: make(b'"ada"'),
    "claims that are nothing": lambda: make(b""),
    "claims in Latin-1": lambda: make(b'{"name":"\xe9"}'),
    "claims nested without end": lambda: make(b'{"x":' + b"[" * 5000 + b"]" * 5 + b"}"),
    "two of sub": lambda: with_raw_claim("x", '1,"sub":"root"'),
    "two of role": lambda: with_raw_claim("x", '1,"role":"admin"'),
    "a room twice": lambda: with_raw_claim("rooms", '{"a":"member","a":"owner"}'),
    "two of sub, one in escapes": lambda: with_raw_claim("x", '1,"\\u0073ub":"root"'),
    # who it is from and for
    "no iss": lambda: with_claims(iss=ABSENT),
    "iss of another": lambda: with_claims(iss="https://evil.example"),
    "iss with a slash more": lambda: with_claims(iss=ISSUER + "/"),
    "iss in other letters": lambda: with_claims(iss=ISSUER.upper()),
    "iss a part of ours": lambda: with_claims(iss=ISSUER[:-1]),
    "iss a list with ours": lambda: with_claims(iss=[ISSUER]),
    "iss null": lambda: with_claims(iss=None),
    "iss empty": lambda: with_claims(iss=""),
    "no aud": lambda: with_claims(aud=ABSENT),
    "aud of another": lambda: with_claims(aud="other"),
    "aud a part of ours": lambda: with_claims(aud="home"),
    "aud that ours is a part of": lambda: with_claims(aud="homeroom-staging"),
    "aud a list without ours": lambda: with_claims(aud=["a", "b"]),
    "aud an empty list": lambda: with_claims(aud=[]),
    "aud a list with ours and a number": lambda: with_claims(aud=[AUDIENCE, 1]),
    "aud a list in a list": lambda: with_claims(aud=[[AUDIENCE]]),
    "aud an object": lambda: with_claims(aud={AUDIENCE: True}),
    "aud null": lambda: with_claims(aud=None),
    "aud empty": lambda: with_claims(aud=""),
    # when
    "no exp": lambda: with_claims(exp=ABSENT),
    "exp null": lambda: with_claims(exp=None),
    "exp a string": lambda: with_claims(exp=str(NOW + 60)),
    "exp true": lambda: with_claims(exp=True),
    "exp a list": lambda: with_claims(exp=[NOW + 60]),
    "exp NaN": lambda: with_raw_claim("exp", "NaN"),
    "exp Infinity": lambda: with_raw_claim("exp", "Infinity"),
    "exp 1e999": lambda: with_raw_claim("exp", "1e999"),
    "exp of five thousand digits": lambda: with_raw_claim("exp", "9" * 5000),
    "exp of four hundred digits": lambda: with_raw_claim("exp", "9" * 400),
    "exp in milliseconds": lambda: with_claims(exp=(NOW + 60) * 1000),
    "exp negative": lambda: with_claims(exp=-1),
    "nbf in the future": lambda: with_claims(nbf=NOW + 31),
    "nbf a string": lambda: with_claims(nbf="now"),
    "nbf null": lambda: with_claims(nbf=None),
    "iat in the future": lambda: with_claims(iat=NOW + 31),
    "iat a string": lambda: with_claims(iat=str(NOW)),
    "iat false": lambda: with_claims(iat=False),
    "iat NaN": lambda: with_raw_claim("iat", "NaN"),
    # who
    "no sub": lambda: with_claims(sub=ABSENT),
    "sub a number": lambda: with_claims(sub=1),
    "sub null": lambda: with_claims(sub=None),
    "sub empty": lambda: with_claims(sub=""),
    "sub of spaces": lambda: with_claims(sub="   "),
    "sub with a space before it": lambda: with_claims(sub=" ada"),
    "sub of 129 characters": lambda: with_claims(sub="x" * 129),
    "sub with NUL": lambda: with_claims(sub="ada\0"),
    "sub with a line break": lambda: with_claims(sub="ada\nroot"),
    "sub with half a surrogate pair": lambda: with_claims(sub="ada\ud800"),
    "sub with an invisible character": lambda: with_claims(sub="ada\u200b"),
    "no name": lambda: with_claims(name=ABSENT),
    "name a number": lambda: with_claims(name=7),
    "name null": lambda: with_claims(name=None),
    "name empty": lambda: with_claims(name=""),
    "name of spaces": lambda: with_claims(name=" \u00a0 "),
    "name of 121 characters": lambda: with_claims(name="x" * 121),
    "name with NUL": lambda: with_claims(name="Ada\0"),
    "name with a line break": lambda: with_claims(name="Ada\nBob"),
    "name with a line separator": lambda: with_claims(name="Ada\u2028Bob"),
    "name with an escape sequence": lambda: with_claims(name="\x1b[2JAda"),
    "name that turns the writing direction": lambda: with_claims(name="Ada\u202e"),
    "name with half a surrogate pair": lambda: with_claims(name="\udfff"),
    "no role": lambda: with_claims(role=ABSENT),
    "role unknown": lambda: with_claims(role="root"),
    "role in other letters": lambda: with_claims(role="Admin"),
    "role a list": lambda: with_claims(role=["admin"]),
    "role null": lambda: with_claims(role=None),
    "role of a room": lambda: with_claims(role="owner"),
    "jti a number": lambda: with_claims(jti=1),
    "jti empty": lambda: with_claims(jti=""),
    "jti null": lambda: with_claims(jti=None),
    "jti of 129 characters": lambda: with_claims(jti="x" * 129),
    "jti with NUL": lambda: with_claims(jti="a\0"),
    "picture that is a script": lambda: with_claims(picture="javascript:alert(1)"),
    "picture that is data": lambda: with_claims(picture="data:image/png;base64,AA"),
    "picture without a host": lambda: with_claims(picture="https:///x"),
    "picture with a password": lambda: with_claims(picture="https://a:b@example/x"),
    "picture that breaks out of quotes": lambda: with_claims(picture='https://example/"><script>'),
    "picture with a line break": lambda: with_claims(picture="https://example/\nx"),
    "picture with a broken address": lambda: with_claims(picture="https://[::1/x"),
    "picture of 1001 characters": lambda: with_claims(picture="https://example/" + "x" * 985),
    "picture a number": lambda: with_claims(picture=1),
    "picture null": lambda: with_claims(picture=None),
    "email a number": lambda: with_claims(email=1),
    "email null": lambda: with_claims(email=None),
    "email empty": lambda: with_claims(email=""),
    "email without a host": lambda: with_claims(email="ada@"),
    "email of two": lambda: with_claims(email="ada@a.example,eve@b.example"),
    "email with a name": lambda: with_claims(email="Ada <ada@a.example>"),
    "email with a line break": lambda: with_claims(email="ada@a.example\r\nBcc:eve@b.example"),
    "email with a line break at its end": lambda: with_claims(email="ada@a.example\n"),
    "email with NUL": lambda: with_claims(email="ada\0@a.example"),
    "email of 255 characters": lambda: with_claims(email="a" * 64 + "@" + "b" * 190),
    "zoneinfo a number": lambda: with_claims(zoneinfo=1),
    "zoneinfo empty": lambda: with_claims(zoneinfo=""),
    "zoneinfo with a line break": lambda: with_claims(zoneinfo="Europe/Paris\n"),
    "call null": lambda: with_claims(call=None),
    "call a list": lambda: with_claims(call=["microphone"]),
    "call true": lambda: with_claims(call=True),
    "call with a right unknown": lambda: with_claims(call={"moderate": True}),
    "call with screen audio": lambda: with_claims(call={"screen_audio": True}),
    "call with a right that is a number": lambda: with_claims(call={"camera": 1}),
    "call with a right that is text": lambda: with_claims(call={"camera": "false"}),
    "call with a right null": lambda: with_claims(call={"screen": None}),
    "rooms a list": lambda: with_claims(rooms=["math"]),
    "rooms null": lambda: with_claims(rooms=None),
    "rooms of 201": lambda: with_claims(rooms={f"k{number}": "member" for number in range(201)}),
    "a room without a key": lambda: with_claims(rooms={"": "member"}),
    "a room's key of 201 characters": lambda: with_claims(rooms={"k" * 201: "member"}),
    "a room's key with NUL": lambda: with_claims(rooms={"a\0": "member"}),
    "a room role unknown": lambda: with_claims(rooms={"math": "admin"}),
    "a room role in other letters": lambda: with_claims(rooms={"math": "Owner"}),
    "a room role that is a number": lambda: with_claims(rooms={"math": 1}),
    "a room role that is a list": lambda: with_claims(rooms={"math": ["owner"]}),
}

EXPIRED: Mapping[str, Callable[[], str]] = {
    "at the end of the leeway": lambda: with_claims(exp=NOW - 30),
    "an hour ago": lambda: with_claims(exp=NOW - 3600),
    "in 1970": lambda: with_claims(exp=0),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_token_is_refused_with(attack: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        await verifier().verify(ATTACKS[attack]())
    assert caught.value.wire_code is ErrorCode.UNAUTHORIZED
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "attack",
    [
        name
        for name in ATTACKS
        if name.split()[0]
        in {"iss", "aud", "sub", "name", "role", "picture", "rooms", "jti", "call", "email", "zoneinfo"}
    ],
)
async def test_the_refusal_names_the_claim_that_is_wrong(attack: str) -> None:
    with pytest.raises(Unauthorized, match=rf"\b{attack.split(maxsplit=1)[0]}\b"):
        await verifier().verify(ATTACKS[attack]())


@pytest.mark.parametrize("moment", EXPIRED)
async def test_a_token_has_expired(moment: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        await verifier().verify(EXPIRED[moment]())
    assert caught.value.wire_code is ErrorCode.TOKEN_EXPIRED


async def test_a_forged_token_is_not_told_that_it_has_expired() -> None:
    with pytest.raises(Unauthorized) as caught:
        await verifier().verify(make(claims(exp=0), signer=HmacSigner(b"x" * 32)))
    assert caught.value.wire_code is ErrorCode.UNAUTHORIZED


@pytest.mark.parametrize("case", [*ATTACKS, *EXPIRED])
async def test_no_token_stands_in_an_exception_or_a_log(case: str, caplog: pytest.LogCaptureFixture) -> None:
    token = {**ATTACKS, **EXPIRED}[case]()
    with caplog.at_level(logging.DEBUG), pytest.raises(Unauthorized) as caught:
        await verifier().verify(token)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__) + caplog.text
    secret_parts = [part.strip() for part in token.split(".") if len(part) > 15]
    assert [part for part in secret_parts if part in told] == []
    assert "Lovelace" not in told
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(("signer", "kid"), [(RSA, "r"), (EC, "e"), (ED, "d"), (HmacSigner(), "r")])
@pytest.mark.parametrize("named", [True, False])
async def test_each_algorithm_is_good_with_its_own_key(signer: Signer, kid: str, named: bool) -> None:
    token = make(header={"kid": kid} if named else {}, signer=signer)
    assert (await verifier().verify(token)).user_id == "ada"


@pytest.mark.parametrize("signer", [RSA, EC, ED])
async def test_without_a_key_set_only_the_secret_counts(signer: Signer) -> None:
    rules = ClaimRules(ISSUER, AUDIENCE)
    secret_only = TokenVerifier(rules, MovableClock(), secret=SharedSecret(SECRET))
    assert (await secret_only.verify(make())).user_id == "ada"
    with pytest.raises(Unauthorized, match="algorithm"):
        await secret_only.verify(make(signer=signer))


async def test_without_a_secret_no_hs256_token_counts() -> None:
    keys_only = TokenVerifier(ClaimRules(ISSUER, AUDIENCE), MovableClock(), key_set=FixedKeys(JWKS))
    assert (await keys_only.verify(make(signer=RSA))).user_id == "ada"
    for secret in (SECRET, PEM, DER, b""):
        with pytest.raises(Unauthorized, match="algorithm"):
            await keys_only.verify(make(signer=HmacSigner(secret)))


@pytest.mark.parametrize("secret", [b"", b"short", b"x" * 31], ids=["empty", "short", "31 bytes"])
def test_a_short_secret_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SharedSecret(secret)


@pytest.mark.parametrize("secret", [PEM, DER, dump(RSA.jwk())], ids=["PEM", "DER", "JWK"])
def test_a_public_key_is_refused_as_a_secret(secret: bytes) -> None:
    with pytest.raises(ValueError, match="random bytes"):
        SharedSecret(secret)


def test_a_token_of_an_ordinary_library_is_made_as_by_hand() -> None:
    decoded = jwt.decode(
        make(signer=ED),
        ED.private.public_key(),
        algorithms=["EdDSA"],
        audience=AUDIENCE,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert decoded == claims()


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(Unauthorized):
        asyncio.run(verifier().verify(text))


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(claims())), st.none() | st.booleans() | st.floats() | st.text())
)
def test_any_claims_well_signed_are_read_or_refused_but_break_nothing(changes: dict[str, object]) -> None:
    try:
        identity = asyncio.run(verifier().verify(make(claims(**changes))))
    except Unauthorized:
        return
    assert identity.user_id == claims(**changes)["sub"]
