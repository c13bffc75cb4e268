//! From bytes to text, a chunk at a time.

use super::model::Encoding;
use encoding_rs::{Decoder as RawDecoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Stands in the text for bytes that are not UTF-8: a noncharacter, which no text holds. One wrong byte costs its row,
/// not the file.
pub const MALFORMED: char = '\u{ffff}';

/// Why bytes are not text in the encoding that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("The file is not {}: line {line} has bytes that mean nothing in it. Choose another encoding.", .encoding.label())]
    Malformed { encoding: Encoding, line: u64 },
    #[error("Line {line} holds a zero byte, which no text has. This is not a CSV file, or it is damaged.")]
    Binary { line: u64 },
}

/// Decodes a file chunk by chunk; characters may lie across two chunks. A byte-order mark is left out.
pub struct Decoder {
    raw: RawDecoder,
    encoding: Encoding,
    /// Where the text reached, for messages.
    line: u64,
}

impl Decoder {
    pub fn new(encoding: Encoding) -> Self {
        let raw = match encoding {
            Encoding::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Encoding::Utf16Le => UTF_16LE.new_decoder_with_bom_removal(),
            Encoding::Utf16Be => UTF_16BE.new_decoder_with_bom_removal(),
            Encoding::Windows1252 => WINDOWS_1252.new_decoder_without_bom_handling(),
        };
        Self { raw, encoding, line: 1 }
    }

    /// The text of the next chunk. `last` says that no other follows, so that half a character is an error.
    pub fn decode(&mut self, mut bytes: &[u8], last: bool) -> Result<String, DecodeError> {
        let mut text = String::new();
        let result = loop {
            text.reserve(self.raw.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 3));
            let (result, read) = self.raw.decode_to_string_without_replacement(bytes, &mut text, last);
            if self.encoding != Encoding::Utf8 || !matches!(result, DecoderResult::Malformed(..)) {
                break result;
            }
            text.push(MALFORMED);
            bytes = &bytes[read..];
        };
        let lines = text.bytes().filter(|b| *b == b'\n').count() as u64;
        if let Some(at) = text.find('\0') {
            let before = text[..at].bytes().filter(|b| *b == b'\n').count() as u64;
            return Err(DecodeError::Binary { line: self.line + before });
        }
        self.line += lines;
        match result {
            DecoderResult::InputEmpty => Ok(text),
            DecoderResult::Malformed(..) | DecoderResult::OutputFull => {
                Err(DecodeError::Malformed { encoding: self.encoding, line: self.line })
            }
        }
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("encoding", &self.encoding).field("line", &self.line).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;

    fn decode_in_pieces(bytes: &[u8], encoding: Encoding, size: usize) -> Result<String, DecodeError> {
        let mut decoder = Decoder::new(encoding);
        let mut text = String::new();
        for piece in bytes.chunks(size) {
            text.push_str(&decoder.decode(piece, false)?);
        }
        text.push_str(&decoder.decode(&[], true)?);
        Ok(text)
    }

    #[test]
    fn characters_may_lie_across_chunks_and_marks_are_left_out() {
        let utf16: Vec<u8> = "\u{feff}Größe;€\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for size in 1..6 {
            assert_eq!(decode_in_pieces("\u{feff}Größe;€\n".as_bytes(), Encoding::Utf8, size).unwrap(), "Größe;€\n");
            assert_eq!(decode_in_pieces(&utf16, Encoding::Utf16Le, size).unwrap(), "Größe;€\n");
            assert_eq!(decode_in_pieces(b"Gr\xf6\xdfe;\x80\n", Encoding::Windows1252, size).unwrap(), "Größe;€\n");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_line() {
        // Half of a surrogate pair.
        assert_eq!(
            decode_in_pieces(b"\n\0\0\xd8\n\0", Encoding::Utf16Le, 9),
            Err(DecodeError::Malformed { encoding: Encoding::Utf16Le, line: 2 })
        );
        assert_eq!(decode_in_pieces(b"a\nb\0\n", Encoding::Utf8, 9), Err(DecodeError::Binary { line: 2 }));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_marked_where_they_stand() {
        for size in 1..6 {
            let text = decode_in_pieces(b"\xc3\xa9;\xff\n\xc3;\xe2\x82\n\xe9", Encoding::Utf8, size).unwrap();
            assert_eq!(text, "é;\u{ffff}\n\u{ffff};\u{ffff}\n\u{ffff}", "{size}");
        }
    }
}
