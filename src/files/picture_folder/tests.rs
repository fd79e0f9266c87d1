//! Folders of pictures, whole and broken.

use super::one::picture;
use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let to = &mut Cursor::new(&mut bytes);
    picture.write_to(to, ImageFormat::Png).unwrap();
    bytes
}

fn jpeg(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95)
        .encode_image(picture)
        .unwrap();
    bytes
}

/// Red left of the middle, blue right of it, and `height` rows.
fn halves(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| {
        Rgb(if x < width / 2 {
            [250, 0, 0]
        } else {
            [0, 0, 250]
        })
    }))
}

/// A folder of `n` sound pictures.
fn folder(n: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sound = png(&halves(16, 16));
    for i in 0..n {
        fs::write(folder.path().join(format!("sound {i:03}")), &sound).unwrap();
    }
    folder
}

fn all(folder: &Path) -> Result<Found> {
    read(folder, 8, 3, &mut |_| ControlFlow::Continue(()))
}

/// Why a file with these bytes is left out.
fn why(bytes: &[u8]) -> Why {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    fs::write(&path, bytes).unwrap();
    picture(&path, 8, 3).unwrap_err()
}

fn square_of(bytes: &[u8], side: usize, n_channels: usize) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no ending");
    fs::write(&path, bytes).unwrap();
    picture(&path, side, n_channels).unwrap()
}

/// A chunk of a PNG; its checksum does not matter here.
fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[..], kind, body, &[0; 4]].concat()
}

#[test]
fn the_middle_square_is_kept_and_its_areas_are_averaged() {
    // 30 × 10: of the middle 10 × 10, the left half is red.
    for bytes in [png(&halves(30, 10)), jpeg(&halves(32, 16))] {
        let square = square_of(&bytes, 2, 3);
        for row in square.chunks_exact(6) {
            assert!(
                row[0] > 240 && row[2] < 10 && row[3] < 10 && row[5] > 240,
                "{row:?}"
            );
        }
        let mean = square_of(&bytes, 1, 3);
        assert!(mean[0].abs_diff(125) < 3 && mean[1] < 3 && mean[2].abs_diff(125) < 3);
    }
    // 9 pixels over 2: the middle one belongs half to either. (4 · 10 + 0.5 · 50) / 4.5 = 14.4.
    let grey = |x: u32| [[10, 50, 90][(x > 3) as usize + (x > 4) as usize]; 3];
    let nine = DynamicImage::ImageRgb8(RgbImage::from_fn(9, 9, |x, _| Rgb(grey(x))));
    assert_eq!(square_of(&png(&nine), 2, 1)[..2], [14, 86]);
}

#[test]
fn a_small_picture_becomes_larger_without_new_colours() {
    let square = square_of(&png(&halves(8, 8)), 16, 3);
    let colors = square.as_chunks::<3>().0;
    assert!(
        colors
            .iter()
            .all(|c| [[250, 0, 0], [0, 0, 250]].contains(c))
    );
}

#[test]
fn grey_and_sixteen_bits_and_what_is_see_through_become_plain_colours() {
    let clear = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
    assert_eq!(square_of(&png(&clear.into()), 1, 3), [255; 3]);
    let deep =
        DynamicImage::ImageLuma16(image::ImageBuffer::from_pixel(8, 8, image::Luma([0x8080])));
    assert_eq!(square_of(&png(&deep), 1, 3), [128; 3]);
    assert_eq!(square_of(&png(&deep), 2, 1), [128; 4]);
}

#[test]
fn a_photograph_is_turned_upright_as_its_camera_asks() {
    let lying = jpeg(&halves(16, 16));
    // EXIF orientation 6: turn by 90° clockwise; what was left comes to the top.
    let mut exif =
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    let length = (exif.len() as u16 + 2).to_be_bytes();
    exif.splice(0..0, [0xff, 0xe1, length[0], length[1]]);
    let marked = [&lying[..2], &exif, &lying[2..]].concat();
    let square = square_of(&marked, 2, 3);
    assert!(
        square[0] > 230 && square[3] > 230 && square[8] > 230 && square[11] > 230,
        "{square:?}"
    );
}

#[test]
fn what_cannot_be_used_is_told_apart() {
    let (sound_png, sound_jpeg) = (png(&halves(40, 40)), jpeg(&halves(40, 40)));
    for cut in [9, 20, 40, sound_png.len() / 2, sound_png.len() - 30] {
        assert_eq!(why(&sound_png[..cut]), Why::Broken, "{cut}");
    }
    for cut in [4, 30, sound_jpeg.len() / 2, sound_jpeg.len() - 2] {
        assert_eq!(why(&sound_jpeg[..cut]), Why::Broken, "{cut}");
    }
    assert_eq!(why(&png(&halves(1, 1))), Why::TooSmall);
    assert_eq!(why(&png(&halves(4000, 7))), Why::TooSmall);
    assert_eq!(why(b""), Why::NotAPicture);
    assert_eq!(why(b"Dear diary"), Why::NotAPicture);
    assert_eq!(why(b"RIFF\x08\0\0\0WEBPVP8 "), Why::OtherFormat("WebP"));
    assert_eq!(
        why(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        Why::OtherFormat("HEIC")
    );
    assert_eq!(why(b"\0\0\0\x18ftypisom"), Why::NotAPicture);
    let mut apng = sound_png.clone();
    apng.splice(33..33, chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]));
    assert_eq!(why(&apng), Why::Animated("APNG"));
}

#[test]
fn a_gif_is_animated_if_it_has_a_second_picture() {
    let frame = [
        &[0x21, 0xf9, 4, 0, 10, 0, 0, 0][..], // how long it is shown
        &[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0],
    ]
    .concat();
    let start = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    let one = [start, &frame[..], b";"].concat();
    let two = [start, &frame[..], &frame, b";"].concat();
    assert_eq!(why(&one), Why::OtherFormat("GIF"));
    assert_eq!(why(&two), Why::Animated("GIF"));
    for cut in 0..two.len() {
        let _ = why(&two[..cut]);
    }
}

#[test]
fn a_jpeg_in_the_colours_of_print_is_told_by_its_four_components() {
    let frame = |n: u8| {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xc0, 0, 8 + 3 * n, 8, 0, 16, 0, 16, n];
        (1..=n).for_each(|i| bytes.extend([i, 0x11, 0]));
        bytes.extend([0xff, 0xda, 0, 6 + 2 * n, n]);
        (1..=n).for_each(|i| bytes.extend([i, 0]));
        bytes.extend([0, 63, 0, 0x12, 0xff, 0xd9]);
        bytes
    };
    assert_eq!(why(&frame(4)), Why::Cmyk);
    assert_eq!(why(&frame(3)), Why::Broken); // no tables
}

#[test]
fn a_picture_that_says_it_is_gigantic_is_left_out_before_it_is_unpacked() {
    let mut header = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = |n: u32| n.to_be_bytes();
    let body = [&size(65535)[..], &size(65535), &[8, 2, 0, 0, 0]].concat();
    header.extend(chunk(b"IHDR", &body));
    let at = header.len() - 4;
    let crc = crc32(&header[12..at]);
    header[at..].copy_from_slice(&crc.to_be_bytes());
    header.extend(chunk(b"IDAT", &[0; 8]));
    assert_eq!(why(&header), Why::Huge);
    // A file of 25 MB, whatever is in it.
    let mut long = png(&halves(16, 16));
    long.resize(MAX_FILE_BYTES as usize + 1, 0);
    assert_eq!(why(&long), Why::Huge);
}

/// As PNG has it (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| {
            (c >> 1) ^ (0xedb8_8320 & (c & 1).wrapping_neg())
        })
    })
}

#[test]
fn what_was_left_out_is_counted_in_words() {
    let folder = folder(64);
    let file = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    file("a.png", &png(&halves(16, 16))[..50]);
    file("b.png", b"\x89PNG\r\n\x1a\n");
    file("notes.txt", b"of a holiday");
    file(".DS_Store", b"the system's own");
    let found = all(folder.path()).unwrap();
    assert_eq!(found.pictures.len(), 64);
    assert_eq!(
        in_words(&found.left_out),
        "3 files were left out: 2 broken or cut short (`a.png` …); 1 that are no pictures (`notes.txt`)."
    );
    assert_eq!(in_words(&[]), "");
}

#[test]
fn folders_inside_are_read_in_the_order_of_names_and_links_are_not_followed() {
    let folder = folder(64);
    let inside = folder.path().join("a/b");
    fs::create_dir_all(&inside).unwrap();
    let black = DynamicImage::new_rgb8(8, 8);
    fs::write(inside.join("deep.png"), png(&black)).unwrap();
    let deeper = (0..10).fold(folder.path().to_owned(), |path, i| {
        path.join(format!("{i}"))
    });
    fs::create_dir_all(&deeper).unwrap();
    fs::write(deeper.join("too deep.png"), png(&black)).unwrap();
    let n_links = if cfg!(unix) { 3 } else { 0 };
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path(), folder.path().join("round")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("endless.png")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("dead.png")).unwrap();
        std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    }
    let found = all(folder.path()).unwrap();
    // Files of a folder come before the folders inside it.
    assert_eq!(found.pictures.len(), 65);
    assert_eq!(found.pictures.get(64).unwrap(), [0; 192]);
    let n = |why: Why| {
        found
            .left_out
            .iter()
            .find(|l| l.why == why)
            .map_or(0, |l| l.n)
    };
    assert_eq!(n(Why::Link), n_links);
    assert_eq!(n(Why::Unreadable), usize::from(n_links > 0));
    assert_eq!(n(Why::TooDeep), 1);
}

#[test]
fn fewer_than_sixty_four_are_refused_with_the_number_and_what_was_left_out() {
    let folder = folder(63);
    fs::write(folder.path().join("cat.gif"), b"GIF89a").unwrap();
    let refusal = all(folder.path()).unwrap_err();
    assert!(refusal.evidence.contains("63 pictures"), "{refusal}");
    assert!(refusal.evidence.contains("`cat.gif`"), "{refusal}");
    let absent = all(&folder.path().join("absent")).unwrap_err();
    assert!(absent.what.contains("`absent`"), "{absent}");
    assert!(all(&folder.path().join("cat.gif")).is_err());
}

#[test]
fn the_reading_says_how_far_it_is_and_stops_when_it_is_told() {
    let folder = folder(70);
    let mut seen = Vec::new();
    let mut listen = |progress: Progress| {
        seen.push(progress.n_done);
        if progress.n_done == 5 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    let refusal = read(folder.path(), 8, 1, &mut listen).unwrap_err();
    assert!(refusal.evidence.contains("5 of 70"), "{refusal}");
    assert_eq!(seen, [0, 1, 2, 3, 4, 5]);
    let stop = &mut |_| ControlFlow::Break(());
    assert!(read(folder.path(), 8, 1, stop).is_err());
}

#[test]
fn a_first_look_counts_pictures_by_their_first_bytes() {
    let folder = folder(3);
    fs::write(folder.path().join("x.png"), b"not a picture").unwrap();
    fs::write(folder.path().join("y"), jpeg(&halves(8, 8))).unwrap();
    let look = look(folder.path()).unwrap();
    assert_eq!((look.n_pictures, look.n_files, look.is_part), (4, 5, false));
}
