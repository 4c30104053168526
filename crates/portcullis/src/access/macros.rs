/// Declares types that stand for requirements: a unit struct and its [`Require`](crate::Require) each.
///
/// A term is a call of one of the const functions of [`requirement`](mod@crate::requirement), which need no import,
/// or of a const function of your own; `&` means *and*. Doc comments, attributes and visibility
/// are kept; `Debug` is derived.
///
/// ```
/// use portcullis::{Require, requirements};
///
/// requirements! {
///     /// May look at castles.
///     pub struct ReadCastles = scope("castles") & permission("castles:read");
///     pub struct CreateCastles = permission("castles:create") & acr(Acr::STRONG);
///     struct LookOrPaint = any_of(&[permission("look"), all(&[scope("paint"), acr(Acr::value("gold"))])]);
///     struct Admin = of::<ReadCastles>() & permission("admin");
/// }
///
/// assert_eq!(
///     Admin::REQUIREMENT.to_string(),
///     "scope `castles` and permission `castles:read` and permission `admin`",
/// );
/// ```
///
/// # Security
///
/// A value that no request can prove is a build error, so that a slip never becomes a route that
/// is closed to everyone, or an alternative that is silently missing:
///
/// ```compile_fail,E0080
/// portcullis::requirements! {
///     // Two scopes are two terms: RFC 6749, 3.3.
///     pub struct ReadCastles = scope("castles openid");
/// }
/// ```
///
/// ```compile_fail,E0080
/// portcullis::requirements! {
///     pub struct ReadCastles = any_of(&[permission("castles:read"), scope("")]);
/// }
/// ```
#[macro_export]
macro_rules! requirements {
    ($(
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident =
            $( $($term:ident)::+ $(::<$marker:ty>)? ( $($argument:tt)* ) )&+ ;
    )*) => {$(
        $(#[$attribute])*
        #[derive(Debug)]
        $visibility struct $name;

        impl $crate::Require for $name {
            const REQUIREMENT: $crate::Requirement<'static> = {
                #[allow(unused_imports)]
                use $crate::requirement::*;
                all(&[$( $($term)::+ $(::<$marker>)? ( $($argument)* ) ),+])
            };
        }

        // Without this line a bad value would stay silent until somebody uses the type. The function
        // bears the type's name because the compiler's note repeats it: "inside `ReadCastles`".
        const _: () = {
            #[allow(non_snake_case)]
            const fn $name(mistake: ::core::option::Option<&str>) {
                if let ::core::option::Option::Some(mistake) = mistake {
                    ::core::panic!("{}", mistake)
                }
            }
            $name(<$name as $crate::Require>::REQUIREMENT.mistake())
        };
    )*};
}

#[cfg(test)]
mod tests {
    use crate::{Require, Requirement};

    mod own {
        use crate::requirement::{Requirement, scope};

        pub(super) const fn tenant(name: &str) -> Requirement<'_> {
            scope(name)
        }
    }

    // Names of the user's must not get in the way of the terms.
    #[allow(dead_code)]
    fn scope() {}
    #[allow(dead_code)]
    struct Acr;

    crate::requirements! {
        /// A documented one.
        #[derive(Clone, Copy)]
        pub(crate) struct Documented = scope("castles");
        struct Qualified = crate::requirement::scope("castles") & own::tenant("seven");
        struct Marker = of::<(Documented, Qualified)>() & of::<self::Documented>();
        struct Nested = any_of(&[permission("look"), all(&[scope("paint"), acr(Acr::STRONG)])]);
        struct Nothing = all(&[]);
    }

    #[test]
    fn every_way_to_write_a_term() {
        let castles = "scope `castles`";
        let qualified = "scope `castles` and scope `seven`";
        let marker = "scope `castles` and scope `castles` and scope `seven` and scope `castles`";
        let nested = "permission `look` or (scope `paint` and the strongest acr)";
        for (requirement, expected) in [
            (Documented::REQUIREMENT, castles),
            (Qualified::REQUIREMENT, qualified),
            (Marker::REQUIREMENT, marker),
            (Nested::REQUIREMENT, nested),
            (Nothing::REQUIREMENT, "nothing"),
        ] {
            assert_eq!(requirement.to_string(), expected);
        }
    }

    #[test]
    fn an_empty_block_declares_nothing() {
        crate::requirements! {}
        const NOTHING: Requirement<'static> = <()>::REQUIREMENT;
        assert!(NOTHING.is_valid());
    }
}
