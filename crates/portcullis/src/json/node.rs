//! What was read, still borrowing from the text.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::Object;

/// A JSON value. Texts without escapes are not copied: a token is read once, and few of its claims are kept.
#[derive(Debug)]
pub(crate) enum Node<'t> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'t, str>),
    Array(Vec<Node<'t>>),
    Object(Members<'t>),
}

/// Up to so many members are looked through one by one, which is faster than keeping them in order.
const FEW: usize = 32;

/// The members of an object, no two of one name. More than a [`FEW`] are sorted, so that a sender who chooses the
/// names can make neither reading nor a look-up slow.
#[derive(Debug)]
pub(crate) struct Members<'t>(Vec<(Cow<'t, str>, Node<'t>)>);

impl<'t> Members<'t> {
    /// `None` if two members have one name.
    pub(super) fn new(mut members: Vec<(Cow<'t, str>, Node<'t>)>) -> Option<Self> {
        let has_twins = if members.len() <= FEW {
            let is_twin = |(index, (name, _)): (usize, &(Cow<'_, str>, _))| has(&members[..index], name);
            members.iter().enumerate().any(is_twin)
        } else {
            members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            members.windows(2).any(|pair| pair[0].0 == pair[1].0)
        };
        if has_twins { None } else { Some(Self(members)) }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Node<'t>> {
        if self.0.len() <= FEW {
            return self.0.iter().find(|(member, _)| member == name).map(|(_, node)| node);
        }
        let index = self.0.binary_search_by(|(member, _)| (**member).cmp(name)).ok()?;
        Some(&self.0[index].1)
    }

    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

fn has(members: &[(Cow<'_, str>, Node<'_>)], name: &str) -> bool {
    members.iter().any(|(member, _)| member == name)
}

impl Node<'_> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }
}

impl From<Members<'_>> for Object {
    fn from(members: Members<'_>) -> Self {
        members.0.into_iter().map(|(name, node)| (name.into_owned(), node.into())).collect()
    }
}

impl From<Node<'_>> for Value {
    fn from(node: Node<'_>) -> Self {
        match node {
            Node::Null => Self::Null,
            Node::Bool(value) => Self::Bool(value),
            Node::Number(number) => Self::Number(number),
            Node::Text(text) => Self::String(text.into_owned()),
            Node::Array(elements) => Self::Array(elements.into_iter().map(Self::from).collect()),
            Node::Object(members) => Self::Object(members.into()),
        }
    }
}
