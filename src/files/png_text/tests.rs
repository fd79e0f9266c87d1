//! Texts written and read back, and files that mean harm.

use super::*;
use image::{ImageFormat, RgbImage};
use std::io::Cursor;

fn picture() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let pixels = RgbImage::from_fn(5, 4, |x, y| image::Rgb([x as u8, y as u8, 7]));
    pixels.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    put(&mut all, kind, &[data]);
    all
}

/// The picture with a chunk after its header.
fn with_chunk(chunk: &[u8]) -> Vec<u8> {
    let png = picture();
    [&png[..33], chunk, &png[33..]].concat()
}

#[test]
fn texts_are_read_back_and_the_pixels_stay() {
    let written = [
        ("parameters", "a face, smiling\nSteps: 25, Seed: 7"),
        ("glassbox", "{\"caption\": \"ein Mädchen — 笑\"}"),
        ("empty", ""),
    ];
    let png = with_texts(&picture(), &written);
    let read = of_bytes(&png);
    assert_eq!(read.n_left, 0);
    let pairs = read
        .texts
        .iter()
        .map(|(key, text)| (key.as_str(), text.as_str()));
    assert!(pairs.eq(written));
    assert_eq!(read.get("parameters"), Some(written[0].1));
    let pixels = |png: &[u8]| image::load_from_memory(png).unwrap().into_rgb8();
    assert_eq!(pixels(&png), pixels(&picture()));
}

#[test]
fn the_checksum_is_the_one_every_png_ends_with() {
    // PNG 3rd edition, §11.2.5: an empty IEND.
    assert_eq!(chunk(*b"IEND", &[]), b"\0\0\0\0IEND\xae\x42\x60\x82");
}

#[test]
fn what_pillow_writes_is_read() {
    // PngInfo().add_text("parameters", "é"), and add_itxt("parameters", "笑", lang="ja").
    let text = with_chunk(&chunk(*b"tEXt", b"parameters\0\xe9"));
    assert_eq!(of_bytes(&text).get("parameters"), Some("é"));
    let text = with_chunk(&chunk(*b"iTXt", "parameters\0\0\0ja\0\0笑".as_bytes()));
    assert_eq!(of_bytes(&text).get("parameters"), Some("笑"));
}

#[test]
fn what_is_compressed_damaged_or_endless_is_counted_and_left() {
    let mut damaged = chunk(*b"tEXt", b"parameters\0a");
    damaged[20] ^= 1;
    let no_key = chunk(*b"tEXt", b"\0a");
    let long_key = chunk(*b"tEXt", &[&[b'k'; 80][..], b"\0a"].concat());
    let packed = chunk(*b"zTXt", b"parameters\0\0\x78\x9c");
    let packed_too = chunk(*b"iTXt", b"parameters\0\x01\0\0\0\x78\x9c");
    let broken = chunk(*b"iTXt", b"parameters\0\0\0\0\0\xff\xfe");
    let cut = chunk(*b"iTXt", b"parameters\0\0\0\0");
    let endless = chunk(
        *b"tEXt",
        &[&b"parameters\0"[..], &vec![b'a'; 1 << 20]].concat(),
    );
    for bad in [
        damaged, no_key, long_key, packed, packed_too, broken, cut, endless,
    ] {
        let read = of_bytes(&with_chunk(&bad));
        assert_eq!((read.texts.len(), read.n_left), (0, 1), "{bad:.40?}");
    }
    let many: Vec<u8> = (0..100).flat_map(|_| chunk(*b"tEXt", b"k\0v")).collect();
    let read = of_bytes(&with_chunk(&many));
    assert_eq!((read.texts.len(), read.n_left), (MAX_TEXTS, 36));
}

#[test]
fn a_file_cut_anywhere_or_no_png_at_all_gives_what_is_whole() {
    let png = with_texts(&picture(), &[("parameters", "a"), ("glassbox", "b")]);
    for end in 0..png.len() {
        let read = of_bytes(&png[..end]);
        assert!(read.texts.len() <= 2 && read.n_left == 0, "{end}");
    }
    assert_eq!(of_bytes(b"not a picture"), Texts::default());
    assert_eq!(
        with_texts(b"not a picture", &[("a", "b")]),
        b"not a picture"
    );
    // A length of 4 GB.
    let far = [&SIGNATURE[..], &[0xff; 4], b"tEXt", b"parameters\0"].concat();
    assert_eq!(of_bytes(&far), Texts::default());
}
