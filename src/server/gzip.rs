//! Bodies in gzip that are put together from pieces compressed before, with something new between each two: compressing
//! a page costs more than sending it. Server only.
//!
//! A gzip member holds one DEFLATE stream, and a DEFLATE stream is a row of blocks (RFC 1951). Each piece ends on a byte and
//! refers to nothing before it, so a stored block can stand between two of them.

use axum::body::Bytes;
use flate2::{Compress, Compression, FlushCompress};
use http::{HeaderMap, header};

/// No name, no time, of an unknown system (RFC 1952).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The last block, with nothing in it.
const END: [u8; 2] = [0x03, 0x00];
/// What a stored block holds at most.
const STORED: usize = u16::MAX as usize;

/// Whether the sender of these headers reads gzip.
pub fn is_accepted(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    encodings.flat_map(|list| list.split(',')).any(|encoding| {
        let (name, weight) = encoding.split_once(';').unwrap_or((encoding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip") && weight.trim().parse().is_ok_and(|weight: f32| weight > 0.0)
    })
}

/// Compressed pieces, in their order.
#[derive(Debug)]
pub struct Deflated(Vec<Vec<u8>>);

impl Deflated {
    pub fn new(pieces: &[Bytes]) -> Self {
        let mut compress = Compress::new(Compression::default(), false);
        Self(pieces.iter().map(|piece| deflate(&mut compress, piece)).collect())
    }

    /// The gzip of `pieces`, which these must have been made of, with `between` each two.
    pub fn gzip(&self, pieces: &[Bytes], between: &[u8]) -> Vec<u8> {
        let mut sum = crc32fast::Hasher::new();
        let mut length = 0usize;
        let mut out =
            Vec::with_capacity(self.0.iter().map(|piece| piece.len() + between.len() + 5).sum::<usize>() + 32);
        out.extend_from_slice(&HEADER);
        for (i, (deflated, piece)) in self.0.iter().zip(pieces).enumerate() {
            if i > 0 {
                store(&mut out, between);
                sum.update(between);
                length += between.len();
            }
            out.extend_from_slice(deflated);
            sum.update(piece);
            length += piece.len();
        }
        out.extend_from_slice(&END);
        out.extend_from_slice(&sum.finalize().to_le_bytes());
        // Modulo 2^32, as the format says.
        out.extend_from_slice(&(length as u32).to_le_bytes());
        out
    }
}

/// All of `piece`, in blocks that end on a byte and are the last that later ones could refer to.
fn deflate(compress: &mut Compress, piece: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(piece.len() / 4 + 64);
    let begin = compress.total_in();
    loop {
        let read = usize::try_from(compress.total_in() - begin).unwrap_or(piece.len());
        // Fails only on a stream that was finished, which this never is.
        let _ = compress.compress_vec(&piece[read..], &mut out, FlushCompress::Full);
        if out.len() < out.capacity() {
            break out;
        }
        out.reserve(out.len());
    }
}

fn store(out: &mut Vec<u8>, bytes: &[u8]) {
    for block in bytes.chunks(STORED) {
        let length = block.len() as u16;
        out.push(0);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use flate2::read::GzDecoder;
    use proptest::prelude::*;
    use std::io::Read;

    fn gunzip(bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        plain
    }

    proptest! {
        #[test]
        fn every_reader_of_gzip_finds_the_pieces_and_what_stands_between(
            pieces in prop::collection::vec(("[a-d]{0,3000}", 1usize..40), 1..6),
            between in "[ -~]{0,60}",
        ) {
            // Repetition, so that there is something to refer to.
            let pieces: Vec<Bytes> = pieces.into_iter().map(|(text, times)| text.repeat(times).into()).collect();
            let gzip = Deflated::new(&pieces).gzip(&pieces, between.as_bytes());
            prop_assert_eq!(gunzip(&gzip), pieces.join(between.as_bytes()));
        }
    }

    #[test]
    fn long_pieces_and_incompressible_ones_are_whole() {
        let noise: Vec<u8> = (0..200_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let pieces = [Bytes::from(noise), Bytes::new(), Bytes::from(vec![b'x'; 1_000_000])];
        let between = vec![b'n'; 70_000];
        let gzip = Deflated::new(&pieces).gzip(&pieces, &between);
        assert_eq!(gunzip(&gzip), pieces.join(&between[..]));
        assert!(gzip.len() < 400_000);
    }

    #[test]
    fn gzip_is_given_to_those_who_ask_for_it() {
        let accepted = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            is_accepted(&headers)
        };
        for yes in ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.8", "deflate,gzip ; q=0.1"] {
            assert!(accepted(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "br, gzip;q=0.0", "x-gzip", "gzip;q=much"] {
            assert!(!accepted(no), "{no}");
        }
        assert!(!is_accepted(&HeaderMap::new()));
    }
}
