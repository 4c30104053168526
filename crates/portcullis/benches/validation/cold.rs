//! A token never seen before, against nothing but the verification of its signature.

use std::hint::black_box;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_testkit::Algorithm;
use serde_json::Value;

use crate::fixture::{Fixture, admit};
use crate::measure::{Case, alternate, batch, per_operation, thread_time};

const ROUNDS: usize = 41;
const TOKENS: usize = 200;
const LIMIT: f64 = 1.15;

pub(crate) fn report() {
    println!("\ncold: a token never seen before, keys fetched; medians of {ROUNDS} rounds of {TOKENS} tokens (best)");
    println!("{:<8}{:>7}{:>22}{:>22}{:>9}", "", "bytes", "signature µs", "validation µs", "ratio");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::Ps256, Algorithm::EdDsa] {
        row(algorithm);
    }
}

fn row(algorithm: Algorithm) {
    let mut fixture = Fixture::new(algorithm, TOKENS);
    let bytes = fixture.token(0).len();
    let key = parsed(&fixture.provider.signing_key().public_jwk(), algorithm);
    let signed: Vec<_> = (0..TOKENS).map(|index| Signed::of(fixture.token(index))).collect();
    let cases = vec![
        Case::new("signature", || {
            batch(TOKENS, |index| key.verify_sig(&signed[index].message, &signed[index].signature).unwrap())
        }),
        Case::new("validation", || validate(&mut fixture)),
    ];
    let series = alternate(cases, ROUNDS);
    let (signature, validation) = (&series[0], &series[1]);
    let ratio = validation.against(signature, |validation, signature| validation / signature);
    let verdict = if ratio <= LIMIT { "" } else { "  over the limit" };
    let micros = |median: f64, best: f64| format!("{:.1} ({:.1})", median / 1e3, best / 1e3);
    println!(
        "{:<8}{bytes:>7}{:>22}{:>22}{ratio:>9.3}{verdict}",
        algorithm.name(),
        micros(signature.median(), signature.best()),
        micros(validation.median(), validation.best()),
    );
}

/// Every request is the first with its token.
fn validate(fixture: &mut Fixture) -> f64 {
    fixture.forget();
    let Fixture { guard, requests, runtime, .. } = fixture;
    runtime.block_on(async {
        let start = thread_time();
        for request in requests.iter() {
            black_box(admit::<()>(guard, request).await);
        }
        per_operation(start, requests.len())
    })
}

struct Signed {
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    fn of(token: &str) -> Self {
        let (message, signature) = token.rsplit_once('.').unwrap();
        Self { message: message.into(), signature: URL_SAFE_NO_PAD.decode(signature).unwrap() }
    }
}

fn parsed(jwk: &Value, algorithm: Algorithm) -> ParsedPublicKey {
    let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let rsa = |parameters: &'static RsaParameters| {
        RsaPublicKeyComponents { n: member("n"), e: member("e") }.to_parsed_public_key(parameters).unwrap()
    };
    match algorithm {
        Algorithm::Rs256 => rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Ps256 => rsa(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Es256 => {
            let point = [vec![4], member("x"), member("y")].concat();
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).unwrap()
        }
        _ => ParsedPublicKey::new(&ED25519, member("x")).unwrap(),
    }
}
