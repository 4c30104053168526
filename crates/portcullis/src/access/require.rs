use super::Requirement;
use super::requirement::all;

/// A type that stands for a requirement, to be named in the type of a handler's parameter.
///
/// [`requirements!`](crate::requirements) declares such types. A tuple demands what all its parts
/// demand, and `()` demands no more than valid credentials. Written by hand:
///
/// ```
/// use portcullis::requirement::{self, Requirement};
/// use portcullis::Require;
///
/// struct ReadCastles;
///
/// impl Require for ReadCastles {
///     const REQUIREMENT: Requirement<'static> = requirement::permission("castles:read");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a requirement",
    label = "not a requirement",
    note = "declare it: `requirements! {{ pub struct {Self} = scope(\"...\"); }}`",
    note = "or implement `Require` for a unit struct; several requirements are written as a tuple: `(A, B)`"
)]
pub trait Require: Send + Sync + 'static {
    /// What a request must prove.
    const REQUIREMENT: Requirement<'static>;
}

impl Require for () {
    const REQUIREMENT: Requirement<'static> = all(&[]);
}

macro_rules! require_all_of_a_tuple {
    ($($part:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<$($part: Require),+> Require for ($($part,)+) {
            const REQUIREMENT: Requirement<'static> = all(&[$($part::REQUIREMENT),+]);
        }
    };
}

require_all_of_a_tuple!(A);
require_all_of_a_tuple!(A B);
require_all_of_a_tuple!(A B C);
require_all_of_a_tuple!(A B C D);
require_all_of_a_tuple!(A B C D E);
require_all_of_a_tuple!(A B C D E F);
require_all_of_a_tuple!(A B C D E F G);
require_all_of_a_tuple!(A B C D E F G H);

#[cfg(test)]
mod tests {
    use super::*;

    crate::requirements! {
        struct A = scope("a");
        struct B = permission("b");
    }

    #[test]
    fn a_tuple_means_and() {
        type Eight = (A, B, A, B, A, B, A, (A, B));
        for (requirement, expected) in [
            (<()>::REQUIREMENT, "nothing"),
            (<(A,)>::REQUIREMENT, "scope `a`"),
            (<(A, B)>::REQUIREMENT, "scope `a` and permission `b`"),
            (<(B, (A, ()))>::REQUIREMENT, "permission `b` and scope `a` and nothing"),
        ] {
            assert_eq!(requirement.to_string(), expected);
        }
        assert_eq!(Eight::REQUIREMENT.alternatives(), <(A, B)>::REQUIREMENT.alternatives());
    }
}
