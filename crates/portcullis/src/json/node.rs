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
pub(crate) struct Members<'t>(Vec<Member<'t>>);

#[derive(Debug)]
pub(super) struct Member<'t> {
    /// Tells most names apart before their characters are compared.
    sketch: u32,
    name: Cow<'t, str>,
    node: Node<'t>,
}

impl<'t> Member<'t> {
    pub(super) fn new(name: Cow<'t, str>, node: Node<'t>) -> Self {
        Self { sketch: sketch(&name), name, node }
    }
}

/// Length and three characters of a name: equal names have equal ones, and few others do.
#[inline]
fn sketch(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let ([first, ..], [.., last]) = (bytes, bytes) else { return 0 };
    u32::from_le_bytes([bytes.len() as u8, *first, bytes[bytes.len() / 2], *last])
}

impl<'t> Members<'t> {
    /// `None` if two members have one name.
    pub(super) fn new(mut members: Vec<Member<'t>>) -> Option<Self> {
        let has_twins = if members.len() <= FEW {
            members
                .iter()
                .enumerate()
                .any(|(index, member)| find(&members[..index], member.sketch, &member.name).is_some())
        } else {
            members.sort_unstable_by(|one, other| one.name.cmp(&other.name));
            members.windows(2).any(|pair| pair[0].name == pair[1].name)
        };
        if has_twins { None } else { Some(Self(members)) }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Node<'t>> {
        if self.0.len() <= FEW {
            return find(&self.0, sketch(name), name).map(|member| &member.node);
        }
        let index = self.0.binary_search_by(|member| (*member.name).cmp(name)).ok()?;
        Some(&self.0[index].node)
    }

    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

fn find<'m, 't>(members: &'m [Member<'t>], sketch: u32, name: &str) -> Option<&'m Member<'t>> {
    members.iter().find(|member| member.sketch == sketch && member.name == name)
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
        members.0.into_iter().map(|Member { name, node, .. }| (name.into_owned(), node.into())).collect()
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
