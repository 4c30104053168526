//! Several texts in one piece of memory.

use std::fmt;

/// Texts one after the other: two allocations however many there are, and few lines of the processor's cache to read.
#[derive(Clone, Default)]
pub(crate) struct Pieces {
    text: String,
    ends: Vec<usize>,
}

/// Neighbouring texts of [`Pieces`].
#[derive(Clone, Copy)]
pub(crate) struct Names<'p> {
    pieces: &'p Pieces,
    from: usize,
    to: usize,
}

impl Pieces {
    /// Room for so many bytes in so many texts; more is possible.
    pub(crate) fn with_capacity(bytes: usize, pieces: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(pieces) }
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text at this place; empty where there is none.
    pub(crate) fn get(&self, index: usize) -> &str {
        let Some(end) = self.ends.get(index) else { return "" };
        &self.text[self.start(index)..*end]
    }

    /// The texts from one place up to another. Nothing is read yet.
    pub(crate) fn names(&self, from: usize, to: usize) -> Names<'_> {
        Names { pieces: self, from, to }
    }

    /// About how many bytes of memory they take.
    pub(crate) fn memory(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

impl<'p> Names<'p> {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'p str> {
        (self.from..self.to).map(move |index| self.pieces.get(index))
    }

    /// Whether one of them is this very text.
    pub(crate) fn contains(self, name: &str) -> bool {
        self.iter().any(|one| one == name)
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.names(0, self.len()).fmt(f)
    }
}

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
impl<'t> FromIterator<&'t str> for Pieces {
    fn from_iter<I: IntoIterator<Item = &'t str>>(texts: I) -> Self {
        let mut pieces = Self::default();
        texts.into_iter().for_each(|text| pieces.push(text));
        pieces
    }
}

#[cfg(test)]
impl Pieces {
    pub(crate) fn all(&self) -> Names<'_> {
        self.names(0, self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    #[test]
    fn texts_stay_apart() {
        let pieces: Pieces = ["claims", "", "a", "bc", "", "é"].into_iter().collect();
        assert_eq!(pieces.len(), 6);
        assert_eq!((pieces.get(0), pieces.get(1), pieces.get(3), pieces.get(5)), ("claims", "", "bc", "é"));
        assert_eq!(pieces.get(6), "", "there is none");
        assert_eq!(pieces.names(2, 4).iter().collect::<Vec<_>>(), ["a", "bc"]);
        assert_eq!(pieces.names(4, 6).iter().collect::<Vec<_>>(), ["", "é"]);
        assert_eq!(pieces.names(2, 2).iter().count(), 0);
        assert_eq!(pieces.all().iter().count(), 6);
    }

    #[test]
    fn a_name_is_found_whole_only() {
        let pieces: Pieces = ["castles", "ab", "c"].into_iter().collect();
        assert!(pieces.all().contains("castles") && pieces.all().contains("c"));
        for absent in ["", "a", "abc", "castlesab", "CASTLES"] {
            assert!(!pieces.all().contains(absent), "{absent}");
        }
        assert!(!pieces.names(1, 3).contains("castles"), "outside of these names");
    }
}
