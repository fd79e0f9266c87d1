//! What a file of word vectors is, from its first bytes: for the inspect card, which must not wait
//! for a gigabyte of text.

use super::word_list::WordList;
use super::{MAX_COPIED_BYTES, arrays, npy, text, word2vec};
use crate::files::shown::file_name;
use crate::files::sniff::Kind;
use crate::files::source::Source;
use crate::files::weight_type::WeightType;
use crate::files::weights::WeightFile;
use crate::refusal::Result;

/// The shape of a set, and where its words are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// "`GloVe` text", "word2vec binary", …
    pub format: String,
    /// How many words it has.
    pub n_words: u64,
    /// Whether that was judged by the length of the first line, since the file does not say it.
    pub is_estimate: bool,
    /// Numbers of each.
    pub width: usize,
    /// How they are stored; "text" where they are written out.
    pub dtype: String,
    /// The file that has the words, where it is another.
    pub words_in: Option<String>,
    /// Bytes of memory it takes once opened.
    pub memory_bytes: u64,
    /// Whether it is mapped and not copied.
    pub is_mapped: bool,
}

/// Words, and where to find them.
const BYTES_PER_WORD: u64 = 40;

/// The outline of `source`, which is text, word2vec binary or an array, as `kind` says.
///
/// # Errors
/// What [`super::WordVectors::open`] would refuse at its first bytes.
pub fn outline(source: &Source, kind: Kind) -> Result<Outline> {
    match kind {
        Kind::Word2VecBinary => {
            let (n_words, width) = word2vec::shape(source)?;
            Ok(Outline::new(
                "word2vec binary",
                n_words,
                width,
                "F32",
                4,
                source.len(),
            ))
        }
        Kind::Npy => {
            let array = npy::read(source)?;
            let (_, list) = WordList::of(source, array.n_rows, array.width)?;
            Ok(Outline {
                words_in: Some(file_name(&list)),
                ..of_array("NumPy array", &array)
            })
        }
        _ => {
            let header = text::header(source)?;
            let n_words = header.n_rows.unwrap_or(header.n_likely);
            let format = if header.n_rows.is_some() {
                "word2vec text"
            } else {
                "GloVe text"
            };
            Ok(Outline {
                is_estimate: header.n_rows.is_none(),
                is_mapped: false,
                memory_bytes: n_words.saturating_mul(4 * header.width as u64 + BYTES_PER_WORD),
                ..Outline::new(format, n_words, header.width, "text", 4, 0)
            })
        }
    }
}

/// The outline of a safetensors file that is a set of word vectors: one matrix, with its words inside
/// or beside it. `None` where it is something else.
#[must_use]
pub fn outline_of_tensors(file: &WeightFile) -> Option<Outline> {
    let (rows, words) = arrays::tensors(file)?;
    let words_in = if words.is_some() {
        None
    } else {
        let list = WordList::path_beside(file.path()).filter(|_| file.is_on_disk())?;
        Some(file_name(&list))
    };
    let array = arrays::Array::of(rows);
    Some(Outline {
        words_in,
        ..of_array("safetensors", &array)
    })
}

fn of_array(format: &str, array: &arrays::Array) -> Outline {
    let in_memory = match array.dtype {
        WeightType::F16 => 2,
        WeightType::I8 => 1,
        _ => 4,
    };
    let mapped_bytes = if array.dtype == WeightType::F32 {
        4 * array.n_rows as u64 * array.width as u64
    } else {
        0
    };
    let dtype = array.dtype.to_string();
    Outline::new(
        format,
        array.n_rows as u64,
        array.width,
        &dtype,
        in_memory,
        mapped_bytes,
    )
}

impl Outline {
    fn new(
        format: &str,
        n_words: u64,
        width: usize,
        dtype: &str,
        number_bytes: u64,
        file_bytes: u64,
    ) -> Self {
        let is_mapped = file_bytes > MAX_COPIED_BYTES;
        let row_bytes = if is_mapped {
            8
        } else {
            number_bytes.saturating_mul(width as u64)
        };
        Self {
            format: format.to_owned(),
            n_words,
            is_estimate: false,
            width,
            dtype: dtype.to_owned(),
            words_in: None,
            memory_bytes: n_words.saturating_mul(row_bytes + BYTES_PER_WORD),
            is_mapped,
        }
    }
}
