//! Compares the judgement with its alternatives, over small random requirements.

use std::time::Duration;

use super::{Acr, AcrLevels, Alternative, Proof, Requirement, Rules, Unmet};
use crate::clock::Standing;
use crate::pieces::Pieces;
use crate::requirement::*;

const NOW: u64 = 1_000_000;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const VALUES: [&str; 5] = ["bronze", "silver", "gold", "mfa", "hwk"];

/// SplitMix64: the same requirements in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % sides
    }

    fn requirement(&mut self, depth: usize) -> Requirement<'static> {
        match self.roll(if depth == 0 { 6 } else { 12 }) {
            0 => scope(NAMES[self.roll(4)]),
            1 => permission(NAMES[self.roll(4)]),
            2 => acr(Acr::value(VALUES[self.roll(5)])),
            3 => acr(Acr::STRONG),
            4 => max_age(Duration::from_secs(60 * self.roll(4) as u64)),
            5 => [scope("a"), scope("b"), scope("not one"), any_of(&[])][self.roll(4)],
            6..=8 => all(self.parts(depth)),
            _ => any_of(self.parts(depth)),
        }
    }

    fn parts(&mut self, depth: usize) -> &'static [Requirement<'static>] {
        let parts: Vec<_> = (0..self.roll(4)).map(|_| self.requirement(depth - 1)).collect();
        parts.leak()
    }

    fn facts(&mut self) -> Facts {
        let mut some = || NAMES.iter().filter(|_| self.roll(2) == 0).copied().collect();
        Facts {
            scopes: some(),
            permissions: some(),
            acr: VALUES.get(self.roll(6)).map(|value| (*value).to_owned()),
            auth_time: [None, Some(NOW), Some(NOW - 60), Some(NOW - 150)][self.roll(4)],
        }
    }
}

#[derive(Clone, Debug)]
struct Facts {
    scopes: Pieces,
    permissions: Pieces,
    acr: Option<String>,
    auth_time: Option<u64>,
}

impl Facts {
    fn proof(&self) -> Proof<'_> {
        Proof {
            scopes: self.scopes.all(),
            permissions: self.permissions.all(),
            acr: self.acr.as_deref(),
            auth_time: self.auth_time,
        }
    }

    /// Does what the report asks for; false if it asks for nothing a client could do.
    fn mend(&mut self, unmet: Unmet) -> bool {
        match unmet {
            Unmet::Scope { required } => required.iter().for_each(|scope| self.scopes.push(scope)),
            Unmet::Permission { missing } => self.permissions.push(&missing),
            Unmet::Authentication { acr_values, .. } => {
                self.auth_time = Some(NOW);
                self.acr = acr_values.into_iter().next().or(self.acr.take());
            }
            Unmet::AcrNotConfigured | Unmet::NeverSatisfied => return false,
        }
        true
    }
}

/// Written apart from the code it is compared with.
fn takes(way: &Alternative<'_>, facts: &Facts, levels: &[&str]) -> bool {
    let rank = |value: &str| levels.iter().position(|level| *level == value);
    let strong_enough = |acr: &Acr<'_>| match (acr.as_value().or(levels.last().copied()), &facts.acr) {
        (Some(wanted), Some(held)) if rank(wanted).is_some() => rank(held) >= rank(wanted),
        (Some(wanted), Some(held)) => wanted == held,
        _ => false,
    };
    let young_enough = |age: Duration| facts.auth_time.is_some_and(|time| time + age.as_secs() + 30 >= NOW);
    way.scopes().iter().all(|name| facts.scopes.all().iter().any(|held| held == *name))
        && way.permissions().iter().all(|name| facts.permissions.all().iter().any(|held| held == *name))
        && way.acr().iter().all(strong_enough)
        && way.max_age().is_none_or(young_enough)
}

const LISTS: [&[&str]; 2] = [&["bronze", "silver", "gold"], &[]];

#[test]
fn a_request_is_admitted_if_and_only_if_it_takes_one_of_the_alternatives() {
    let mut dice = Dice(6749);
    let mut admitted = 0;
    for _ in 0..3_000 {
        let requirement = dice.requirement(3);
        let alternatives = requirement.alternatives();
        for _ in 0..10 {
            let (facts, list) = (dice.facts(), LISTS[dice.roll(2)]);
            let levels = AcrLevels::new(list.iter().copied());
            let rules = Rules { levels: &levels, clock: &Standing(NOW), leeway: 30 };
            let expected = alternatives.iter().any(|way| takes(way, &facts, list));
            let judged = requirement.judge(&facts.proof(), &rules).is_ok();
            assert!(judged || !expected, "refused: {requirement}, {facts:?}, {list:?}");
            assert!(expected || !judged || !alternatives.is_complete(), "admitted: {requirement}, {facts:?}, {list:?}");
            admitted += usize::from(judged);
        }
    }
    assert!((3_000..27_000).contains(&admitted), "the dice are loaded: {admitted}");
}

#[test]
fn whoever_does_what_is_reported_is_admitted() {
    let mut dice = Dice(9470);
    let mut mended = 0;
    for _ in 0..10_000 {
        let (requirement, mut facts, list) = (dice.requirement(3), dice.facts(), LISTS[dice.roll(2)]);
        let levels = AcrLevels::new(list.iter().copied());
        let rules = Rules { levels: &levels, clock: &Standing(NOW), leeway: 30 };
        let mut rounds = 0;
        while let Err(unmet) = requirement.judge(&facts.proof(), &rules) {
            if !facts.mend(unmet) {
                break;
            }
            rounds += 1;
            assert!(rounds <= 12, "never enough: {requirement}, {facts:?}, {list:?}");
        }
        mended += rounds;
    }
    assert!(mended > 1_000, "nothing was mended: {mended}");
}
