//! Faces read whole, and damage refused.

use super::*;

const HEADER: &str = "mood\thair\thair_color\tskin\teyewear\tbeard\tflowers\tbackground\tcaption";
const LINE: &str = "sad\tbob\tred\ttan\tnone\tno\tyes\tblue\ta sad face with a red bob";

fn evidence(tsv: &str) -> String {
    from_bytes("faces-0", PNG, tsv).unwrap_err().evidence
}

#[test]
fn the_faces_that_ship_show_every_value_about_as_often_as_the_grammar_says() {
    let bundled = bundled().unwrap();
    assert_eq!((bundled.faces.len(), bundled.pictures.len()), (4000, 4000));
    for (at, attribute) in ATTRIBUTES.iter().enumerate() {
        for (i, value) in attribute.values.iter().enumerate() {
            let n = bundled
                .faces
                .iter()
                .filter(|f| usize::from(f.values[at]) == i);
            let p = match (attribute.name, *value) {
                ("beard" | "flowers", "no") => 0.75,
                ("beard" | "flowers", _) => 0.25,
                _ => 1.0 / attribute.values.len() as f64,
            };
            // Four standard deviations of a binomial count.
            let (mean, std_dev) = (4000.0 * p, (4000.0 * p * (1.0 - p)).sqrt());
            let n = n.count() as f64;
            assert!((n - mean).abs() < 4.0 * std_dev, "{value}: {n} of {mean}");
        }
    }
    assert!(PNG.len() + TSV.len() <= 8_000_000);
}

#[test]
fn the_corner_of_each_picture_has_the_colour_its_line_says() {
    let bundled = bundled().unwrap();
    let of = |word| match word {
        "white" => [0xf8, 0xf8, 0xf5],
        "blue" => [0xa9, 0xd3, 0xf7],
        "yellow" => [0xfa, 0xe7, 0x9a],
        "green" => [0xb9, 0xe6, 0xb4],
        "pink" => [0xfa, 0xc6, 0xd6],
        _ => [0xcb, 0xbc, 0xf0],
    };
    let wrong = (0..bundled.faces.len()).filter(|&i| {
        let picture = bundled.pictures.get(i).unwrap();
        let color = of(bundled.faces[i].value("background").unwrap());
        // No hair reaches the lower left corner but the longest: look at two places.
        [0, 63 * 64].iter().all(|&at| {
            let pixel = &picture[at * 3..at * 3 + 3];
            pixel
                .iter()
                .zip(color)
                .any(|(&a, b): (&u8, u8)| a.abs_diff(b) > 6)
        })
    });
    assert_eq!(wrong.count(), 0);
}

#[test]
fn captions_say_what_the_attributes_are() {
    for face in bundled().unwrap().faces {
        let caption = &face.caption;
        for name in ["hair_color", "skin", "background"] {
            assert!(caption.contains(face.value(name).unwrap()), "{caption}");
        }
        let moods: &[&str] = match face.value("mood").unwrap() {
            "smiling" => &["smiling", "happy", "cheerful"],
            "sad" => &["sad", "unhappy", "gloomy"],
            _ => &["surprised", "astonished", "amazed"],
        };
        assert!(moods.iter().any(|m| caption.contains(m)), "{caption}");
        assert_eq!(
            caption.contains("beard"),
            face.value("beard") == Some("yes")
        );
        assert_eq!(
            caption.contains("flowers"),
            face.value("flowers") == Some("yes")
        );
        assert_eq!(
            caption.contains("glasses"),
            face.value("eyewear") != Some("none")
        );
        assert!(
            !caption.contains("a a") && !caption.contains("  "),
            "{caption}"
        );
        assert!(caption.is_ascii() && caption.len() <= 150, "{caption}");
    }
}

#[test]
fn lines_that_are_not_faces_are_refused_and_say_which() {
    let fine = format!("{HEADER}\n{LINE}\n");
    assert!(
        evidence(&fine).contains("1 are described"),
        "{}",
        evidence(&fine)
    );
    assert!(evidence("").contains("first line"));
    assert!(evidence(&fine.replace("skin", "shin")).contains("first line"));
    let spotted = evidence(&fine.replace("\ttan", "\tspotted"));
    assert_eq!(
        spotted,
        "Line 2: skin is “spotted”; it can be pale, peach, tan, brown, dark."
    );
    let no_caption = format!("{HEADER}\n{}\n", LINE.rsplit_once('\t').unwrap().0);
    assert_eq!(evidence(&no_caption), "Line 2: there is no caption.");
    let more = format!("{HEADER}\n{LINE}\n{LINE}\tmore\n");
    assert_eq!(
        evidence(&more),
        "Line 3: there is something after the caption."
    );
}

#[test]
fn a_folder_is_read_until_a_number_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = open(folder.path()).unwrap_err();
    assert!(refusal.what.contains("`faces-0.tsv`"), "{refusal}");
    for number in [0, 1, 3] {
        let file = |end| folder.path().join(format!("faces-{number}.{end}"));
        fs::write(file("png"), PNG).unwrap();
        fs::write(file("tsv"), TSV).unwrap();
    }
    let faces = open(folder.path()).unwrap();
    assert_eq!((faces.faces.len(), faces.pictures.len()), (8000, 8000));
    assert_eq!(faces.pictures.get(0), faces.pictures.get(4000));
    fs::write(folder.path().join("faces-1.png"), &PNG[..1_000_000]).unwrap();
    let refusal = open(folder.path()).unwrap_err();
    assert!(refusal.what.contains("`faces-1.png`"), "{refusal}");
    fs::write(folder.path().join("faces-0.tsv"), [0xff, 0xfe]).unwrap();
    assert!(open(folder.path()).unwrap_err().evidence.contains("Byte 0"));
}
