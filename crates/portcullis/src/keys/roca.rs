//! The fingerprint of RSA keys made by the generator of CVE-2017-15361.

const GENERATOR: u64 = 65_537;

/// The odd primes of the fingerprint as published: products of the first 39 primes occur in keys of every size.
const PRIMES: [u64; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus bears the mark: modulo each small prime it is a power of 65537.
///
/// # Security
/// Such a modulus can be factored (ROCA), so anybody may hold the private key. One honest modulus in 2^27 bears the
/// mark by chance; its owner needs another key, which is the cheaper mistake.
pub(super) fn has_fingerprint(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| {
        let residue = modulus.iter().fold(0, |residue, &byte| (residue * 256 + u64::from(byte)) % prime);
        is_power_of_generator(residue, prime)
    })
}

fn is_power_of_generator(residue: u64, prime: u64) -> bool {
    let mut power = 1;
    // The powers repeat after `prime - 1` steps at the latest (Fermat).
    for _ in 1..prime {
        if power == residue {
            return true;
        }
        power = power * GENERATOR % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_fingerprint;

    #[test]
    fn powers_of_the_generator_bear_the_mark() {
        assert!(has_fingerprint(&[1]));
        assert!(has_fingerprint(&[1, 0, 1]));
        assert!(has_fingerprint(&[1, 0, 2, 0, 1]), "65537 squared");
    }

    #[test]
    fn other_numbers_do_not() {
        assert!(!has_fingerprint(&[]), "zero");
        assert!(!has_fingerprint(&[2]));
        assert!(!has_fingerprint(&[0xff; 256]));
    }
}
